/**
 * Cross-entropy of classes, from scores (`crossEntropy`) or log-probabilities (`nll`). Scores are shifted by their maximum before
 * they are exponentiated, so that ±1000 is safe. Source: PyTorch's conventions for weights,
 * label smoothing (Szegedy et al. 2016) and spatial axes.
 */
import { ArgumentError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { logSoftmax, shiftToMaximum } from '../tensor/softmax.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { alongClasses, classAxis, LabelledScores } from './class-index.ts'
import { asTensor, checkSameShape, type ReductionOption, reduceLoss, type Weights } from './reduction.ts'

export interface NllOptions extends ReductionOption {
  /** One factor a class; the mean divides by the sum of the factors of the labels. */
  readonly weight?: Weights
  /** A label that marks "no answer": such places add nothing and do not count in the mean. */
  readonly ignoreIndex?: number
}

export interface CrossEntropyOptions extends NllOptions {
  /** ε in [0, 1): the target becomes (1 − ε) · one-hot + ε / classes. */
  readonly labelSmoothing?: number
}

/**
 * −log softmax(input) at the target class, averaged: `[batch, classes, …]` scores and `[batch, …]` int32 class numbers, or
 * probabilities of the same shape as the scores.
 *
 * @throws ShapeError when target and scores do not fit, DTypeError for float32 class numbers, ArgumentError for a class outside
 * the scores (a label that is only known when a compiled step runs gives the loss NaN instead).
 * @example
 * import { loss, tensor } from 'cognitron'
 * const value = loss.crossEntropy(tensor([[0, 0]]), tensor([1], { dtype: 'int32' }))
 * console.log(await value.item()) // 0.693… = ln 2
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const smoothing = options.labelSmoothing ?? 0
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new ArgumentError(`labelSmoothing is a number in [0, 1), given ${smoothing}.`)
  }
  if (target.dtype === 'float32' && formatShape(target.shape) === formatShape(input.shape)) {
    return probabilityCrossEntropy(input, target, smoothing, options)
  }
  const scores = new LabelledScores('crossEntropy', input, target, options.ignoreIndex)
  const shifted = shiftToMaximum(input, scores.axis)
  const logSum = shifted.exp().sum(scores.axis).log()
  const plain = weighted(scores, logSum.sub(scores.pick(shifted)), options)
  if (smoothing === 0) return finish(plain, options)
  return finish(smoothed(scores, shifted, logSum, plain, smoothing, options), options)
}

/**
 * The negative of the log-probability of the target class: `[batch, classes, …]` log-probabilities, `[batch, …]` class numbers.
 *
 * @throws as `crossEntropy`.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.nll(tensor([[-1, -2]]), tensor([1], { dtype: 'int32' })).item()) // 2
 */
export function nll(input: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  const scores = new LabelledScores('nll', input, target, options.ignoreIndex)
  return finish(weighted(scores, scores.pick(input).neg(), options), options)
}

/** Values of single places with the divisor of their mean; undefined counts every place once. */
interface Places {
  readonly values: Tensor
  readonly divisor: Tensor | undefined
}

function weighted(scores: LabelledScores, losses: Tensor, options: NllOptions): Places {
  const { ignoreIndex } = options
  const weights = options.weight && scores.weightOfLabel(options.weight)
  const values = weights ? losses.mul(weights) : losses
  if (ignoreIndex === undefined) return { values: values.add(scores.flaw()), divisor: weights }
  const ignored = scores.labels.eq(ignoreIndex)
  const counted = where(ignored, 0, weights ?? 1).to('float32')
  return { values: where(ignored, 0, values.add(scores.flaw())), divisor: counted }
}

/** (1 − ε) · loss of the label + ε / classes · Σ over classes of its loss, each class by its weight. */
function smoothed(
  scores: LabelledScores,
  shifted: Tensor,
  logSum: Tensor,
  plain: Places,
  smoothing: number,
  options: NllOptions,
): Places {
  const perClass = logSum.unsqueeze(scores.axis).sub(shifted)
  const every = options.weight ? perClass.mul(alongClasses(asTensor(options.weight), scores)) : perClass
  const uniform = every.sum(scores.axis).mul(smoothing / scores.classes)
  const { ignoreIndex } = options
  const share = ignoreIndex === undefined ? uniform : where(scores.labels.eq(ignoreIndex), 0, uniform)
  return { values: plain.values.mul(1 - smoothing).add(share), divisor: plain.divisor }
}

function finish(places: Places, options: NllOptions): Tensor {
  const { reduction = 'mean' } = options
  if (reduction !== 'mean' || !places.divisor) return reduceLoss(places.values, reduction)
  return places.values.sum().div(places.divisor.sum())
}

/** −Σ target · log softmax(input) over classes; the mean is over places, whatever the weights. */
function probabilityCrossEntropy(
  input: Tensor,
  target: Tensor,
  smoothing: number,
  options: CrossEntropyOptions,
): Tensor {
  checkSameShape('crossEntropy', input, target)
  const axis = classAxis(input)
  const classes = input.shape[axis] as number
  const soft = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classes)
  const terms = logSoftmax(input, axis).mul(soft)
  const scaled = options.weight
    ? terms.mul(alongClasses(asTensor(options.weight), { axis, classes, isLabel: input }))
    : terms
  return reduceLoss(scaled.sum(axis).neg(), options.reduction)
}
