/**
 * Which way up a camera was held: the Orientation tag of EXIF (CIPA DC-008, tag 0x0112 of IFD0), and pictures turned upright by it.
 * Damaged EXIF counts as none; it is never a reason to refuse a picture.
 */
import type { Raster } from '../../data/image/raster.ts'

const ORIENTATION_TAG = 0x0112
const ENTRY_BYTES = 12

/** The orientation, 1 to 8, of a TIFF structure as EXIF holds it; 1 (upright) when it says nothing. */
export function readOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (tiff.length < 8) return 1
  const littleEndian = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, littleEndian)
  if (directory + 2 > tiff.length) return 1
  const entries = view.getUint16(directory, littleEndian)
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES
    if (entry + ENTRY_BYTES > tiff.length) return 1
    if (view.getUint16(entry, littleEndian) !== ORIENTATION_TAG) continue
    const value = view.getUint16(entry + 8, littleEndian)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/** What each orientation demands: exchange of axes first, then flips of the result. */
const turns: Readonly<Record<number, { transpose: boolean; flipX: boolean; flipY: boolean }>> = {
  2: { transpose: false, flipX: true, flipY: false },
  3: { transpose: false, flipX: true, flipY: true },
  4: { transpose: false, flipX: false, flipY: true },
  5: { transpose: true, flipX: false, flipY: false },
  6: { transpose: true, flipX: true, flipY: false },
  7: { transpose: true, flipX: true, flipY: true },
  8: { transpose: true, flipX: false, flipY: true },
}

/** The picture as it is to be looked at. */
export function turnUpright(raster: Raster, orientation: number): Raster {
  const turn = turns[orientation]
  if (turn === undefined) return raster
  const { channels } = raster
  const width = turn.transpose ? raster.height : raster.width
  const height = turn.transpose ? raster.width : raster.height
  const pixels = new Uint8Array(raster.pixels.length)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = turn.flipX ? width - 1 - column : column
      const y = turn.flipY ? height - 1 - row : row
      const source = (turn.transpose ? x * raster.width + y : y * raster.width + x) * channels
      const target = (row * width + column) * channels
      for (let channel = 0; channel < channels; channel++) {
        pixels[target + channel] = raster.pixels[source + channel] as number
      }
    }
  }
  return { width, height, channels, pixels }
}
