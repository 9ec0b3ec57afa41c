/** Losses that ask for a margin: the hinges of support vector machines and the perceptron's own. */
import { ArgumentError } from '../base/errors.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { LabelledScores } from './class-index.ts'
import { checkSameShape, type ReductionOption, reduceLoss, type Weights } from './reduction.ts'

export interface MultiMarginOptions extends ReductionOption {
  /** The power, 1 or 2. */
  readonly p?: 1 | 2
  /** Δ, by how much the right score must lead. Default 1. */
  readonly margin?: number
  /** A factor for each class, taken at the label. */
  readonly weight?: Weights
}

/**
 * Σ over classes j ≠ y of max(0, Δ − x_y + x_j)ᵖ / classes, averaged over samples: `[batch, classes]` scores, `[batch]` labels.
 *
 * @throws ShapeError, DTypeError or ArgumentError for labels that do not fit the scores.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.multiMargin(tensor([[1, 2]]), tensor([0], { dtype: 'int32' })).item()) // (1 − 1 + 2) / 2 = 1
 */
export function multiMargin(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const { scores, values } = hinge('multiMargin', input, target, options)
  return reduceLoss(values.mul(1 / scores.classes), options.reduction)
}

/**
 * The multi-class support vector machine loss, Σ over j ≠ y of max(0, f_j − f_y + Δ), averaged over samples:
 * `[batch, classes]` scores, `[batch]` labels. Source: Weston and Watkins 1999.
 *
 * @throws ShapeError, DTypeError or ArgumentError for labels that do not fit the scores.
 * @example
 * import { loss, tensor } from 'cognitron'
 * const scores = tensor([[3.2, 5.1, -1.7]])
 * console.log(await loss.multiClassHinge(scores, tensor([0], { dtype: 'int32' })).item()) // 2.9
 */
export function multiClassHinge(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  return reduceLoss(hinge('multiClassHinge', input, target, options).values, options.reduction)
}

function hinge(loss: string, input: Tensor, target: Tensor, options: MultiMarginOptions) {
  const { p = 1, margin = 1 } = options
  if (p !== 1 && p !== 2) throw new ArgumentError(`${loss} takes the power p = 1 or 2, given ${p}.`)
  const scores = new LabelledScores(loss, input, target)
  const lead = input.sub(scores.pick(input).unsqueeze(scores.axis)).add(margin)
  const violation = where(scores.isLabel, 0, lead.relu())
  const perSample = (p === 2 ? violation.square() : violation).sum(scores.axis).add(scores.flaw())
  return { scores, values: options.weight ? perSample.mul(scores.weightOfLabel(options.weight)) : perSample }
}

/**
 * For y = 1 the input itself (a distance), for y = −1 max(0, margin − input); averaged.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.hingeEmbedding(tensor([0.2, 0.4]), tensor([1, -1])).item()) // (0.2 + 0.6) / 2 = 0.4
 */
export function hingeEmbedding(
  input: Tensor,
  target: Tensor,
  options: ReductionOption & { margin?: number } = {},
): Tensor {
  checkSameShape('hingeEmbedding', input, target)
  const apart = input
    .neg()
    .add(options.margin ?? 1)
    .relu()
  return reduceLoss(where(target.gt(0), input, apart), options.reduction)
}

/**
 * The perceptron loss max(0, −y · score) for y = ±1: nothing for a right answer, the distance for a wrong one; averaged.
 * Its gradient step is Rosenblatt's rule w ← w + η y x on mistakes.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.perceptron(tensor([2, -3]), tensor([1, 1])).item()) // (0 + 3) / 2 = 1.5
 */
export function perceptron(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  checkSameShape('perceptron', input, target)
  return reduceLoss(input.mul(target).neg().relu(), options.reduction)
}

/**
 * The binary hinge max(0, 1 − y · score) for y = ±1, averaged. Source: Cortes and Vapnik 1995.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.binaryHinge(tensor([0.5, 2]), tensor([1, 1])).item()) // (0.5 + 0) / 2 = 0.25
 */
export function binaryHinge(
  input: Tensor,
  target: Tensor,
  options: ReductionOption & { margin?: number } = {},
): Tensor {
  checkSameShape('binaryHinge', input, target)
  const slack = input
    .mul(target)
    .neg()
    .add(options.margin ?? 1)
  return reduceLoss(slack.relu(), options.reduction)
}
