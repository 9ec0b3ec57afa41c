/** Layers against PyTorch: output, gradients by the input and every parameter, and buffers afterwards, in one compiled program. */
import { compile, grad, nn, type Tensor, tensor } from '../../src/index.ts'
import { type CaseFile, type CaseResult, type CaseTensor, difference, largestError, readCase } from './case-file.ts'
import { constructorArguments } from './module-arguments.ts'

const tolerance = { absolute: 1e-5, relative: 1e-4 }

type LayerClass = new (...args: unknown[]) => nn.Layer

/** What was computed under the name that the reference file gives it. */
type Outcome = readonly (readonly [key: string, values: ArrayLike<number>])[]

export async function run(path: string): Promise<CaseResult> {
  const file = readCase(path)
  const { name } = file
  const { module, args = [], kwargs = {}, train = true } = file.spec
  const { [String(module)]: found } = nn as unknown as Record<string, LayerClass | undefined>
  if (!found) return { name, status: 'unsupported', detail: `no layer ${String(module)}` }
  const layer = new found(...constructorArguments(String(module), args as unknown[], kwargs as Record<string, unknown>))
  layer.train(train as boolean)
  layer.loadStateDict(stateOf(file))
  let largest = 0
  for (const [key, actual] of await outcomeOf(layer, file)) {
    const expected = file.tensor(key).values
    const wrong = difference(key, actual, expected, tolerance)
    if (wrong) return { name, status: 'fail', detail: wrong }
    largest = Math.max(largest, largestError(actual, expected))
  }
  return { name, status: 'pass', detail: `largest error ${largest.toExponential(1)}` }
}

function stateOf(file: CaseFile): Record<string, nn.TensorSource> {
  const entries = [...file.tensors].flatMap(([key, { shape, values }]): [string, nn.TensorSource][] => {
    const match = /^(?:parameter|buffer)\.(.+)$/.exec(key)
    return match?.[1] === undefined ? [] : [[match[1], { shape, data: values }]]
  })
  return Object.fromEntries(entries)
}

async function outcomeOf(layer: nn.Layer, file: CaseFile): Promise<Outcome> {
  const named = layer.namedParameters()
  const program = compile((x: Tensor, upstream: Tensor) => {
    const output = layer.forward(x)
    const parameters = named.map(([, parameter]) => parameter)
    return [output, ...grad(output, [x, ...parameters], upstream)]
  })
  const results = await program(toTensor(file.tensor('input')), toTensor(file.tensor('grad_output')))
  const keys = ['output', 'grad_input', ...named.map(([key]) => `grad.${key}`)]
  const values = await Promise.all(results.map((result) => result.data()))
  const buffers = await Promise.all(
    layer.namedBuffers().map(async ([key, buffer]) => [`buffer_after.${key}`, await buffer.data()] as const),
  )
  return [...keys.map((key, index) => [key, values[index] ?? []] as const), ...buffers]
}

function toTensor({ values, shape }: CaseTensor): Tensor {
  return tensor(Float32Array.from(values), { shape })
}
