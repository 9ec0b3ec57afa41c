/**
 * Colours of data. Signed values run from orange through a neutral middle to blue, mixed in OKLab so that equal steps look equal; classes
 * take the Okabe–Ito palette without yellow. Sources: Björn Ottosson, "A perceptual color space for image processing" (2020); Okabe and Ito (2008).
 */

export type Scheme = 'light' | 'dark'

export type Rgb = readonly [red: number, green: number, blue: number]

/** The two ends and the middle of signed data. */
export const signedEnds: Readonly<Record<Scheme, { negative: string; positive: string; middle: string }>> = {
  light: { negative: '#c2560c', positive: '#0b6aa8', middle: '#e8eaeb' },
  dark: { negative: '#fb9a3c', positive: '#5bb3f0', middle: '#252c36' },
}

/** Classes in order; each also has a marker, so that colour is never the only sign. */
export const classColours: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['#c2560c', '#0b6aa8', '#00805c', '#a8457d', '#4a4fb5'],
  dark: ['#fb9a3c', '#5bb3f0', '#2fc79a', '#e28bbd', '#9a9ef5'],
}

type Lab = [l: number, a: number, b: number]

export function parseHex(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

function toLinear(channel: number): number {
  const c = channel / 255
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
}

function fromLinear(value: number): number {
  const c = value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055
  return Math.round(255 * Math.min(1, Math.max(0, c)))
}

function toLab([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromLab([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

/** The colour a share `t` of the way from one to the other. */
export function mix(from: Rgb, to: Rgb, t: number): Rgb {
  const [a, b] = [toLab(from), toLab(to)]
  return fromLab([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t])
}

export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`
}

/** Colours as 32-bit pixels of an ImageData, in steps. */
export type Ramp = Uint32Array

const STEPS = 512

function pixel([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

function ramp(colourAt: (t: number) => Rgb): Ramp {
  return Uint32Array.from({ length: STEPS }, (_, index) => pixel(colourAt(index / (STEPS - 1))))
}

/** Through given colours, `#440154` and so on, in equal steps. */
export function rampOf(colours: readonly string[]): Ramp {
  const places = colours.map(parseHex)
  if (places.length === 0) return ramp(() => [128, 128, 128])
  return ramp((t) => places[Math.round(t * (places.length - 1))] as Rgb)
}

const known = new Map<string, Ramp>()

/** Ramps are asked for with every picture that is painted. */
function once(name: string, make: () => Ramp): Ramp {
  const found = known.get(name) ?? make()
  known.set(name, found)
  return found
}

/** From −1 (orange) through 0 to 1 (blue). */
export function signedRamp(scheme: Scheme): Ramp {
  return once(scheme, () => {
    const ends = signedEnds[scheme]
    const [negative, middle, positive] = [ends.negative, ends.middle, ends.positive].map(parseHex) as [Rgb, Rgb, Rgb]
    return ramp((t) => (t < 0.5 ? mix(negative, middle, t * 2) : mix(middle, positive, t * 2 - 1)))
  })
}

/** From 0 (neutral) to 1 (the colour of the class). */
export function classRamp(scheme: Scheme, index: number): Ramp {
  return once(`${scheme} ${index}`, () => {
    const middle = parseHex(signedEnds[scheme].middle)
    const end = parseHex(classColour(scheme, index))
    return ramp((t) => mix(middle, end, t))
  })
}

export function classColour(scheme: Scheme, index: number): string {
  const colours = classColours[scheme]
  return colours[index % colours.length] as string
}

/** The colour of a signed value within ±limit as CSS. */
export function signedColour(scheme: Scheme, value: number, limit = 1): string {
  const { negative, positive, middle } = signedEnds[scheme]
  const t = Math.min(1, Math.abs(value) / limit)
  return cssColour(mix(parseHex(middle), parseHex(value < 0 ? negative : positive), Number.isNaN(t) ? 0 : t))
}

/** The pixel for a value in [low, high]; values outside take the end, NaN is transparent. */
export function rampPixel(colours: Ramp, value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return 0
  const t = (value - low) / (high - low)
  const index = t > 0 ? Math.min(STEPS - 1, Math.floor(t * STEPS)) : 0
  return colours[index] as number
}
