/**
 * Pictures with masks: every pixel of a mask has the colour of its class. Pairs are matched by file name; a mask is brought to the
 * size of the input by its nearest pixel, because colours of classes must not be mixed.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError, FormatError, ShapeError } from '../../base/errors.ts'
import { type AsyncDataset, checkIndex, type Sample } from '../dataset.ts'
import { Normalizer } from '../normalization.ts'
import type { PictureOptions, PictureSource } from './class-folder.ts'
import { cropToProportions, type Raster, withChannels } from './raster.ts'
import { toInput } from './resize.ts'

/** A class and its colour in masks. */
export interface MaskClass {
  readonly name: string
  readonly colour: readonly [red: number, green: number, blue: number]
}

/** What pixels of other colours become; PyTorch's `ignore_index`, which losses pass over. */
export const IGNORED_PIXEL = -100

export interface MaskOptions {
  /** What a pixel of an unknown colour becomes; without it such a pixel is an error. */
  readonly unknown?: number
}

/**
 * The class number of every pixel of a mask, row by row.
 *
 * @throws FormatError for a colour that is no class, unless `unknown` is given; the message names colour and place.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const mask = { width: 2, height: 1, channels: 3, pixels: Uint8Array.of(0, 0, 255, 0, 255, 0) } as const
 * const classes = [{ name: 'land', colour: [0, 255, 0] }, { name: 'water', colour: [0, 0, 255] }] as const
 * console.log(data.maskClasses(mask, classes, 'mask.png')) // Int32Array(2) [ 1, 0 ]
 * ```
 */
export function maskClasses(
  mask: Raster,
  classes: readonly MaskClass[],
  name: string,
  options: MaskOptions = {},
): Int32Array {
  const codes = new Map(classes.map(({ colour: [red, green, blue] }, code) => [colourKey(red, green, blue), code]))
  const { pixels, width } = withChannels(mask, 3)
  return Int32Array.from({ length: pixels.length / 3 }, (_, pixel) => {
    const [red, green, blue] = [at(pixels, 3 * pixel), at(pixels, 3 * pixel + 1), at(pixels, 3 * pixel + 2)]
    const code = codes.get(colourKey(red, green, blue)) ?? options.unknown
    if (code !== undefined) return code
    throw new FormatError(
      `${name} has the colour ${red}, ${green}, ${blue} at column ${pixel % width}, row ${Math.floor(pixel / width)}, ` +
        `which is no class; add it to the classes, or give unknown a class number (${IGNORED_PIXEL} to ignore such pixels).`,
    )
  })
}

function colourKey(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue
}

/** A picture and its mask. */
export interface MaskPair {
  readonly image: string
  readonly mask: string
}

/**
 * Matches pictures and masks by what `key` makes of their paths; by default the path without folders called `images` or `masks`
 * and without the ending, so `tile_1/images/a.jpg` belongs to `tile_1/masks/a.png`.
 *
 * @throws ArgumentError when a picture has no mask, or nothing matches.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * console.log(data.pairMasks(['images/a.jpg'], ['masks/a.png']).length) // 1
 * ```
 */
export function pairMasks(
  images: readonly string[],
  masks: readonly string[],
  key: (path: string) => string = pairKey,
): MaskPair[] {
  const byKey = new Map(masks.map((mask) => [key(mask), mask]))
  const pairs = [...images].sort().map((image) => ({ image, mask: byKey.get(key(image)) }))
  const single = pairs.find(({ mask }) => mask === undefined)
  if (single || pairs.length === 0) {
    throw new ArgumentError(
      single
        ? `The picture ${single.image} has no mask among ${masks.length} masks; a mask has the same name, in a folder "masks".`
        : 'There are no pictures to pair with masks.',
    )
  }
  return pairs.map(({ image, mask }) => ({ image, mask: mask ?? '' }))
}

function pairKey(path: string): string {
  return path
    .replace(/\.[^./\\]*$/, '')
    .split(/[\\/]/)
    .filter((part) => !/^(?:images?|masks?|labels?)$/i.test(part))
    .join('/')
}

export interface SegmentationOptions extends PictureOptions, MaskOptions {
  readonly classes: readonly MaskClass[]
}

/**
 * Pictures `[channels, height, width]` with the class number of each pixel `[height, width]`, read when a batch needs them.
 *
 * @example
 * import { data } from 'cognitron'
 * const pairs = data.pairMasks(['images/1.png'], ['masks/1.png'])
 * const source: data.PictureSource = {
 *   read: async () => new Uint8Array(0),
 *   decode: () => ({ width: 1, height: 1, channels: 3, pixels: new Uint8Array([9, 9, 9]) }),
 * }
 * const classes = [{ name: 'ground', colour: [9, 9, 9] }] as const
 * const size = { channels: 3, height: 1, width: 1 } as const
 * const set = new data.SegmentationDataset(pairs, source, { classes, size })
 * console.log((await set.load(0)).target) // the one pixel is of class 0
 */
export class SegmentationDataset implements AsyncDataset {
  readonly name: string
  readonly length: number
  readonly inputShape: readonly number[]
  readonly targetShape: readonly number[]
  readonly inputDType = 'float32'
  readonly targetDType = 'int32'
  readonly classNames: readonly string[]
  readonly pairs: readonly MaskPair[]
  readonly #source: PictureSource
  readonly #options: SegmentationOptions
  readonly #normalizer: Normalizer | undefined

  constructor(pairs: readonly MaskPair[], source: PictureSource, options: SegmentationOptions) {
    const { channels, height, width } = options.size
    this.pairs = pairs
    this.name = options.name ?? 'pictures with masks'
    this.length = pairs.length
    this.inputShape = [channels, height, width]
    this.targetShape = [height, width]
    this.classNames = options.classes.map(({ name }) => name)
    this.#source = source
    this.#options = options
    this.#normalizer = options.normalize && new Normalizer(options.normalize, this.inputShape)
  }

  /** Throws what the decoder throws, and ShapeError when picture and mask have different sizes. */
  async load(index: number): Promise<Sample> {
    checkIndex(index, this)
    const { image, mask } = at(this.pairs, index)
    const picture = await this.#decode(image)
    const colours = await this.#decode(mask)
    if (picture.width !== colours.width || picture.height !== colours.height) {
      throw new ShapeError(
        `${image} is ${picture.width} × ${picture.height} but its mask ${mask} is ${colours.width} × ${colours.height}; ` +
          'both must have the same size.',
      )
    }
    const { size, fit } = this.#options
    const input = toInput(picture, size, fit)
    this.#normalizer?.convert(input, 0, input, 0)
    const small = nearestPixels(fit === 'stretch' ? colours : cropToProportions(colours, size.width, size.height), size)
    return { input, target: maskClasses(small, this.#options.classes, mask, this.#options) }
  }

  async #decode(path: string): Promise<Raster> {
    return this.#source.decode(await this.#source.read(path), path)
  }
}

/** The raster in another size, every pixel that of the nearest centre. */
export function nearestPixels(raster: Raster, size: { readonly width: number; readonly height: number }): Raster {
  const { width, height } = size
  const { channels } = raster
  const pixels = new Uint8Array(width * height * channels)
  for (let row = 0; row < height; row++) {
    const fromRow = Math.floor(((row + 0.5) * raster.height) / height)
    for (let column = 0; column < width; column++) {
      const fromColumn = Math.floor(((column + 0.5) * raster.width) / width)
      const start = (fromRow * raster.width + fromColumn) * channels
      pixels.set(raster.pixels.subarray(start, start + channels), (row * width + column) * channels)
    }
  }
  return { width, height, channels, pixels }
}
