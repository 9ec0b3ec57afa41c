/**
 * 3×3 convolutions of stride 1 by Winograd's minimal filtering F(2×2, 3×3): each 2×2 tile of the output takes 16 products per pair of
 * channels instead of 36 (Lavin and Gray: "Fast algorithms for convolutional neural networks", CVPR 2016). Kernels are transformed
 * by a map, U = G g Gᵀ; input and output tiles are transformed inside the kernel, on the way into and out of its products.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import type { Node, NodeOf } from '../ir/node.ts'
import { contiguousStrides } from '../shape/shape.ts'
import { type BufferId, type Expression, visitExpressions } from './expression.ts'
import { NotFusible } from './expression-builder.ts'
import type { Store, WinogradKernel } from './kernel.ts'
import type { BufferView, LoweringContext } from './lowering-context.ts'

/** Fewer channels leave too little work between the transforms. */
const MIN_CHANNELS = 16

/** Beyond this many channels, reading shared kernels across costs more than transforming them anew. */
const MAX_SHARED_CHANNELS = 128

/** Whether the transformed form of a convolution (without padding) exists and pays. */
export function suitsWinograd(node: NodeOf<'conv'>): boolean {
  const weight = at(node.inputs, 1)
  const { stride, dilation, groups } = node.attributes
  const [outputs = 0, inputs = 0, ...kernel] = weight.shape
  return (
    groups === 1 &&
    sameNumbers(kernel, [3, 3]) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    node.shape.slice(2).every((size) => size % 2 === 0) &&
    inputs >= MIN_CHANNELS &&
    outputs >= MIN_CHANNELS &&
    at(node.shape, 0) > 0
  )
}

/** Whether the same holds for a weight gradient. */
export function suitsWinogradGrad(node: NodeOf<'convWeightGrad'>): boolean {
  const gradient = at(node.inputs, 1)
  const { stride, dilation, groups, kernelSize } = node.attributes
  const [outputs = 0, inputs = 0] = node.shape
  return (
    groups === 1 &&
    sameNumbers(kernelSize, [3, 3]) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    gradient.shape.slice(2).every((size) => size % 2 === 0) &&
    inputs >= MIN_CHANNELS &&
    inputs % 8 === 0 &&
    outputs >= MIN_CHANNELS &&
    at(gradient.shape, 0) > 0
  )
}

/** Pushes the kernels of a weight gradient, dW = Gᵀ [Σ (A g Aᵀ) ⊙ (Bᵀ x B)] G over all tiles. */
export function lowerWinogradGrad(context: LoweringContext, node: NodeOf<'convWeightGrad'>, buffer: BufferId): void {
  const [x, gradient] = node.inputs as readonly [Node, Node]
  const [images = 0, outputs = 0, height = 0, width = 0] = gradient.shape
  const inputs = at(x.shape, 1)
  const grid = { images, rows: height / 2, columns: width / 2 }
  const sums = context.newBuffer('float32', 16 * outputs * inputs)
  context.kernels.push({
    kind: 'winogradGrad',
    inputs,
    outputs,
    source: context.materialize(x),
    sourcePlane: at(x.shape, 2) * at(x.shape, 3),
    sourcePitch: at(x.shape, 3),
    gradient: context.materialize(gradient),
    plane: height * width,
    pitch: width,
    tiles: images * grid.rows * grid.columns,
    sourceOffsets: tileTable(context, grid, x.shape),
    targetOffsets: tileTable(context, grid, gradient.shape),
    sums,
  })
  const sum = (position: number): Expression => ({
    kind: 'load',
    dtype: 'float32',
    buffer: sums,
    at: { offset: position * outputs * inputs, strides: [inputs, 1] },
  })
  const square = range(4).map((xi) => range(4).map((nu) => sum(4 * xi + nu)))
  const transposed = range(3).map((tap) => kernelTransform.map((row) => at(row, tap)))
  const rows = transposed.map((weights) =>
    range(4).map((nu) =>
      combine(
        weights,
        square.map((row) => at(row, nu)),
      ),
    ),
  )
  const stores = rows.flatMap((row, ky) =>
    transposed.map(
      (weights, kx): Store => ({
        buffer,
        at: { offset: 3 * ky + kx, strides: [9 * inputs, 9] },
        value: combine(weights, row),
      }),
    ),
  )
  context.kernels.push({ kind: 'map', extents: [outputs, inputs], stores })
}

/** Pushes the kernels of a convolution; `stores` range over the extents of the node. Throws NotFusible when they do not fit. */
export function lowerWinograd(context: LoweringContext, node: NodeOf<'conv'>, stores: readonly Store[]): void {
  checkStores(node, stores)
  const [x, weight] = node.inputs as readonly [Node, Node]
  const [images = 0, outputs = 0, height = 0, width = 0] = node.shape
  const inputs = at(x.shape, 1)
  const source = context.materialize(x)
  const weights = transformedKernels(context, context.view(weight), outputs, inputs)
  const grid = { images, rows: height / 2, columns: width / 2 }
  const kernel: WinogradKernel = {
    kind: 'winograd',
    inputs,
    outputs,
    source,
    sourcePlane: at(x.shape, 2) * at(x.shape, 3),
    sourcePitch: at(x.shape, 3),
    weights,
    plane: height * width,
    pitch: width,
    tiles: images * grid.rows * grid.columns,
    sourceOffsets: tileTable(context, grid, x.shape),
    targetOffsets: tileTable(context, grid, node.shape),
    store: at(stores, 0),
  }
  context.kernels.push(kernel)
}

/** Where each 2×2 tile begins in channel 0 of its image, in a tensor of `shape`. */
function tileTable(
  context: LoweringContext,
  { images, rows, columns }: { images: number; rows: number; columns: number },
  shape: readonly number[],
): BufferId {
  const [image = 0, , row = 0] = contiguousStrides(shape)
  const perImage = rows * columns
  const table = context.table(`tiles ${images}x${rows}x${columns} by ${image},${row}`, () =>
    Int32Array.from({ length: images * perImage }, (_, tile) => {
      const inImage = tile % perImage
      const y = Math.floor(inImage / columns)
      return Math.floor(tile / perImage) * image + 2 * y * row + 2 * (inImage % columns)
    }),
  )
  return table.buffer
}

/** One store of the node itself, whose other operands are per channel or lie exactly like the result. */
function checkStores(node: NodeOf<'conv'>, stores: readonly Store[]): void {
  const [store, ...more] = stores
  if (!store || more.length > 0) throw new NotFusible()
  const like = contiguousStrides(node.shape)
  const isResult = (strides: readonly number[]): boolean =>
    strides.every((stride, axis) => stride === at(like, axis) || node.shape[axis] === 1)
  const isPerChannel = (strides: readonly number[]): boolean =>
    strides.every((stride, axis) => axis === 1 || stride === 0)
  visitExpressions([store.value], (expression) => {
    const fits =
      expression.kind === 'op' ||
      expression.kind === 'constant' ||
      expression.kind === 'accumulator' ||
      (expression.kind === 'load' &&
        expression.dtype === 'float32' &&
        (isPerChannel(expression.at.strides) || isResult(expression.at.strides)))
    if (!fits) throw new NotFusible()
  })
}

const half = 0.5

/** G of F(2, 3): how the four transformed taps of a kernel row are made of its three. */
const kernelTransform = [
  [1, 0, 0],
  [half, half, half],
  [half, -half, half],
  [0, 0, 1],
] as const

/** Where the transformed kernels lie, and how a kernel reads them. */
type TransformedKernels = WinogradKernel['weights']

/**
 * U[ξ, ν] = (G g Gᵀ)[ξ, ν], once for each weight of not too many channels: G turned upside down only exchanges its first and last row, so the input gradient,
 * whose kernels are turned and transposed, reads the same numbers in another order.
 */
function transformedKernels(
  context: LoweringContext,
  view: BufferView,
  outputs: number,
  inputs: number,
): TransformedKernels {
  const [strideO = 0, strideC = 0, strideY = 0, strideX = 0] = view.at.strides
  const turned = strideY < 0 && strideX < 0
  const upright = turned
    ? { offset: view.at.offset + 2 * (strideY + strideX), y: -strideY, x: -strideX }
    : { offset: view.at.offset, y: strideY, x: strideX }
  // The axis whose neighbours are nearer in memory becomes the inner one, so that both directions find the same numbers.
  const outputsInside = strideO < strideC && Math.max(outputs, inputs) <= MAX_SHARED_CHANNELS
  const [rows, columns] = outputsInside ? [inputs, outputs] : [outputs, inputs]
  const strides = outputsInside ? [strideC, strideO] : [strideO, strideC]
  const name = `kernels ${view.buffer}+${upright.offset} ${rows}x${columns} by ${strides},${upright.y},${upright.x}`
  const buffer = context.once(name, () => {
    const target = context.newBuffer('float32', 16 * outputs * inputs)
    const tap = (y: number, x: number): Expression => ({
      kind: 'load',
      dtype: 'float32',
      buffer: view.buffer,
      at: { offset: upright.offset + y * upright.y + x * upright.x, strides },
    })
    context.kernels.push({ kind: 'map', extents: [rows, columns], stores: kernelStores(tap, target, rows, columns) })
    return target
  })
  return { buffer, row: outputsInside ? 1 : columns, depth: outputsInside ? columns : 1, turned }
}

function kernelStores(
  tap: (y: number, x: number) => Expression,
  buffer: BufferId,
  rows: number,
  columns: number,
): Store[] {
  const taps = range(3).map((y) => range(3).map((x) => tap(y, x)))
  const halfway = kernelTransform.map((weights) =>
    range(3).map((x) =>
      combine(
        weights,
        taps.map((row) => at(row, x)),
      ),
    ),
  )
  return halfway.flatMap((row, xi) =>
    kernelTransform.map(
      (weights, nu): Store => ({
        buffer,
        at: { offset: (4 * xi + nu) * rows * columns, strides: [columns, 1] },
        value: combine(weights, row),
      }),
    ),
  )
}

/** Σ weights · values, zeros left out. */
function combine(weights: readonly number[], values: readonly Expression[]): Expression {
  const operation = (op: 'add' | 'mul', a: Expression, b: Expression): Expression => ({
    kind: 'op',
    dtype: 'float32',
    op,
    operands: [a, b],
  })
  const terms = weights.flatMap((weight, index): Expression[] => {
    if (weight === 0) return []
    const value = at(values, index)
    return [weight === 1 ? value : operation('mul', value, { kind: 'constant', dtype: 'float32', value: weight })]
  })
  return terms.reduce((sum, term) => operation('add', sum, term))
}
