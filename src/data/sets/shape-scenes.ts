/**
 * Pictures in which one small shape on a busy ground decides the class, with the shape's mask and box: what an explanation should point
 * at is known, and so is what a localisation head should find. Strokes and specks that all classes share are there to distract. Scene i
 * of a part depends on (seed, part, i) alone. Made here, so nothing is downloaded.
 */

import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { permutation } from '../../random/permutation.ts'
import { RandomSequence, threefry2x32 } from '../../random/threefry.ts'
import { ArrayDataset } from '../array-dataset.ts'

/** The shapes, in the order of their class numbers. */
export const sceneShapes = ['square', 'disc', 'cross', 'triangle'] as const

const partKeys = { train: 0x7368_7431, test: 0x7368_7432 } as const

export interface ShapeScenesOptions {
  readonly seed?: number
  /** Default: 2,000 training and 500 test scenes. */
  readonly count?: number
  /** Side of a scene in pixels, at least 16. Default 32. */
  readonly size?: number
  /** How many of the shapes are used, 2 to 4. Default 4. */
  readonly classes?: number
  /** Strokes that mean nothing. Default 3. */
  readonly distractors?: number
}

/** Scenes with what is known of them. */
export interface ShapeScenes {
  /** Pictures `[3, size, size]` in [0, 1] and the class of their shape. */
  readonly dataset: ArrayDataset
  /** 1 where the shape is: `[count, size, size]`. */
  readonly masks: Uint8Array
  /** The box around each shape as shares of the side: centre x, centre y, width, height; `[count, 4]`. */
  readonly boxes: Float32Array
}

/**
 * Scenes with one shape each, every class equally often. The same seed gives the same bytes.
 *
 * @throws ArgumentError for a count, size or number of classes out of range.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const { dataset, masks, boxes } = data.shapeScenes('train', { count: 8 })
 * console.log(dataset.inputShape, masks.length, boxes.length) // [ 3, 32, 32 ] 8192 32
 * ```
 */
export function shapeScenes(part: 'train' | 'test', options: ShapeScenesOptions = {}): ShapeScenes {
  const { seed = 0, count = part === 'train' ? 2_000 : 500, size = 32, classes = 4, distractors = 3 } = options
  check('count', count, 1, Number.MAX_SAFE_INTEGER)
  check('size', size, 16, 1024)
  check('classes', classes, 2, sceneShapes.length)
  check('distractors', distractors, 0, 100)
  const key = partKeys[part]
  const labels = Uint8Array.from(
    permutation(new RandomSequence(seed, { stream: key }), count),
    (rank) => rank % classes,
  )
  const area = size * size
  const pixels = new Uint8Array(count * 3 * area)
  const masks = new Uint8Array(count * area)
  const boxes = new Float32Array(count * 4)
  for (let index = 0; index < count; index++) {
    const [k0, k1] = threefry2x32(seed, key, index, 1)
    const scene: Scene = {
      size,
      random: new RandomSequence(k0, { stream: k1 }),
      pixels: pixels.subarray(index * 3 * area, (index + 1) * 3 * area),
      mask: masks.subarray(index * area, (index + 1) * area),
    }
    paintGround(scene)
    for (let stroke = 0; stroke < distractors; stroke++) paintStroke(scene)
    boxes.set(paintShape(scene, at(labels, index)), index * 4)
    addNoise(scene)
  }
  const dataset = new ArrayDataset({
    inputs: pixels,
    targets: labels,
    inputShape: [3, size, size],
    name: 'shape-scenes',
    classNames: sceneShapes.slice(0, classes),
    normalize: { scale: 1 / 255 },
  })
  return { dataset, masks, boxes }
}

interface Scene {
  readonly size: number
  readonly random: RandomSequence
  readonly pixels: Uint8Array
  readonly mask: Uint8Array
}

type Colour = readonly [number, number, number]

function check(what: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  const limit = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`
  throw new ArgumentError(`the ${what} of shape scenes is a whole number ${limit}, given ${value}.`)
}

const drawColour = (random: RandomSequence, low: number, high: number): Colour => {
  const draw = (): number => low + (high - low) * random.uniform()
  return [draw(), draw(), draw()]
}

/** A ground of two colours that run into each other in waves. */
function paintGround({ size, random, pixels }: Scene): void {
  const [a, b] = [drawColour(random, 40, 130), drawColour(random, 40, 130)]
  const turn = 2 * Math.PI * random.uniform()
  const [fx, fy] = [(6 * Math.cos(turn)) / size, (6 * Math.sin(turn)) / size]
  const phase = 2 * Math.PI * random.uniform()
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const share = 0.5 + 0.5 * Math.sin(phase + fx * x + fy * y)
      for (let c = 0; c < 3; c++) pixels[(c * size + y) * size + x] = at(a, c) * share + at(b, c) * (1 - share)
    }
  }
}

/** A straight stroke, one pixel wide, that any class may have. */
function paintStroke({ size, random, pixels }: Scene): void {
  const colour = drawColour(random, 20, 200)
  const [x0, y0] = [size * random.uniform(), size * random.uniform()]
  const turn = 2 * Math.PI * random.uniform()
  const length = size * (0.2 + 0.3 * random.uniform())
  for (let step = 0; step < length; step += 0.5) {
    const x = Math.round(x0 + step * Math.cos(turn))
    const y = Math.round(y0 + step * Math.sin(turn))
    if (x < 0 || y < 0 || x >= size || y >= size) continue
    for (let c = 0; c < 3; c++) pixels[(c * size + y) * size + x] = at(colour, c)
  }
}

/** Whether a point of [−1, 1]² belongs to each shape. */
const inside: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.9,
  (x, y) => x * x + y * y <= 1,
  (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.32,
  (x, y) => y <= 0.9 && y >= 2 * Math.abs(x) - 0.95,
]

/** Paints the shape of a class, marks its mask and gives its box. */
function paintShape({ size, random, pixels, mask }: Scene, label: number): Float32Array {
  const radius = size * (0.11 + 0.06 * random.uniform())
  const margin = radius + 1
  const [cx, cy] = [margin + (size - 2 * margin) * random.uniform(), margin + (size - 2 * margin) * random.uniform()]
  const colour = drawColour(random, 170, 255)
  let [left, top, right, bottom] = [size, size, 0, 0]
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [(x + 0.5 - cx) / radius, (y + 0.5 - cy) / radius]
      if (Math.abs(dx) > 1 || Math.abs(dy) > 1 || !at(inside, label)(dx, dy)) continue
      mask[y * size + x] = 1
      for (let c = 0; c < 3; c++) pixels[(c * size + y) * size + x] = at(colour, c)
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
    }
  }
  return Float32Array.of((left + right) / 2, (top + bottom) / 2, right - left, bottom - top).map((each) => each / size)
}

/** Grain of ±18; one random number of 24 bits serves the three colours of a pixel. */
function addNoise({ random, pixels }: Scene): void {
  const area = pixels.length / 3
  for (let place = 0; place < area; place++) {
    const bits = random.integer(2 ** 24)
    for (let c = 0; c < 3; c++) {
      const grain = ((bits >> (8 * c)) & 255) / 255 - 0.5
      const i = c * area + place
      pixels[i] = Math.max(0, Math.min(255, Math.round((pixels[i] as number) + 36 * grain)))
    }
  }
}
