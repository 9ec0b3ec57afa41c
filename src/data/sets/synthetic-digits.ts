/**
 * The built-in data set: grey 28 × 28 pictures of digits drawn from strokes, with a seeded slant, turn, size, place, thickness,
 * wobble, brightness and noise. It needs no download, so the first network trains at once; it is not MNIST and its accuracies
 * say nothing about handwriting. Picture i of a part depends on (seed, part, i) alone. Nothing is read; the loader feeds from it.
 */

import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { permutation } from '../../random/permutation.ts'
import { RandomSequence, threefry2x32 } from '../../random/threefry.ts'
import { ArrayDataset } from '../array-dataset.ts'
import { normalQuantile } from '../normal-distribution.ts'
import { digitGlyphs, type Glyph } from './digit-strokes.ts'

const SIDE = 28
const PIXELS = SIDE * SIDE
const CLASSES = 10
const FAR = 1e6

/** Keys that make the pictures of training, test and further parts different streams. */
const partKeys = { train: 0x7472_6e31, test: 0x7473_7432 } as const

/** How strong the distortions are; a value is drawn anew for every picture. */
const limits = {
  turn: 0.25,
  shear: 0.26,
  /** Height and width of the writing box in pixels. */
  height: [16, 21],
  width: [13, 19],
  shift: 2.2,
  halfThickness: [0.7, 1.6],
  wobble: 0.055,
  brightness: [0.6, 1],
  noise: [0, 0.14],
} as const

export interface SyntheticDigitsOptions {
  readonly seed?: number
  /** Default: 12,000 training and 2,000 test pictures. */
  readonly count?: number
}

/**
 * Pictures of drawn digits `[1, 28, 28]` with values in [0, 1] and their class numbers 0 to 9, each class equally often.
 * The same seed gives the same bytes.
 *
 * @throws ArgumentError for a count that is not a whole number of at least 1.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const digits = data.syntheticDigits('train', { seed: 1, count: 100 })
 * console.log(digits.length, digits.inputShape) // 100 [ 1, 28, 28 ]
 * ```
 */
export function syntheticDigits(part: 'train' | 'test', options: SyntheticDigitsOptions = {}): ArrayDataset {
  const seed = options.seed ?? 0
  const count = options.count ?? (part === 'train' ? 12_000 : 2_000)
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`The count of synthetic digits must be a whole number of at least 1; given ${count}.`)
  }
  const key = partKeys[part]
  const labels = Uint8Array.from(
    permutation(new RandomSequence(seed, { stream: key }), count),
    (rank) => rank % CLASSES,
  )
  const pixels = new Uint8Array(count * PIXELS)
  const distances = new Float32Array(PIXELS)
  for (let index = 0; index < count; index++) {
    const [k0, k1] = threefry2x32(seed, key, index, 1)
    drawDigit(at(labels, index), new RandomSequence(k0, { stream: k1 }), distances, pixels.subarray(index * PIXELS))
  }
  return new ArrayDataset({
    inputs: pixels,
    targets: labels,
    inputShape: [1, SIDE, SIDE],
    name: 'synthetic-digits',
    classNames: Array.from({ length: CLASSES }, (_, digit) => String(digit)),
    normalize: { scale: 1 / 255 },
  })
}

function between(random: RandomSequence, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random.uniform()
}

function around(random: RandomSequence, limit: number): number {
  return limit * (2 * random.uniform() - 1)
}

/** Draws one digit into the first 784 bytes of `pixels`; `distances` is scratch. */
function drawDigit(digit: number, random: RandomSequence, distances: Float32Array, pixels: Uint8Array): void {
  const variants = at(digitGlyphs(), digit)
  const glyph = at(variants, random.integer(variants.length))
  const place = makePlacement(random)
  const halfThickness = between(random, limits.halfThickness)
  const reach = halfThickness + 0.5
  distances.fill(FAR)
  for (const stroke of glyph) drawStroke(stroke, place, reach, distances)
  const brightness = between(random, limits.brightness)
  const noise = between(random, limits.noise)
  shade(distances, reach, brightness, noise, random, pixels)
}

/** Maps a point of the writing box to pixels. */
type Placement = (x: number, y: number, result: [number, number]) => void

/** A smooth wobble of the strokes followed by slant, size, turn and shift. */
function makePlacement(random: RandomSequence): Placement {
  const phases = [random.uniform(), random.uniform(), random.uniform(), random.uniform()].map((u) => 2 * Math.PI * u)
  const wobbleX = around(random, limits.wobble)
  const wobbleY = around(random, limits.wobble)
  const frequency = 4 + 4 * random.uniform()
  const turn = around(random, limits.turn)
  const shear = around(random, limits.shear)
  const width = between(random, limits.width)
  const height = between(random, limits.height)
  const middleX = SIDE / 2 + around(random, limits.shift)
  const middleY = SIDE / 2 + around(random, limits.shift)
  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  const [p0, p1, p2, p3] = phases as [number, number, number, number]
  return (x, y, result) => {
    const bentX = x + wobbleX * (Math.sin(frequency * y + p0) + Math.sin(frequency * x + p1))
    const bentY = y + wobbleY * (Math.sin(frequency * x + p2) + Math.sin(frequency * y + p3))
    const u = width * (bentX - shear * bentY)
    const v = height * bentY
    result[0] = middleX + cos * u - sin * v
    result[1] = middleY + sin * u + cos * v
  }
}

function drawStroke(stroke: Glyph[number], place: Placement, reach: number, distances: Float32Array): void {
  const from: [number, number] = [0, 0]
  const to: [number, number] = [0, 0]
  place(at(stroke, 0), at(stroke, 1), from)
  for (let index = 2; index < stroke.length; index += 2) {
    place(at(stroke, index), at(stroke, index + 1), to)
    drawSegment(from[0], from[1], to[0], to[1], reach, distances)
    from[0] = to[0]
    from[1] = to[1]
  }
}

/** Lowers the squared distance of every pixel within `reach` of the segment. */
function drawSegment(x0: number, y0: number, x1: number, y1: number, reach: number, distances: Float32Array): void {
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach - 0.5))
  const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x1) + reach - 0.5))
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach - 0.5))
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y1) + reach - 0.5))
  const dx = x1 - x0
  const dy = y1 - y0
  const inverse = 1 / Math.max(dx * dx + dy * dy, 1e-12)
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - y0
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) * inverse))
      const ex = px - t * dx
      const ey = py - t * dy
      const squared = ex * ex + ey * ey
      const pixel = row * SIDE + column
      if (squared < (distances[pixel] as number)) distances[pixel] = squared
    }
  }
}

let noise256: Float32Array | undefined

/** 256 equally likely values of a normal number; one random byte picks one. */
function noiseTable(): Float32Array {
  noise256 ??= Float32Array.from({ length: 256 }, (_, index) => normalQuantile((index + 0.5) / 256))
  return noise256
}

/** Ink where the stroke is near, with a soft edge of one pixel, plus noise; clamped to a byte. */
function shade(
  distances: Float32Array,
  reach: number,
  brightness: number,
  noise: number,
  random: RandomSequence,
  pixels: Uint8Array,
): void {
  const ink = 255 * brightness
  const grain = 255 * noise
  const table = noiseTable()
  for (let pixel = 0; pixel < PIXELS; ) {
    for (let word of threefry2x32(random.seed, random.stream, pixel, -1)) {
      for (let byte = 0; byte < 4; byte++, pixel++) {
        const squared = distances[pixel] as number
        const cover = squared < FAR ? Math.min(1, Math.max(0, reach - Math.sqrt(squared))) : 0
        const value = ink * cover + grain * (table[word & 255] as number)
        pixels[pixel] = Math.max(0, Math.min(255, Math.round(value)))
        word >>>= 8
      }
    }
  }
}
