/**
 * 3×3 convolutions of stride 1 by Winograd's minimal filtering (see `winograd-scheme`), forward, for the input gradient, which is
 * such a convolution too, and for the weight gradient. Kernels are transformed by a map, U = G g Gᵀ, or, where they outweigh the
 * tiles, inside the convolution's own kernel, like input and output tiles, on the way into and out of its products.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import type { Node, NodeOf } from '../ir/node.ts'
import { contiguousStrides, type Shape } from '../shape/shape.ts'
import { type BufferId, type Expression, visitExpressions } from './expression.ts'
import { NotFusible } from './expression-builder.ts'
import type { Store, TileGrid, WinogradWeights } from './kernel.ts'
import type { BufferView, LoweringContext } from './lowering-context.ts'
import {
  atFar,
  atNear,
  atZero,
  BLOCK_BYTES,
  FAR,
  GRAD_BLOCK,
  NEAR,
  POSITIONS,
  SPAN,
  TAPS,
  TILE,
} from './winograd-scheme.ts'

/** Fewer channels leave too little work between the transforms. */
const MIN_CHANNELS = 16
/** Smaller planes leave most of a tile empty. */
const MIN_SIZE = 3

/** Rows that are written at a time when kernels are copied across. */
const COPIED_ROWS = 16

/** Floats between the positions of transformed kernels beyond their size: powers of two apart they would share sets of the cache. */
const KERNEL_SKEW = 16

/** Whether the transformed form of a convolution (without padding) exists and pays. */
export function suitsWinograd(context: LoweringContext, node: NodeOf<'conv'>): boolean {
  const [x, weight] = node.inputs as readonly [Node, Node]
  const [outputs = 0, inputs = 0, ...kernel] = weight.shape
  return suits(node.attributes, kernel, inputs, outputs, node.shape) && mayReadBeyond(context, x, node.shape)
}

/** Whether the same holds for a weight gradient. */
export function suitsWinogradGrad(context: LoweringContext, node: NodeOf<'convWeightGrad'>): boolean {
  const [x, gradient] = node.inputs as readonly [Node, Node]
  const [outputs = 0, inputs = 0] = node.shape
  return (
    inputs % 8 === 0 &&
    suits(node.attributes, node.attributes.kernelSize, inputs, outputs, gradient.shape) &&
    mayReadBeyond(context, x, gradient.shape) &&
    mayReadBeyond(context, gradient, gradient.shape)
  )
}

function suits(
  { stride, dilation, groups }: NodeOf<'conv'>['attributes'] | NodeOf<'convWeightGrad'>['attributes'],
  kernel: Shape,
  inputs: number,
  outputs: number,
  [images = 0, , ...plane]: Shape,
): boolean {
  return (
    groups === 1 &&
    sameNumbers(kernel, [TAPS, TAPS]) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    plane.every((size) => size >= MIN_SIZE) &&
    inputs >= MIN_CHANNELS &&
    outputs >= MIN_CHANNELS &&
    images > 0
  )
}

/** Tiles at the edge are read as a whole; only in the arena is there something readable behind every buffer. */
function mayReadBeyond(context: LoweringContext, node: Node, [, , ...plane]: Shape): boolean {
  if (plane.every((size) => size % TILE === 0)) return true
  return at(context.buffers, context.materialize(node)).role.kind !== 'variable'
}

/** Pushes the kernel of a weight gradient, dW = Gᵀ [Σ (A g Aᵀ) ⊙ (Bᵀ x B)] G over all tiles. */
export function lowerWinogradGrad(context: LoweringContext, node: NodeOf<'convWeightGrad'>, buffer: BufferId): void {
  const [x, gradient] = node.inputs as readonly [Node, Node]
  const [outputs = 0, inputs = 0] = node.shape
  const grid = tileGrid(context, x.shape, gradient.shape)
  const sums = (): BufferId => context.newBuffer('float32', POSITIONS * inputs * outputs)
  context.kernels.push({
    kind: 'winogradGrad',
    inputs,
    outputs,
    source: context.materialize(x),
    gradient: context.materialize(gradient),
    grid,
    target: buffer,
    ...(grid.tiles > GRAD_BLOCK ? { sums: sums() } : {}),
  })
}

/** Pushes the kernels of a convolution; `stores` range over the extents of the node. Throws NotFusible when they do not fit. */
export function lowerWinograd(context: LoweringContext, node: NodeOf<'conv'>, stores: readonly Store[]): void {
  checkStores(node, stores)
  const [x, weight] = node.inputs as readonly [Node, Node]
  const outputs = at(node.shape, 1)
  const inputs = at(x.shape, 1)
  const source = context.materialize(x)
  const grid = tileGrid(context, x.shape, node.shape)
  const view = context.view(weight)
  const weights = tapsInPlace(view, grid, outputs, inputs) ?? transformedKernels(context, view, outputs, inputs)
  context.kernels.push({ kind: 'winograd', inputs, outputs, source, weights, grid, store: at(stores, 0) })
}

/** Where the tiles of all images begin in the padded input and in the output. */
function tileGrid(context: LoweringContext, input: Shape, output: Shape): TileGrid {
  const [images = 0, , height = 0, width = 0] = output
  const [rows, columns] = [Math.ceil(height / TILE), Math.ceil(width / TILE)]
  const tiles = images * rows * columns
  const offsets = (shape: Shape): BufferId => {
    const [image = 0, , row = 0] = contiguousStrides(shape)
    const table = context.table(`tiles ${images}x${rows}x${columns} by ${image},${row}`, () =>
      tileTable(tiles, rows, columns, (n, y, x) => n * image + TILE * (y * row + x)),
    )
    return table.buffer
  }
  const isWhole = height % TILE === 0 && width % TILE === 0
  const sizes = (): BufferId =>
    context.table(`tile sizes ${images}x${height}x${width}`, () =>
      tileTable(tiles, rows, columns, (_, y, x) => {
        return Math.min(TILE, height - TILE * y) + 256 * Math.min(TILE, width - TILE * x)
      }),
    ).buffer
  return {
    tiles,
    inputOffsets: offsets(input),
    inputPlane: at(input, 2) * at(input, 3),
    inputPitch: at(input, 3),
    outputOffsets: offsets(output),
    outputPlane: height * width,
    outputPitch: width,
    ...(isWhole ? {} : { sizes: sizes() }),
  }
}

function tileTable(
  tiles: number,
  rows: number,
  columns: number,
  entry: (image: number, row: number, column: number) => number,
): Int32Array {
  return Int32Array.from({ length: tiles }, (_, tile) => {
    const inImage = tile % (rows * columns)
    return entry(Math.floor(tile / (rows * columns)), Math.floor(inImage / columns), inImage % columns)
  })
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

/** Where kernels outweigh the tiles, which all fit the cache: their own buffer, to be transformed inside the kernel. */
function tapsInPlace(
  { buffer, at: { offset, strides } }: BufferView,
  { tiles }: TileGrid,
  outputs: number,
  inputs: number,
): WinogradWeights | undefined {
  const [alongOutputs = 0, alongInputs = 0, alongY = 0, alongX = 0] = strides
  const areNeighbours = Math.abs(alongX) === 1 && alongY === TAPS * alongX && alongOutputs > 0 && alongInputs > 0
  const isLight = tiles <= outputs && 4 * POSITIONS * inputs * Math.ceil(tiles / 16) * 16 <= BLOCK_BYTES
  if (!areNeighbours || !isLight || inputs % 8 !== 0) return undefined
  const turned = alongX < 0
  return {
    kind: 'taps',
    buffer,
    offset: turned ? offset - (TAPS * TAPS - 1) : offset,
    alongOutputs,
    alongInputs,
    turned,
  }
}

/** U[ξ, ν] = (G g Gᵀ)[ξ, ν] of the kernels in a view `[outputs, inputs, 3, 3]`, once for all kernels of a program that ask. */
function transformedKernels(
  context: LoweringContext,
  view: BufferView,
  outputs: number,
  inputs: number,
): WinogradWeights {
  const { buffer, at: all } = view
  return context.once(`kernels ${buffer}+${all.offset} ${outputs}x${inputs} by ${all.strides}`, () => {
    const [strideO = 0, strideC = 0] = all.strides
    // Kernels that stand across (input gradients) are copied first: from afar nine taps at a time cost more.
    const { buffer: source, at } = strideO < strideC ? copyAcross(context, view, outputs, inputs) : view
    const [alongO = 0, alongC = 0, alongY = 0, alongX = 0] = at.strides
    const position = outputs * inputs + KERNEL_SKEW
    const target = context.newBuffer('float32', POSITIONS * position)
    const tap = (y: number, x: number): Expression => ({
      kind: 'load',
      dtype: 'float32',
      buffer: source,
      at: { offset: at.offset + y * alongY + x * alongX, strides: [alongO, alongC] },
    })
    const stores = bothWays(tap).map((value, index) => {
      return { buffer: target, at: { offset: index * position, strides: [inputs, 1] }, value }
    })
    context.kernels.push({ kind: 'map', extents: [outputs, inputs], stores })
    return { kind: 'transformed', buffer: target, position } as const
  })
}

/** The kernels of a view in row-major order, copied in blocks so that few rows are written at a time. */
function copyAcross(context: LoweringContext, { buffer, at }: BufferView, outputs: number, inputs: number): BufferView {
  const taps = TAPS * TAPS
  const target = context.newBuffer('float32', outputs * inputs * taps)
  const [strideO = 0, strideC = 0, strideY = 0, strideX = 0] = at.strides
  const block = outputs % COPIED_ROWS === 0 ? COPIED_ROWS : 1
  context.kernels.push({
    kind: 'map',
    extents: [outputs / block, inputs, block, TAPS, TAPS],
    stores: [
      {
        buffer: target,
        at: { offset: 0, strides: [block * inputs * taps, taps, inputs * taps, TAPS, 1] },
        value: {
          kind: 'load',
          dtype: 'float32',
          buffer,
          at: { offset: at.offset, strides: [block * strideO, strideC, strideO, strideY, strideX] },
        },
      },
    ],
  })
  return { buffer: target, at: { offset: 0, strides: [inputs * taps, taps, TAPS, 1] } }
}

/** G g Gᵀ, position by position. */
function bothWays(tap: (y: number, x: number) => Expression): Expression[] {
  const rows = range(TAPS).map((y) => alongKernel(range(TAPS).map((x) => tap(y, x))))
  const columns = range(SPAN).map((nu) => alongKernel(rows.map((row) => at(row, nu))))
  return range(POSITIONS).map((index) => at(at(columns, index % SPAN), Math.floor(index / SPAN)))
}

/** G applied to three taps: their polynomial at the six points. Points of opposite sign share the even powers. */
function alongKernel([g0, g1, g2]: readonly Expression[]): Expression[] {
  const operation = (op: 'add' | 'sub' | 'mul', a?: Expression, b?: Expression): Expression => {
    return { kind: 'op', dtype: 'float32', op, operands: [a as Expression, b as Expression] }
  }
  const times = (value: Expression | undefined, factor: number): Expression =>
    operation('mul', value, { kind: 'constant', dtype: 'float32', value: factor })
  const atPoints = (point: number, divisor: number): Expression[] => {
    const even = operation('add', times(g0, 1 / divisor), times(g2, point ** 2 / divisor))
    const odd = times(g1, point / divisor)
    return [operation('add', even, odd), operation('sub', even, odd)]
  }
  return [times(g0, 1 / atZero), ...atPoints(NEAR, atNear), ...atPoints(FAR, atFar), g2 as Expression]
}
