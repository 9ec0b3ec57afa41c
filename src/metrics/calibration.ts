/** Whether a network is as sure as it is right: reliability bins and the expected calibration error (Guo et al. 2017). */
import { range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { checkSameLength, rowCount } from './classification.ts'

/** What happened at one level of confidence. */
export interface ReliabilityBin {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Mean confidence; NaN in an empty bin. */
  readonly confidence: number
  /** Share that was right; NaN in an empty bin. */
  readonly accuracy: number
}

/**
 * Sorts predictions by the probability of the predicted class into bins of equal width (from, to]; grows batch by batch.
 *
 * @throws ArgumentError when probabilities and labels do not fit.
 * @example
 * import { metrics } from 'cognitron'
 * const calibration = new metrics.Calibration({ bins: 10 })
 * calibration.add([0.9, 0.1, 0.2, 0.8], [0, 0], { classes: 2 }) // sure and right, sure and wrong
 * console.log(calibration.expectedError) // ½ · |1 − 0.9| + ½ · |0 − 0.8| = 0.45
 */
export class Calibration {
  readonly #counts: Float64Array
  readonly #confidence: Float64Array
  readonly #right: Float64Array

  constructor(options: { bins?: number } = {}) {
    const { bins = 15 } = options
    if (!Number.isInteger(bins) || bins < 1) {
      throw new ArgumentError(`calibration needs a whole number of bins of at least 1, given ${bins}.`)
    }
    this.#counts = new Float64Array(bins)
    this.#confidence = new Float64Array(bins)
    this.#right = new Float64Array(bins)
  }

  /** Adds rows of probabilities `[samples, classes]` with their true classes. */
  add(probabilities: ArrayLike<number>, labels: ArrayLike<number>, options: { classes: number }): void {
    const { classes } = options
    const rows = rowCount('calibration', probabilities, classes)
    checkSameLength('calibration', { length: rows }, labels)
    for (let row = 0; row < rows; row++) {
      let best = 0
      for (let c = 1; c < classes; c++) {
        if ((probabilities[row * classes + c] as number) > (probabilities[row * classes + best] as number)) best = c
      }
      this.#addOne(probabilities[row * classes + best] as number, best === labels[row])
    }
  }

  #addOne(confidence: number, right: boolean): void {
    const bins = this.#counts.length
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))
    this.#counts[bin] = (this.#counts[bin] as number) + 1
    this.#confidence[bin] = (this.#confidence[bin] as number) + confidence
    if (right) this.#right[bin] = (this.#right[bin] as number) + 1
  }

  /** The bins from unsure to sure, for a reliability diagram. */
  bins(): ReliabilityBin[] {
    const count = this.#counts.length
    return range(count).map((bin) => {
      const inBin = this.#counts[bin] as number
      const confidence = (this.#confidence[bin] as number) / inBin
      return {
        from: bin / count,
        to: (bin + 1) / count,
        count: inBin,
        confidence,
        accuracy: (this.#right[bin] as number) / inBin,
      }
    })
  }

  /** Σ over bins of its share of samples · |accuracy − confidence|; NaN before the first sample. */
  get expectedError(): number {
    const filled = this.bins().filter(({ count }) => count > 0)
    const total = filled.reduce((sum, { count }) => sum + count, 0)
    const gaps = filled.map(({ count, accuracy, confidence }) => count * Math.abs(accuracy - confidence))
    return gaps.reduce((sum, gap) => sum + gap, 0) / total
  }
}

/**
 * The expected calibration error of rows of probabilities `[samples, classes]`; default 15 bins.
 *
 * @example
 * import { metrics } from 'cognitron'
 * const probabilities = [0.9, 0.1, 0.9, 0.1] // sure of class 0 twice, right once
 * console.log(metrics.expectedCalibrationError(probabilities, [0, 1], { classes: 2 })) // 0.4
 */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { classes: number; bins?: number },
): number {
  const calibration = new Calibration(options)
  calibration.add(probabilities, labels, options)
  return calibration.expectedError
}
