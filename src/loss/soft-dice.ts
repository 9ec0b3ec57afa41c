/**
 * The Dice loss for masks of several classes: how much the probability of each class overlaps with where the class is. Rare classes
 * count as much as frequent ones, which cross-entropy alone neglects; so segmentation nets learn by the sum of both.
 */
import { range } from '../base/arrays.ts'
import { softmax } from '../tensor/softmax.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { LabelledScores } from './class-index.ts'

export interface SoftDiceOptions {
  /** s, which keeps classes that occur nowhere defined. Default 1. */
  readonly smooth?: number
  /** A label that marks "no answer": such places count nowhere. */
  readonly ignoreIndex?: number
}

/**
 * 1 − mean over classes of (2 Σ p t + s) / (Σ p + Σ t + s), with p the softmax of the scores, t 1 where the class is and 0 elsewhere,
 * sums over the whole batch and all places: `[batch, classes, …]` scores and `[batch, …]` int32 class numbers → a scalar.
 *
 * Source: Milletari, Navab and Ahmadi, "V-Net", arXiv:1606.04797, for several classes; Sudre et al., arXiv:1707.03237.
 *
 * @throws ShapeError, DTypeError and ArgumentError as `crossEntropy`.
 * @example
 * import { loss, tensor } from 'cognitron'
 * const scores = tensor([[100, -100], [-100, 100]]) // sure of class 0, then of class 1
 * const value = loss.softDice(scores, tensor([0, 1], { dtype: 'int32' }))
 * console.log(await value.item()) // 0: right everywhere
 */
export function softDice(input: Tensor, target: Tensor, options: SoftDiceOptions = {}): Tensor {
  const { smooth = 1, ignoreIndex } = options
  const scores = new LabelledScores('softDice', input, target, ignoreIndex)
  const others = range(input.rank).filter((axis) => axis !== scores.axis)
  const ignored = ignoreIndex === undefined ? undefined : scores.labels.eq(ignoreIndex)
  const probabilities = softmax(input, scores.axis)
  const isLabel = scores.isLabel.to('float32')
  const counted = ignored ? where(ignored.unsqueeze(scores.axis), 0, probabilities) : probabilities
  const overlap = counted.mul(isLabel).sum(others)
  const total = counted.sum(others).add(isLabel.sum(others))
  const dice = overlap.mul(2).add(smooth).div(total.add(smooth))
  const flaw = ignored ? where(ignored, 0, scores.flaw()) : scores.flaw()
  return dice.mean().neg().add(1).add(flaw.sum())
}
