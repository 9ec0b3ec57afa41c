/**
 * The one shape of every explanation: a map over the input that says how much each place matters. Methods make it; drawing, curves
 * and checks take it, whatever the method. It is plain data, so that it can be stored and sent.
 */
import { at, product } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'

/** What is explained: one unit of the output, or of a layer. */
export interface ExplainedUnit {
  /** The path of the layer; '' for the output of the model. */
  readonly layer: string
  /** The class, or the channel of the layer. */
  readonly channel: number
  /** The place within the channel; absent for all of them (their mean) and where there are none. */
  readonly place?: readonly number[] | undefined
}

/** How much each place of an input matters to one unit. */
export interface Attribution {
  /** Such as 'saliency' or 'grad-cam'. */
  readonly method: string
  /** One number for each place, row by row: `[height, width]`. */
  readonly map: Float32Array
  readonly width: number
  readonly height: number
  /** True where negative numbers speak against the unit; false where all are strengths of 0 and more. */
  readonly signed: boolean
  /** One number for each element of the input, where the method gives it: `shape`. */
  readonly values?: Float32Array | undefined
  /** The shape of the explained input, such as `[3, 224, 224]`. */
  readonly shape: readonly number[]
  readonly unit: ExplainedUnit
  /** The value of the unit for this input. */
  readonly score: number
  /** Where values should sum to a known number: how well they do. */
  readonly completeness?: Completeness | undefined
}

/** The values of a complete method sum to f(input) − f(baseline). */
export interface Completeness {
  readonly sum: number
  readonly expected: number
  /** |sum − expected| */
  readonly error: number
}

/** Channels, rows and columns of an input; a row of features counts as one line. */
export interface Extent {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** The extent of inputs of a shape without batch axis. Throws ShapeError for shapes that are no pictures or rows. */
export function extentOf(shape: readonly number[]): Extent {
  if (shape.length === 1) return { channels: 1, height: 1, width: at(shape, 0) }
  if (shape.length === 2) return { channels: at(shape, 0), height: 1, width: at(shape, 1) }
  if (shape.length === 3) return { channels: at(shape, 0), height: at(shape, 1), width: at(shape, 2) }
  throw new ShapeError(
    `a map is drawn over inputs [channels, height, width] or [features], given ${formatShape(shape)}.`,
  )
}

/** How the channels of each place become one number. */
export type ChannelRule = 'max-abs' | 'sum'

/** One number for each place out of one for each element `[channels, height, width]`. */
export function overChannels(values: Float32Array, shape: readonly number[], rule: ChannelRule): Float32Array {
  const { channels, height, width } = extentOf(shape)
  const size = height * width
  const map = new Float32Array(size)
  for (let channel = 0; channel < channels; channel++) {
    for (let place = 0; place < size; place++) {
      const value = values[channel * size + place] as number
      map[place] = rule === 'sum' ? (map[place] as number) + value : Math.max(map[place] as number, Math.abs(value))
    }
  }
  return map
}

/**
 * The share of a map's strength that lies inside a mask, and how many times more that is than the share of the area: 1 is what
 * chance gives. Only strengths in favour count unless `both` is set.
 *
 * @throws ShapeError when the mask has another size than the map.
 * @example
 * import { explain } from 'cognitron'
 * const found = explain.energyInside({ map: Float32Array.of(3, 1, 0, 0) }, [1, 0, 0, 0])
 * console.log(found.share, found.factor) // 0.75 3
 */
export function energyInside(
  attribution: Pick<Attribution, 'map'>,
  mask: ArrayLike<number>,
  options: { readonly both?: boolean } = {},
): { share: number; area: number; factor: number } {
  const { map } = attribution
  if (mask.length !== map.length) {
    throw new ShapeError(`a mask for a map of ${map.length} places needs as many numbers, given ${mask.length}.`)
  }
  let inside = 0
  let total = 0
  let places = 0
  for (let i = 0; i < map.length; i++) {
    const value = map[i] as number
    const energy = options.both ? Math.abs(value) : Math.max(value, 0)
    total += energy
    if (!mask[i]) continue
    inside += energy
    places += 1
  }
  const share = total > 0 ? inside / total : 0
  const area = places / map.length
  return { share, area, factor: share / area }
}

/**
 * The place of the largest value: the pointing game asks whether it lies inside an object.
 *
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.strongestPlace({ map: new Float32Array([1, 5, 2, 3]), width: 2 })) // row 0, column 1
 */
export function strongestPlace(attribution: Pick<Attribution, 'map' | 'width'>): { row: number; column: number } {
  const { map, width } = attribution
  let best = 0
  for (let i = 1; i < map.length; i++) if ((map[i] as number) > (map[best] as number)) best = i
  return { row: Math.floor(best / width), column: best % width }
}

/** Throws ArgumentError unless `attribution` belongs to inputs of `shape`. */
export function checkBelongs(attribution: Attribution, shape: readonly number[]): void {
  const { height, width } = extentOf(shape)
  if (
    attribution.height === height &&
    attribution.width === width &&
    attribution.map.length === product([height, width])
  )
    return
  throw new ArgumentError(
    `this map of ${attribution.width} × ${attribution.height} places does not belong to an input of shape ${formatShape(shape)}.`,
  )
}
