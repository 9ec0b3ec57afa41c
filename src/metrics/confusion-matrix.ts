/** Counts of (true class, predicted class) and what follows from them: precision, recall, F1, intersection over union. */
import { range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { checkSameLength } from './classification.ts'

/** The figures of one class; NaN where they are undefined (a class that never occurs or is never predicted). */
export interface ClassReport {
  /** Of what was called this class, the share that was. */
  readonly precision: number
  /** Of what was this class, the share that was found. */
  readonly recall: number
  /** The harmonic mean of both. */
  readonly f1: number
  /** Samples of this class. */
  readonly support: number
}

/**
 * A confusion matrix that grows batch by batch: row = true class, column = predicted class.
 *
 * @throws ArgumentError for a class outside the matrix.
 * @example
 * import { metrics } from 'cognitron'
 * const matrix = new metrics.ConfusionMatrix(2)
 * matrix.add([0, 1, 1], [0, 1, 0]) // predictions, targets
 * console.log(matrix.accuracy, matrix.rows()) // 0.666… [[1, 1], [0, 1]]
 */
export class ConfusionMatrix {
  readonly classes: number
  /** Row-major counts. */
  readonly counts: Float64Array

  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1) {
      throw new ArgumentError(`a confusion matrix needs a whole number of classes of at least 1, given ${classes}.`)
    }
    this.classes = classes
    this.counts = new Float64Array(classes * classes)
  }

  /** Counts a batch; places whose target is `ignoreIndex` are passed over. */
  add(
    predictions: ArrayLike<number>,
    targets: ArrayLike<number>,
    options: { ignoreIndex?: number | undefined } = {},
  ): void {
    checkSameLength('a confusion matrix', predictions, targets)
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] as number
      const prediction = predictions[i] as number
      if (target === options.ignoreIndex) continue
      this.#check(target, 'target')
      this.#check(prediction, 'prediction')
      const cell = target * this.classes + prediction
      this.counts[cell] = (this.counts[cell] as number) + 1
    }
  }

  /** How often class `target` was taken for class `prediction`. */
  count(target: number, prediction: number): number {
    this.#check(target, 'target')
    this.#check(prediction, 'prediction')
    return this.counts[target * this.classes + prediction] as number
  }

  /** All samples. */
  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  /** The share of samples on the diagonal; NaN when there are none. */
  get accuracy(): number {
    return this.#sum((c) => this.count(c, c)) / this.total
  }

  /** Row by row as numbers. */
  rows(): number[][] {
    return range(this.classes).map((target) => range(this.classes).map((prediction) => this.count(target, prediction)))
  }

  /** Precision, recall, F1 and support of every class. */
  report(): ClassReport[] {
    return range(this.classes).map((c) => {
      const hits = this.count(c, c)
      const support = this.#row(c)
      const called = this.#column(c)
      return { precision: hits / called, recall: hits / support, f1: (2 * hits) / (support + called), support }
    })
  }

  /**
   * The mean over classes of precision, recall and F1. As usual an undefined figure of a class that occurs or is predicted counts as 0;
   * classes that do neither are left out.
   */
  macro(): { precision: number; recall: number; f1: number } {
    const present = this.report().filter((_, c) => this.#row(c) + this.#column(c) > 0)
    const mean = (figure: (report: ClassReport) => number): number =>
      present.reduce((sum, report) => sum + (figure(report) || 0), 0) / present.length
    return { precision: mean((r) => r.precision), recall: mean((r) => r.recall), f1: mean((r) => r.f1) }
  }

  /** Intersection over union of every class: hits / (hits + missed + false alarms); NaN for a class that never appears. */
  intersectionOverUnion(): number[] {
    return range(this.classes).map((c) => {
      const hits = this.count(c, c)
      return hits / (this.#row(c) + this.#column(c) - hits)
    })
  }

  /** The mean intersection over union of the classes that appear. */
  get meanIoU(): number {
    const defined = this.intersectionOverUnion().filter((value) => !Number.isNaN(value))
    return defined.reduce((sum, value) => sum + value, 0) / defined.length
  }

  /** Cohen's κ: agreement beyond what the row and column sums give by chance. */
  get kappa(): number {
    const { total } = this
    const chance = this.#sum((c) => this.#row(c) * this.#column(c)) / (total * total)
    return (this.accuracy - chance) / (1 - chance)
  }

  #row(c: number): number {
    return this.#sum((other) => this.count(c, other))
  }

  #column(c: number): number {
    return this.#sum((other) => this.count(other, c))
  }

  #sum(of: (c: number) => number): number {
    let sum = 0
    for (let c = 0; c < this.classes; c++) sum += of(c)
    return sum
  }

  #check(value: number, what: string): void {
    if (Number.isInteger(value) && value >= 0 && value < this.classes) return
    throw new ArgumentError(
      `a confusion matrix of ${this.classes} classes (0 to ${this.classes - 1}) got the ${what} ${value}.`,
    )
  }
}
