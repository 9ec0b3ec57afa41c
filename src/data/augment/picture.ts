/**
 * What augmentations work on: a picture as float planes, or the mask that belongs to one. Geometry moves both alike, masks by the
 * nearest pixel; colour, blur and noise leave masks as they are.
 */
import type { RandomSequence } from '../../random/threefry.ts'

export interface Picture {
  /** Planes, `[channels, height, width]`; values of pictures usually 0 to 1. */
  readonly data: Float32Array
  readonly channels: number
  readonly height: number
  readonly width: number
  /** A mask holds class numbers and is never interpolated. */
  readonly kind: 'picture' | 'mask'
  /** What comes in from outside the border of a mask. */
  readonly maskFill?: number
}

/** A random change of a picture; it draws the same numbers for a picture and its mask. */
export type Augmentation = (picture: Picture, random: RandomSequence) => Picture

/** A number drawn evenly from `low` to `high`. */
export function between(random: RandomSequence, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** Applies a change to pictures and leaves masks alone. */
export function picturesOnly(change: Augmentation): Augmentation {
  return (picture, random) => (picture.kind === 'mask' ? picture : change(picture, random))
}

/** Where an output pixel's centre lies in the input, in pixels from the corner; written to `place`. */
export type PixelMap = (x: number, y: number, place: { x: number; y: number }) => void

/**
 * A picture of the same size whose pixels come from elsewhere: pictures bilinearly, masks from the nearest pixel. What lies
 * outside is `fill`.
 *
 * @example
 * import { data } from 'cognitron'
 * const picture = { data: new Float32Array([1, 2, 3]), channels: 1, kind: 'picture' as const, height: 1, width: 3 }
 * const left: data.PixelMap = (x, y, place) => Object.assign(place, { x: x + 1, y })
 * console.log([...data.warp(picture, left).data]) // [2, 3, 0]
 */
export function warp(picture: Picture, map: PixelMap, fill = 0): Picture {
  const { height, width } = picture
  const data = new Float32Array(picture.data.length)
  const outside = picture.kind === 'mask' ? (picture.maskFill ?? 0) : fill
  const sample = picture.kind === 'mask' ? nearest : bilinear
  const place = { x: 0, y: 0 }
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      map(column + 0.5, row + 0.5, place)
      for (let channel = 0; channel < picture.channels; channel++) {
        data[(channel * height + row) * width + column] = sample(picture, channel, place.x, place.y, outside)
      }
    }
  }
  return { ...picture, data }
}

function pixelAt(picture: Picture, channel: number, column: number, row: number, outside: number): number {
  if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) return outside
  return picture.data[(channel * picture.height + row) * picture.width + column] as number
}

function nearest(picture: Picture, channel: number, x: number, y: number, outside: number): number {
  return pixelAt(picture, channel, Math.floor(x), Math.floor(y), outside)
}

function bilinear(picture: Picture, channel: number, x: number, y: number, outside: number): number {
  const left = Math.floor(x - 0.5)
  const top = Math.floor(y - 0.5)
  const right = x - 0.5 - left
  const down = y - 0.5 - top
  const upper =
    (1 - right) * pixelAt(picture, channel, left, top, outside) +
    (right > 0 ? right * pixelAt(picture, channel, left + 1, top, outside) : 0)
  if (down === 0) return upper
  const lower =
    (1 - right) * pixelAt(picture, channel, left, top + 1, outside) +
    (right > 0 ? right * pixelAt(picture, channel, left + 1, top + 1, outside) : 0)
  return (1 - down) * upper + down * lower
}
