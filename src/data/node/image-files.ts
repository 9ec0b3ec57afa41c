/** Folders of pictures in Node; the decoder is passed in, because the library brings none. */
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import { ClassFolderDataset, classFolderIndex, type PictureOptions, type PictureSource } from '../image/class-folder.ts'
import { readBytes } from './files.ts'

/**
 * All files below a folder, as paths relative to it with forward slashes, sorted.
 *
 * @throws FileError when the folder cannot be read.
 * @example
 * import { listFiles } from 'cognitron/data/node'
 * import { writeFileAtomic } from 'cognitron/io/node'
 * await writeFileAtomic('pets/cats/1.txt', 'a cat')
 * console.log(await listFiles('pets')) // cats/1.txt
 */
export async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).replaceAll(sep, '/'))
      .sort()
  } catch (error) {
    throw fileError(error, 'read the folder', folder)
  }
}

/**
 * A source of pictures below `folder`; messages name the whole path.
 *
 * @example
 * import { data } from 'cognitron'
 * import { pictureFiles } from 'cognitron/data/node'
 * import { writeFileAtomic } from 'cognitron/io/node'
 * await writeFileAtomic('dots/black/1.png', new Uint8Array([0]))
 * const source = pictureFiles('dots', (bytes) => ({ width: 1, height: 1, channels: 1, pixels: bytes }))
 * const size = { channels: 1, height: 1, width: 1 } as const
 * const { dataset } = await data.loadPictures(data.classFolderIndex(['black/1.png']), source, { size })
 * console.log(dataset.length) // 1
 */
export function pictureFiles(folder: string, decode: PictureSource['decode']): PictureSource {
  return {
    read: (path) => readBytes(join(folder, path)),
    decode: (bytes, path) => decode(bytes, join(folder, path)),
  }
}

/**
 * A folder with one folder of pictures for each class, read when needed.
 *
 * @throws FileError when the folder cannot be read, ArgumentError when it holds no pictures in folders.
 * @example
 * import { openClassFolder } from 'cognitron/data/node'
 * import { writeFileAtomic } from 'cognitron/io/node'
 * await writeFileAtomic('points/white/1.png', new Uint8Array([255]))
 * const decode = (bytes: Uint8Array) => ({ width: 1, height: 1, channels: 1, pixels: bytes }) as const
 * const set = await openClassFolder('points', decode, { size: { channels: 1, height: 1, width: 1 } })
 * console.log(set.classNames) // white
 */
export async function openClassFolder(
  folder: string,
  decode: PictureSource['decode'],
  options: PictureOptions,
): Promise<ClassFolderDataset> {
  const index = classFolderIndex(await listFiles(folder))
  return new ClassFolderDataset(index, pictureFiles(folder, decode), { name: folder, ...options })
}
