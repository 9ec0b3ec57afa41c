/** What an ONNX file may hold and this library does not run. Told apart from damaged files, so that a test run can count it. */
import { CognitronError } from '../../base/errors.ts'

/**
 * An operator, element type or setting of an ONNX file that is not supported; the message names it and its node.
 *
 * @example
 * import { CognitronError, io } from 'cognitron'
 * console.log(new io.onnx.UnsupportedOnnxError("operator 'Loop' of node 'l' is not supported.") instanceof CognitronError) // true
 */
export class UnsupportedOnnxError extends CognitronError {
  override name = 'UnsupportedOnnxError'
}
