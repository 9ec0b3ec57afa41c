/**
 * Turns the bytes of a PNG or JPEG file into upright pixels. Which format it is says the content, not the name. Every fault (another
 * format, a truncated or damaged file) is one FormatError that names the file.
 */
import { readFile } from 'node:fs/promises'
import { FormatError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import type { Raster } from '../../data/image/raster.ts'
import { decodeJpeg } from './jpeg.ts'
import { decodePng } from './png.ts'

/** Pictures with more pixels than this are refused before their memory is taken. */
const MOST_PIXELS = 200_000_000

/** Decodes the file at `path`. */
export async function readImageFile(path: string): Promise<Raster> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(error, 'read', path)
  })
  return decodeImage(bytes, path)
}

/** Decodes `bytes`; `name` is for the message of an error. */
export function decodeImage(bytes: Uint8Array, name: string): Raster {
  return readableFormat(bytes, name) === 'PNG'
    ? decodePng(bytes, name, MOST_PIXELS)
    : decodeJpeg(bytes, name, MOST_PIXELS)
}

/** The format that the first 16 bytes of a file tell. Throws FormatError, with `name`, for anything that is not read. */
export function readableFormat(bytes: Uint8Array, name: string): 'PNG' | 'JPEG' {
  const format = formatOf(bytes)
  if (format === 'PNG' || format === 'JPEG') return format
  const found = bytes.length === 0 ? 'the file is empty' : `this is ${format ?? 'no picture in a known format'}`
  throw new FormatError(`${name}: ${found}; pictures are read as PNG or JPEG.`)
}

const signatures: readonly (readonly [format: string, offset: number, bytes: string])[] = [
  ['PNG', 0, '\x89PNG'],
  ['JPEG', 0, '\xff\xd8'],
  ['a GIF', 0, 'GIF8'],
  ['a BMP', 0, 'BM'],
  ['a TIFF', 0, 'II*\0'],
  ['a TIFF', 0, 'MM\0*'],
  ['a WebP', 8, 'WEBP'],
  ['an AVIF', 4, 'ftypavif'],
  ['a HEIC', 4, 'ftyphe'],
  ['a HEIC', 4, 'ftypmif1'],
  ['a gzip file', 0, '\x1f\x8b'],
]

function formatOf(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16))
  return signatures.find(([, offset, signature]) => head.startsWith(signature, offset))?.[0]
}
