/**
 * The operators of ONNX that networks of this kind use, by name. What is not in this table (control flow, sequences, texts,
 * quantised and classical-learning operators, optimizers) is refused by name when a model is run.
 */
import type { OperatorTable } from './operator.ts'
import { activation } from './operators/activation.ts'
import { convolution } from './operators/convolution.ts'
import { elementwise } from './operators/elementwise.ts'
import { sampling } from './operators/grid-sample.ts'
import { indexing } from './operators/indexing.ts'
import { losses } from './operators/loss.ts'
import { matrix } from './operators/matrix.ts'
import { normalization } from './operators/normalization.ts'
import { pooling } from './operators/pooling.ts'
import { recurrence } from './operators/recurrent.ts'
import { reductions } from './operators/reduction.ts'
import { resizing } from './operators/resize.ts'
import { shape } from './operators/shape.ts'

export const operators: OperatorTable = {
  ...elementwise,
  ...activation,
  ...reductions,
  ...matrix,
  ...convolution,
  ...pooling,
  ...normalization,
  ...losses,
  ...shape,
  ...indexing,
  ...resizing,
  ...sampling,
  ...recurrence,
}
