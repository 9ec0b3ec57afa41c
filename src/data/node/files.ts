/** Reading files in Node, with errors for people. Not for the browser; `cognitron/data/node` exports it. */
import { readFile } from 'node:fs/promises'
import { fileError } from '../../base/file-errors.ts'

/**
 * The bytes of a file.
 *
 * @throws FileError when it cannot be read; the message names the file and the reason.
 * @example
 * import { readBytes } from 'cognitron/data/node'
 * import { writeFileAtomic } from 'cognitron/io/node'
 * await writeFileAtomic('three.bin', new Uint8Array([1, 2, 3]))
 * console.log((await readBytes('three.bin')).length) // 3
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw fileError(error, 'read', path)
  }
}
