/**
 * Samples of a data set as pictures in a page: PNG data URIs, uncompressed, which is small enough for the few thumbnails of a report.
 */
import { at } from '../../base/arrays.ts'
import { dataUri, encodeStoredPng } from '../../io/png.ts'

/** Longer pictures are thinned out. */
const MOST_PIXELS = 96

/** Channels first: `[1, height, width]`, `[3, height, width]` or `[height, width]`. */
export function isPicture(shape: readonly number[]): boolean {
  if (shape.length === 2) return at(shape, 0) > 3 && at(shape, 1) > 3
  return shape.length === 3 && (shape[0] === 1 || shape[0] === 3)
}

/**
 * A sample as a data URI. Values from 0 to 1 are taken as they are; others, such as standardised ones, are stretched from the smallest to the
 * largest. Bytes are taken as they are.
 */
export function pictureUri(values: ArrayLike<number>, shape: readonly number[]): string {
  const [planes, rowCount, columns] = shape.length === 2 ? [1, ...shape] : shape
  const picture = { channels: planes as number, height: rowCount as number, width: columns as number }
  const step = Math.ceil(Math.max(picture.height, picture.width) / MOST_PIXELS)
  const { offset, scale } = range(values)
  const rows: number[] = []
  for (let y = 0; y < picture.height; y += step) {
    for (let x = 0; x < picture.width; x += step) {
      for (let c = 0; c < picture.channels; c++) {
        const value = values[(c * picture.height + y) * picture.width + x] as number
        rows.push(Math.max(0, Math.min(255, Math.round((value - offset) * scale))))
      }
    }
  }
  const size = (length: number): number => Math.ceil(length / step)
  const channels = picture.channels === 3 ? 3 : 1
  const [width, height] = [size(picture.width), size(picture.height)]
  return dataUri(encodeStoredPng({ width, height, channels, pixels: Uint8Array.from(rows) }))
}

function range(values: ArrayLike<number>): { offset: number; scale: number } {
  if (values instanceof Uint8Array) return { offset: 0, scale: 1 }
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i] as number)
    high = Math.max(high, values[i] as number)
  }
  if (low >= 0 && high <= 1) return { offset: 0, scale: 255 }
  return { offset: low, scale: high > low ? 255 / (high - low) : 0 }
}
