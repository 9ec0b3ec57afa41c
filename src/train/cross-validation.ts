/** k-fold cross-validation: as many runs as parts, each judged on the part that it did not see. */
import { at, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import { kFold } from '../data/split.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Evaluator } from './evaluate.ts'

import { Judge } from './judge.ts'
import { Run } from './run.ts'
import type { Evaluation, FitOptions, FitResult, Network } from './types.ts'

/** A fresh network for a fold and how to train it; the data sets are put in. */
export interface FoldSetup<Output = Tensor> {
  readonly model: Network<Output>
  readonly options: Omit<FitOptions<Output>, 'train' | 'validation' | 'test'>
}

export interface FoldResult {
  readonly fit: FitResult
  /** The held-out part, judged with the final weights. */
  readonly held: Evaluation
}

export interface CrossValidation {
  readonly folds: readonly FoldResult[]
  /** Mean and standard deviation (divisor k − 1) over the folds. */
  readonly loss: { readonly mean: number; readonly std: number }
  readonly accuracy: { readonly mean: number; readonly std: number } | undefined
}

export interface CrossValidationOptions {
  /** How many parts. Default 5. */
  readonly folds?: number
  readonly seed?: number
}

/**
 * Trains a fresh network for each of k folds and judges it on the part that was held out. The part is not used for stopping or
 * choosing, so the figures are honest.
 *
 * @throws ArgumentError unless there are at least 2 folds.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const set = data.toys.circle({ count: 60, seed: 1, target: 'class' })
 * const { folds, accuracy } = await train.crossValidate(set, { folds: 3, seed: 1 }, () => {
 *   const model = models.mlp([2, 4, 2])
 *   const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 })
 *   return { model, options: { loss: loss.crossEntropy, optimizer, epochs: 2, batchSize: 10 } }
 * })
 * console.log(folds.length, accuracy !== undefined) // 3 true
 */
export async function crossValidate<Output = Tensor>(
  dataset: Dataset,
  options: CrossValidationOptions,
  setup: (fold: number) => FoldSetup<Output>,
): Promise<CrossValidation> {
  const { folds: count = 5, seed = 0 } = options
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new ArgumentError(`cross-validation needs at least 2 folds, given ${count}.`)
  }
  const parts = kFold(dataset, count, { seed })
  const folds: FoldResult[] = []
  for (const fold of range(count)) {
    const { train, validation } = at(parts, fold)
    const { model, options: own } = setup(fold)
    const result = await new Run(model, { ...own, train }).run()
    const evaluator = new Evaluator(model, new Judge(own, train), own.evaluationBatchSize)
    folds.push({ fit: result, held: await evaluator.evaluate(validation) })
  }
  const accuracies = folds.flatMap(({ held: { accuracy } }) => (accuracy === undefined ? [] : [accuracy]))
  return {
    folds,
    loss: spread(folds.map(({ held }) => held.loss)),
    accuracy: accuracies.length > 0 ? spread(accuracies) : undefined,
  }
}

function spread(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, std: Math.sqrt(squares / (values.length - 1)) }
}
