/**
 * Samples of every primitive and of typical compositions, with deterministic operands. Each backend runs this one table against
 * the interpreter, and the gradient tests differentiate it; a new primitive needs a row here and nothing else.
 * It leaves out invalid operands: those are tested beside the functions that reject them.
 */
import { compositionSamples } from './op-samples/composition.ts'
import { contractionSamples } from './op-samples/contraction.ts'
import { elementwiseSamples } from './op-samples/elementwise.ts'
import { indexingSamples, movementSamples } from './op-samples/movement.ts'
import { leafSamples, reductionSamples } from './op-samples/reduction.ts'
import type { OpSample } from './op-samples/sample.ts'
import { windowSamples } from './op-samples/window.ts'

export { type Operand, type OpSample, operandData, sampleInputs } from './op-samples/sample.ts'

export const opSamples: readonly OpSample[] = [
  ...leafSamples,
  ...elementwiseSamples,
  ...reductionSamples,
  ...movementSamples,
  ...indexingSamples,
  ...contractionSamples,
  ...windowSamples,
  ...compositionSamples,
]
