/**
 * Reads PNG files through pngjs and reduces what the format allows (1 to 16 bits, palettes, transparency) to 8-bit grey or RGB.
 * Transparent pixels are laid on white. The chunks (PNG specification, section 5) are walked first, for EXIF and for files that stop
 * in the middle.
 */
import { PNG } from 'pngjs'
import { FormatError } from '../../base/errors.ts'
import type { Raster } from '../../data/image/raster.ts'
import { turnUpright } from '../../data/image/upright.ts'
import { readOrientation } from './exif.ts'

interface PngStructure {
  readonly width: number
  readonly height: number
  /** Whether colours are grey levels, with or without opacity. */
  readonly grey: boolean
  readonly orientation: number
  /** Whether the closing chunk was found. */
  readonly complete: boolean
}

export function decodePng(bytes: Uint8Array, name: string, mostPixels: number): Raster {
  const { width, height, grey, orientation, complete } = readStructure(bytes)
  if (!complete) throw new FormatError(`${name}: the PNG stops in the middle; copy or download it again.`)
  if (width * height > mostPixels) {
    throw new FormatError(
      `${name}: ${width} × ${height} pixels are more than are read at once; make the picture smaller.`,
    )
  }
  const pixels = onWhite(decodeRgba(bytes, name), grey ? 1 : 3)
  return turnUpright({ width, height, channels: grey ? 1 : 3, pixels }, orientation)
}

function decodeRgba(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { checkCRC: true }).data
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatError(`${name}: the PNG is damaged (${reason}); copy or download it again.`, { cause: error })
  }
}

function readStructure(bytes: Uint8Array): PngStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let [width, height, orientation, grey] = [0, 0, 1, false]
  for (let position = 8; position + 12 <= bytes.length; ) {
    const length = view.getUint32(position)
    const type = String.fromCharCode(...bytes.subarray(position + 4, position + 8))
    const end = position + 12 + length
    if (end > bytes.length) break
    if (type === 'IHDR' && length >= 13) {
      width = view.getUint32(position + 8)
      height = view.getUint32(position + 12)
      const colourType = view.getUint8(position + 17)
      grey = colourType === 0 || colourType === 4
    }
    if (type === 'eXIf') orientation = readOrientation(bytes.subarray(position + 8, end - 4))
    if (type === 'IEND') return { width, height, grey, orientation, complete: width > 0 }
    position = end
  }
  return { width, height, grey, orientation, complete: false }
}

/** Lays RGBA pixels on white and keeps the first `channels` of each. */
function onWhite(rgba: Uint8Array, channels: 1 | 3): Uint8Array {
  const pixels = new Uint8Array((rgba.length / 4) * channels)
  for (let pixel = 0; pixel * 4 < rgba.length; pixel++) {
    const opacity = rgba[pixel * 4 + 3] as number
    for (let channel = 0; channel < channels; channel++) {
      const value = rgba[pixel * 4 + channel] as number
      pixels[pixel * channels + channel] = opacity === 255 ? value : Math.round(255 + ((value - 255) * opacity) / 255)
    }
  }
  return pixels
}
