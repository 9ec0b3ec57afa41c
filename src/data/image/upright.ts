/**
 * Turns pictures the way up that the camera was held. Which way that was stands in the EXIF of a file, which decoders read; source: CIPA
 * DC-008 (EXIF), tag 0x0112.
 */
import type { Raster } from './raster.ts'

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

/**
 * The picture as it is to be looked at, by the orientation that EXIF gives, 1 to 8; any other number changes nothing.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const stored = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(10, 20) } as const
 * console.log(data.turnUpright(stored, 3).pixels) // Uint8Array(2) [ 20, 10 ]
 * ```
 */
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
