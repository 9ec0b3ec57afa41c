/**
 * The errors that people see. Every message says what was given, what was expected and how to mend it;
 * the command line prints it as one sentence and exits with status 2.
 */

/** An error caused by what the caller gave, not by a fault of the library. */
export class CognitronError extends Error {
  override name = 'CognitronError'
}

/** Shapes that do not fit together. */
export class ShapeError extends CognitronError {
  override name = 'ShapeError'
}

/** An element type that the operation does not take. */
export class DTypeError extends CognitronError {
  override name = 'DTypeError'
}

/** An argument outside its range, or of the wrong kind. */
export class ArgumentError extends CognitronError {
  override name = 'ArgumentError'
}

/** A file or stream whose content is not what its format demands. */
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
