/**
 * What a photograph says about itself in its EXIF: where it was taken, and which way up the camera was held. Read by the library
 * ExifReader; writing, for pictures that are made here, needs but a few tags.
 */
import ExifReader from 'exifreader'
import type { Place } from './parks.ts'

export interface PhotoNotes {
  /** Undefined when the picture does not say. */
  readonly place: Place | undefined
  /** 1 (upright) to 8; for `data.turnUpright`. */
  readonly orientation: number
}

/** What the bytes of a picture file say. A file without EXIF, or with damaged EXIF, says nothing. */
export function readPhotoNotes(bytes: Uint8Array): PhotoNotes {
  const tags = tagsOf(bytes)
  const { Latitude: latitude, Longitude: longitude } = tags.gps ?? {}
  const orientation = Number(tags.exif?.Orientation?.value ?? 1)
  const known = isWithin(latitude, 90) && isWithin(longitude, 180)
  return {
    place: known ? { latitude, longitude } : undefined,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
  }
}

function tagsOf(bytes: Uint8Array): Pick<ExifReader.ExpandedTags, 'gps' | 'exif'> {
  try {
    return ExifReader.load(Uint8Array.from(bytes).buffer, { expanded: true })
  } catch {
    return {}
  }
}

function isWithin(degrees: number | undefined, most: number): degrees is number {
  return degrees !== undefined && Math.abs(degrees) <= most
}

/** A copy of a JPEG file whose EXIF holds a place and an orientation and nothing else. Source: CIPA DC-008 (EXIF 2.32), TIFF 6.0. */
export function withPhotoNotes(jpeg: Uint8Array, { place, orientation }: PhotoNotes): Uint8Array {
  const tiff = place ? [...rootDirectory(orientation, 1), ...gpsDirectory(place)] : rootDirectory(orientation, 0)
  const body = [...ascii('Exif\0\0'), ...ascii('MM\0*'), ...long(8), ...tiff]
  const segment = Uint8Array.from([0xff, 0xe1, ...short(body.length + 2), ...body])
  const rest = withoutExif(jpeg)
  const result = new Uint8Array(2 + segment.length + rest.length)
  result.set(jpeg.subarray(0, 2))
  result.set(segment, 2)
  result.set(rest, 2 + segment.length)
  return result
}

/** What follows the first two bytes, less the EXIF that may stand among the first segments. */
function withoutExif(jpeg: Uint8Array): Uint8Array {
  const kept: number[] = []
  let position = 2
  while (jpeg[position] === 0xff && ((jpeg[position + 1] ?? 0) & 0xf0) === 0xe0) {
    const end = position + 2 + 256 * (jpeg[position + 2] ?? 0) + (jpeg[position + 3] ?? 0)
    if (jpeg[position + 1] !== 0xe1) kept.push(...jpeg.subarray(position, end))
    position = end
  }
  const rest = new Uint8Array(kept.length + jpeg.length - position)
  rest.set(kept)
  rest.set(jpeg.subarray(position), kept.length)
  return rest
}

const ROOT = 8
const ENTRY = 12
const directoryBytes = (entries: number): number => 2 + entries * ENTRY + 4
const short = (value: number): number[] => [value >> 8, value & 255]
const long = (value: number): number[] => [...short(value >>> 16), ...short(value & 0xffff)]
const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0))

/** Orientation, and where the GPS directory is when there is one. */
function rootDirectory(orientation: number, gps: 0 | 1): number[] {
  const where = gps ? [...short(0x8825), ...short(4), ...long(1), ...long(ROOT + directoryBytes(2))] : []
  const tag = [...short(0x0112), ...short(3), ...long(1), ...short(orientation), ...short(0)]
  return [...short(1 + gps), ...tag, ...where, ...long(0)]
}

/** Hemispheres as letters, degrees, minutes and seconds as fractions behind the directory. */
function gpsDirectory({ latitude, longitude }: Place): number[] {
  const numbers = ROOT + directoryBytes(2) + directoryBytes(4)
  const letter = (tag: number, character: string): number[] => [
    ...[...short(tag), ...short(2), ...long(2)],
    ...[...ascii(character), 0, 0, 0],
  ]
  const angle = (tag: number, at: number): number[] => [...short(tag), ...short(5), ...long(3), ...long(at)]
  return [
    ...short(4),
    ...[...letter(1, latitude < 0 ? 'S' : 'N'), ...angle(2, numbers)],
    ...[...letter(3, longitude < 0 ? 'W' : 'E'), ...angle(4, numbers + 24)],
    ...long(0),
    ...[...fractions(Math.abs(latitude)), ...fractions(Math.abs(longitude))],
  ]
}

function fractions(degrees: number): number[] {
  const hundredths = Math.round(degrees * 360_000)
  const [whole, minutes, seconds] = [
    Math.floor(hundredths / 360_000),
    Math.floor(hundredths / 6000) % 60,
    hundredths % 6000,
  ]
  return [...long(whole), ...long(1), ...long(minutes), ...long(1), ...long(seconds), ...long(100)]
}
