/** How well numbers are predicted: mean absolute and root mean squared error, R², Pearson's r; gathered batch by batch. */
import { checkSameLength } from './classification.ts'

/**
 * Running sums over predictions and targets in double precision, about running means so that large offsets cost no digits (Welford).
 *
 * @throws ArgumentError when predictions and targets differ in number.
 * @example
 * import { metrics } from 'cognitron'
 * const figures = new metrics.RegressionMetrics()
 * figures.add([2.5, 0, 2, 8], [3, -0.5, 2, 7]) // predictions, targets
 * console.log(figures.mae, figures.r2) // 0.5 0.948…
 */
export class RegressionMetrics {
  count = 0
  #absolute = 0
  #squared = 0
  #meanPrediction = 0
  #meanTarget = 0
  #variancePrediction = 0
  #varianceTarget = 0
  #covariance = 0

  add(predictions: ArrayLike<number>, targets: ArrayLike<number>): void {
    checkSameLength('a regression metric', predictions, targets)
    for (let i = 0; i < targets.length; i++) this.#addOne(predictions[i] as number, targets[i] as number)
  }

  #addOne(prediction: number, target: number): void {
    const error = prediction - target
    this.count += 1
    this.#absolute += Math.abs(error)
    this.#squared += error * error
    const fromPrediction = prediction - this.#meanPrediction
    const fromTarget = target - this.#meanTarget
    this.#meanPrediction += fromPrediction / this.count
    this.#meanTarget += fromTarget / this.count
    this.#variancePrediction += fromPrediction * (prediction - this.#meanPrediction)
    this.#varianceTarget += fromTarget * (target - this.#meanTarget)
    this.#covariance += fromPrediction * (target - this.#meanTarget)
  }

  /** Mean |prediction − target|. */
  get mae(): number {
    return this.#absolute / this.count
  }

  /** Mean (prediction − target)². */
  get mse(): number {
    return this.#squared / this.count
  }

  /** √ of the mean (prediction − target)², in the units of the target. */
  get rmse(): number {
    return Math.sqrt(this.mse)
  }

  /** 1 − Σ error² / Σ (target − mean)²: 1 is perfect, 0 no better than the mean. NaN or −∞ when all targets are equal. */
  get r2(): number {
    return 1 - this.#squared / this.#varianceTarget
  }

  /** Pearson's correlation of predictions and targets; NaN when either is constant. */
  get pearson(): number {
    return this.#covariance / Math.sqrt(this.#variancePrediction * this.#varianceTarget)
  }
}

function figures(predictions: ArrayLike<number>, targets: ArrayLike<number>): RegressionMetrics {
  const all = new RegressionMetrics()
  all.add(predictions, targets)
  return all
}

/**
 * Mean absolute error of two lists.
 *
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.mae([1, 5], [3, 4])) // 1.5
 */
export function mae(predictions: ArrayLike<number>, targets: ArrayLike<number>): number {
  return figures(predictions, targets).mae
}

/**
 * Root mean squared error of two lists.
 *
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.rmse([1, 5], [4, 9])) // 3.5355
 */
export function rmse(predictions: ArrayLike<number>, targets: ArrayLike<number>): number {
  return figures(predictions, targets).rmse
}

/**
 * Coefficient of determination of two lists.
 *
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.r2([1, 2, 3], [1, 2, 4])) // 0.7857
 */
export function r2(predictions: ArrayLike<number>, targets: ArrayLike<number>): number {
  return figures(predictions, targets).r2
}

/**
 * Pearson's correlation of two lists.
 *
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.pearson([1, 2, 3], [2, 4, 6])) // 1
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return figures(a, b).pearson
}
