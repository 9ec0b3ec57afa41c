/**
 * Augmentations that change values, not places: colour jitter, Gaussian blur and noise, Sobel, normalising. Masks stay as they
 * are. Values are taken to be 0 to 1, so normalise after these, with `normalizePicture` as the last step.
 * Source: torchvision.transforms (ColorJitter, GaussianBlur).
 */

import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { permutation } from '../../random/permutation.ts'
import { type Normalization, Normalizer } from '../normalization.ts'
import { filterPicture, imageKernels } from './kernels.ts'
import { type Augmentation, between, type Picture, picturesOnly } from './picture.ts'

export interface ColourJitterOptions {
  /** Factor from 1 − b to 1 + b on all values; default 0, as all others. */
  readonly brightness?: number
  /** Factor from 1 − c to 1 + c on the distance from the mean grey. */
  readonly contrast?: number
  /** Factor from 1 − s to 1 + s on the distance of each pixel from its grey; RGB only. */
  readonly saturation?: number
  /** Turn of the hue, from −h to h of a full circle, at most 0.5; RGB only. */
  readonly hue?: number
}

/**
 * Distorts brightness, contrast, saturation and hue by random amounts, in random order, and clamps to 0 … 1.
 *
 * @throws ArgumentError for a negative amount or a hue above 0.5.
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(3 * 4).fill(0.5), channels: 3, kind: 'picture' as const, height: 2, width: 2 }
 * const change = data.colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })
 * console.log(change(picture, generator.host).data.length) // 12
 */
export function colourJitter(options: ColourJitterOptions): Augmentation {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options
  for (const [name, amount] of Object.entries({ brightness, contrast, saturation, hue })) {
    if (!(amount >= 0) || (name === 'hue' && amount > 0.5)) {
      throw new ArgumentError(
        `The ${name} of colourJitter is at least 0${name === 'hue' ? ' and at most 0.5' : ''}; given ${amount}.`,
      )
    }
  }
  return picturesOnly((picture, random) => {
    const factor = (amount: number): number => between(random, Math.max(0, 1 - amount), 1 + amount)
    const changes: ((picture: Picture) => Picture)[] = []
    if (brightness > 0) changes.push(scaleFrom(() => 0, factor(brightness)))
    if (contrast > 0) changes.push(scaleFromMean(factor(contrast)))
    if (saturation > 0) changes.push(scaleFrom(greyAt, factor(saturation)))
    if (hue > 0) changes.push(turnHue(between(random, -hue, hue)))
    let result = picture
    for (const index of permutation(random, changes.length)) result = at(changes, index)(result)
    return result
  })
}

/** The luma of a pixel: 0.299 R + 0.587 G + 0.114 B, or the value itself when there are no colours. */
function greyAt({ data, channels, height, width }: Picture, pixel: number): number {
  const plane = height * width
  const red = data[pixel] as number
  if (channels !== 3) return red
  return 0.299 * red + 0.587 * (data[pixel + plane] as number) + 0.114 * (data[pixel + 2 * plane] as number)
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value))
}

/** value → origin + factor · (value − origin), clamped. */
function scaleFrom(origin: (picture: Picture, pixel: number) => number, factor: number): (picture: Picture) => Picture {
  return (picture) => {
    const plane = picture.height * picture.width
    const data = new Float32Array(picture.data.length)
    for (let pixel = 0; pixel < plane; pixel++) {
      const from = origin(picture, pixel)
      for (let place = pixel; place < data.length; place += plane) {
        data[place] = clamp(from + factor * ((picture.data[place] as number) - from))
      }
    }
    return { ...picture, data }
  }
}

function scaleFromMean(factor: number): (picture: Picture) => Picture {
  return (picture) => {
    const plane = picture.height * picture.width
    let sum = 0
    for (let pixel = 0; pixel < plane; pixel++) sum += greyAt(picture, pixel)
    return scaleFrom(() => sum / plane, factor)(picture)
  }
}

/** Turns the hue by a share of the full circle, keeping lightest and darkest channel (HSV). */
function turnHue(turn: number): (picture: Picture) => Picture {
  return (picture) => {
    if (picture.channels !== 3) return picture
    const plane = picture.height * picture.width
    const data = new Float32Array(picture.data.length)
    for (let pixel = 0; pixel < plane; pixel++) {
      const [red, green, blue] = [0, 1, 2].map((channel) => picture.data[pixel + channel * plane] as number)
      const turned = hueTurned(red ?? 0, green ?? 0, blue ?? 0, turn)
      for (let channel = 0; channel < 3; channel++) data[pixel + channel * plane] = at(turned, channel)
    }
    return { ...picture, data }
  }
}

function hueTurned(red: number, green: number, blue: number, turn: number): [number, number, number] {
  const value = Math.max(red, green, blue)
  const chroma = value - Math.min(red, green, blue)
  if (chroma === 0) return [red, green, blue]
  const sector =
    value === red ? (green - blue) / chroma : value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
  const hue = (((sector + 6 * turn) % 6) + 6) % 6
  // The usual closed form of HSV to RGB.
  const channel = (n: number): number => {
    const k = (n + hue) % 6
    return value - chroma * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}

/**
 * Blurs with a Gaussian whose σ (pixels) is drawn from `sigma`, default 0.1 to 2; the border is mirrored.
 *
 * @throws ArgumentError for a σ that is not above 0.
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(9), channels: 1, kind: 'picture' as const, height: 3, width: 3 }
 * picture.data[4] = 1
 * const { data: blurred } = data.gaussianBlur({ sigma: 1 })(picture, generator.host)
 * console.log((blurred[4] ?? 0) < 1) // true
 */
export function gaussianBlur({ sigma = [0.1, 2] }: { sigma?: number | readonly [number, number] } = {}): Augmentation {
  const [low, high] = typeof sigma === 'number' ? [sigma, sigma] : sigma
  if (!(low > 0 && low <= high)) {
    throw new ArgumentError(`The sigma of gaussianBlur is above 0 and ascends; given ${low} to ${high}.`)
  }
  return picturesOnly((picture, random) => {
    const weights = gaussianWeights(between(random, low, high))
    const rows = filterPicture(picture, [weights], { border: 'reflect' })
    const column = weights.map((weight) => [weight])
    return filterPicture(rows, column, { border: 'reflect' })
  })
}

function gaussianWeights(sigma: number): number[] {
  const radius = Math.max(1, Math.ceil(3 * sigma))
  const weights = Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma ** 2)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/**
 * Adds independent normal noise of the given standard deviation (default 0.05) and clamps to 0 … 1.
 *
 * @throws ArgumentError for a negative deviation.
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(4).fill(0.5), channels: 1, kind: 'picture' as const, height: 2, width: 2 }
 * console.log(data.gaussianNoise({ std: 0.1 })(picture, generator.host).data) // four numbers around 0.5
 */
export function gaussianNoise({ std = 0.05 }: { std?: number } = {}): Augmentation {
  if (!(std >= 0)) throw new ArgumentError(`The std of gaussianNoise is at least 0; given ${std}.`)
  return picturesOnly((picture, random) => ({
    ...picture,
    data: picture.data.map((value) => clamp(value + std * random.normal())),
  }))
}

/**
 * The strength of edges, √(Sx² + Sy²) of each channel; the border is repeated. Not clamped.
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array([0, 0, 1, 0, 0, 1, 0, 0, 1]), channels: 1, kind: 'picture' as const, height: 3, width: 3 }
 * console.log(data.sobel()(picture, generator.host).data[4]) // 4
 */
export function sobel(): Augmentation {
  return picturesOnly((picture) => {
    const across = filterPicture(picture, imageKernels.sobelX, { border: 'replicate' }).data
    const down = filterPicture(picture, imageKernels.sobelY, { border: 'replicate' }).data
    return { ...picture, data: across.map((value, index) => Math.hypot(value, down[index] as number)) }
  })
}

/**
 * (value − mean) / std of each channel; the last step, because the others take values from 0 to 1.
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array([0, 1]), channels: 1, kind: 'picture' as const, height: 1, width: 2 }
 * console.log([...data.normalizePicture({ mean: [0.5], std: [0.5] })(picture, generator.host).data]) // [-1, 1]
 */
export function normalizePicture(normalization: Normalization): Augmentation {
  return picturesOnly((picture) => {
    const data = new Float32Array(picture.data.length)
    new Normalizer(normalization, [picture.channels, picture.height, picture.width]).convert(picture.data, 0, data, 0)
    return { ...picture, data }
  })
}
