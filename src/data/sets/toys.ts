/**
 * Toy data in the plane: the six sets of the TensorFlow Playground with its formulas, and moons and checkerboard. Points lie in
 * −6..6; the target is −1 or 1 (the Playground's convention, for a tanh output) or a class number.
 * Sources: playground.tensorflow.org, dataset.ts; moons after scikit-learn's make_moons, scaled to the same square.
 */
import { ArgumentError } from '../../base/errors.ts'
import { RandomSequence } from '../../random/threefry.ts'
import { ArrayDataset } from '../array-dataset.ts'

export interface ToyOptions {
  /** Number of points; default 500 (1200 for plane and multiGaussian). */
  readonly count?: number
  /** 0 to 0.5, the Playground's slider divided by 100; default 0. */
  readonly noise?: number
  readonly seed?: number
  /** `sign` (default): one float32 −1 or 1. `class`: an int32 class number, −1 becoming 0. */
  readonly target?: 'sign' | 'class'
  /** Rings, centres or arms of circle, gauss and spiral: 2 (default) to 5; more than 2 needs `target: 'class'`. */
  readonly classes?: number
}

type Point = readonly [x: number, y: number, label: number]

interface Draw {
  readonly random: RandomSequence
  readonly count: number
  readonly noise: number
  readonly classes: number
}

const RADIUS = 5

function uniform(random: RandomSequence, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** Class numbers 0, 1, …, each for an equal share of the points. */
function classOf(index: number, { count, classes }: Draw): number {
  return Math.min(classes - 1, Math.floor((index * classes) / count))
}

/** Inner disc r < 2.5 is class 1, outer ring 3.5–5 class 0; noise moves the point that is judged, not the one that is given. */
function circlePoint(index: number, draw: Draw): Point {
  const { random, noise, classes } = draw
  const ring = classOf(index, draw)
  // Two classes: the Playground's disc and ring. More: rings of equal width with gaps between.
  const inner = classes === 2 ? (ring === 0 ? 0 : RADIUS * 0.7) : ((ring + (ring > 0 ? 0.25 : 0)) * RADIUS) / classes
  const outer = classes === 2 ? (ring === 0 ? RADIUS * 0.5 : RADIUS) : ((ring + 1) * RADIUS) / classes
  const r = uniform(random, inner, outer)
  const angle = uniform(random, 0, 2 * Math.PI)
  const x = r * Math.sin(angle)
  const y = r * Math.cos(angle)
  const judged = Math.hypot(x + uniform(random, -RADIUS, RADIUS) * noise, y + uniform(random, -RADIUS, RADIUS) * noise)
  if (classes === 2) return [x, y, judged < RADIUS * 0.5 ? 1 : 0]
  return [x, y, noise === 0 ? ring : Math.min(classes - 1, Math.floor((judged * classes) / RADIUS))]
}

/** Signs equal: class 1; points keep a distance of 0.3 from the axes. */
function xorPoint(_index: number, { random, noise }: Draw): Point {
  const pad = (value: number): number => value + (value > 0 ? 0.3 : -0.3)
  const x = pad(uniform(random, -RADIUS, RADIUS))
  const y = pad(uniform(random, -RADIUS, RADIUS))
  const judgedX = x + uniform(random, -RADIUS, RADIUS) * noise
  const judgedY = y + uniform(random, -RADIUS, RADIUS) * noise
  return [x, y, judgedX * judgedY >= 0 ? 1 : 0]
}

/** Clouds around (2, 2), class 1, and (−2, −2), class 0, with a variance from 0.5 to 4. */
function gaussPoint(index: number, draw: Draw): Point {
  const { random, noise, classes } = draw
  const cloud = classOf(index, draw)
  const angle = Math.PI / 4 + (2 * Math.PI * cloud) / classes
  const deviation = Math.sqrt(0.5 + 7 * noise)
  const x = 2 * Math.SQRT2 * Math.cos(angle) + deviation * random.normal()
  const y = 2 * Math.SQRT2 * Math.sin(angle) + deviation * random.normal()
  return [x, y, classes === 2 ? 1 - cloud : cloud]
}

/** Arms r = 5 i/n, angle 1.75 · 2π · i/n (+ π for the second). */
function spiralPoint(index: number, draw: Draw): Point {
  const { random, noise, classes, count } = draw
  const arm = classOf(index, draw)
  const first = Math.ceil((arm * count) / classes)
  const t = (index - first) / (count / classes)
  const angle = 1.75 * t * 2 * Math.PI + (arm * 2 * Math.PI) / classes
  const x = RADIUS * t * Math.sin(angle) + uniform(random, -1, 1) * noise
  const y = RADIUS * t * Math.cos(angle) + uniform(random, -1, 1) * noise
  return [x, y, classes === 2 ? 1 - arm : arm]
}

/** Two interleaving half circles. */
function moonsPoint(index: number, draw: Draw): Point {
  const { random, noise } = draw
  const moon = classOf(index, draw)
  const angle = Math.PI * random.uniform()
  const x = moon === 0 ? Math.cos(angle) : 1 - Math.cos(angle)
  const y = moon === 0 ? Math.sin(angle) : 0.5 - Math.sin(angle)
  return [3 * (x - 0.5 + noise * random.normal()), 3 * (y - 0.25 + noise * random.normal()), moon]
}

/** Squares of side 2.5 over −5..5; neighbours differ. */
function checkerboardPoint(_index: number, { random, noise }: Draw): Point {
  const x = uniform(random, -RADIUS, RADIUS)
  const y = uniform(random, -RADIUS, RADIUS)
  const column = Math.floor((x + uniform(random, -RADIUS, RADIUS) * noise) / 2.5)
  const row = Math.floor((y + uniform(random, -RADIUS, RADIUS) * noise) / 2.5)
  return [x, y, (((column + row) % 2) + 2) % 2]
}

const PLANE_RADIUS = 6

/** Target (x + y) / 10. */
function planePoint(_index: number, { random, noise }: Draw): Point {
  const [x, y, judgedX, judgedY] = spread(random, noise)
  return [x, y, Math.max(-1, Math.min(1, (judgedX + judgedY) / 10))]
}

const hills: readonly Point[] = [
  [-4, 2.5, 1],
  [0, 2.5, -1],
  [4, 2.5, 1],
  [-4, -2.5, -1],
  [0, -2.5, 1],
  [4, -2.5, -1],
]

/** Six cones of radius 2, alternately up and down; where two meet, the higher counts. */
function multiGaussianPoint(_index: number, { random, noise }: Draw): Point {
  const [x, y, judgedX, judgedY] = spread(random, noise)
  let label = 0
  for (const [centreX, centreY, sign] of hills) {
    const distance = Math.hypot(judgedX - centreX, judgedY - centreY)
    const height = sign * Math.max(0, 1 - distance / 2)
    if (Math.abs(height) > Math.abs(label)) label = height
  }
  return [x, y, label]
}

/** A point of the large square, and the point that noise makes of it. */
function spread(random: RandomSequence, noise: number): [number, number, number, number] {
  const x = uniform(random, -PLANE_RADIUS, PLANE_RADIUS)
  const y = uniform(random, -PLANE_RADIUS, PLANE_RADIUS)
  const judgedX = x + uniform(random, -PLANE_RADIUS, PLANE_RADIUS) * noise
  return [x, y, judgedX, y + uniform(random, -PLANE_RADIUS, PLANE_RADIUS) * noise]
}

interface Toy {
  readonly name: string
  readonly point: (index: number, draw: Draw) => Point
  readonly regression?: boolean
  readonly maxClasses?: number
}

function makeToy(toy: Toy): (options?: ToyOptions) => ArrayDataset {
  return (options = {}) => {
    const draw = checkedDraw(toy, options)
    const inputs = new Float32Array(2 * draw.count)
    const labels = new Float64Array(draw.count)
    for (let index = 0; index < draw.count; index++) {
      const [x, y, label] = toy.point(index, draw)
      inputs[2 * index] = x
      inputs[2 * index + 1] = y
      labels[index] = label
    }
    const shared = { inputs, inputShape: [2], name: toy.name, featureNames: ['x₁', 'x₂'] }
    if (options.target === 'class') {
      const classNames = Array.from({ length: draw.classes }, (_, label) => String(label))
      return new ArrayDataset({ ...shared, targets: Int32Array.from(labels), classNames })
    }
    const targets = Float32Array.from(labels, (label) => (toy.regression ? label : 2 * label - 1))
    return new ArrayDataset({ ...shared, targets, targetShape: [1] })
  }
}

function checkedDraw(toy: Toy, options: ToyOptions): Draw {
  const { count = toy.regression ? 1200 : 500, noise = 0, classes = 2, target = 'sign' } = options
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`"${toy.name}" needs a whole number of points of at least 1; given ${count}.`)
  }
  if (!(noise >= 0 && noise <= 1)) throw new ArgumentError(`Noise is a number from 0 to 1; given ${noise}.`)
  if (toy.regression && target === 'class') {
    throw new ArgumentError(`"${toy.name}" is a regression problem and has no classes; leave out target: 'class'.`)
  }
  const most = toy.maxClasses ?? 2
  if (!Number.isInteger(classes) || classes < 2 || classes > most || (classes > 2 && target === 'sign')) {
    throw new ArgumentError(
      `"${toy.name}" takes 2${most > 2 ? ` to ${most}` : ''} classes, more than 2 with target: 'class' only; given ${classes}.`,
    )
  }
  return { random: new RandomSequence(options.seed ?? 0), count, noise, classes }
}

/**
 * Toy data in the plane, inputs `[2]`: circle, xor, gauss, spiral, moons and checkerboard (classification), plane and
 * multiGaussian (regression).
 *
 * @throws ArgumentError for a count, noise or number of classes outside its range.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const spiral = data.toys.spiral({ count: 200, noise: 0.1, seed: 1 })
 * console.log(spiral.get(0).target) // Float32Array(1) [ 1 ]
 * ```
 */
export const toys = {
  circle: makeToy({ name: 'circle', point: circlePoint, maxClasses: 5 }),
  xor: makeToy({ name: 'xor', point: xorPoint }),
  gauss: makeToy({ name: 'gauss', point: gaussPoint, maxClasses: 5 }),
  spiral: makeToy({ name: 'spiral', point: spiralPoint, maxClasses: 5 }),
  moons: makeToy({ name: 'moons', point: moonsPoint }),
  checkerboard: makeToy({ name: 'checkerboard', point: checkerboardPoint }),
  plane: makeToy({ name: 'plane', point: planePoint, regression: true }),
  multiGaussian: makeToy({ name: 'multi-gaussian', point: multiGaussianPoint, regression: true }),
} satisfies Record<string, (options?: ToyOptions) => ArrayDataset>

export type ToyName = keyof typeof toys
