/**
 * A data set held as two typed arrays. Parsers, generators and tables end here; its `gather` copies whole samples and converts
 * bytes to float32 on the way, so that a batch costs two allocations and no object per sample.
 */
import { product } from '../base/arrays.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { allocateBatch, checkIndex, type Dataset, type Sample } from './dataset.ts'
import { type Normalization, Normalizer } from './normalization.ts'

export interface ArrayDatasetOptions {
  /** All inputs, row-major: `[samples, …inputShape]`. */
  readonly inputs: TypedArray
  /** All targets, row-major: `[samples, …targetShape]`. */
  readonly targets: TypedArray
  readonly inputShape: readonly number[]
  /** `[]` (default) for class numbers. */
  readonly targetShape?: readonly number[]
  readonly name?: string
  readonly classNames?: readonly string[] | undefined
  readonly featureNames?: readonly string[] | undefined
  /** How stored inputs become float32 inputs; without it they keep their type. */
  readonly normalize?: Normalization | undefined
}

/**
 * A data set in two typed arrays; uint8 images stay uint8 and become float32 in the batch: y = (x · scale − mean) / std.
 * Class numbers may be stored as uint8; batches hold them as int32.
 *
 * @throws ShapeError when the lengths of the arrays do not fit the shapes or each other.
 * @throws ArgumentError when a class number lies outside `classNames`.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const set = new data.ArrayDataset({
 *   inputs: new Uint8Array([0, 255, 51, 102]), targets: new Uint8Array([1, 0]),
 *   inputShape: [2], normalize: { scale: 1 / 255 }, classNames: ['no', 'yes'],
 * })
 * console.log(set.get(0).input) // Float32Array(2) [ 0, 1 ]
 * ```
 */
export class ArrayDataset implements Dataset {
  readonly name: string
  readonly length: number
  readonly inputShape: readonly number[]
  readonly targetShape: readonly number[]
  readonly inputDType: DType
  readonly targetDType: DType
  readonly classNames: readonly string[] | undefined
  readonly featureNames: readonly string[] | undefined
  /** The stored inputs, before normalisation. */
  readonly rawInputs: TypedArray
  readonly rawTargets: TypedArray
  readonly normalization: Normalization | undefined
  readonly #normalizer: Normalizer | undefined
  readonly #inputSize: number
  readonly #targetSize: number

  constructor(options: ArrayDatasetOptions) {
    this.name = options.name ?? 'arrays'
    this.rawInputs = options.inputs
    this.rawTargets = options.targets
    this.inputShape = options.inputShape
    this.targetShape = options.targetShape ?? []
    this.classNames = options.classNames
    this.featureNames = options.featureNames
    this.normalization = options.normalize
    this.#normalizer = options.normalize && new Normalizer(options.normalize, this.inputShape)
    this.inputDType = this.#normalizer ? 'float32' : storedType(options.inputs)
    this.targetDType = options.targets instanceof Float32Array ? 'float32' : 'int32'
    this.#inputSize = product(this.inputShape)
    this.#targetSize = product(this.targetShape)
    const count = sampleCount(this.name, 'inputs', options.inputs.length, this.inputShape)
    const targetCount = sampleCount(this.name, 'targets', options.targets.length, this.targetShape)
    if (count !== targetCount) {
      throw new ShapeError(
        `"${this.name}" has ${count} inputs and ${targetCount} targets; every input needs exactly one target.`,
      )
    }
    this.length = count
    if (this.classNames) checkLabels(this.name, options.targets, this.classNames.length)
  }

  get(index: number): Sample {
    checkIndex(index, this)
    const { inputs, targets } = allocateBatch(this, 1)
    this.gather([index], inputs, targets)
    return { input: inputs, target: targets }
  }

  gather(indices: ArrayLike<number>, inputs: TypedArray, targets: TypedArray): void {
    const size = this.#inputSize
    const normalizer = this.#normalizer
    for (let slot = 0; slot < indices.length; slot++) {
      const index = indices[slot] as number
      checkIndex(index, this)
      if (normalizer) normalizer.convert(this.rawInputs, index * size, inputs, slot * size)
      else inputs.set(this.rawInputs.subarray(index * size, (index + 1) * size), slot * size)
    }
    this.#gatherTargets(indices, targets)
  }

  labels(): Int32Array {
    if (this.targetShape.length > 0 || this.targetDType !== 'int32') {
      throw new ArgumentError(
        `The targets of "${this.name}" are not class numbers (shape [${this.targetShape.join(', ')}], ` +
          `${this.targetDType}); give one uint8 or int32 class per sample.`,
      )
    }
    return Int32Array.from(this.rawTargets)
  }

  #gatherTargets(indices: ArrayLike<number>, targets: TypedArray): void {
    const size = this.#targetSize
    const raw = this.rawTargets
    for (let slot = 0; slot < indices.length; slot++) {
      const from = (indices[slot] as number) * size
      for (let i = 0; i < size; i++) targets[slot * size + i] = raw[from + i] as number
    }
  }
}

function storedType(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  return array instanceof Int32Array ? 'int32' : 'uint8'
}

function sampleCount(name: string, what: string, length: number, shape: readonly number[]): number {
  const size = product(shape)
  if (size > 0 && length % size === 0) return length / size
  throw new ShapeError(
    `The ${what} of "${name}" hold ${length} numbers, which is no whole number of samples of shape ` +
      `[${shape.join(', ')}] (${size} numbers each).`,
  )
}

function checkLabels(name: string, labels: TypedArray, classes: number): void {
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] as number
    if (label >= 0 && label < classes) continue
    throw new ArgumentError(
      `Sample ${index} of "${name}" has the class ${label}, but there are ${classes} classes (0 to ${classes - 1}).`,
    )
  }
}
