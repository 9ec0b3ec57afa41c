/**
 * Samples of a data set as pictures in a page: PNG data URIs, made without a library. The pixels are stored uncompressed (deflate's stored
 * blocks), which is small enough for the few thumbnails of a report. Source: PNG (ISO 15948), RFC 1950 and RFC 1951.
 */
import { at } from '../../base/arrays.ts'
import { crc32 } from '../../io/crc32.ts'

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
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape
  const picture = { channels: channels as number, height: height as number, width: width as number }
  const step = Math.ceil(Math.max(picture.height, picture.width) / MOST_PIXELS)
  const { offset, scale } = range(values)
  const rows: number[] = []
  for (let y = 0; y < picture.height; y += step) {
    rows.push(0)
    for (let x = 0; x < picture.width; x += step) {
      for (let c = 0; c < picture.channels; c++) {
        const value = values[(c * picture.height + y) * picture.width + x] as number
        rows.push(Math.max(0, Math.min(255, Math.round((value - offset) * scale))))
      }
    }
  }
  const size = (length: number): number => Math.ceil(length / step)
  const bytes = png(Uint8Array.from(rows), size(picture.width), size(picture.height), picture.channels)
  return `data:image/png;base64,${base64(bytes)}`
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

/** `rows`: for each line a filter byte of 0 and its samples. */
function png(rows: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, channels === 3 ? 2 : 0, 0, 0, 0], 8)
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return joined([signature, chunk('IHDR', header), chunk('IDAT', stored(rows)), chunk('IEND', new Uint8Array(0))])
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)))
  return bytes
}

/** A zlib stream of stored blocks. */
function stored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)]
  for (let start = 0; start < data.length || start === 0; start += 65535) {
    const block = data.subarray(start, start + 65535)
    const last = start + 65535 >= data.length ? 1 : 0
    const size = block.length
    parts.push(Uint8Array.of(last, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255), block)
  }
  let a = 1
  let b = 0
  for (const byte of data) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  parts.push(Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255))
  return joined(parts)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096))
  }
  return btoa(text)
}
