/** The report of a run folder: looks closely at the test set, else at the validation set, and gathers the facts of the run. */
import { CognitronError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { canExamine, examine } from '../report/examine.ts'
import { report } from '../report/report.ts'
import type { FitResult, TrainingView } from '../types.ts'

export interface RunReportOptions {
  readonly title: string
  readonly lead?: string
  readonly facts?: Readonly<Record<string, string | number | boolean | null | undefined>>
}

/**
 * Makes the text of `report.html`; give it to `runFolder` as its option `report`.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * import { runFolder, runReport } from 'cognitron/train/node'
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const callbacks = [runFolder('runs/told', { overwrite: true, report: runReport({ title: 'A toy' }) })]
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 1, callbacks })
 */
export function runReport(
  options: RunReportOptions,
): (view: TrainingView, result: FitResult) => Promise<string | undefined> {
  return async (view, result) => {
    if (result.reason === 'interrupted') return undefined
    const { test, validation, scores } = view.options
    const dataset = test ?? validation
    const examined = dataset && canExamine(dataset) && result.reason !== 'failed'
    return report({
      ...options,
      history: result.history,
      best: result.best,
      message: result.message,
      test: result.test && test ? { ...result.test, name: `the test set (${test.length} samples)` } : undefined,
      examination: examined
        ? await tryExamine(() =>
            examine(view.model, dataset, scores ? { scores: scores as (output: unknown) => Tensor } : {}),
          )
        : undefined,
      facts: {
        Parameters: view.model.parameters().reduce((sum, parameter) => sum + parameter.size, 0),
        Optimizer: `${view.optimizer.constructor.name}, learning rate ${view.optimizer.lr}`,
        Epochs: result.history.length,
        'Batch size': view.options.batchSize ?? 64,
        Seed: view.options.seed ?? 0,
        ...options.facts,
      },
    })
  }
}

/** A set that does not fit an examination leaves the page without one. */
async function tryExamine<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CognitronError) return undefined
    throw error
  }
}
