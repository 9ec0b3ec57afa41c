/**
 * Reads JPEG files: grey and YCbCr ones through libjpeg, CMYK through jpeg-js. The decoders neither notice a file that stops in the middle nor
 * look at EXIF, so the structure of the file (ITU-T T.81, annex B) is walked here first.
 */
import { decode } from 'jpeg-js'
import { at } from '../../base/arrays.ts'
import { FormatError } from '../../base/errors.ts'
import type { Raster } from '../../data/image/raster.ts'
import { turnUpright } from '../../data/image/upright.ts'
import { readOrientation } from './exif.ts'
import { decodeWithLibjpeg } from './libjpeg.ts'

interface JpegStructure {
  readonly width: number
  readonly height: number
  readonly components: number
  readonly orientation: number
  /** Whether the marker of the end was found. */
  readonly complete: boolean
}

const START_OF_IMAGE = 0xd8
const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda
const APPLICATION_1 = 0xe1
const MEMORY_MIB = 4096

export function decodeJpeg(bytes: Uint8Array, name: string, mostPixels: number): Raster {
  const { width, height, components, orientation, complete } = readStructure(bytes)
  if (!complete) throw new FormatError(`${name}: the JPEG stops in the middle; copy or download it again.`)
  if (width * height > mostPixels) {
    throw new FormatError(
      `${name}: ${width} × ${height} pixels are more than are read at once; make the picture smaller.`,
    )
  }
  const decoded = decodeRgb(bytes, components, name, mostPixels)
  const raster: Raster =
    components === 1
      ? { width, height, channels: 1, pixels: decoded.filter((_, index) => index % 3 === 0) }
      : { width, height, channels: 3, pixels: decoded }
  return turnUpright(raster, orientation)
}

function decodeRgb(bytes: Uint8Array, components: number, name: string, mostPixels: number): Uint8Array {
  try {
    if (components !== 4) return decodeWithLibjpeg(bytes)
    return decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: mostPixels / 1e6,
      maxMemoryUsageInMB: MEMORY_MIB,
    }).data
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatError(`${name}: the JPEG is damaged (${reason}); copy or download it again.`, { cause: error })
  }
}

function readStructure(bytes: Uint8Array): JpegStructure {
  const found = { width: 0, height: 0, components: 0, orientation: 1, complete: false }
  for (let position = 0; position + 1 < bytes.length; ) {
    const marker = bytes[position + 1] as number
    if (bytes[position] !== 0xff || marker === 0xff || isInsideScan(marker)) position += 1
    else if (marker === END_OF_IMAGE) return { ...found, complete: found.width > 0 }
    else if (marker === START_OF_IMAGE) position += 2
    else {
      if (position + 4 > bytes.length) break
      const length = at(bytes, position + 2) * 256 + at(bytes, position + 3)
      const body = bytes.subarray(position + 4, position + 2 + length)
      if (isFrame(marker) && body.length >= 6) {
        found.height = at(body, 1) * 256 + at(body, 2)
        found.width = at(body, 3) * 256 + at(body, 4)
        found.components = at(body, 5)
      } else if (marker === APPLICATION_1 && startsWithExif(body)) found.orientation = readOrientation(body.subarray(6))
      // Behind the head of a scan its data begin; they are skipped byte by byte up to the next marker.
      position += marker === START_OF_SCAN ? 2 : 2 + length
    }
  }
  return found
}

/** A stuffed zero or a restart marker: part of the data of a scan. */
function isInsideScan(marker: number): boolean {
  return marker === 0 || (marker >= 0xd0 && marker <= 0xd7)
}

/** Start of a frame; 0xC4, 0xC8 and 0xCC in the same row are tables. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function startsWithExif(body: Uint8Array): boolean {
  return String.fromCharCode(...body.subarray(0, 6)) === 'Exif\0\0'
}
