/** Losses against PyTorch: the value and the gradient by the prediction. */
import { grad, loss, type Tensor, tensor } from '../../src/index.ts'
import {
  type CaseFile,
  type CaseResult,
  type CaseTensor,
  difference,
  largestError,
  readCase,
  toOptions,
} from './case-file.ts'

const tolerance = { absolute: 1e-5, relative: 1e-4 }

type Loss = (input: Tensor, target: Tensor, options: Record<string, unknown>) => Tensor

/** PyTorch's functional names. */
const functions: Readonly<Record<string, Loss>> = {
  mse_loss: loss.mse,
  l1_loss: loss.l1,
  huber_loss: loss.huber,
  smooth_l1_loss: loss.smoothL1,
  binary_cross_entropy: loss.binaryCrossEntropy,
  binary_cross_entropy_with_logits: loss.bceWithLogits,
  cross_entropy: loss.crossEntropy,
  nll_loss: loss.nll,
  multi_margin_loss: loss.multiMargin,
  soft_margin_loss: loss.softMargin,
  hinge_embedding_loss: loss.hingeEmbedding,
  kl_div: loss.klDiv,
}

export async function run(path: string): Promise<CaseResult> {
  const file = readCase(path)
  const { name } = file
  const compute = functions[String(file.spec.function)]
  if (!compute) return { name, status: 'unsupported', detail: `no loss ${String(file.spec.function)}` }
  const input = toTensor(file.tensor('input'))
  const output = compute(input, targetOf(file), optionsOf(file))
  const [gradient] = grad(output.sum(), [input])
  const expected = [file.tensor('output').values, file.tensor('grad_input').values] as const
  const actual = [await output.data(), await (gradient as Tensor).data()] as const
  const wrong =
    difference('output', actual[0], expected[0], tolerance) ??
    difference('grad_input', actual[1], expected[1], tolerance)
  if (wrong) return { name, status: 'fail', detail: wrong }
  const error = Math.max(largestError(actual[0], expected[0]), largestError(actual[1], expected[1]))
  return { name, status: 'pass', detail: `largest error ${error.toExponential(1)}` }
}

function toTensor({ values, shape }: CaseTensor, dtype: 'float32' | 'int32' = 'float32'): Tensor {
  return tensor(Float64Array.from(values) as unknown as Float32Array, { shape, dtype })
}

function targetOf(file: CaseFile): Tensor {
  const { classes } = file.spec.target as { classes?: number }
  return toTensor(file.tensor('target'), classes === undefined ? 'float32' : 'int32')
}

function optionsOf(file: CaseFile): Record<string, unknown> {
  const options = toOptions(file.spec.kwargs)
  const weights = [...file.tensors].filter(([key]) => key === 'weight' || key === 'pos_weight')
  return { ...options, ...toOptions(Object.fromEntries(weights.map(([key, value]) => [key, toTensor(value)]))) }
}
