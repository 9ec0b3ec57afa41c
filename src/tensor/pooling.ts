/**
 * Pooling over one, two or three trailing axes: maximum, average, power mean; with windows of fixed size or adapted to a wanted
 * output size; and the way back by indices. Leading axes are all batch. Defaults, ceil mode and indices are PyTorch's.
 */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { formatShape, type WindowAxis, windowOutputSize } from '../shape/shape.ts'
import { iota, zeros } from './create.ts'
import { scatterAdd } from './indexing.ts'
import { rootOf } from './normalization.ts'
import { checkExact, formatSizes, type PerAxis, perAxis } from './per-axis.ts'
import { fromTypedArray, Tensor } from './tensor.ts'

export interface PoolOptions {
  /** Distance between neighbouring windows. Default: the size of the window. */
  readonly stride?: PerAxis
  /** How far windows reach over each edge, at most half their size. Default 0. */
  readonly padding?: PerAxis
  /** Let a last window start inside the input even when it reaches over the end. Default false. */
  readonly ceilMode?: boolean
  /** Refuse an input of which no window sees the last elements, because stride does not divide W − F + 2P. Default false. */
  readonly exact?: boolean
}

export interface MaxPoolOptions extends PoolOptions {
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis
}

export interface AvgPoolOptions extends PoolOptions {
  /** Count padding as zeros in the average. Default true. */
  readonly countIncludePad?: boolean
  /** Divide by this instead of the number of elements. */
  readonly divisorOverride?: number
}

/** The maxima and where they stood: flat positions within the spatial axes, int32. */
export type PoolWithIndices = readonly [values: Tensor, indices: Tensor]

/** One axis of a pooling: its window, and the padding before what ceil mode adds. */
interface PoolAxis extends WindowAxis {
  readonly size: number
  readonly output: number
  readonly margin: number
}

function axesOf(what: string, x: Tensor, kernelSize: PerAxis, rank: number, options: MaxPoolOptions): PoolAxis[] {
  if (x.rank < rank + 1) {
    throw new ShapeError(
      `${what} takes [batch, channels, ...] with ${rank} spatial ax${rank === 1 ? 'is' : 'es'}, given ${formatShape(x.shape)}.`,
    )
  }
  const kernel = perAxis(kernelSize, rank, 'kernelSize', 1)
  const stride = perAxis(options.stride ?? kernelSize, rank, 'stride', 1)
  const padding = perAxis(options.padding ?? 0, rank, 'padding')
  const dilation = perAxis(options.dilation ?? 1, rank, 'dilation', 1)
  if (padding.some((each, axis) => each > at(kernel, axis) / 2)) {
    throw new ArgumentError(
      `${what}: padding is at most half the window, given padding ${formatSizes(padding)} for a window of ${formatSizes(kernel)}.`,
    )
  }
  const windows = range(rank).map((axis): WindowAxis => {
    const margin = at(padding, axis)
    const window = { kernel: at(kernel, axis), stride: at(stride, axis), dilation: at(dilation, axis) }
    return { ...window, padding: [margin, margin] }
  })
  const sizes = x.shape.slice(x.rank - rank)
  const axes = windows.map((window, axis) => axisOf(at(sizes, axis), window, options.ceilMode ?? false))
  if (axes.some(({ output }) => output < 1)) {
    throw new ShapeError(
      `${what}: a window of ${formatSizes(kernel)} does not fit into an input of shape ${formatShape(x.shape)} with padding ` +
        `${formatSizes(padding)}; use a smaller window or a larger input.`,
    )
  }
  if (options.exact) checkExact(what, sizes, windows)
  return axes
}

function axisOf(size: number, window: WindowAxis, ceilMode: boolean): PoolAxis {
  const [margin] = window.padding
  const whole = windowOutputSize(size, window)
  const reach = window.dilation * (window.kernel - 1) + 1
  const rest = (whole - 1) * window.stride + reach < size + 2 * margin
  // A window that begins beyond the input and its left padding is left out.
  const output = ceilMode && rest && whole * window.stride < size + margin ? whole + 1 : whole
  const overhang = Math.max(margin, (output - 1) * window.stride + reach - size - margin)
  return { ...window, padding: [margin, overhang], size, output, margin }
}

function windowOf(axes: readonly PoolAxis[]): WindowAxis[] {
  return axes.map(({ kernel, stride, padding, dilation }) => ({ kernel, stride, padding, dilation }))
}

function maxPool(x: Tensor, kernelSize: PerAxis, rank: number, options: MaxPoolOptions): Tensor {
  const axes = axesOf(`maxPool${rank}d`, x, kernelSize, rank, options)
  return new Tensor(makeNode('maxPool', [x.to('float32').node], { window: windowOf(axes) }))
}

/**
 * The largest element of every window: `[..., length] → [..., ⌊(length + 2 padding − dilation (kernelSize − 1) − 1) / stride⌋ + 1]`.
 * Padding never wins. Throws ShapeError when the window does not fit, ArgumentError for padding beyond half the window.
 *
 * @example
 * import { maxPool1d, tensor } from 'cognitron'
 * console.log(await maxPool1d(tensor([[1, 5, 2, 3]]), 2).toArray()) // [[5, 3]]
 */
export function maxPool1d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return maxPool(x, kernelSize, 1, options)
}

/**
 * As `maxPool1d` over `[..., height, width]`.
 *
 * @example
 * import { iota, maxPool2d } from 'cognitron'
 * console.log(await maxPool2d(iota([16], 0).reshape(1, 1, 4, 4), 2).toArray()) // [[[[5, 7], [13, 15]]]]
 */
export function maxPool2d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return maxPool(x, kernelSize, 2, options)
}

/**
 * As `maxPool1d` over `[..., depth, height, width]`.
 *
 * @example
 * import { maxPool3d, zeros } from 'cognitron'
 * console.log(maxPool3d(zeros([1, 2, 8, 8, 8]), 2).shape) // [1, 2, 4, 4, 4]
 */
export function maxPool3d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return maxPool(x, kernelSize, 3, options)
}

/**
 * Maximum pooling over the last `rank` axes together with the flat position of each maximum within those axes, as `maxUnpool`
 * takes it.
 *
 * @example
 * import { maxPoolWithIndices, tensor } from 'cognitron'
 * const [values, indices] = maxPoolWithIndices(tensor([[1, 5, 2, 3]]), 2, { rank: 1 })
 * console.log(await values.toArray(), await indices.toArray()) // [[5, 3]] [[1, 3]]
 */
export function maxPoolWithIndices(
  x: Tensor,
  kernelSize: PerAxis,
  { rank, ...options }: MaxPoolOptions & { readonly rank: 1 | 2 | 3 },
): PoolWithIndices {
  const axes = axesOf(`maxPool${rank}d`, x, kernelSize, rank, options)
  const float = x.to('float32')
  const window = windowOf(axes)
  const taps = new Tensor(makeNode('maxPoolIndices', [float.node], { window }))
  return [new Tensor(makeNode('maxPool', [float.node], { window })), flatPositions(taps, axes)]
}

/** Turns the number of a tap within its window into the position within the plane. */
function flatPositions(taps: Tensor, axes: readonly PoolAxis[]): Tensor {
  const lead = taps.rank - axes.length
  const positions = axes.map((axis, index) => {
    const inner = product(axes.slice(index + 1).map(({ kernel }) => kernel))
    const stride = product(axes.slice(index + 1).map(({ size }) => size))
    const tap = taps.floorDivide(inner).remainder(axis.kernel)
    const first = iota(taps.shape, lead + index)
      .mul(axis.stride)
      .sub(axis.margin)
    return first.add(tap.mul(axis.dilation)).mul(stride)
  })
  return positions.reduce((sum, position) => sum.add(position))
}

/** What `x` is divided by to undo overlaps: how many windows chose the same element. */
export interface UnpoolOptions {
  readonly stride?: PerAxis
  readonly padding?: PerAxis
  /** The sizes of the spatial axes of the result. Default: (size − 1) stride − 2 padding + kernelSize. */
  readonly outputSize?: readonly number[]
}

/**
 * Puts pooled values back where `maxPoolWithIndices` found them, zeros elsewhere. `kernelSize` may be one number for `rank` axes.
 * Where windows overlap and chose one element, it gets the mean of what they bring. Throws ShapeError when the indices are not
 * of the shape of x.
 *
 * @example
 * import { maxUnpool, tensor } from 'cognitron'
 * const options = { kernelSize: 2, rank: 1 } as const
 * console.log(await maxUnpool(tensor([[5, 3]]), tensor([[1, 3]], { dtype: 'int32' }), options).toArray()) // [[0, 5, 0, 3]]
 */
export function maxUnpool(
  x: Tensor,
  indices: Tensor,
  { kernelSize, rank, ...options }: UnpoolOptions & { readonly kernelSize: PerAxis; readonly rank: 1 | 2 | 3 },
): Tensor {
  if (formatShape(x.shape) !== formatShape(indices.shape)) {
    throw new ShapeError(
      `maxUnpool${rank}d needs one index per element, given values ${formatShape(x.shape)} and indices ${formatShape(indices.shape)}.`,
    )
  }
  const kernel = perAxis(kernelSize, rank, 'kernelSize', 1)
  const stride = perAxis(options.stride ?? kernelSize, rank, 'stride', 1)
  const padding = perAxis(options.padding ?? 0, rank, 'padding')
  const lead = x.shape.slice(0, x.rank - rank)
  const spatial = x.shape.slice(lead.length)
  const natural = spatial.map((size, axis) => (size - 1) * at(stride, axis) - 2 * at(padding, axis) + at(kernel, axis))
  const outputSize = options.outputSize ? perAxis(options.outputSize, rank, 'outputSize', 1) : natural
  const rows = [product(lead), product(spatial)]
  const flatIndices = indices.reshape(...rows)
  const spread = (values: Tensor): Tensor =>
    scatterAdd(zeros([product(lead), product(outputSize)]), 1, flatIndices, values)
  const sums = spread(x.reshape(...rows))
  const overlapping = kernel.some((size, axis) => size > at(stride, axis))
  const result = overlapping ? sums.div(spread(zeros(rows).add(1)).clamp(1)) : sums
  return result.reshape(...lead, ...outputSize)
}

function sumPool(x: Tensor, axes: readonly PoolAxis[]): Tensor {
  return new Tensor(makeNode('sumPool', [x.to('float32').node], { window: windowOf(axes) }))
}

/** How many elements of one axis each window averages. */
function averagedCounts({ size, output, kernel, stride, margin }: PoolAxis, includePad: boolean): number[] {
  return range(output).map((position) => {
    const start = position * stride - margin
    const end = Math.min(start + kernel, size + margin)
    return includePad ? end - start : Math.min(end, size) - Math.max(start, 0)
  })
}

function avgPool(x: Tensor, kernelSize: PerAxis, rank: number, options: AvgPoolOptions): Tensor {
  const { countIncludePad = true, divisorOverride } = options
  if (divisorOverride === 0) throw new ArgumentError('divisorOverride cannot be 0.')
  const axes = axesOf(`avgPool${rank}d`, x, kernelSize, rank, options)
  const sums = sumPool(x, axes)
  if (divisorOverride !== undefined) return sums.mul(1 / divisorOverride)
  const counts = axes.map((axis) => averagedCounts(axis, countIncludePad))
  const uniform = counts.every((list) => list.every((count) => count === list[0]))
  if (uniform) return sums.mul(1 / product(counts.map((list) => at(list, 0))))
  return counts.reduce((result, list, index) => {
    const shape = counts.map((_, other) => (other === index ? list.length : 1))
    return result.mul(
      fromTypedArray(
        Float32Array.from(list, (count) => 1 / count),
        shape,
        'float32',
      ),
    )
  }, sums)
}

/**
 * The average of every window: shapes as `maxPool1d`. Throws ShapeError when the window does not fit.
 *
 * @example
 * import { avgPool1d, tensor } from 'cognitron'
 * console.log(await avgPool1d(tensor([[1, 5, 2, 4]]), 2).toArray()) // [[3, 3]]
 */
export function avgPool1d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(x, kernelSize, 1, options)
}

/**
 * As `avgPool1d` over `[..., height, width]`.
 *
 * @example
 * import { avgPool2d, iota } from 'cognitron'
 * console.log(await avgPool2d(iota([16], 0).reshape(1, 1, 4, 4), 2).toArray()) // [[[[2.5, 4.5], [10.5, 12.5]]]]
 */
export function avgPool2d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(x, kernelSize, 2, options)
}

/**
 * As `avgPool1d` over `[..., depth, height, width]`.
 *
 * @example
 * import { avgPool3d, zeros } from 'cognitron'
 * console.log(avgPool3d(zeros([1, 2, 8, 8, 8]), 2).shape) // [1, 2, 4, 4, 4]
 */
export function avgPool3d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(x, kernelSize, 3, options)
}

export interface LpPoolOptions {
  /** The power of the mean. */
  readonly normType: number
  readonly kernelSize: PerAxis
  readonly stride?: PerAxis
  readonly ceilMode?: boolean
}

/**
 * (Σ x^normType)^(1 / normType) over every window of the last `rank` axes; for normType 2 the length of the window's vector. As in
 * PyTorch there is no absolute value in the sum, and a window that reaches over the end (ceil mode) counts its mean for the rest.
 *
 * @throws ArgumentError for a power that is not above 0; ShapeError as `maxPool1d`.
 * @example
 * import { lpPool, tensor } from 'cognitron'
 * console.log(await lpPool(tensor([[3, 4, 6, 8]]), { normType: 2, kernelSize: 2, rank: 1 }).toArray()) // [[5, 10]]
 */
export function lpPool(x: Tensor, options: LpPoolOptions & { readonly rank: 1 | 2 | 3 }): Tensor {
  const { normType, kernelSize, rank } = options
  if (!(normType > 0)) throw new ArgumentError(`lpPool takes a positive power, given ${normType}.`)
  const { stride = kernelSize, ceilMode = false } = options
  const powers = normType === 1 ? x : x.to('float32').pow(normType)
  const taps = product(perAxis(kernelSize, rank, 'kernelSize', 1))
  return rootOf(avgPool(powers, kernelSize, rank, { stride, ceilMode }).mul(taps), normType)
}

/** Where the windows of adaptive pooling begin and end along one axis: ⌊i · n / m⌋ to ⌈(i + 1) · n / m⌉. */
function adaptiveWindows(size: number, output: number): [number, number][] {
  return range(output).map((index) => [Math.floor((index * size) / output), Math.ceil(((index + 1) * size) / output)])
}

/** A wanted output size; null keeps the size of the input. */
export type AdaptiveSize = number | null | readonly (number | null)[]

function adaptiveSizes(
  what: string,
  x: Tensor,
  outputSize: AdaptiveSize,
  rank: number,
): { from: number[]; to: number[] } {
  if (x.rank < rank + 1) {
    throw new ShapeError(
      `${what} takes [batch, channels, ...] with ${rank} spatial axes, given ${formatShape(x.shape)}.`,
    )
  }
  const from = x.shape.slice(x.rank - rank)
  const list = Array.isArray(outputSize) ? outputSize : Array<number | null>(rank).fill(outputSize as number | null)
  const to = perAxis(
    list.map((size, axis) => size ?? from[axis] ?? 0),
    rank,
    'outputSize',
    1,
  )
  return { from, to }
}

/** Windows of equal size side by side, if that is what adaptive pooling comes to. */
function evenKernel(from: readonly number[], to: readonly number[]): number[] | undefined {
  const kernel = from.map((size, axis) => size / at(to, axis))
  return kernel.every(Number.isInteger) ? kernel : undefined
}

function adaptiveAvgPool(x: Tensor, outputSize: AdaptiveSize, rank: number): Tensor {
  const { from, to } = adaptiveSizes(`adaptiveAvgPool${rank}d`, x, outputSize, rank)
  if (to.every((size) => size === 1))
    return x.mean(
      range(rank).map((axis) => axis - rank),
      { keepDim: true },
    )
  const kernel = evenKernel(from, to)
  if (kernel) return avgPool(x, kernel, rank, {})
  return from.reduce((result, size, index) => {
    const axis = x.rank - rank + index
    const output = at(to, index)
    if (size === output) return result
    return result.transpose(axis, -1).matmul(averagingMatrix(size, output)).transpose(axis, -1)
  }, x)
}

/** `[size, output]`: multiplied from the right it averages the windows of one axis. */
function averagingMatrix(size: number, output: number): Tensor {
  const matrix = new Float32Array(size * output)
  adaptiveWindows(size, output).forEach(([start, end], column) => {
    for (let row = start; row < end; row++) matrix[row * output + column] = 1 / (end - start)
  })
  return fromTypedArray(matrix, [size, output], 'float32')
}

/**
 * The average over windows that divide the axis evenly into `outputSize` parts: `[..., length] → [..., outputSize]`.
 *
 * @example
 * import { adaptiveAvgPool1d, tensor } from 'cognitron'
 * console.log(await adaptiveAvgPool1d(tensor([[1, 2, 3, 4, 5]]), 2).toArray()) // [[2, 4]]
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveAvgPool(x, outputSize, 1)
}

/**
 * As `adaptiveAvgPool1d` over `[..., height, width]`; 1 gives global average pooling.
 *
 * @example
 * import { adaptiveAvgPool2d, iota } from 'cognitron'
 * console.log(await adaptiveAvgPool2d(iota([16], 0).reshape(1, 1, 4, 4), 1).toArray()) // [[[[7.5]]]]
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveAvgPool(x, outputSize, 2)
}

/**
 * As `adaptiveAvgPool1d` over `[..., depth, height, width]`.
 *
 * @example
 * import { adaptiveAvgPool3d, zeros } from 'cognitron'
 * console.log(adaptiveAvgPool3d(zeros([1, 2, 7, 7, 7]), [2, 3, null]).shape) // [1, 2, 2, 3, 7]
 */
export function adaptiveAvgPool3d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveAvgPool(x, outputSize, 3)
}

/**
 * Adaptive maximum pooling over the last `rank` axes with the flat position of each maximum; windows as in the average.
 *
 * @example
 * import { adaptiveMaxPoolWithIndices, tensor } from 'cognitron'
 * const [values, indices] = adaptiveMaxPoolWithIndices(tensor([[1, 9, 3, 4, 5]]), 2, { rank: 1 })
 * console.log(await values.toArray(), await indices.toArray()) // [[9, 5]] [[1, 4]]
 */
export function adaptiveMaxPoolWithIndices(
  x: Tensor,
  outputSize: AdaptiveSize,
  { rank }: { readonly rank: 1 | 2 | 3 },
): PoolWithIndices {
  const { from, to } = adaptiveSizes(`adaptiveMaxPool${rank}d`, x, outputSize, rank)
  const kernel = evenKernel(from, to)
  if (kernel) return maxPoolWithIndices(x, kernel, { rank })
  const { table, taps } = windowTable(from, to)
  const lead = x.shape.slice(0, x.rank - rank)
  const [rows, outputs] = [product(lead), product(to)]
  const plane = x.reshape(rows, product(from))
  const positions = fromTypedArray(table, [1, outputs * taps], 'int32').expand(rows, outputs * taps)
  const candidates = new Tensor(makeNode('gather', [plane.node, positions.node], { axis: 1 }))
  const best = candidates.reshape(rows, outputs, taps).argmax(2, { keepDim: true })
  const chosen = new Tensor(
    makeNode('gather', [positions.reshape(rows, outputs, taps).node, best.node], { axis: 2 }),
  ).squeeze(2)
  const values = new Tensor(makeNode('gather', [plane.node, chosen.node], { axis: 1 }))
  return [values.reshape(...lead, ...to), chosen.reshape(...lead, ...to)]
}

/** The flat positions of every window in row-major order; short windows repeat their first one, which changes no maximum. */
function windowTable(from: readonly number[], to: readonly number[]): { table: Int32Array; taps: number } {
  let windows: number[][] = [[0]]
  from.forEach((size, axis) => {
    windows = windows.flatMap((outer) =>
      adaptiveWindows(size, at(to, axis)).map(([start, end]) =>
        outer.flatMap((base) => range(end - start).map((offset) => base * size + start + offset)),
      ),
    )
  })
  const taps = Math.max(...windows.map((window) => window.length))
  const table = windows.flatMap((window) => range(taps).map((tap) => window[tap] ?? at(window, 0)))
  return { table: Int32Array.from(table), taps }
}

/**
 * The maximum over windows that divide the axis evenly into `outputSize` parts: `[..., length] → [..., outputSize]`.
 *
 * @example
 * import { adaptiveMaxPool1d, tensor } from 'cognitron'
 * console.log(await adaptiveMaxPool1d(tensor([[1, 2, 3, 4, 5]]), 2).toArray()) // [[3, 5]]
 */
export function adaptiveMaxPool1d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveMaxPoolWithIndices(x, outputSize, { rank: 1 })[0]
}

/**
 * As `adaptiveMaxPool1d` over `[..., height, width]`.
 *
 * @example
 * import { adaptiveMaxPool2d, iota } from 'cognitron'
 * console.log(await adaptiveMaxPool2d(iota([16], 0).reshape(1, 1, 4, 4), 1).toArray()) // [[[[15]]]]
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveMaxPoolWithIndices(x, outputSize, { rank: 2 })[0]
}

/**
 * As `adaptiveMaxPool1d` over `[..., depth, height, width]`.
 *
 * @example
 * import { adaptiveMaxPool3d, zeros } from 'cognitron'
 * console.log(adaptiveMaxPool3d(zeros([1, 2, 7, 7, 7]), 3).shape) // [1, 2, 3, 3, 3]
 */
export function adaptiveMaxPool3d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveMaxPoolWithIndices(x, outputSize, { rank: 3 })[0]
}
