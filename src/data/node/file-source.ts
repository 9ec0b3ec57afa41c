/**
 * Finds the files of a named data set: in a folder that the user names, else in the cache, else on the network (which fills the
 * cache). Node only.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileError } from '../../base/file-errors.ts'
import type { FileCollection, FileSource, RemoteFile } from '../sets/entry.ts'
import { cacheFolder } from './cache.ts'
import { DownloadError, type DownloadOptions, download } from './download.ts'
import { readBytes } from './files.ts'

export interface FileSourceOptions
  extends Pick<DownloadOptions, 'onProgress' | 'attempts' | 'idleTimeoutMs' | 'retryPauseMs'> {
  /** A folder that holds the files, or that holds a folder named like the set; then nothing is downloaded. */
  readonly dataDir?: string | undefined
  /** Default: `cacheFolder()`. */
  readonly cacheDir?: string | undefined
  /** Addresses to download from, instead of the published ones; each ends with a slash. */
  readonly baseUrls?: readonly string[] | undefined
}

/**
 * A source of data set files for Node.
 *
 * @example
 * import { fileSource } from 'cognitron/data/node'
 * const source = fileSource({ dataDir: 'my-data' })
 * console.log(typeof source) // object
 */
export function fileSource(options: FileSourceOptions = {}): FileSource {
  return async (file, collection) => {
    const path = options.dataDir
      ? await inFolder(options.dataDir, file, collection)
      : await inCache(file, collection, options)
    return { bytes: await readBytes(path), name: path }
  }
}

/** The file, packed or unpacked, in the folder or in its sub-folder named like the set. */
async function inFolder(folder: string, file: RemoteFile, collection: FileCollection): Promise<string> {
  const unpacked = file.name.replace(/\.gz$/, '')
  for (const place of [folder, join(folder, collection.name)]) {
    for (const name of [file.name, unpacked]) {
      const path = join(place, name)
      if ((await lengthOf(path)) !== undefined) return path
    }
  }
  throw new FileError(
    `The folder ${folder} has no ${file.name} (or ${unpacked}); "${collection.name}" needs ` +
      `${collection.files.map(({ name }) => name).join(', ')}. Correct the folder, or leave it out to download them.`,
    { code: 'ENOENT' },
  )
}

async function inCache(file: RemoteFile, collection: FileCollection, options: FileSourceOptions): Promise<string> {
  const path = join(options.cacheDir ?? cacheFolder(), collection.name, file.name)
  if ((await lengthOf(path)) === file.byteLength) return path
  const failures: DownloadError[] = []
  for (const base of options.baseUrls ?? collection.baseUrls) {
    try {
      await download(new URL(file.name, base).href, path, {
        ...options,
        sha256: file.sha256,
        byteLength: file.byteLength,
      })
      return path
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error
      failures.push(error)
    }
  }
  throw failures[0] ?? new DownloadError(`"${collection.name}" has no address to download ${file.name} from.`)
}

async function lengthOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch {
    return undefined
  }
}
