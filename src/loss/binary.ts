/**
 * Losses on yes/no answers: Bernoulli cross-entropy from probabilities or from scores (logits), its focal variant and the soft margin.
 * The forms on scores never exponentiate a positive number, so that ±1000 is safe.
 */
import { type Tensor, where } from '../tensor/tensor.ts'
import { asTensor, checkSameShape, type ReductionOption, reduceLoss, type Weights } from './reduction.ts'

export interface BinaryOptions extends ReductionOption {
  /** A factor for every element; broadcasts over the prediction. */
  readonly weight?: Weights
}

/**
 * log(1 + eˣ) without overflow. At 0 the two parts of the formula meet so that the gradient is ½, as it must be.
 */
function softplus(x: Tensor): Tensor {
  return x.maximum(0).add(x.abs().neg().exp().add(1).log())
}

/**
 * −[t · log p + (1 − t) · log(1 − p)] for probabilities p, averaged; logarithms are held above −100 as in PyTorch.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.binaryCrossEntropy(tensor([0.5]), tensor([1])).item()) // 0.693… = ln 2
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BinaryOptions = {}): Tensor {
  checkSameShape('binaryCrossEntropy', input, target)
  const yes = target.mul(boundedLog(input))
  const no = target
    .neg()
    .add(1)
    .mul(boundedLog(input.neg().add(1)))
  return reduceLoss(weigh(yes.add(no).neg(), options.weight), options.reduction)
}

/** max(log p, −100); p is kept off 0 so that the gradient stays finite there. */
function boundedLog(p: Tensor): Tensor {
  const lowest = 1e-38
  return where(p.gt(lowest), p.clamp(lowest).log(), -100)
}

/**
 * Bernoulli cross-entropy of σ(input), averaged: (1 − t) x + (1 + (posWeight − 1) t) · log(1 + e⁻ˣ).
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.bceWithLogits(tensor([1000, -1000]), tensor([1, 0])).item()) // 0
 */
export function bceWithLogits(
  input: Tensor,
  target: Tensor,
  options: BinaryOptions & { posWeight?: Weights } = {},
): Tensor {
  checkSameShape('bceWithLogits', input, target)
  const negative = target.neg().add(1).mul(input)
  const logistic = softplus(input.neg())
  const factor = options.posWeight && asTensor(options.posWeight).sub(1).mul(target).add(1)
  const values = negative.add(factor ? factor.mul(logistic) : logistic)
  return reduceLoss(weigh(values, options.weight), options.reduction)
}

/**
 * log(1 + e^(−y · x)) for y = ±1, averaged.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.softMargin(tensor([0]), tensor([-1])).item()) // 0.693… = ln 2
 */
export function softMargin(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  checkSameShape('softMargin', input, target)
  return reduceLoss(softplus(input.mul(target).neg()), options.reduction)
}

/**
 * The focal loss on scores: α_t (1 − p_t)^γ · bceWithLogits, which hushes what is already right; averaged. p_t is the probability of
 * the true answer; α (of "yes", default 0.25) balances the classes, null leaves it out. Source: Lin et al. 2017.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * const options = { gamma: 0, alpha: null } // then it is bceWithLogits
 * console.log(await loss.sigmoidFocal(tensor([0]), tensor([1]), options).item()) // 0.693…
 */
export function sigmoidFocal(
  input: Tensor,
  target: Tensor,
  options: ReductionOption & { gamma?: number; alpha?: number | null } = {},
): Tensor {
  const { gamma = 2, alpha = 0.25 } = options
  const entropy = bceWithLogits(input, target, { reduction: 'none' })
  const p = input.sigmoid()
  const miss = p.add(target).sub(p.mul(target).mul(2))
  const values = gamma === 0 ? entropy : entropy.mul(miss.pow(gamma))
  const balanced = alpha === null ? values : values.mul(target.mul(2 * alpha - 1).add(1 - alpha))
  return reduceLoss(balanced, options.reduction)
}

function weigh(values: Tensor, weight: Weights | undefined): Tensor {
  return weight ? values.mul(asTensor(weight)) : values
}
