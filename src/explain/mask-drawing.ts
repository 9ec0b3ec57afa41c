/**
 * Masks as pictures: every class in its colour, alone or over the picture that it belongs to. Fed by what a segmentation net gives and
 * by data sets of masks. Colours are those of Okabe and Ito, "Color universal design" (2008), which colour-blind readers can tell apart.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Raster } from '../data/image/raster.ts'
import type { Rgb } from './colour.ts'
import { type Drawing, drawRaster } from './drawing.ts'

/** Colours of classes where none are given; the ninth class begins again. */
export const maskColours: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [70, 70, 70],
]

export interface MaskDrawing {
  /** A colour for each class. Default: `maskColours`. */
  readonly colours?: readonly Rgb[]
  /** The picture below the mask, of the same size. Default: none, the mask alone. */
  readonly picture?: Raster
  /** How much of the picture the mask covers, 0 to 1. Default 0.55. */
  readonly opacity?: number
}

/**
 * A mask of class numbers `[height, width]` in colours; places with a number below 0 (ignored pixels) show the picture, or are left empty.
 *
 * @throws ArgumentError when mask, size and picture do not fit, or for an opacity outside 0 to 1.
 * @example
 * import { explain } from 'cognitron'
 * const drawing = explain.drawMask(Int32Array.of(0, 1), { width: 2, height: 1 })
 * console.log([...drawing.pixels].slice(4)) // [86, 180, 233, 255]
 */
export function drawMask(
  labels: ArrayLike<number>,
  size: { readonly width: number; readonly height: number },
  options: MaskDrawing = {},
): Drawing {
  const { width, height } = size
  const { picture, opacity = 0.55, colours = maskColours } = options
  if (labels.length !== width * height) {
    throw new ArgumentError(`a mask of ${labels.length} pixels is not ${width} × ${height}; give its own size.`)
  }
  if (picture && (picture.width !== width || picture.height !== height)) {
    throw new ArgumentError(
      `the picture is ${picture.width} × ${picture.height}, its mask ${width} × ${height}; bring them to one size.`,
    )
  }
  if (!(opacity >= 0 && opacity <= 1)) throw new ArgumentError(`an opacity is from 0 to 1, given ${opacity}.`)
  const ground = picture ? drawRaster(picture).pixels : new Uint8Array(width * height * 4)
  const share = picture ? opacity : 1
  for (let place = 0; place < labels.length; place++) {
    const label = labels[place] as number
    if (label < 0) continue
    const colour = at(colours, label % colours.length)
    for (let c = 0; c < 3; c++) {
      const below = ground[4 * place + c] as number
      ground[4 * place + c] = Math.round(below * (1 - share) + at(colour, c) * share)
    }
    ground[4 * place + 3] = 255
  }
  return { width, height, channels: 4, pixels: ground }
}
