/**
 * Minimises a smooth loss over whole data by the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno: the loss and its
 * gradient come from one compiled program, the few vectors are kept in double precision on the host. For convex problems of modest
 * size, where an exact answer is wanted; networks are trained by `optim`.
 * Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4, 7.5 and 3.1.
 */
import { at } from '../../base/arrays.ts'
import { compile, grad, type Parameter, type Tensor } from '../../tensor/index.ts'

export interface LbfgsOptions {
  /** Default 500. */
  readonly maxIterations?: number
  /** Stop when no element of the gradient is larger. Default 1e-6. */
  readonly tolerance?: number
}

export interface LbfgsReport {
  readonly loss: number
  readonly iterations: number
  /** Whether the gradient vanished, or the loss could not be lowered in the precision of float32. */
  readonly converged: boolean
}

/** Steps and changes of the gradient that approximate the curvature. */
interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  readonly curvature: number
}

interface Point {
  readonly x: Float64Array
  readonly loss: number
  readonly gradient: Float64Array
}

const MEMORY = 10
/** The lowest share of the promised decrease that is taken (Armijo). */
const SUFFICIENT = 1e-4
const MOST_HALVINGS = 30
/** Differences of losses below this share of them are rounding. */
const ROUNDING = 2 ** -22

/** Moves `parameters` to a minimum of `loss()`. */
export async function minimizeLbfgs(
  parameters: readonly Parameter[],
  loss: () => Tensor,
  { maxIterations = 500, tolerance = 1e-6 }: LbfgsOptions = {},
): Promise<LbfgsReport> {
  const evaluate = evaluator(parameters, loss)
  let point = await evaluate(await flatten(parameters))
  const pairs: Pair[] = []
  for (let iteration = 0; ; iteration++) {
    const report = { loss: point.loss, iterations: iteration }
    if (largest(point.gradient) <= tolerance) return { ...report, converged: true }
    if (iteration >= maxIterations) return { ...report, converged: false }
    const next = await lineSearch(point, direction(point.gradient, pairs), evaluate)
    if (!next) {
      if (pairs.length === 0) {
        await evaluate(point.x)
        return { ...report, converged: true }
      }
      // Curvature from steps as small as the rounding misleads; begin again with the plain gradient.
      pairs.length = 0
      continue
    }
    remember(pairs, point, next)
    point = next
  }
}

function evaluator(parameters: readonly Parameter[], loss: () => Tensor): (x: Float64Array) => Promise<Point> {
  const program = compile(() => {
    const value = loss()
    return [value, ...grad(value, parameters)]
  })
  return async (x) => {
    let offset = 0
    for (const parameter of parameters) {
      parameter.write(x.subarray(offset, offset + parameter.size))
      offset += parameter.size
    }
    const [value, ...gradients] = await program()
    const parts = await Promise.all(gradients.map((gradient) => gradient.data()))
    return { x, loss: (await value?.item()) ?? 0, gradient: joined(parts, x.length) }
  }
}

async function flatten(parameters: readonly Parameter[]): Promise<Float64Array> {
  const parts = await Promise.all(parameters.map((parameter) => parameter.data()))
  return joined(
    parts,
    parts.reduce((sum, part) => sum + part.length, 0),
  )
}

function joined(parts: readonly ArrayLike<number>[], length: number): Float64Array {
  const all = new Float64Array(length)
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

/** −H · gradient by the two-loop recursion. */
function direction(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const d = gradient.map((value) => -value)
  const factors = pairs.map(() => 0)
  for (let index = pairs.length - 1; index >= 0; index--) {
    const { step, change, curvature } = at(pairs, index)
    factors[index] = dot(step, d) / curvature
    addScaled(d, change, -at(factors, index))
  }
  const last = pairs.at(-1)
  const scale = last
    ? last.curvature / dot(last.change, last.change)
    : 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)))
  for (let index = 0; index < d.length; index++) d[index] = at(d, index) * scale
  pairs.forEach(({ step, change, curvature }, index) => {
    addScaled(d, step, at(factors, index) - dot(change, d) / curvature)
  })
  return d
}

/** The first of d, d / 2, d / 4, … that lowers the loss enough; undefined when none does. */
async function lineSearch(
  from: Point,
  d: Float64Array,
  evaluate: (x: Float64Array) => Promise<Point>,
): Promise<Point | undefined> {
  const slope = dot(from.gradient, d)
  if (!(slope < 0)) return undefined
  const slack = ROUNDING * Math.max(1, Math.abs(from.loss))
  for (let halving = 0, size = 1; halving < MOST_HALVINGS; halving++, size /= 2) {
    const x = from.x.map((value, index) => value + size * at(d, index))
    const point = await evaluate(x)
    const wanted = SUFFICIENT * size * slope
    if (point.loss <= from.loss + wanted && point.loss < from.loss) return point
    // Where losses differ by rounding alone, a smaller gradient still tells that the step was good.
    const level = Math.abs(point.loss - from.loss) <= slack
    if (level && dot(point.gradient, point.gradient) < 0.81 * dot(from.gradient, from.gradient)) return point
  }
  return undefined
}

function remember(pairs: Pair[], from: Point, to: Point): void {
  const step = to.x.map((value, index) => value - at(from.x, index))
  const change = to.gradient.map((value, index) => value - at(from.gradient, index))
  const curvature = dot(step, change)
  if (curvature <= 1e-10 * Math.sqrt(dot(step, step) * dot(change, change))) return
  pairs.push({ step, change, curvature })
  if (pairs.length > MEMORY) pairs.shift()
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number)
  return sum
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] as number) + factor * (source[index] as number)
  }
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}
