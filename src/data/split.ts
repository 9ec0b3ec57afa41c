/**
 * Parts of a data set: a subset by indices, seeded random splits (plain or stratified by class) and k folds for
 * cross-validation. Only indices are made; samples stay where they are.
 */

import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { permutation } from '../random/permutation.ts'
import { RandomSequence } from '../random/threefry.ts'
import {
  type AsyncDataset,
  checkIndex,
  type Dataset,
  type DatasetDescription,
  gatherSamples,
  isAsyncDataset,
  labelsOf,
  type Sample,
} from './dataset.ts'

/** Random numbers of splits are a stream apart from those of loaders, so that equal seeds do not repeat an order. */
const SPLIT_STREAM = 0x73706c74

class SubsetDescription<Base extends DatasetDescription> implements DatasetDescription {
  readonly name: string
  readonly length: number
  readonly inputShape: readonly number[]
  readonly targetShape: readonly number[]
  readonly inputDType: DType
  readonly targetDType: DType
  readonly classNames: readonly string[] | undefined
  readonly featureNames: readonly string[] | undefined
  readonly base: Base
  readonly indices: Int32Array

  constructor(base: Base, indices: ArrayLike<number>) {
    this.base = base
    this.indices = Int32Array.from(indices)
    for (const index of this.indices) checkIndex(index, base)
    this.name = base.name
    this.length = this.indices.length
    this.inputShape = base.inputShape
    this.targetShape = base.targetShape
    this.inputDType = base.inputDType
    this.targetDType = base.targetDType
    this.classNames = base.classNames
    this.featureNames = base.featureNames
  }

  protected map(indices: ArrayLike<number>): Int32Array {
    return Int32Array.from(indices, (index) => {
      checkIndex(index, this)
      return this.indices[index] as number
    })
  }
}

/**
 * Samples `indices` of another data set, in that order.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const firstTwo = new data.Subset(data.toys.xor({ count: 10 }), [0, 1])
 * console.log(firstTwo.length) // 2
 * ```
 */
export class Subset extends SubsetDescription<Dataset> implements Dataset {
  get(index: number): Sample {
    checkIndex(index, this)
    return this.base.get(this.indices[index] as number)
  }

  gather(indices: ArrayLike<number>, inputs: TypedArray, targets: TypedArray): void {
    gatherSamples(this.base, this.map(indices), inputs, targets)
  }

  labels(): Int32Array {
    const all = labelsOf(this.base)
    return this.indices.map((index) => all[index] as number)
  }
}

/**
 * Samples `indices` of a data set that is loaded on demand.
 *
 * @example
 * import { data } from 'cognitron'
 * const source: data.AsyncDataset = {
 *   name: 'counts',
 *   length: 3,
 *   inputShape: [1],
 *   targetShape: [1],
 *   inputDType: 'float32',
 *   targetDType: 'float32',
 *   load: async (index) => ({ input: new Float32Array([index]), target: new Float32Array([2 * index]) }),
 * }
 * const subset = new data.AsyncSubset(source, Int32Array.of(2, 0))
 * console.log(subset.length, (await subset.load(0)).input[0]) // 2 2
 */
export class AsyncSubset extends SubsetDescription<AsyncDataset> implements AsyncDataset {
  load(index: number): Promise<Sample> {
    checkIndex(index, this)
    return this.base.load(this.indices[index] as number)
  }

  labels(): Int32Array {
    const all = labelsOf(this.base)
    return this.indices.map((index) => all[index] as number)
  }
}

export interface SplitOptions {
  readonly seed?: number
  /** Keep the shares of the classes equal in every part (to within one sample). */
  readonly stratified?: boolean
}

/**
 * Cuts a data set at random into parts that share no sample. `parts` are fractions (sum at most 1) or counts (sum at most the
 * length); fractions that add up to 1 leave no sample out: what rounding leaves over goes to the first parts, one each.
 *
 * @throws ArgumentError when the parts ask for more than there is.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const [train, valid] = data.split(data.toys.circle({ count: 100 }), [0.8, 0.2], { seed: 1 })
 * console.log(train?.length, valid?.length) // 80 20
 * ```
 */
export function split(dataset: Dataset, parts: readonly number[], options?: SplitOptions): Subset[]
export function split(dataset: AsyncDataset, parts: readonly number[], options?: SplitOptions): AsyncSubset[]
export function split(
  dataset: Dataset | AsyncDataset,
  parts: readonly number[],
  options: SplitOptions = {},
): (Subset | AsyncSubset)[] {
  const counts = partCounts(dataset, parts)
  const random = new RandomSequence(options.seed ?? 0, { stream: SPLIT_STREAM })
  const shuffled = permutation(random, dataset.length)
  const order = options.stratified ? interleaveClasses(shuffled, labelsOf(dataset)) : shuffled
  let start = 0
  return counts.map((count) => {
    const indices = order.subarray(start, start + count)
    start += count
    return isAsyncDataset(dataset) ? new AsyncSubset(dataset, indices) : new Subset(dataset, indices)
  })
}

function partCounts(dataset: DatasetDescription, parts: readonly number[]): number[] {
  const total = parts.reduce((sum, part) => sum + part, 0)
  if (parts.length === 0 || parts.some((part) => !(part > 0))) {
    throw new ArgumentError(`Every part of a split must be above 0; given [${parts.join(', ')}].`)
  }
  if (total > 1 + 1e-9) {
    if (parts.every(Number.isInteger) && total <= dataset.length) return [...parts]
    throw new ArgumentError(
      `A split of "${dataset.name}" takes fractions that add up to at most 1, or whole counts that add up to at most ` +
        `${dataset.length}; given [${parts.join(', ')}].`,
    )
  }
  const counts = parts.map((part) => Math.floor(part * dataset.length + 1e-9))
  if (total < 1 - 1e-9) return counts
  const left = dataset.length - counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count, part) => count + (part < left ? 1 : 0))
}

/** Orders samples so that any stretch of the order holds the classes in their overall shares. */
function interleaveClasses(order: Int32Array, labels: Int32Array): Int32Array {
  const sizes = new Map<number, number>()
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const seen = new Map<number, number>()
  const places = new Float64Array(labels.length)
  for (const index of order) {
    const label = labels[index] as number
    const rank = seen.get(label) ?? 0
    seen.set(label, rank + 1)
    places[index] = (rank + 0.5) / (sizes.get(label) ?? 1)
  }
  return order.slice().sort((a, b) => (places[a] as number) - (places[b] as number))
}

/** One turn of a cross-validation. */
export interface Fold<Part> {
  readonly train: Part
  readonly validation: Part
}

/**
 * k pairs of training and validation parts; every sample is in exactly one validation part, whose sizes differ by at most one.
 *
 * @throws ArgumentError when k is below 2 or above the number of samples.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * for (const { train, validation } of data.kFold(data.toys.gauss({ count: 10 }), 5, { seed: 1 })) {
 *   console.log(train.length, validation.length) // 8 2, five times
 * }
 * ```
 */
export function kFold(dataset: Dataset, k: number, options?: SplitOptions): Fold<Subset>[]
export function kFold(dataset: AsyncDataset, k: number, options?: SplitOptions): Fold<AsyncSubset>[]
export function kFold(
  dataset: Dataset | AsyncDataset,
  k: number,
  options: SplitOptions = {},
): Fold<Subset | AsyncSubset>[] {
  const stratifyBy = options.stratified ? labelsOf(dataset) : undefined
  return kFoldIndices(dataset.length, k, { seed: options.seed ?? 0, stratifyBy }).map(({ train, validation }) =>
    isAsyncDataset(dataset)
      ? { train: new AsyncSubset(dataset, train), validation: new AsyncSubset(dataset, validation) }
      : { train: new Subset(dataset, train), validation: new Subset(dataset, validation) },
  )
}

/**
 * The index lists behind `kFold`, for data that is no data set.
 *
 * @throws ArgumentError unless k is a whole number from 2 to the number of samples.
 * @example
 * import { data, train } from 'cognitron'
 * const folds = data.kFoldIndices(6, 3, { seed: 1 })
 * console.log(folds.map(({ train, validation }) => [train.length, validation.length])) // [[4, 2], [4, 2], [4, 2]]
 */
export function kFoldIndices(
  length: number,
  k: number,
  options: { seed?: number; stratifyBy?: Int32Array | undefined } = {},
): Fold<Int32Array>[] {
  if (!Number.isInteger(k) || k < 2 || k > length) {
    throw new ArgumentError(`k-fold needs a whole k from 2 to the number of samples (${length}); given ${k}.`)
  }
  const random = new RandomSequence(options.seed ?? 0, { stream: SPLIT_STREAM })
  const shuffled = permutation(random, length)
  const order = options.stratifyBy ? interleaveClasses(shuffled, options.stratifyBy) : shuffled
  return Array.from({ length: k }, (_, fold) => {
    const start = Math.floor((fold * length) / k)
    const end = Math.floor(((fold + 1) * length) / k)
    const train = new Int32Array(length - (end - start))
    train.set(order.subarray(0, start))
    train.set(order.subarray(end), start)
    return { train, validation: order.slice(start, end) }
  })
}
