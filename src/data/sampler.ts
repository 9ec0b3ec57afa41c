/**
 * Samplers: the order in which a loader visits samples. An order depends on (seed, epoch) alone, so that a run resumes in the
 * middle of an epoch from two integers.
 */

import { ArgumentError } from '../base/errors.ts'
import { permutation } from '../random/permutation.ts'
import { RandomSequence } from '../random/threefry.ts'

export interface Sampler {
  /** Samples visited in an epoch. */
  readonly length: number
  /** The samples of `epoch` in order. */
  indices(epoch: number): Int32Array
}

/**
 * 0, 1, …, length − 1 in every epoch.
 *
 * @example
 * import { data } from 'cognitron'
 * console.log([...new data.SequentialSampler(3).indices()]) // [0, 1, 2]
 */
export class SequentialSampler implements Sampler {
  readonly length: number

  constructor(length: number) {
    this.length = length
  }

  indices(): Int32Array {
    return Int32Array.from({ length: this.length }, (_, index) => index)
  }
}

/**
 * Every sample once, in an order drawn anew for every epoch.
 *
 * @example
 * import { data } from 'cognitron'
 * const order = [...new data.RandomSampler(3, { seed: 1 }).indices(0)]
 * console.log(order.sort()) // [0, 1, 2]
 */
export class RandomSampler implements Sampler {
  readonly length: number
  readonly seed: number

  constructor(length: number, options: { seed?: number } = {}) {
    this.length = length
    this.seed = options.seed ?? 0
  }

  indices(epoch: number): Int32Array {
    return permutation(new RandomSequence(this.seed, { stream: epoch }), this.length)
  }
}

/**
 * Samples drawn with replacement, each with a probability proportional to its weight.
 *
 * @throws ArgumentError for a negative or non-finite weight, or when all are 0.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const sampler = new data.WeightedSampler([0, 1, 0], { count: 4, seed: 1 })
 * console.log(sampler.indices(0)) // Int32Array(4) [ 1, 1, 1, 1 ]
 * ```
 */
export class WeightedSampler implements Sampler {
  readonly length: number
  readonly seed: number
  readonly #cumulative: Float64Array

  constructor(weights: ArrayLike<number>, options: { count?: number; seed?: number } = {}) {
    this.length = options.count ?? weights.length
    this.seed = options.seed ?? 0
    this.#cumulative = new Float64Array(weights.length)
    let total = 0
    for (let index = 0; index < weights.length; index++) {
      const weight = weights[index] as number
      if (!(weight >= 0 && Number.isFinite(weight))) {
        throw new ArgumentError(`Weights must be finite and not negative; weight ${index} is ${weight}.`)
      }
      total += weight
      this.#cumulative[index] = total
    }
    if (total === 0) throw new ArgumentError('At least one weight must be above 0; all are 0.')
  }

  indices(epoch: number): Int32Array {
    const random = new RandomSequence(this.seed, { stream: epoch })
    const cumulative = this.#cumulative
    const total = cumulative[cumulative.length - 1] as number
    return Int32Array.from({ length: this.length }, () => firstAbove(cumulative, random.uniform() * total))
  }
}

/** The first index whose cumulative weight is above `value`. */
function firstAbove(cumulative: Float64Array, value: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cumulative[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Every class equally often: weights 1 / (number of samples of the class), drawn with replacement.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const sampler = data.balancedSampler(Int32Array.of(0, 0, 0, 1), { count: 1000, seed: 1 })
 * console.log(sampler.indices(0).filter((index) => index === 3).length > 450) // true
 * ```
 */
export function balancedSampler(
  labels: ArrayLike<number>,
  options: { count?: number; seed?: number } = {},
): WeightedSampler {
  const counts = new Map<number, number>()
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] as number
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  const weights = Float64Array.from(labels, (label) => 1 / (counts.get(label) ?? 1))
  return new WeightedSampler(weights, options)
}
