/** Between data sets and scalers: the inputs or targets of a set as a matrix, and a set with scaled ones. */
import { product } from '../base/arrays.ts'
import { ShapeError } from '../base/errors.ts'
import { ArrayDataset } from './array-dataset.ts'
import { allocateBatch, type Dataset, gatherSamples } from './dataset.ts'
import type { Matrix, Scaler } from './scalers.ts'

function gatherAll(dataset: Dataset): ReturnType<typeof allocateBatch> {
  const all = allocateBatch(dataset, dataset.length)
  const indices = Int32Array.from({ length: dataset.length }, (_, index) => index)
  gatherSamples(dataset, indices, all.inputs, all.targets)
  return all
}

function matrixOf(dataset: Dataset, values: ArrayLike<number>, shape: readonly number[]): Matrix {
  return { data: Float32Array.from(values), shape: [dataset.length, product(shape)] }
}

/**
 * All inputs of a data set, a row for each sample.
 *
 * @example
 * import { data } from 'cognitron'
 * console.log(data.inputMatrix(data.toys.circle({ count: 10, seed: 1 })).shape) // [10, 2]
 */
export function inputMatrix(dataset: Dataset): Matrix {
  return matrixOf(dataset, gatherAll(dataset).inputs, dataset.inputShape)
}

/**
 * All targets of a data set, a row for each sample.
 *
 * @example
 * import { data } from 'cognitron'
 * console.log(data.targetMatrix(data.toys.circle({ count: 10, seed: 1 })).shape) // [10, 1]
 */
export function targetMatrix(dataset: Dataset): Matrix {
  return matrixOf(dataset, gatherAll(dataset).targets, dataset.targetShape)
}

/**
 * A copy of a data set with inputs, targets or both scaled by scalers that were fitted before, on the training part alone.
 *
 * @throws ShapeError when a scaler was fitted on another number of columns, or targets to scale are class numbers.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const [train, valid] = data.split(data.toys.gauss({ count: 20 }), [0.8, 0.2])
 * if (train && valid) {
 *   const scaler = new data.StandardScaler().fit(data.inputMatrix(train))
 *   console.log(data.scaleDataset(valid, { inputs: scaler }).length) // 4
 * }
 * ```
 */
export function scaleDataset(dataset: Dataset, scalers: { inputs?: Scaler; targets?: Scaler }): ArrayDataset {
  if (scalers.targets && dataset.targetDType !== 'float32') {
    throw new ShapeError(`The targets of "${dataset.name}" are class numbers, which are not scaled; leave out targets.`)
  }
  const { inputs, targets } = gatherAll(dataset)
  const scaled = (scaler: Scaler, values: ArrayLike<number>, shape: readonly number[]): Float32Array =>
    Float32Array.from(scaler.transform(matrixOf(dataset, values, shape)).data)
  return new ArrayDataset({
    inputs: scalers.inputs ? scaled(scalers.inputs, inputs, dataset.inputShape) : inputs,
    targets: scalers.targets ? scaled(scalers.targets, targets, dataset.targetShape) : targets,
    inputShape: dataset.inputShape,
    targetShape: dataset.targetShape,
    name: dataset.name,
    classNames: dataset.classNames,
    featureNames: dataset.featureNames,
  })
}
