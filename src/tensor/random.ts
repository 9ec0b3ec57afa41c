/**
 * Random tensors. Everything random in the library comes from one generator: host draws (initial weights, shuffles) from a
 * sequence, draws inside compiled functions (dropout, noise) from a counter that lives on the backend and advances once a run.
 */
import { ArgumentError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import { RandomSequence } from '../random/threefry.ts'
import { elementCount, type Shape } from '../shape/shape.ts'
import { arithmetic, floatUnary } from './elementwise.ts'
import { fromTypedArray, Tensor } from './tensor.ts'
import { currentTrace } from './trace.ts'
import { VariableTensor } from './variable-tensor.ts'

/** What must be kept to go on with the same random numbers. */
export interface GeneratorState {
  readonly seed: number
  /** Numbers drawn on the host. */
  readonly hostPosition: number
  /** Draws outside compiled functions. */
  readonly eagerDraws: number
  /** Runs of compiled functions that draw. */
  readonly runs: number
}

const HOST_STREAM = 0x40000000

class Generator {
  #seed = 0
  #eagerDraws = 0
  #host = new RandomSequence(0, { stream: HOST_STREAM })
  /** int32 [seed, runs]: the operand of every random draw inside compiled functions. */
  readonly counter = new VariableTensor(new Int32Array([0, 0]), [2], 'int32')

  /** Random numbers for host code such as weight initialisation. */
  get host(): RandomSequence {
    return this.#host
  }

  seed(seed: number): void {
    if (!Number.isInteger(seed)) throw new ArgumentError(`a seed is a whole number, given ${seed}.`)
    this.restore({ seed, hostPosition: 0, eagerDraws: 0, runs: 0 })
  }

  async state(): Promise<GeneratorState> {
    const [seed, runs] = (await this.counter.data()) as unknown as [number, number]
    return { seed, hostPosition: this.#host.position, eagerDraws: this.#eagerDraws, runs }
  }

  restore(state: GeneratorState): void {
    this.#seed = state.seed | 0
    this.#eagerDraws = state.eagerDraws
    this.#host = new RandomSequence(this.#seed, { stream: HOST_STREAM, position: state.hostPosition })
    this.counter.write([this.#seed, state.runs])
  }

  /** Uniform numbers in [0, 1) as a node. */
  uniform(shape: Shape): Node {
    const trace = currentTrace()
    if (trace) return makeNode('random', [this.counter.node], { shape, stream: trace.nextStream() })
    this.#eagerDraws += 1
    const counter = fromTypedArray(new Int32Array([this.#seed, this.#eagerDraws]), [2], 'int32')
    return makeNode('random', [counter.node], { shape, stream: -1 })
  }
}

/** The generator behind every random draw. */
export const generator = new Generator()

/**
 * Starts all random streams of the library anew: the same seed gives the same bits. Default seed: 0.
 *
 * @throws ArgumentError for a seed that is not a whole number.
 * @example
 * import { manualSeed, rand } from 'cognitron'
 * manualSeed(7)
 * const first = await rand([3]).data()
 * manualSeed(7)
 * console.log((await rand([3]).data()).every((value, index) => value === first[index])) // true
 */
export function manualSeed(seed: number): void {
  generator.seed(seed)
}

/**
 * Uniform numbers in [0, 1).
 *
 * @example
 * import { rand } from 'cognitron'
 * console.log((await rand([100]).data()).every((value) => value >= 0 && value < 1)) // true
 */
export function rand(shape: Shape): Tensor {
  return new Tensor(generator.uniform(shape))
}

/**
 * Normal numbers with mean 0 and variance 1, by Box and Muller from two uniform draws.
 *
 * @example
 * import { randn } from 'cognitron'
 * console.log(await randn([10_000]).std().item()) // near 1
 */
export function randn(shape: Shape): Tensor {
  const radius = floatUnary(
    'sqrt',
    arithmetic('mul', -2, floatUnary('log', arithmetic('sub', 1, generator.uniform(shape)))),
  )
  const angle = floatUnary('cos', arithmetic('mul', 2 * Math.PI, generator.uniform(shape)))
  return new Tensor(arithmetic('mul', radius, angle))
}

/**
 * Whole numbers, uniform in [low, high), as int32.
 *
 * @throws ArgumentError unless low < high.
 * @example
 * import { randint } from 'cognitron'
 * console.log((await randint(1, 7, [100]).data()).every((value) => value >= 1 && value <= 6)) // true
 */
export function randint(low: number, high: number, shape: Shape): Tensor {
  if (!(high > low)) throw new ArgumentError(`randint needs low < high, given ${low} and ${high}.`)
  return rand(shape)
    .mul(high - low)
    .floor()
    .add(low)
    .to('int32')
}

/** Uniform host numbers in [low, high), for initial weights. The draw is reserved at once and made when the result is called. */
export function uniformLater(shape: Shape, low: number, high: number): () => Float32Array {
  const count = elementCount(shape)
  const numbers = generator.host.reserve(count)
  return () => {
    const values = new Float32Array(count)
    numbers().fillUniform(values, low, high)
    return values
  }
}

/** Normal host numbers, for initial weights. The draw is reserved at once and made when the result is called. */
export function normalLater(shape: Shape, mean: number, std: number): () => Float32Array {
  const count = elementCount(shape)
  const numbers = generator.host.reserve(2 * count)
  return () => {
    const values = new Float32Array(count)
    numbers().fillNormal(values, mean, std)
    return values
  }
}

/** Normal host numbers, for initial weights. */
export function normalArray(shape: Shape, mean: number, std: number): Float32Array {
  return normalLater(shape, mean, std)()
}
