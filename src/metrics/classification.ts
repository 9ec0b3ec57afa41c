/**
 * How well classes are told apart, from host arrays: accuracy, top-k, the area under the ROC curve. Fed with the outputs of a network
 * after a batch or a whole set. Leaves out everything that is counted by class, see `confusion-matrix.ts`.
 */
import { ArgumentError } from '../base/errors.ts'

/** Throws unless both lists have the same number of entries. */
export function checkSameLength(what: string, predictions: ArrayLike<unknown>, targets: ArrayLike<unknown>): void {
  if (predictions.length === targets.length) return
  throw new ArgumentError(
    `${what} compares predictions with targets one by one, given ${predictions.length} predictions and ${targets.length} targets.`,
  )
}

/** The number of samples in a table of `classes` scores a row. Throws ArgumentError when the rows are not whole. */
export function rowCount(what: string, scores: ArrayLike<number>, classes: number): number {
  if (Number.isInteger(classes) && classes > 0 && scores.length % classes === 0) return scores.length / classes
  throw new ArgumentError(`${what}: ${scores.length} scores are no whole number of rows of ${classes} classes.`)
}

/**
 * The class with the highest score in each row, the first of equal ones.
 *
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.predictedClasses([0.1, 0.7, 0.2, 5, 3, 1], 3)) // Int32Array [1, 0]
 */
export function predictedClasses(scores: ArrayLike<number>, classes: number): Int32Array {
  const rows = rowCount('predictedClasses', scores, classes)
  const predicted = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    let best = 0
    for (let c = 1; c < classes; c++) {
      if ((scores[row * classes + c] as number) > (scores[row * classes + best] as number)) best = c
    }
    predicted[row] = best
  }
  return predicted
}

/**
 * The share of equal entries of two lists of classes; NaN for empty lists.
 *
 * @throws ArgumentError when the lengths differ.
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.accuracy([0, 1, 2, 2], [0, 1, 1, 2])) // 0.75
 */
export function accuracy(predictions: ArrayLike<number>, targets: ArrayLike<number>): number {
  checkSameLength('accuracy', predictions, targets)
  let right = 0
  for (let i = 0; i < targets.length; i++) if (predictions[i] === targets[i]) right += 1
  return right / targets.length
}

/**
 * The share of rows of `scores` (`[samples, classes]`) in which the true class is among the k highest. Of equal scores the lower class
 * counts as higher, so that a constant table does not always hit.
 *
 * @throws ArgumentError when the sizes do not fit or k is not a whole number of at least 1.
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.topKAccuracy([0.5, 0.3, 0.2, 0.1, 0.2, 0.7], [1, 0], { classes: 3, k: 2 })) // 0.5
 */
export function topKAccuracy(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { classes: number; k?: number },
): number {
  const { classes, k = 5 } = options
  const rows = rowCount('topKAccuracy', scores, classes)
  if (!Number.isInteger(k) || k < 1) throw new ArgumentError(`topKAccuracy needs a whole k of at least 1, given ${k}.`)
  checkSameLength('topKAccuracy', { length: rows }, labels)
  let hits = 0
  for (let row = 0; row < rows; row++) if (rankOf(scores, row * classes, classes, labels[row] as number) < k) hits += 1
  return hits / rows
}

/** How many classes of a row stand before `label`. */
function rankOf(scores: ArrayLike<number>, start: number, classes: number, label: number): number {
  const own = scores[start + label] as number
  let rank = 0
  for (let c = 0; c < classes; c++) {
    const other = scores[start + c] as number
    if (other > own || (other === own && c < label)) rank += 1
  }
  return rank
}

/**
 * The area under the receiver operating characteristic: the chance that a random positive scores above a random negative, ties counting
 * half (Mann and Whitney). NaN when one of the two kinds is absent.
 *
 * @throws ArgumentError when the lengths differ.
 * @example
 * import { metrics } from 'cognitron'
 * console.log(metrics.rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])) // 0.75
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkSameLength('rocAuc', scores, labels)
  const order = Array.from({ length: scores.length }, (_, i) => i)
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number))
  let positives = 0
  let rankSum = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to += 1
    const rank = (from + 1 + to) / 2
    for (let i = from; i < to; i++) {
      if (labels[order[i] as number] !== 1) continue
      positives += 1
      rankSum += rank
    }
    // NaN is equal to nothing, not even itself.
    from = Math.max(to, from + 1)
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
