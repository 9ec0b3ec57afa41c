/**
 * Initial values of parameters, in place, from the host generator of `tensor/random.ts`. Sources: Glorot and Bengio (2010),
 * He et al. (2015), Saxe et al. (2014). Names and defaults are PyTorch's `nn.init`.
 */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import type { VariableTensor } from '../tensor/index.ts'
import { generator, normalArray, normalLater, uniformLater } from '../tensor/random.ts'
import { fanIn, fanOut } from './fan.ts'

export { fanIn, fanOut }

/** The activations that `calculateGain` knows. */
export type Nonlinearity = 'linear' | 'conv' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

/**
 * By how much weights must grow so that the activation keeps the variance; `slope` is leaky ReLU's.
 *
 * @throws ArgumentError for another name.
 * @example
 * import { nn } from 'cognitron'
 * console.log(nn.init.calculateGain('relu')) // 1.4142
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  const gains = {
    linear: 1,
    conv: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + slope ** 2)),
    selu: 3 / 4,
  } satisfies Record<Nonlinearity, number>
  const gain = gains[nonlinearity] as number | undefined
  if (gain !== undefined) return gain
  throw new ArgumentError(`calculateGain knows ${Object.keys(gains).join(', ')}, given '${nonlinearity}'.`)
}

/**
 * Every element 0.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 1)
 * nn.init.zeros(layer.weight)
 * console.log(await layer.weight.toArray()) // [[0, 0]]
 */
export function zeros(target: VariableTensor): void {
  constant(target, 0)
}

/**
 * Every element 1.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 1)
 * nn.init.ones(layer.weight)
 * console.log(await layer.weight.toArray()) // [[1, 1]]
 */
export function ones(target: VariableTensor): void {
  constant(target, 1)
}

/**
 * Every element `value`.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 1)
 * nn.init.constant(layer.weight, 0.5)
 * console.log(await layer.weight.toArray()) // [[0.5, 0.5]]
 */
export function constant(target: VariableTensor, value: number): void {
  target.write(new Float32Array(target.size).fill(value))
}

/**
 * The unit matrix, as far as it fits. Throws ArgumentError unless the target has two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 2)
 * nn.init.eye(layer.weight)
 * console.log(await layer.weight.toArray()) // [[1, 0], [0, 1]]
 */
export function eye(target: VariableTensor): void {
  const [rows = 0, columns = 0] = target.shape
  if (target.rank !== 2) throw new ArgumentError(`eye fills a matrix, given shape ${formatShape(target.shape)}.`)
  const values = new Float32Array(rows * columns)
  for (let index = 0; index < Math.min(rows, columns); index++) values[index * columns + index] = 1
  target.write(values)
}

/**
 * Uniform in [low, high).
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 1)
 * nn.init.uniform(layer.weight, 5, 6)
 * console.log((await layer.weight.data()).every((value) => value >= 5 && value < 6)) // true
 */
export function uniform(target: VariableTensor, low = 0, high = 1): void {
  target.writeLater(uniformLater(target.shape, low, high))
}

/**
 * Normal with the given mean and standard deviation.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(100, 100)
 * nn.init.normal(layer.weight, 0, 0.02)
 * console.log(await layer.weight.std().item()) // near 0.02
 */
export function normal(target: VariableTensor, mean = 0, std = 1): void {
  target.writeLater(normalLater(target.shape, mean, std))
}

export interface TruncNormalOptions {
  readonly mean?: number
  readonly std?: number
  /** Default −2. */
  readonly low?: number
  /** Default 2. */
  readonly high?: number
}

/**
 * Normal numbers within [low, high]; those outside are drawn again. Throws ArgumentError when almost none would be inside.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(100, 10)
 * nn.init.truncNormal(layer.weight, { std: 1, low: -1, high: 1 })
 * console.log((await layer.weight.abs().max().item()) <= 1) // true
 */
export function truncNormal(target: VariableTensor, options: TruncNormalOptions = {}): void {
  const { mean = 0, std = 1, low = -2, high = 2 } = options
  if (!(std > 0) || !(low < high) || low > mean + 4 * std || high < mean - 4 * std) {
    throw new ArgumentError(
      `truncNormal needs bounds within four standard deviations of the mean, given mean ${mean}, std ${std}, low ${low}, high ${high}.`,
    )
  }
  const { host } = generator
  const draw = (): number => {
    for (;;) {
      const value = mean + std * host.normal()
      if (value >= low && value <= high) return value
    }
  }
  target.write(Float32Array.from({ length: target.size }, draw))
}

/**
 * Uniform in ±gain · √(6 / (fan-in + fan-out)), also called Glorot. Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(3, 3)
 * nn.init.xavierUniform(layer.weight)
 * console.log((await layer.weight.abs().max().item()) <= 1) // true
 */
export function xavierUniform(target: VariableTensor, gain = 1): void {
  const bound = gain * Math.sqrt(6 / (fanIn(target.shape) + fanOut(target.shape)))
  uniform(target, -bound, bound)
}

/**
 * Normal with standard deviation gain · √(2 / (fan-in + fan-out)). Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(200, 200)
 * nn.init.xavierNormal(layer.weight)
 * console.log(await layer.weight.std().item()) // near √(2 / 400) = 0.0707
 */
export function xavierNormal(target: VariableTensor, gain = 1): void {
  normal(target, 0, gain * Math.sqrt(2 / (fanIn(target.shape) + fanOut(target.shape))))
}

export interface KaimingOptions {
  /** The slope of leaky ReLU for negative inputs. Default 0. */
  readonly a?: number
  /** Keep the variance of the forward pass ('fanIn') or of the gradients ('fanOut'). Default 'fanIn'. */
  readonly mode?: 'fanIn' | 'fanOut'
  /** The activation that follows. Default 'leakyRelu'. */
  readonly nonlinearity?: Nonlinearity
}

function kaimingStd(
  target: VariableTensor,
  { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions,
): number {
  const fan = mode === 'fanIn' ? fanIn(target.shape) : fanOut(target.shape)
  return calculateGain(nonlinearity, a) / Math.sqrt(Math.max(1, fan))
}

/**
 * Uniform in ±gain · √(3 / fan), also called He. Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(6, 3)
 * nn.init.kaimingUniform(layer.weight, { nonlinearity: 'relu' })
 * console.log((await layer.weight.abs().max().item()) <= 1) // true
 */
export function kaimingUniform(target: VariableTensor, options: KaimingOptions = {}): void {
  const bound = Math.sqrt(3) * kaimingStd(target, options)
  uniform(target, -bound, bound)
}

/**
 * Normal with standard deviation gain / √fan. Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Conv2d(8, 64, 5)
 * nn.init.kaimingNormal(layer.weight, { nonlinearity: 'relu' })
 * console.log(await layer.weight.std().item()) // near √(2 / 200) = 0.1
 */
export function kaimingNormal(target: VariableTensor, options: KaimingOptions = {}): void {
  normal(target, 0, kaimingStd(target, options))
}

/**
 * Rows (or columns, if there are fewer) that are orthogonal and of length `gain`; further axes count as columns.
 * Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * const layer = new nn.Linear(2, 2)
 * nn.init.orthogonal(layer.weight)
 * const product = layer.weight.matmul(layer.weight.transpose(0, 1))
 * console.log(await product.toArray()) // the unit matrix
 */
export function orthogonal(target: VariableTensor, gain = 1): void {
  fanIn(target.shape)
  const rows = at(target.shape, 0)
  const columns = product(target.shape.slice(1))
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  const vectors = orthonormal(count, length)
  const values = new Float32Array(rows * columns)
  for (let vector = 0; vector < count; vector++) {
    for (let index = 0; index < length; index++) {
      const place = rows <= columns ? vector * columns + index : index * columns + vector
      values[place] = gain * at(at(vectors, vector), index)
    }
  }
  target.write(values)
}

/** Random orthonormal vectors by modified Gram–Schmidt, applied twice for accuracy. */
function orthonormal(count: number, length: number): Float64Array[] {
  const vectors: Float64Array[] = []
  while (vectors.length < count) {
    const vector = Float64Array.from(normalArray([length], 0, 1))
    for (const other of [...vectors, ...vectors]) {
      const overlap = dot(vector, other)
      for (let index = 0; index < length; index++) vector[index] = at(vector, index) - overlap * at(other, index)
    }
    const size = Math.sqrt(dot(vector, vector))
    if (size > 1e-6) vectors.push(vector.map((value) => value / size))
  }
  return vectors
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number)
  return sum
}
