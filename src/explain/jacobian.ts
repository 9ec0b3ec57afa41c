/** How one layer's output depends on another's: all derivatives at one input, and how strongly they stretch. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { RandomSequence } from '../random/threefry.ts'
import { compile, fromTypedArray, grad, type Tensor } from '../tensor/index.ts'
import { readSample } from './input.ts'
import { checkTensor, type Explainable, firstTensor, flowOf, watchLayers } from './layers.ts'
import { evaluated } from './question.ts'

export interface LayerJacobianOptions {
  /** The layer whose output varies; default: the input of the model. */
  readonly from?: string
  /** The layer whose output is looked at; default: the output of the model. */
  readonly to?: string
  /** Rows that are computed together. Default 32. */
  readonly batchSize?: number
}

/** J[i, j] = ∂to_i/∂from_j at one input. */
export interface LayerJacobian {
  /** Row-major: `[rows, columns]`. */
  readonly data: Float32Array
  /** Elements of `to`. */
  readonly rows: number
  /** Elements of `from`. */
  readonly columns: number
  readonly toShape: readonly number[]
  readonly fromShape: readonly number[]
  /** √Σ J²; over √rows it is the usual size of a row. */
  readonly frobeniusNorm: number
  /** The largest singular value: how much a small change can grow at most. */
  readonly spectralNorm: number
}

const MOST_NUMBERS = 2 ** 26

/**
 * The Jacobian of a layer by an earlier one at `image`, in evaluation mode. The sample is repeated, and every copy gives one row.
 *
 * @throws ArgumentError for unknown layers, a `to` that does not depend on `from`, and more than 2²⁶ numbers.
 * @example
 * import { explain, nn, tensor } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 3, { bias: false }), new nn.Tanh())
 * const { rows, columns } = await explain.layerJacobian(net, tensor([0.5, -1]))
 * console.log(rows, columns) // 3 2
 */
export async function layerJacobian(
  model: Explainable,
  image: Tensor,
  options: LayerJacobianOptions = {},
): Promise<LayerJacobian> {
  const { from = '', to = '', batchSize = 32 } = options
  const sample = await readSample(image)
  const shapes: { from?: readonly number[]; to?: readonly number[] } = {}
  const flowing = (x: Tensor): { source: Tensor; target: Tensor } => {
    const found = endsOf(model, { from, to }, x)
    shapes.from = found.source.shape.slice(1)
    shapes.to = found.target.shape.slice(1)
    return found
  }
  return evaluated(model, async () => {
    // Recorded without running: the shapes are needed before the upstream gradients can be made.
    compile((x: Tensor) => flowing(x).target).prepare(fromTypedArray(sample.data, [1, ...sample.shape], 'float32'))
    const toShape = shapes.to ?? []
    const fromShape = shapes.from ?? []
    const rows = product(toShape)
    const columns = product(fromShape)
    checkSize(rows, columns)
    const copies = Math.min(batchSize, rows)
    const program = compile((x: Tensor, upstream: Tensor) => {
      const { source, target } = flowing(x)
      return grad(target, [source], upstream)[0]
    })
    const batch = fromTypedArray(repeated(sample.data, copies), [copies, ...sample.shape], 'float32')
    const data = new Float32Array(rows * columns)
    for (let start = 0; start < rows; start += copies) {
      const upstream = new Float32Array(copies * rows)
      const count = Math.min(copies, rows - start)
      for (let slot = 0; slot < count; slot++) upstream[slot * rows + start + slot] = 1
      const found = await (await program(batch, fromTypedArray(upstream, [copies, ...toShape], 'float32'))).data()
      data.set(Float32Array.from(found).subarray(0, count * columns), start * columns)
    }
    return {
      data,
      rows,
      columns,
      toShape,
      fromShape,
      frobeniusNorm: Math.sqrt(data.reduce((sum, value) => sum + value * value, 0)),
      spectralNorm: largestSingularValue(data, rows, columns),
    }
  })
}

function endsOf(
  model: Explainable,
  { from, to }: { from: string; to: string },
  x: Tensor,
): { source: Tensor; target: Tensor } {
  const paths = [from, to].filter((path) => path !== '')
  const { result, flows } = watchLayers(model, paths, x)
  const target = checkTensor(to === '' ? firstTensor(result) : flowOf(flows, to).output, model, to)
  return { source: from === '' ? x : checkTensor(flowOf(flows, from).output, model, from), target }
}

function checkSize(rows: number, columns: number): void {
  if (rows * columns <= MOST_NUMBERS) return
  throw new ArgumentError(
    `a Jacobian of ${rows} × ${columns} numbers is too large; choose layers with fewer elements (at most 2²⁶ numbers).`,
  )
}

function repeated(data: Float32Array, copies: number): Float32Array {
  const result = new Float32Array(copies * data.length)
  for (let copy = 0; copy < copies; copy++) result.set(data, copy * data.length)
  return result
}

/** By power iteration on JᵀJ, from a seeded start. */
function largestSingularValue(data: Float32Array, rows: number, columns: number): number {
  const random = new RandomSequence(1)
  let vector = Float64Array.from({ length: columns }, () => random.normal())
  let value = 0
  for (let round = 0; round < 200; round++) {
    const image = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      let sum = 0
      for (let column = 0; column < columns; column++)
        sum += (data[row * columns + column] as number) * at(vector, column)
      image[row] = sum
    }
    const next = new Float64Array(columns)
    for (let row = 0; row < rows; row++) {
      const factor = image[row] as number
      for (let column = 0; column < columns; column++) {
        next[column] = (next[column] as number) + factor * (data[row * columns + column] as number)
      }
    }
    const length = Math.sqrt(next.reduce((sum, each) => sum + each * each, 0))
    if (length === 0) return 0
    vector = next.map((each) => each / length)
    const before = value
    value = Math.sqrt(length)
    if (Math.abs(value - before) <= 1e-9 * value) break
  }
  return value
}
