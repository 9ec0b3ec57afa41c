/** The one schedule that watches a metric; PyTorch's rule. */
import { ArgumentError } from '../base/errors.ts'
import { Schedule, type Scheduled, type ScheduleState, savedNumber } from './schedule.ts'

export interface PlateauOptions {
  /** Whether a small or a large metric is good. Default 'min'. */
  readonly mode?: 'min' | 'max'
  /** What the rate is multiplied by. Default 0.1. */
  readonly factor?: number
  /** How many steps without an improvement are borne. Default 10. */
  readonly patience?: number
  /** By how much the metric must improve to count. Default 1e-4. */
  readonly threshold?: number
  /** Whether the threshold is a share of the best (default) or a difference. */
  readonly thresholdMode?: 'rel' | 'abs'
  /** Steps of rest after a reduction. */
  readonly cooldown?: number
  readonly minLr?: number
  /** A reduction smaller than this is not made. Default 1e-8. */
  readonly eps?: number
}

/**
 * Multiplies the rate by `factor` when the metric has not improved for more than `patience` steps.
 *
 * @throws ArgumentError unless 0 < factor < 1, or when `step` gets no metric.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const sgd = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: 0.1 })
 * const schedule = new optim.ReduceLROnPlateau(sgd, { patience: 1, factor: 0.5 })
 * for (const loss of [1, 1, 1]) schedule.step(loss)
 * console.log(sgd.lr) // 0.05
 */
export class ReduceLROnPlateau extends Schedule {
  readonly #options: Required<PlateauOptions>
  #best: number
  #bad = 0
  #resting = 0

  constructor(optimizer: Scheduled, options: PlateauOptions = {}) {
    super(optimizer, 'epoch')
    this.#options = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    }
    const { factor, mode } = this.#options
    if (!(factor > 0 && factor < 1)) {
      throw new ArgumentError(`ReduceLROnPlateau needs a factor between 0 and 1, given ${factor}.`)
    }
    this.#best = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  override step(metric?: number): void {
    if (metric === undefined) {
      throw new ArgumentError('ReduceLROnPlateau watches a metric; call step(validationLoss).')
    }
    if (this.#improves(metric)) {
      this.#best = metric
      this.#bad = 0
    } else {
      this.#bad += 1
    }
    if (this.#resting > 0) {
      this.#resting -= 1
      this.#bad = 0
    }
    if (this.#bad > this.#options.patience) this.#reduce()
  }

  /** The best metric is null before the first. */
  override stateDict(): ScheduleState {
    return { best: Number.isFinite(this.#best) ? this.#best : null, bad: this.#bad, resting: this.#resting }
  }

  override loadStateDict(state: ScheduleState): void {
    this.#bad = savedNumber(state, 'bad')
    this.#resting = savedNumber(state, 'resting')
    const worst = this.#options.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    this.#best = state.best ?? worst
  }

  #improves(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options
    const best = this.#best
    if (mode === 'min') return metric < (thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold)
    return metric > (thresholdMode === 'rel' ? best * (1 + threshold) : best + threshold)
  }

  #reduce(): void {
    const { factor, minLr, eps, cooldown } = this.#options
    for (const group of this.optimizer.groups) {
      const reduced = Math.max(group.lr * factor, minLr)
      if (group.lr - reduced > eps) group.lr = reduced
    }
    this.#resting = cooldown
    this.#bad = 0
  }
}
