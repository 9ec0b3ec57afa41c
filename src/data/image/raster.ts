/**
 * A decoded picture as its pixels, between the decoders (files on the command line, canvases in a browser) and tensors.
 * Eight bits a channel, grey or RGB; decoders reduce everything else to these.
 */
import { at } from '../../base/arrays.ts'

export interface Raster {
  readonly width: number
  readonly height: number
  /** 1 for grey, 3 for RGB. */
  readonly channels: 1 | 3
  /** Row by row, the channels of a pixel together: `[height, width, channels]`. */
  readonly pixels: Uint8Array
}

/**
 * The pixel values, 0 to 255, as planes `[channels, height, width]`.
 *
 * @example
 * import { data } from 'cognitron'
 * const picture = { width: 2, height: 1, channels: 3, pixels: new Uint8Array([1, 2, 3, 4, 5, 6]) } as const
 * console.log([...data.toPlanes(picture)]) // [1, 4, 2, 5, 3, 6]
 */
export function toPlanes(raster: Raster): Float32Array {
  const { channels, pixels } = raster
  const size = raster.width * raster.height
  const planes = new Float32Array(channels * size)
  for (let channel = 0; channel < channels; channel++) {
    for (let index = 0; index < size; index++) {
      planes[channel * size + index] = pixels[index * channels + channel] as number
    }
  }
  return planes
}

/**
 * The same picture in grey or in RGB. Grey is the luma of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded.
 *
 * @example
 * import { data } from 'cognitron'
 * const picture = { width: 1, height: 1, channels: 3, pixels: new Uint8Array([100, 200, 50]) } as const
 * console.log(data.withChannels(picture, 1).pixels[0]) // 153
 */
export function withChannels(raster: Raster, channels: 1 | 3): Raster {
  if (raster.channels === channels) return raster
  const size = raster.width * raster.height
  const pixels = new Uint8Array(size * channels)
  for (let index = 0; index < size; index++) {
    if (channels === 3) pixels.fill(at(raster.pixels, index), index * 3, index * 3 + 3)
    else pixels[index] = luma(raster.pixels, index * 3)
  }
  return { ...raster, channels, pixels }
}

function luma(rgb: Uint8Array, start: number): number {
  const [red, green, blue] = [rgb[start] as number, rgb[start + 1] as number, rgb[start + 2] as number]
  return Math.round((299 * red + 587 * green + 114 * blue) / 1000)
}

/**
 * The middle of a picture in the proportions `width : height`, as large as it fits.
 *
 * @example
 * import { data } from 'cognitron'
 * const picture = { width: 4, height: 2, channels: 1, pixels: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]) } as const
 * console.log([...data.cropToProportions(picture, 1, 1).pixels]) // [2, 3, 6, 7]
 */
export function cropToProportions(raster: Raster, width: number, height: number): Raster {
  const scale = Math.min(raster.width / width, raster.height / height)
  const cutWidth = Math.max(1, Math.min(raster.width, Math.round(width * scale)))
  const cutHeight = Math.max(1, Math.min(raster.height, Math.round(height * scale)))
  if (cutWidth === raster.width && cutHeight === raster.height) return raster
  const left = (raster.width - cutWidth) >> 1
  const top = (raster.height - cutHeight) >> 1
  const rowBytes = cutWidth * raster.channels
  const pixels = new Uint8Array(cutHeight * rowBytes)
  for (let row = 0; row < cutHeight; row++) {
    const start = ((top + row) * raster.width + left) * raster.channels
    pixels.set(raster.pixels.subarray(start, start + rowBytes), row * rowBytes)
  }
  return { width: cutWidth, height: cutHeight, channels: raster.channels, pixels }
}
