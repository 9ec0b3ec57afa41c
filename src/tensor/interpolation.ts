/**
 * Resizing of the spatial axes of `[batch, channels, ...spatial]`: nearest, linear (bilinear, trilinear), bicubic, area. Every mode
 * is separable: one axis after the other is a weighted sum of picked elements. Coordinates and edges follow PyTorch.
 * Source of the cubic kernel: Keys (1981) with a = −0.75.
 */
import { at, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { indexSelect } from './indexing.ts'
import { type PerAxis, perAxis } from './per-axis.ts'
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './pooling.ts'
import { fromTypedArray, type Tensor } from './tensor.ts'

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area'

export interface InterpolateOptions {
  /** The wanted sizes of the spatial axes; either this or `scaleFactor`. */
  readonly size?: PerAxis
  readonly scaleFactor?: number | readonly number[]
  /** Default 'nearest'. */
  readonly mode?: InterpolationMode
  /** Whether the centres of the corner elements stay where they are; linear and cubic modes only. Default false. */
  readonly alignCorners?: boolean
}

/** One summand of a resized axis: for every output position an input position and a weight. */
export interface AxisTap {
  readonly positions: Int32Array
  readonly weights: Float32Array
}

interface Axis {
  readonly size: number
  readonly output: number
  /** Input elements per output element. */
  readonly ratio: number
}

const spatialRankOf = { linear: 1, bilinear: 2, trilinear: 3, bicubic: 2 } as const

/**
 * `[batch, channels, ...spatial]` with other spatial sizes. Throws ArgumentError unless exactly one of `size` and `scaleFactor` is
 * given, ShapeError when the mode does not suit the number of axes.
 *
 * @example
 * import { interpolate, tensor } from 'cognitron'
 * const wide = interpolate(tensor([[[1, 3]]]), { size: 4, mode: 'linear' })
 * console.log(await wide.toArray()) // [[[1, 1.5, 2.5, 3]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', alignCorners = false } = options
  const rank = x.rank - 2
  if (rank < 1 || rank > 3 || (mode in spatialRankOf && spatialRankOf[mode as 'linear'] !== rank)) {
    throw new ShapeError(
      `interpolation '${mode}' does not resize a tensor of shape ${formatShape(x.shape)}; use 'linear' for [batch, channels, ` +
        "length], 'bilinear' or 'bicubic' for [batch, channels, height, width], 'trilinear' for three spatial axes.",
    )
  }
  const axes = axesOf(x, rank, options)
  if (mode === 'area') {
    const pool = at([adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d], rank - 1)
    return pool(
      x,
      axes.map(({ output }) => output),
    )
  }
  return axes.reduce((result, axis, index) => {
    if (mode === 'nearest' || mode === 'nearest-exact') {
      return nearest(result, index + 2, axis, mode === 'nearest' ? 0 : 0.5)
    }
    if (axis.size === axis.output && axis.ratio === 1) return result
    const taps = mode === 'bicubic' ? cubicTaps(axis, alignCorners) : linearTaps(axis, alignCorners)
    return weightedSum(result, index + 2, taps)
  }, x.to('float32'))
}

function axesOf(x: Tensor, rank: number, { size, scaleFactor }: InterpolateOptions): Axis[] {
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new ArgumentError('interpolate takes either size or scaleFactor; give exactly one of them.')
  }
  const from = x.shape.slice(2)
  if (size !== undefined) {
    return perAxis(size, rank, 'size', 1).map((output, axis) => ({
      size: at(from, axis),
      output,
      ratio: at(from, axis) / output,
    }))
  }
  const factors = typeof scaleFactor === 'number' ? Array<number>(rank).fill(scaleFactor) : (scaleFactor ?? [])
  if (factors.length !== rank || factors.some((factor) => !(factor > 0))) {
    throw new ArgumentError(
      `scaleFactor is a positive number or ${rank} of them, given ${JSON.stringify(scaleFactor)}.`,
    )
  }
  return factors.map((factor, axis) => {
    const output = Math.floor(at(from, axis) * factor)
    if (output < 1) {
      throw new ShapeError(`scaleFactor ${factor} leaves nothing of an axis of ${at(from, axis)} elements.`)
    }
    return { size: at(from, axis), output, ratio: 1 / factor }
  })
}

function nearest(x: Tensor, axis: number, { size, output, ratio }: Axis, offset: number): Tensor {
  if (size === output && ratio === 1) return x
  if (output % size === 0 && ratio === size / output) {
    const repeated = x.unsqueeze(axis + 1).expand(...x.shape.toSpliced(axis + 1, 0, output / size))
    return repeated.reshape(...x.shape.with(axis, output))
  }
  const positions = range(output).map((index) => Math.min(size - 1, Math.floor((index + offset) * ratio)))
  return indexSelect(x, axis, positions)
}

/** The coordinate in the input of every output position. */
function coordinates({ size, output, ratio }: Axis, alignCorners: boolean): number[] {
  const step = output > 1 ? (size - 1) / (output - 1) : 0
  return range(output).map((index) => (alignCorners ? index * step : (index + 0.5) * ratio - 0.5))
}

function linearTaps(axis: Axis, alignCorners: boolean): AxisTap[] {
  const last = axis.size - 1
  const places = coordinates(axis, alignCorners).map((place) => Math.max(0, place))
  const low = places.map((place) => Math.min(last, Math.floor(place)))
  const rest = places.map((place, index) => Math.min(1, place - at(low, index)))
  return [
    { positions: Int32Array.from(low), weights: Float32Array.from(rest, (part) => 1 - part) },
    { positions: Int32Array.from(low, (index) => Math.min(last, index + 1)), weights: Float32Array.from(rest) },
  ]
}

function cubicTaps(axis: Axis, alignCorners: boolean): AxisTap[] {
  const places = coordinates(axis, alignCorners)
  return range(4).map((tap) => ({
    positions: Int32Array.from(places, (place) => Math.min(axis.size - 1, Math.max(0, Math.floor(place) + tap - 1))),
    weights: Float32Array.from(places, (place) => cubicWeight(place - Math.floor(place) - (tap - 1))),
  }))
}

function cubicWeight(distance: number): number {
  const a = -0.75
  const d = Math.abs(distance)
  return d <= 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * (d ** 3 - 5 * d ** 2 + 8 * d - 4)
}

/** The sum over `taps` of the elements that they pick along `axis`, each by its weight. */
export function weightedSum(x: Tensor, axis: number, taps: readonly AxisTap[]): Tensor {
  const along = x.shape.map((_, index) => (index === axis ? -1 : 1))
  const parts = taps.map(({ positions, weights }) =>
    indexSelect(x, axis, positions).mul(fromTypedArray(weights, [weights.length], 'float32').reshape(...along)),
  )
  return parts.reduce((sum, part) => sum.add(part))
}

/**
 * Moves channels into space: `[batch, c · r², h, w] → [batch, c, h · r, w · r]`. Throws ShapeError when r² does not divide the
 * channels. Source: Shi et al. (2016).
 *
 * @example
 * import { pixelShuffle, zeros } from 'cognitron'
 * console.log(pixelShuffle(zeros([1, 12, 5, 5]), 2).shape) // [1, 3, 10, 10]
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape
  if (x.rank !== 4 || channels % factor ** 2 !== 0) {
    throw new ShapeError(
      `pixelShuffle by ${factor} takes [batch, k · ${factor ** 2}, height, width], given shape ${formatShape(x.shape)}.`,
    )
  }
  const out = channels / factor ** 2
  return x
    .reshape(batch, out, factor, factor, height, width)
    .permute(0, 1, 4, 2, 5, 3)
    .reshape(batch, out, height * factor, width * factor)
}

/**
 * The inverse of `pixelShuffle`: `[batch, c, h · r, w · r] → [batch, c · r², h, w]`.
 *
 * @throws ShapeError when the factor does not divide height and width.
 * @example
 * import { pixelUnshuffle, zeros } from 'cognitron'
 * console.log(pixelUnshuffle(zeros([1, 3, 10, 10]), 2).shape) // [1, 12, 5, 5]
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape
  if (x.rank !== 4 || height % factor !== 0 || width % factor !== 0) {
    throw new ShapeError(
      `pixelUnshuffle by ${factor} takes [batch, channels, height, width] with sizes that ${factor} divides, given ` +
        `${formatShape(x.shape)}.`,
    )
  }
  return x
    .reshape(batch, channels, height / factor, factor, width / factor, factor)
    .permute(0, 1, 3, 5, 2, 4)
    .reshape(batch, channels * factor ** 2, height / factor, width / factor)
}
