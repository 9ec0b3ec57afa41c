/**
 * The errors that people see. Every message says what was given, what was expected and how to mend it;
 * the command line prints it as one sentence and exits with status 2.
 */

/**
 * An error caused by what the caller gave, not by a fault of the library.
 *
 * @example
 * import { CognitronError, models } from 'cognitron'
 * try {
 *   models.modelNamed('lenet')
 * } catch (error) {
 *   console.log(error instanceof CognitronError) // true
 * }
 */
export class CognitronError extends Error {
  override name = 'CognitronError'
}

/**
 * Shapes that do not fit together.
 *
 * @example
 * import { ShapeError, zeros } from 'cognitron'
 * try {
 *   zeros([2, 3]).matmul(zeros([2, 3]))
 * } catch (error) {
 *   console.log(error instanceof ShapeError) // true
 * }
 */
export class ShapeError extends CognitronError {
  override name = 'ShapeError'
}

/**
 * An element type that the operation does not take.
 *
 * @example
 * import { CognitronError, DTypeError, embedding, zeros } from 'cognitron'
 * try {
 *   embedding(zeros([2]), zeros([4, 3]))
 * } catch (error) {
 *   console.log(error instanceof CognitronError, error instanceof DTypeError)
 * }
 */
export class DTypeError extends CognitronError {
  override name = 'DTypeError'
}

/**
 * An argument outside its range, or of the wrong kind.
 *
 * @example
 * import { ArgumentError, nn } from 'cognitron'
 * try {
 *   new nn.Dropout(2)
 * } catch (error) {
 *   console.log(error instanceof ArgumentError) // true
 * }
 */
export class ArgumentError extends CognitronError {
  override name = 'ArgumentError'
}

/**
 * A file or stream whose content is not what its format demands.
 *
 * @example
 * import { FormatError, io } from 'cognitron'
 * try {
 *   io.readNpy(new Uint8Array([1, 2, 3]))
 * } catch (error) {
 *   console.log(error instanceof FormatError) // true
 * }
 */
export class FormatError extends CognitronError {
  override name = 'FormatError'
}

/** Throws when the library itself broke a promise; `message` is for its developers. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) fault(message)
}

/** Throws what `invariant` throws; for hot code, which should not put a message together that nobody reads. */
export function fault(message: string): never {
  throw new Error(`internal error: ${message}`)
}
