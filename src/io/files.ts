/**
 * Files in Node: reading with errors for people, and writing that never harms what is there. Feeds the run folder and the command
 * line; `cognitron/io/node` exports it. Formats themselves work on bytes and run in browsers.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileError } from '../base/file-errors.ts'
import { readBytes } from '../data/node/files.ts'
import type { FileArray } from './element-formats.ts'
import { type NpyArray, readNpy, writeNpy } from './npy.ts'
import { readNpz, type WriteNpzOptions, writeNpz } from './npz.ts'
import { readSafetensors, type SafetensorsFile, type WriteSafetensorsOptions, writeSafetensors } from './safetensors.ts'

export { FileError } from '../base/file-errors.ts'
export { readBytes } from '../data/node/files.ts'

export interface WriteFileOptions {
  /** Opens the temporary file; tests put a failing one here. */
  readonly openFile?: (path: string) => Promise<FileHandle>
}

/**
 * Replaces a file as a whole: the content goes to a temporary file in the same folder, is flushed to the disk and renamed. When
 * anything fails, for example on a full disk, the file that was there stays as it is and the temporary one is removed.
 * Folders on the way are made.
 *
 * @throws FileError that names the file and the reason.
 * @example
 * ```ts
 * import { writeFileAtomic } from 'cognitron/io/node'
 * await writeFileAtomic('notes.txt', 'loss 0.31')
 * ```
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: WriteFileOptions = {},
): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await mkdir(folder, { recursive: true })
    await writeAndFlush(temporary, content, options.openFile ?? ((file) => open(file, 'wx')))
    await keepMode(path, temporary)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw fileError(error, 'write', path)
  }
  await flushFolder(folder)
}

async function writeAndFlush(
  path: string,
  content: Uint8Array | string,
  openFile: (path: string) => Promise<FileHandle>,
): Promise<void> {
  const handle = await openFile(path)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file that is replaced keeps its rights. */
async function keepMode(path: string, temporary: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined)
  if (!existing) return
  const handle = await open(temporary, 'r')
  try {
    await handle.chmod(existing.mode & 0o777)
  } finally {
    await handle.close()
  }
}

/** Makes the rename last through a power cut; systems that cannot flush a folder are left to their own. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch {
    // Windows and some network disks refuse; the file itself is already safe.
  } finally {
    await handle?.close()
  }
}

/**
 * Reads a safetensors file. Throws FileError or FormatError, both naming the file.
 *
 * @example
 * import { nn } from 'cognitron'
 * import { loadSafetensors, saveSafetensors } from 'cognitron/io/node'
 * await saveSafetensors('weights.safetensors', await new nn.Linear(2, 1).stateDict())
 * const { tensors } = await loadSafetensors('weights.safetensors')
 * new nn.Linear(2, 1).loadStateDict(tensors)
 */
export async function loadSafetensors(path: string): Promise<SafetensorsFile> {
  return readSafetensors(await readBytes(path), path)
}

/**
 * Writes a safetensors file; a failure leaves the previous file.
 *
 * @example
 * import { nn } from 'cognitron'
 * import { saveSafetensors } from 'cognitron/io/node'
 * await saveSafetensors('layer.safetensors', await new nn.Linear(2, 1).stateDict())
 */
export function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, FileArray>> | ReadonlyMap<string, FileArray>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  return writeFileAtomic(path, writeSafetensors(tensors, options))
}

/**
 * Reads a `.npy` file. Throws FileError or FormatError, both naming the file.
 *
 * @example
 * import { loadNpy, saveNpy } from 'cognitron/io/node'
 * await saveNpy('y.npy', { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) })
 * console.log((await loadNpy('y.npy')).data[1]) // 2
 */
export async function loadNpy(path: string): Promise<NpyArray> {
  return readNpy(await readBytes(path), path)
}

/**
 * Writes a `.npy` file; a failure leaves the previous file.
 *
 * @example
 * import { saveNpy } from 'cognitron/io/node'
 * await saveNpy('x.npy', { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) })
 */
export function saveNpy(path: string, array: FileArray): Promise<void> {
  return writeFileAtomic(path, writeNpy(array))
}

/**
 * Reads a `.npz` file. Throws FileError or FormatError, both naming the file.
 *
 * @example
 * import { loadNpz, saveNpz } from 'cognitron/io/node'
 * await saveNpz('y.npz', { y: { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) } })
 * console.log((await loadNpz('y.npz')).get('y')?.shape) // [2]
 */
export async function loadNpz(path: string): Promise<Map<string, NpyArray>> {
  return readNpz(await readBytes(path), path)
}

/**
 * Writes a `.npz` file; a failure leaves the previous file.
 *
 * @example
 * import { saveNpz } from 'cognitron/io/node'
 * await saveNpz('x.npz', { x: { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) } })
 */
export async function saveNpz(
  path: string,
  arrays: Readonly<Record<string, FileArray>> | ReadonlyMap<string, FileArray>,
  options: WriteNpzOptions = {},
): Promise<void> {
  await writeFileAtomic(path, await writeNpz(arrays, options))
}
