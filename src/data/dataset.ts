/**
 * What a data set is: numbered samples of one shape, each an input and a target. Parsers, generators and folders of files make
 * them; `split`, `Subset` and `DataLoader` use them. Everything here works on plain typed arrays, so that a set can be built,
 * inspected and tested without a backend. Reading files is left to `data/node`.
 */

import { product } from '../base/arrays.ts'
import { allocate, type DType, type TypedArray } from '../base/dtype.ts'
import { ArgumentError, CognitronError } from '../base/errors.ts'

/** One example: an input and its target, both row-major. */
export interface Sample {
  readonly input: TypedArray
  readonly target: TypedArray
}

/** What every data set says of itself; shapes are those of one sample, without the batch axis. */
export interface DatasetDescription {
  readonly name: string
  readonly length: number
  readonly inputShape: readonly number[]
  /** `[]` for a class number. */
  readonly targetShape: readonly number[]
  /** Element type of a batch of inputs. */
  readonly inputDType: DType
  /** Element type of a batch of targets; `int32` for class numbers. */
  readonly targetDType: DType
  /** The name of class 0, 1, …; absent for regression. */
  readonly classNames?: readonly string[] | undefined
  /** Names of the columns of a table's inputs. */
  readonly featureNames?: readonly string[] | undefined
  /** The class number of every sample, without reading inputs; absent for regression. */
  labels?(): Int32Array
}

/**
 * A data set in memory: `get(index)` answers at once. `gather` is the fast path of a loader; `gatherSamples` stands in for it.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const toy = data.toys.xor({ count: 8, seed: 1 })
 * console.log(toy.length, toy.inputShape) // 8 [ 2 ]
 * ```
 */
export interface Dataset extends DatasetDescription {
  get(index: number): Sample
  /** Writes samples `indices` one after the other into `inputs` and `targets`. */
  gather?(indices: ArrayLike<number>, inputs: TypedArray, targets: TypedArray): void
}

/** A data set whose samples must be fetched or decoded first, such as a folder of image files. */
export interface AsyncDataset extends DatasetDescription {
  load(index: number): Promise<Sample>
}

/**
 * Whether samples have to be awaited.
 *
 * @example
 * import { data } from 'cognitron'
 * console.log(data.isAsyncDataset(data.toys.circle({ count: 10, seed: 1 }))) // false
 */
export function isAsyncDataset(dataset: Dataset | AsyncDataset): dataset is AsyncDataset {
  return 'load' in dataset
}

/** Throws unless `index` is a sample of the set. */
export function checkIndex(index: number, dataset: DatasetDescription): void {
  if (Number.isInteger(index) && index >= 0 && index < dataset.length) return
  throw new ArgumentError(
    `The data set "${dataset.name}" has ${dataset.length} samples, so an index is 0 to ${dataset.length - 1}; given ${index}.`,
  )
}

/** Room for `count` inputs and targets of a data set. */
export function allocateBatch(dataset: DatasetDescription, count: number): { inputs: TypedArray; targets: TypedArray } {
  return {
    inputs: allocate(dataset.inputDType, count * product(dataset.inputShape)),
    targets: allocate(dataset.targetDType, count * product(dataset.targetShape)),
  }
}

/** Samples `indices` one after the other into `inputs` and `targets`, by the set's own `gather` where it has one. */
export function gatherSamples(
  dataset: Dataset,
  indices: ArrayLike<number>,
  inputs: TypedArray,
  targets: TypedArray,
): void {
  if (dataset.gather) {
    dataset.gather(indices, inputs, targets)
    return
  }
  for (let slot = 0; slot < indices.length; slot++) {
    writeSample(dataset, dataset.get(indices[slot] as number), slot, inputs, targets)
  }
}

/** Writes one sample into place `slot` of a batch; a sample of another size is an error that names the set. */
export function writeSample(
  dataset: DatasetDescription,
  sample: Sample,
  slot: number,
  inputs: TypedArray,
  targets: TypedArray,
): void {
  const inputSize = product(dataset.inputShape)
  const targetSize = product(dataset.targetShape)
  if (sample.input.length !== inputSize || sample.target.length !== targetSize) {
    throw new CognitronError(
      `The data set "${dataset.name}" promises ${inputSize} input and ${targetSize} target numbers a sample, ` +
        `but gave ${sample.input.length} and ${sample.target.length}.`,
    )
  }
  inputs.set(sample.input, slot * inputSize)
  targets.set(sample.target, slot * targetSize)
}

/**
 * The class number of every sample.
 *
 * @throws ArgumentError when the targets are not class numbers.
 * @example
 * import { data } from 'cognitron'
 * const set = data.toys.circle({ count: 10, seed: 1, target: 'class' })
 * console.log(data.labelsOf(set).length) // 10
 */
export function labelsOf(dataset: Dataset | AsyncDataset): Int32Array {
  if (dataset.labels) return dataset.labels()
  if (isAsyncDataset(dataset) || dataset.targetShape.length > 0 || dataset.targetDType === 'float32') {
    throw new ArgumentError(
      `The targets of "${dataset.name}" are not class numbers (shape [${dataset.targetShape.join(', ')}], ` +
        `${dataset.targetDType}); give a data set with one int32 class per sample.`,
    )
  }
  return Int32Array.from({ length: dataset.length }, (_, index) => dataset.get(index).target[0] as number)
}

/**
 * The number of samples of each class.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * console.log(data.classCounts(data.toys.circle({ count: 10, target: 'class' }))) // Int32Array(2) [ 5, 5 ]
 * ```
 */
export function classCounts(dataset: Dataset | AsyncDataset): Int32Array {
  const labels = labelsOf(dataset)
  let classes = dataset.classNames?.length ?? 0
  for (const label of labels) classes = Math.max(classes, label + 1)
  const counts = new Int32Array(classes)
  for (const label of labels) counts[label] = (counts[label] as number) + 1
  return counts
}
