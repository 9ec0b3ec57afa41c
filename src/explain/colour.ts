/**
 * Colours for numbers that everybody can tell apart: viridis and cividis for strengths, orange to blue through grey for signed numbers
 * (zero in the middle, mixed in OKLab). Source: van der Walt and Smith, viridis (CC0), and Nuñez et al., cividis (2018), at ten places
 * each; Ottosson, "A perceptual color space for image processing" (2020).
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'

export const scaleNames = ['viridis', 'cividis', 'orange-blue'] as const
export type ScaleName = (typeof scaleNames)[number]

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

const anchors = {
  viridis: '440154 482878 3e4a89 31688e 26828e 1f9e89 35b779 6dcd59 b4de2c fde725',
  cividis: '00204d 00336f 39486b 575c6d 707173 8a8779 a69d75 c4b56c e4cf5b ffea46',
} as const

const negative = parse('c2560c')
const middle = parse('e8eaeb')
const positive = parse('0b6aa8')

const tables = new Map<ScaleName, readonly Rgb[]>()

/**
 * The colour of a share of a scale, 0 to 1; signed scales have zero at 0.5. Shares outside are clamped.
 *
 * @throws ArgumentError for an unknown scale.
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.scaleColour('viridis', 0)) // [68, 1, 84]
 */
export function scaleColour(name: ScaleName, share: number): Rgb {
  const table = tableOf(name)
  const place = Math.round(Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share)) * (table.length - 1))
  return at(table, place)
}

/**
 * `#0b6aa8`
 *
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.hexColour([11, 106, 168])) // #0b6aa8
 */
export function hexColour(colour: Rgb): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`
}

const STEPS = 256

function tableOf(name: ScaleName): readonly Rgb[] {
  if (!scaleNames.includes(name)) {
    throw new ArgumentError(`there is no colour scale "${name}"; known are ${scaleNames.join(', ')}.`)
  }
  const known = tables.get(name)
  if (known) return known
  const shares = Array.from({ length: STEPS }, (_, step) => step / (STEPS - 1))
  const table = name === 'orange-blue' ? shares.map(diverging) : sequential(anchors[name], shares)
  tables.set(name, table)
  return table
}

function sequential(text: string, shares: readonly number[]): Rgb[] {
  const colours = text.split(' ').map(parse)
  return shares.map((share) => {
    const place = share * (colours.length - 1)
    const index = Math.min(Math.floor(place), colours.length - 2)
    const [a, b] = [at(colours, index), at(colours, index + 1)]
    return rounded(mix(a, b, place - index))
  })
}

function diverging(share: number): Rgb {
  const end = share < 0.5 ? negative : positive
  const mixed = fromOklab(mix(toOklab(middle), toOklab(end), Math.abs(2 * share - 1)))
  return rounded(mixed)
}

function parse(hex: string): Rgb {
  const number = Number.parseInt(hex, 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

function rounded(colour: Rgb): Rgb {
  const clean = (channel: number): number => Math.min(255, Math.max(0, Math.round(channel)))
  return [clean(colour[0]), clean(colour[1]), clean(colour[2])]
}

function toLinear(channel: number): number {
  const value = channel / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function fromLinear(value: number): number {
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055)
}

function toOklab(colour: Rgb): Rgb {
  const [r, g, b] = [toLinear(colour[0]), toLinear(colour[1]), toLinear(colour[2])]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}
