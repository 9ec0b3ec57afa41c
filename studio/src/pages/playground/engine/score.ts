/** Loss and accuracy (or R²) of a network's answers, on the host: a few hundred points cost a few microseconds. */
import type { OutputKind } from '../setup.ts'

export interface Score {
  readonly loss: number
  readonly score: number
}

/** Mean loss and the share of right answers; R² for a linear output. */
export function score(answers: Float32Array, target: Float32Array, kind: OutputKind, classes: number): Score {
  const count = target.length
  if (count === 0) return { loss: 0, score: 0 }
  if (kind === 'linear') return regressionScore(answers, target)
  let loss = 0
  let right = 0
  for (let index = 0; index < count; index++) {
    const label = target[index] as number
    loss += pointLoss(answers, index, label, kind, classes)
    if (predictedClass(answers, index, kind, classes) === label) right += 1
  }
  return { loss: loss / count, score: right / count }
}

const TINY = 1e-7

function pointLoss(answers: Float32Array, index: number, label: number, kind: OutputKind, classes: number): number {
  if (kind === 'softmax') return -Math.log(Math.max(TINY, answers[index * classes + label] as number))
  const answer = answers[index] as number
  const sign = 2 * label - 1
  if (kind === 'signed') return 0.5 * (answer - sign) ** 2
  return -Math.log(Math.max(TINY, 0.5 + 0.5 * sign * answer))
}

/** The class of a point's answer. */
export function predictedClass(answers: Float32Array, index: number, kind: OutputKind, classes: number): number {
  if (kind !== 'softmax') return (answers[index] as number) > 0 ? 1 : 0
  let best = 0
  for (let label = 1; label < classes; label++) {
    if ((answers[index * classes + label] as number) > (answers[index * classes + best] as number)) best = label
  }
  return best
}

/** R² = 1 − Σ (y − t)² / Σ (t − mean)². */
function regressionScore(answers: Float32Array, target: Float32Array): Score {
  const count = target.length
  let mean = 0
  for (const value of target) mean += value / count
  let errors = 0
  let spread = 0
  for (let index = 0; index < count; index++) {
    errors += ((answers[index] as number) - (target[index] as number)) ** 2
    spread += ((target[index] as number) - mean) ** 2
  }
  return { loss: (0.5 * errors) / count, score: 1 - errors / Math.max(spread, 1e-12) }
}

/** Counts of true class (row) × predicted class. */
export function confusionCounts(
  answers: Float32Array,
  target: Float32Array,
  kind: OutputKind,
  classes: number,
): number[] {
  if (kind === 'linear') return []
  const counts = new Array<number>(classes * classes).fill(0)
  target.forEach((label, index) => {
    const cell = label * classes + predictedClass(answers, index, kind, classes)
    counts[cell] = (counts[cell] ?? 0) + 1
  })
  return counts
}
