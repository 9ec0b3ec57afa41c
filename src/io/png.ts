/**
 * Writes PNG pictures without a library: for pages and figures that carry their pictures with them. `encodePng` compresses with the
 * deflate of the platform (`CompressionStream`), which answers later; `encodeStoredPng` answers at once with uncompressed blocks, for
 * small thumbnails. Reading is left to decoders. Source: PNG (ISO 15948), RFC 1950 and RFC 1951.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { crc32 } from './crc32.ts'

/** Eight bits a channel: 1 grey, 3 RGB, 4 RGB and opacity. */
export interface PngPicture {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  /** Row by row, the channels of a pixel together. */
  readonly pixels: Uint8Array
}

const colourTypes = { 1: 0, 3: 2, 4: 6 } as const
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/**
 * A PNG file, compressed.
 *
 * @throws ArgumentError when the number of bytes does not fit the size.
 * @example
 * import { io } from 'cognitron'
 * const file = await io.encodePng({ width: 2, height: 1, channels: 1, pixels: Uint8Array.of(0, 255) })
 * console.log(String.fromCharCode(...file.subarray(1, 4))) // PNG
 */
export async function encodePng(picture: PngPicture): Promise<Uint8Array> {
  const stream = new Blob([filteredRows(picture)]).stream().pipeThrough(new CompressionStream('deflate'))
  return assemble(picture, new Uint8Array(await new Response(stream).arrayBuffer()))
}

/**
 * A PNG file without compression, at once. Throws as `encodePng`.
 *
 * @example
 * import { io } from 'cognitron'
 * const bytes = io.encodeStoredPng({ width: 1, height: 1, channels: 1, pixels: new Uint8Array([255]) })
 * console.log(bytes[1]) // 80
 */
export function encodeStoredPng(picture: PngPicture): Uint8Array {
  checkSize(picture)
  const line = picture.width * picture.channels
  const rows = new Uint8Array(picture.height * (line + 1))
  for (let row = 0; row < picture.height; row++) {
    rows.set(picture.pixels.subarray(row * line, (row + 1) * line), row * (line + 1) + 1)
  }
  return assemble(picture, stored(rows))
}

/**
 * A file as text that pages take in place of an address.
 *
 * @example
 * import { io } from 'cognitron'
 * console.log(io.dataUri(new Uint8Array([1, 2, 3]))) // data:image/png;base64,AQID
 */
export function dataUri(bytes: Uint8Array, type = 'image/png'): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096))
  }
  return `data:${type};base64,${btoa(text)}`
}

function checkSize({ width, height, channels, pixels }: PngPicture): void {
  if (width >= 1 && height >= 1 && pixels.length === width * height * channels) return
  throw new ArgumentError(`a picture of ${width} × ${height} × ${channels} has not ${pixels.length} bytes.`)
}

/** Rows with the filter that leaves the smallest numbers: none, left, up or Paeth's. */
function filteredRows(picture: PngPicture): Uint8Array<ArrayBuffer> {
  checkSize(picture)
  const { height, channels, pixels } = picture
  const line = picture.width * channels
  const rows = new Uint8Array(height * (line + 1))
  const trial = new Uint8Array(line)
  for (let row = 0; row < height; row++) {
    let least = Number.POSITIVE_INFINITY
    for (const filter of [0, 1, 2, 4] as const) {
      let size = 0
      for (let i = 0; i < line; i++) {
        const place = row * line + i
        const left = i >= channels ? (pixels[place - channels] as number) : 0
        const up = row > 0 ? (pixels[place - line] as number) : 0
        const corner = i >= channels && row > 0 ? (pixels[place - line - channels] as number) : 0
        const value = ((pixels[place] as number) - predicted(filter, left, up, corner)) & 255
        trial[i] = value
        size += value < 128 ? value : 256 - value
      }
      if (size >= least) continue
      least = size
      rows[row * (line + 1)] = filter
      rows.set(trial, row * (line + 1) + 1)
    }
  }
  return rows
}

function predicted(filter: 0 | 1 | 2 | 4, left: number, up: number, corner: number): number {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return up
  const estimate = left + up - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function assemble({ width, height, channels }: PngPicture, data: Uint8Array): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, colourTypes[channels], 0, 0, 0], 8)
  return joined([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))])
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
  let [a, b] = [1, 0]
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
  for (let index = 0; index < parts.length; index++) {
    bytes.set(at(parts, index), offset)
    offset += at(parts, index).length
  }
  return bytes
}
