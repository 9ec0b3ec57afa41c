/**
 * Resizes pictures with a triangle filter whose width grows with the reduction, so that every source pixel counts (no aliasing).
 * Enlarging is bilinear interpolation. The same method as Pillow's BILINEAR and PyTorch's `interpolate(…, antialias=True)`,
 * without rounding between the two passes.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { cropToProportions, type Raster, toPlanes, withChannels } from './raster.ts'

/** What one output position takes from the input: weights of `first`, `first + 1`, …; they sum to 1. */
interface Taps {
  readonly first: number
  readonly weights: Float32Array
}

/** What a network takes: `[channels, height, width]`. */
export interface InputSize {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
}

/**
 * Planes `[channels, height, width]` → `[channels, toHeight, toWidth]`.
 *
 * @throws ArgumentError when a size is not a whole number of at least 1 or the number of values does not fit.
 * @example
 * import { data } from 'cognitron'
 * console.log([...data.resizePlanes(new Float32Array([0, 2, 4, 6]), [1, 1, 4], [1, 2])]) // the halves, smoothed
 */
export function resizePlanes(
  planes: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  [toHeight, toWidth]: readonly [number, number],
): Float32Array {
  for (const size of [channels, height, width, toHeight, toWidth]) {
    if (!Number.isInteger(size) || size < 1) {
      throw new ArgumentError(`the sizes of a picture are whole numbers of at least 1, given ${size}.`)
    }
  }
  if (planes.length !== channels * height * width) {
    throw new ArgumentError(`a picture [${channels}, ${height}, ${width}] has not ${planes.length} values.`)
  }
  if (height === toHeight && width === toWidth) return planes.slice()
  const narrow = resampleRows(planes, channels * height, width, filterTaps(width, toWidth))
  return resampleColumns(narrow, channels, height, toWidth, filterTaps(height, toHeight))
}

/**
 * A picture as the input of a network: values 0 to 1, grey or RGB as wanted. `cover` keeps the proportions and cuts off what stands
 * over at two sides; `stretch` keeps everything and changes the proportions.
 *
 * @example
 * import { data } from 'cognitron'
 * const picture = { width: 4, height: 2, channels: 1, pixels: new Uint8Array(8).fill(255) } as const
 * console.log([...data.toInput(picture, { channels: 1, height: 2, width: 2 })]) // [1, 1, 1, 1]
 */
export function toInput(raster: Raster, size: InputSize, fit: 'cover' | 'stretch' = 'cover'): Float32Array {
  const cut = fit === 'cover' ? cropToProportions(raster, size.width, size.height) : raster
  const wanted = withChannels(cut, size.channels)
  const planes = resizePlanes(toPlanes(wanted), [size.channels, wanted.height, wanted.width], [size.height, size.width])
  return planes.map((value) => value / 255)
}

/**
 * A picture of other sizes, rounded to eight bits after each of the two passes as Pillow does with its pictures: what networks were
 * trained on that read their data through Pillow.
 *
 * @throws ArgumentError when a size is not a whole number of at least 1.
 * @example
 * import { data } from 'cognitron'
 * const picture = { width: 4, height: 4, channels: 1, pixels: new Uint8Array(16).fill(9) } as const
 * console.log([...data.resizeRaster(picture, [2, 2]).pixels]) // [9, 9, 9, 9]
 */
export function resizeRaster(raster: Raster, [toHeight, toWidth]: readonly [number, number]): Raster {
  const { channels, height, width } = raster
  const narrow = rounded(resizePlanes(toPlanes(raster), [channels, height, width], [height, toWidth]))
  const planes = rounded(resizePlanes(narrow, [channels, height, toWidth], [toHeight, toWidth]))
  const size = toHeight * toWidth
  const pixels = Uint8Array.from({ length: planes.length }, (_, index) => {
    return planes[(index % channels) * size + Math.floor(index / channels)] as number
  })
  return { width: toWidth, height: toHeight, channels, pixels }
}

/** Whole numbers, halves upwards; weighted means of bytes stay within them. */
function rounded(planes: Float32Array): Float32Array {
  return planes.map((value) => Math.floor(value + 0.5))
}

/** The taps of every output position: a triangle around its centre, as wide as the reduction, cut off at the border. */
function filterTaps(from: number, to: number): Taps[] {
  const scale = from / to
  const reach = Math.max(scale, 1)
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - reach + 0.5))
    const last = Math.min(from, Math.floor(centre + reach + 0.5))
    const weights = Array.from({ length: last - first }, (_unused, index) =>
      Math.max(0, 1 - Math.abs(first + index + 0.5 - centre) / reach),
    )
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { first, weights: Float32Array.from(weights, (weight) => weight / sum) }
  })
}

/** `[rows, width]` → `[rows, taps]`. */
function resampleRows(values: Float32Array, rows: number, width: number, taps: readonly Taps[]): Float32Array {
  const result = new Float32Array(rows * taps.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < taps.length; column++) {
      const { first, weights } = at(taps, column)
      let sum = 0
      for (let tap = 0; tap < weights.length; tap++) {
        sum += (weights[tap] as number) * (values[row * width + first + tap] as number)
      }
      result[row * taps.length + column] = sum
    }
  }
  return result
}

/** `[planes, height, width]` → `[planes, taps, width]`, whole rows at a time. */
function resampleColumns(
  values: Float32Array,
  planes: number,
  height: number,
  width: number,
  taps: readonly Taps[],
): Float32Array {
  const result = new Float32Array(planes * taps.length * width)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < taps.length; row++) {
      const { first, weights } = at(taps, row)
      const target = (plane * taps.length + row) * width
      for (let tap = 0; tap < weights.length; tap++) {
        const source = (plane * height + first + tap) * width
        const weight = weights[tap] as number
        for (let column = 0; column < width; column++) {
          result[target + column] = (result[target + column] as number) + weight * (values[source + column] as number)
        }
      }
    }
  }
  return result
}
