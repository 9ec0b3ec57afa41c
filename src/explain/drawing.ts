/**
 * Maps, filters and patches as pixels with opacity, ready for a canvas or a picture file. Nothing is written to files here: the command
 * line writes PNG, `figure` builds SVG.
 */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Raster } from '../data/image/raster.ts'
import { resizePlanes } from '../data/image/resize.ts'
import type { Attribution } from './attribution.ts'
import { type Rgb, type ScaleName, scaleColour } from './colour.ts'
import { type PictureSet, pictureAt } from './feature-maps.ts'

/** Row by row, red, green, blue and opacity of each pixel: `[height, width, 4]`. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly channels: 4
  readonly pixels: Uint8Array
}

/** The part of a map in drawing it: what the ends of the scale stand for. */
export interface MapScale {
  readonly name: ScaleName
  readonly low: number
  readonly high: number
}

export interface HeatMapOptions {
  /** Default: viridis for strengths, orange-blue for signed maps. */
  readonly scale?: ScaleName
  /** The share of places that the scale covers; the few strongest are clamped. Default 0.995. */
  readonly cover?: number
}

/**
 * The scale of a map: symmetric around zero for signed maps, from 0 for strengths.
 *
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.mapScale({ map: new Float32Array([-2, 1]), signed: true })) // from −2 to 2
 */
export function mapScale({ map, signed }: Pick<Attribution, 'map' | 'signed'>, options: HeatMapOptions = {}): MapScale {
  const { cover = 0.995 } = options
  const sizes = Float32Array.from(map, Math.abs).sort()
  const covered = sizes[Math.min(sizes.length - 1, Math.floor(cover * sizes.length))] ?? 0
  const high = covered > 0 ? covered : (sizes.at(-1) ?? 0) || 1
  return { name: options.scale ?? (signed ? 'orange-blue' : 'viridis'), low: signed ? -high : 0, high }
}

/**
 * A map in the colours of its scale, one pixel for each place.
 *
 * @example
 * import { explain } from 'cognitron'
 * const map = { map: Float32Array.of(0, 1), width: 2, height: 1, signed: false }
 * console.log([...explain.heatMap(map).pixels].slice(0, 4)) // [68, 1, 84, 255]
 */
export function heatMap(
  attribution: Pick<Attribution, 'map' | 'width' | 'height' | 'signed'>,
  options: HeatMapOptions = {},
): Drawing {
  const { map, width, height } = attribution
  const { name, low, high } = mapScale(attribution, options)
  const pixels = new Uint8Array(map.length * 4)
  map.forEach((value, place) => {
    pixels.set(scaleColour(name, (value - low) / (high - low)), 4 * place)
    pixels[4 * place + 3] = 255
  })
  return { width, height, channels: 4, pixels }
}

export interface OverlayOptions extends HeatMapOptions {
  /** How much of the picture the strongest places cover, 0 to 1. Default 0.75. */
  readonly opacity?: number
}

/**
 * A map over the picture that it explains: the picture in light grey, and the stronger a place the more of its colour. The map is enlarged
 * to the size of the picture.
 *
 * @throws ArgumentError for an opacity outside 0 to 1.
 * @example
 * import { explain } from 'cognitron'
 * const picture = { width: 2, height: 1, channels: 1, pixels: new Uint8Array([0, 255]) } as const
 * const drawing = explain.overlay({ map: new Float32Array([0, 1]), width: 2, height: 1, signed: false }, picture)
 * console.log(drawing.width, drawing.height) // 2 1
 */
export function overlay(
  attribution: Pick<Attribution, 'map' | 'width' | 'height' | 'signed'>,
  picture: Raster,
  options: OverlayOptions = {},
): Drawing {
  const { opacity = 0.75 } = options
  if (!(opacity >= 0 && opacity <= 1)) throw new ArgumentError(`an opacity is from 0 to 1, given ${opacity}.`)
  const { name, low, high } = mapScale(attribution, options)
  const { width, height, channels } = picture
  const map = resizePlanes(attribution.map, [1, attribution.height, attribution.width], [height, width])
  const pixels = new Uint8Array(width * height * 4)
  for (let place = 0; place < map.length; place++) {
    const value = map[place] as number
    const share = (value - low) / (high - low)
    const strength = Math.min(1, Math.abs(value) / high)
    const grey = 90 + 0.62 * luma(picture.pixels, place * channels, channels)
    const alpha = opacity * strength ** 0.7
    const colour = scaleColour(name, attribution.signed ? share : Math.max(share, 0))
    for (let c = 0; c < 3; c++) pixels[4 * place + c] = Math.round(grey * (1 - alpha) + at(colour, c) * alpha)
    pixels[4 * place + 3] = 255
  }
  return { width, height, channels: 4, pixels }
}

function luma(pixels: Uint8Array, start: number, channels: 1 | 3): number {
  if (channels === 1) return at(pixels, start)
  return 0.299 * at(pixels, start) + 0.587 * at(pixels, start + 1) + 0.114 * at(pixels, start + 2)
}

/**
 * A picture as a drawing.
 *
 * @example
 * import { explain } from 'cognitron'
 * const picture = { width: 2, height: 1, channels: 1, pixels: new Uint8Array([0, 255]) } as const
 * console.log(explain.drawRaster(picture).width) // 2
 */
export function drawRaster({ width, height, channels, pixels }: Raster): Drawing {
  const drawn = new Uint8Array(width * height * 4)
  for (let place = 0; place < width * height; place++) {
    for (let c = 0; c < 3; c++) drawn[4 * place + c] = at(pixels, place * channels + (channels === 1 ? 0 : c))
    drawn[4 * place + 3] = 255
  }
  return { width, height, channels: 4, pixels: drawn }
}

export interface PlanesOptions {
  /** The numbers of black and white. Default: smallest and largest. */
  readonly range?: readonly [low: number, high: number]
  /** Colours for the numbers of a single plane instead of greys; `range` is symmetric then unless given. */
  readonly scale?: ScaleName
}

/**
 * Planes `[1 or 3, height, width]` as a picture, stretched over the range of its numbers.
 *
 * @throws ArgumentError for planes that are not `[1 or 3, height, width]`.
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.drawPlanes(new Float32Array([0, 1, 2, 3]), [1, 2, 2]).height) // 2
 */
export function drawPlanes(data: Float32Array, shape: readonly number[], options: PlanesOptions = {}): Drawing {
  const [channels = 1, height = 1, width = 1] = shape
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || data.length !== product(shape)) {
    throw new ArgumentError(`a picture is drawn from planes [1 or 3, height, width], given [${shape.join(', ')}].`)
  }
  const [low, high] = options.range ?? rangeOf(data, options.scale === 'orange-blue')
  const share = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5)
  const pixels = new Uint8Array(width * height * 4)
  for (let place = 0; place < width * height; place++) {
    const colour = (c: number): number =>
      clamped(255 * share(at(data, (channels === 1 ? 0 : c) * width * height + place)))
    const scaled: Rgb =
      options.scale && channels === 1
        ? scaleColour(options.scale, share(at(data, place)))
        : [colour(0), colour(1), colour(2)]
    pixels.set(scaled, 4 * place)
    pixels[4 * place + 3] = 255
  }
  return { width, height, channels: 4, pixels }
}

function clamped(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)))
}

/** Smallest and largest number; around zero when `symmetric`. */
export function rangeOf(data: Float32Array, symmetric = false): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (!symmetric) return [low, high]
  const most = Math.max(Math.abs(low), Math.abs(high))
  return [-most, most]
}

export interface MosaicOptions {
  /** Tiles in a row. Default: about a square. */
  readonly columns?: number
  /** Pixels between tiles. Default 1. */
  readonly gap?: number
  /** Each pixel becomes so many, along each axis. Default 1. */
  readonly zoom?: number
}

/**
 * Drawings side by side, row after row, on a transparent ground; smaller ones stand at the top left of their tile.
 *
 * @throws ArgumentError without pictures.
 * @example
 * import { explain } from 'cognitron'
 * const tile = explain.drawPlanes(new Float32Array([0, 1, 2, 3]), [1, 2, 2])
 * const { width, height } = explain.mosaic([tile, tile, tile, tile], { columns: 2, gap: 0 })
 * console.log(width, height) // 4 4
 */
export function mosaic(tiles: readonly Drawing[], options: MosaicOptions = {}): Drawing {
  if (tiles.length === 0) throw new ArgumentError('a mosaic needs at least one picture.')
  const { gap = 1, zoom = 1, columns = Math.ceil(Math.sqrt(tiles.length)) } = options
  const tileWidth = Math.max(...tiles.map(({ width }) => width)) * zoom
  const tileHeight = Math.max(...tiles.map(({ height }) => height)) * zoom
  const across = Math.min(columns, tiles.length)
  const width = across * (tileWidth + gap) - gap
  const height = Math.ceil(tiles.length / across) * (tileHeight + gap) - gap
  const pixels = new Uint8Array(width * height * 4)
  tiles.forEach((tile, index) => {
    const top = Math.floor(index / across) * (tileHeight + gap)
    const left = (index % across) * (tileWidth + gap)
    for (let y = 0; y < tile.height * zoom; y++) {
      for (let x = 0; x < tile.width * zoom; x++) {
        const source = 4 * (Math.floor(y / zoom) * tile.width + Math.floor(x / zoom))
        pixels.set(tile.pixels.subarray(source, source + 4), 4 * ((top + y) * width + left + x))
      }
    }
  })
  return { width, height, channels: 4, pixels }
}

export interface PictureSetDrawing extends MosaicOptions {
  /** At most so many pictures. Default: all. */
  readonly most?: number
  /** Each picture over its own range (default), or all over one. */
  readonly each?: boolean
}

/**
 * Filters or feature maps as one picture: colour filters in colour, signed greys in orange and blue, feature maps in viridis.
 *
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(3, 4, 3))
 * console.log(explain.drawPictureSet(await explain.filters(net)).width > 3) // true
 */
export function drawPictureSet(set: PictureSet, options: PictureSetDrawing = {}): Drawing {
  const { most = set.count, each = true } = options
  const shape = [set.channels, set.height, set.width]
  const signed = set.data.some((value) => value < 0)
  const scale: ScaleName | undefined = set.channels === 3 ? undefined : signed ? 'orange-blue' : 'viridis'
  const common = rangeOf(set.data, scale === 'orange-blue')
  const tiles = range(Math.min(most, set.count)).map((index) =>
    drawPlanes(pictureAt(set, index), shape, { ...(scale ? { scale } : {}), ...(each ? {} : { range: common }) }),
  )
  return mosaic(tiles, options)
}
