/** Losses between distributions and between regions: Kullback–Leibler divergence, focal cross-entropy, Dice. */

import { range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { logSoftmax } from '../tensor/softmax.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { LabelledScores } from './class-index.ts'
import { checkSameShape, type Reduction, type ReductionOption, reduceLoss, type Weights } from './reduction.ts'

export interface KlDivOptions {
  /** `batchmean` divides the sum by the batch, which is the divergence proper; `mean` (default, as PyTorch) by all elements. */
  readonly reduction?: Reduction | 'batchmean'
  /** The target holds log-probabilities. */
  readonly logTarget?: boolean
}

/**
 * Σ t · (log t − input) for log-probabilities `input` and probabilities t; terms with t = 0 are 0.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * const input = tensor([[0.5, 0.5]]).log()
 * console.log(await loss.klDiv(input, tensor([[1, 0]]), { reduction: 'batchmean' }).item()) // 0.693… = ln 2
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  checkSameShape('klDiv', input, target)
  const { reduction = 'mean' } = options
  const values = options.logTarget ? target.exp().mul(target.sub(input)) : divergence(input, target)
  if (reduction !== 'batchmean') return reduceLoss(values, reduction)
  return values.sum().mul(1 / (input.shape[0] ?? 1))
}

function divergence(input: Tensor, target: Tensor): Tensor {
  const positive = target.gt(0)
  const logTarget = where(positive, target, 1).log()
  return where(positive, target.mul(logTarget.sub(input)), 0)
}

/**
 * The focal cross-entropy −(1 − p_y)^γ · log p_y of class scores, averaged: `[batch, classes, …]` and `[batch, …]` labels.
 * γ = 0 is `crossEntropy`. Source: Lin et al. 2017.
 *
 * @throws as `crossEntropy`; ArgumentError when γ is negative.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.focal(tensor([[0, 0]]), tensor([1], { dtype: 'int32' })).item()) // ¼ ln 2 = 0.173…
 */
export function focal(
  input: Tensor,
  target: Tensor,
  options: ReductionOption & { gamma?: number; weight?: Weights } = {},
): Tensor {
  const { gamma = 2 } = options
  if (!(gamma >= 0)) throw new ArgumentError(`focal needs a gamma of at least 0, given ${gamma}.`)
  const scores = new LabelledScores('focal', input, target)
  const logP = scores.pick(logSoftmax(input, scores.axis))
  const plain = logP.neg().add(scores.flaw())
  const values = gamma === 0 ? plain : plain.mul(logP.exp().neg().add(1).pow(gamma))
  return reduceLoss(options.weight ? values.mul(scores.weightOfLabel(options.weight)) : values, options.reduction)
}

/**
 * 1 − (2 Σ p t + s) / (Σ p + Σ t + s) for probabilities p and a mask t, sums over all axes but the first; averaged over samples.
 * The smoothing s (default 1) keeps empty masks defined. Source: Milletari et al. 2016.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.dice(tensor([[1, 1]]), tensor([[1, 0]])).item()) // 1 − 3/4 = 0.25
 */
export function dice(input: Tensor, target: Tensor, options: ReductionOption & { smooth?: number } = {}): Tensor {
  checkSameShape('dice', input, target)
  const { smooth = 1 } = options
  const axes = range(input.rank).slice(1)
  const overlap = input.mul(target).sum(axes).mul(2).add(smooth)
  const total = input.sum(axes).add(target.sum(axes)).add(smooth)
  return reduceLoss(overlap.div(total).neg().add(1), options.reduction)
}
