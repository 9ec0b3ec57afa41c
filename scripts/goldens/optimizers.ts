/** Optimizers against PyTorch: 100 steps on f(w) = mean((A w − b)²) + 0.1 Σ cos(3 w), compared after six of them. */
import { compile, optim, Parameter, type Tensor, tensor } from '../../src/index.ts'
import {
  type CaseFile,
  type CaseResult,
  type CaseTensor,
  difference,
  largestError,
  readCase,
  toOptions,
} from './case-file.ts'

/** Where rounding is amplified beyond the usual 1e-5, with the reason. */
const looser: Readonly<Record<string, { absolute: number; reason: string }>> = {}

const checked = [1, 2, 3, 10, 50, 100]

type OptimizerClass = new (parameters: Iterable<Parameter>, options: Record<string, unknown>) => optim.Optimizer

export async function run(path: string): Promise<CaseResult> {
  const file = readCase(path)
  const { name } = file
  const { [String(file.spec.optimizer)]: found } = optim as unknown as Record<string, OptimizerClass | undefined>
  if (!found) return { name, status: 'unsupported', detail: `no optimizer ${String(file.spec.optimizer)}` }
  const start = file.tensor('w0')
  const w = new Parameter(Float32Array.from(start.values), start.shape)
  const step = stepOf(file, w, new found([w], optionsOf(file)))
  const absolute = looser[name]?.absolute ?? 1e-5
  let largest = 0
  for (let done = 1; done <= 100; done++) {
    await step()
    if (!checked.includes(done)) continue
    const expected = file.tensor(`w${done}`).values
    const actual = await w.data()
    const wrong = difference(`w after step ${done}`, actual, expected, { absolute, relative: 0 })
    if (wrong) return { name, status: 'fail', detail: wrong }
    largest = Math.max(largest, largestError(actual, expected))
  }
  return { name, status: 'pass', detail: `largest error ${largest.toExponential(1)}` }
}

function optionsOf(file: CaseFile): Record<string, unknown> {
  const options = toOptions(file.spec.kwargs)
  // Before version 2 PyTorch's NAdam multiplied one momentum too many.
  return file.spec.optimizer === 'NAdam' ? { ...options, repeatedMomentum: file.torchVersion < 2 } : options
}

/** One compiled step: gradient, clipping where the case asks for it, update. */
function stepOf(file: CaseFile, w: Parameter, optimizer: optim.Optimizer): () => Promise<Tensor> {
  const a = toTensor(file.tensor('a'))
  const b = toTensor(file.tensor('b'))
  const clip = file.spec.clip_norm as number | undefined
  return compile(() => {
    const value = a.matmul(w).sub(b).square().mean().add(w.mul(3).cos().sum().mul(0.1))
    value.backward()
    if (clip !== undefined) optim.clipGradNorm([w], clip)
    optimizer.step()
    optimizer.zeroGrad()
    return value
  })
}

function toTensor({ values, shape }: CaseTensor): Tensor {
  return tensor(Float32Array.from(values), { shape })
}
