/** Turns what the operating system says about a file into one sentence for people. Runs anywhere; only Node meets such errors. */
import { CognitronError } from './errors.ts'

/**
 * A file or folder that could not be read or written; `code` is the system's name of the reason, such as ENOSPC.
 *
 * @example
 * import { FileError, readBytes } from 'cognitron/io/node'
 * try {
 *   await readBytes('nowhere.bin')
 * } catch (error) {
 *   console.log(error instanceof FileError, error instanceof FileError && error.code) // true and ENOENT
 * }
 */
export class FileError extends CognitronError {
  override name = 'FileError'
  readonly code: string | undefined

  constructor(message: string, options: { cause?: unknown; code?: string | undefined } = {}) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder; check the path',
  EACCES: 'permission is denied; check the rights of the file and its folder',
  EPERM: 'permission is denied; check the rights of the file and its folder',
  EISDIR: 'it is a folder, not a file; give the path of a file',
  ENOTDIR: 'a part of the path is a file, not a folder; check the path',
  EEXIST: 'a file stands where a folder is needed; check the path',
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'your disk quota is used up; free some space and try again',
  EROFS: 'the disk is read-only; choose another folder',
  EMFILE: 'too many files are open; close some programs and try again',
  ELOOP: 'its symbolic links run in a circle; check the path',
}

/** The system's name of the reason (`ENOSPC`, …), where `error` has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Why the system refused, in words, where the reason is a known one. */
export function systemReason(error: unknown): string | undefined {
  return reasons[errorCode(error) ?? '']
}

/** `Cannot <action> <path>: <reason>.` */
export function fileError(error: unknown, action: string, path: string): FileError {
  const code = errorCode(error)
  const reason = systemReason(error) ?? (error instanceof Error ? error.message : String(error))
  return new FileError(`Cannot ${action} ${path}: ${reason}.`, { cause: error, code })
}
