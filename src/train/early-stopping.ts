/** Ends a run when it no longer gets better (Prechelt 1998; the regularisation lecture). */
import { ArgumentError, CognitronError } from '../base/errors.ts'
import { type EpochRecord, figureOf } from './record.ts'
import type { Callback, Monitor, TrainingView } from './types.ts'

export interface EarlyStoppingOptions extends Partial<Monitor> {
  /** How many epochs without an improvement are borne. Default 5. */
  readonly patience?: number
  /** By how much the figure must get better to count. Default 0. */
  readonly minDelta?: number
  /** Put the best weights back at the end; default: what the run does anyway. */
  readonly restoreBest?: boolean
}

/**
 * Stops when the watched figure (default: what the run watches, mostly the validation loss) has not improved for `patience` epochs.
 * With a validation set the best weights are put back by `fit` itself.
 *
 * @throws ArgumentError for a patience below 1 or a negative `minDelta`; CognitronError when a saved state is damaged.
 * @throws ArgumentError unless patience is a whole number of at least 1 and minDelta at least 0.
 * @example
 * import { train } from 'cognitron'
 * const callbacks = [train.earlyStopping({ patience: 5 })]
 * console.log(callbacks[0]?.name) // earlyStopping
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { patience = 5, minDelta = 0 } = options
  if (!Number.isInteger(patience) || patience < 1) {
    throw new ArgumentError(`patience is a whole number of epochs of at least 1, given ${patience}.`)
  }
  if (!(minDelta >= 0)) throw new ArgumentError(`minDelta is a number of at least 0, given ${minDelta}.`)
  let best: number | null = null
  let waited = 0
  const monitorOf = (view: TrainingView): Monitor => ({
    figure: options.figure ?? view.monitor.figure,
    mode: options.mode ?? (options.figure?.endsWith('Accuracy') ? 'max' : view.monitor.mode),
  })
  const stopIfDue = (view: TrainingView): void => {
    if (waited < patience) return
    const epochs = patience === 1 ? 'an epoch' : `${patience} epochs`
    view.stop(`stopped early: no better ${monitorOf(view).figure} than ${best} for ${epochs}`)
  }
  return {
    name: 'earlyStopping',
    onStart(view: TrainingView) {
      if (options.restoreBest !== undefined) view.restoreBest(options.restoreBest)
      stopIfDue(view)
    },
    onEpochEnd(view: TrainingView, record: EpochRecord) {
      const { figure, mode } = monitorOf(view)
      const value = figureOf(record, figure)
      const gain = best === null ? Number.POSITIVE_INFINITY : mode === 'min' ? best - value : value - best
      if (gain > minDelta) {
        best = value
        waited = 0
      } else {
        waited += 1
      }
      stopIfDue(view)
    },
    saveState: () => ({ best, waited }),
    restoreState(state: unknown) {
      const saved = state as { best?: number | null; waited?: number } | null
      if (typeof saved?.waited !== 'number') throw new CognitronError('the saved state of earlyStopping is damaged.')
      best = saved.best ?? null
      waited = saved.waited
    },
  }
}
