/**
 * Reading the entry of the right class out of a score table. Composed so that it fuses: compare a counter along the class axis
 * with the label, keep or zero, sum. Used by every loss on class numbers.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, DTypeError, ShapeError } from '../base/errors.ts'
import { dropAxes, formatShape } from '../shape/shape.ts'
import { iota } from '../tensor/create.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { asTensor, type Weights } from './reduction.ts'

/** The axis of the classes: `[classes]` or `[batch, classes, …]`. */
export function classAxis(scores: Tensor): number {
  if (scores.rank === 0) throw new ShapeError('class scores need an axis of classes, given a scalar.')
  return scores.rank === 1 ? 0 : 1
}

/** Scores, and where in them the labelled class stands. */
export class LabelledScores {
  readonly axis: number
  readonly classes: number
  /** int32 class numbers, the shape of the scores without the class axis. */
  readonly labels: Tensor
  /** True at the labelled class; the shape of the scores. */
  readonly isLabel: Tensor

  /** Throws DTypeError, ShapeError or ArgumentError for labels that cannot be class numbers of these scores. */
  constructor(loss: string, scores: Tensor, target: Tensor, ignoreIndex?: number) {
    this.axis = classAxis(scores)
    this.classes = at(scores.shape, this.axis)
    checkLabels(loss, scores, target, this.axis)
    checkKnownLabels(loss, target, this.classes, ignoreIndex)
    this.labels = target.to('int32')
    this.isLabel = iota(scores.shape, this.axis).eq(this.labels.unsqueeze(this.axis))
  }

  /** The entry of the labelled class: the shape of `values` without the class axis. */
  pick(values: Tensor): Tensor {
    return where(this.isLabel, values, 0).sum(this.axis)
  }

  /** The weight of each label: `weights` has one number a class. */
  weightOfLabel(weights: Weights): Tensor {
    return this.pick(alongClasses(asTensor(weights), this).expand(...this.isLabel.shape))
  }

  /**
   * 0 for a label that is a class, NaN for another: added to a loss it keeps a wrong label from passing unseen, also where the
   * labels cannot be looked at when the graph is made.
   */
  flaw(): Tensor {
    const valid = this.labels.ge(0).logicalAnd(this.labels.lt(this.classes))
    return where(valid, 1, -1).to('float32').log()
  }
}

/** One number a class, shaped to broadcast over the scores. Throws ShapeError when the count is wrong. */
export function alongClasses(weights: Tensor, scores: { axis: number; classes: number; isLabel: Tensor }): Tensor {
  if (weights.rank !== 1 || weights.shape[0] !== scores.classes) {
    throw new ShapeError(
      `class weights need one number for each of the ${scores.classes} classes, given shape ${formatShape(weights.shape)}.`,
    )
  }
  return weights.reshape(...scores.isLabel.shape.map((_, axis) => (axis === scores.axis ? scores.classes : 1)))
}

function checkLabels(loss: string, scores: Tensor, target: Tensor, axis: number): void {
  const expected = dropAxes(scores.shape, [axis])
  if (formatShape(target.shape) !== formatShape(expected)) {
    throw new ShapeError(
      `${loss} of scores ${formatShape(scores.shape)} takes class numbers of shape ${formatShape(expected)}, ` +
        `given shape ${formatShape(target.shape)}.`,
    )
  }
  if (target.dtype === 'float32') {
    throw new DTypeError(`${loss} takes class numbers as int32, given float32; convert them with to('int32').`)
  }
}

/** Labels whose values are at hand are checked at once. */
function checkKnownLabels(loss: string, target: Tensor, classes: number, ignoreIndex: number | undefined): void {
  const { node } = target
  const known = node.op === 'input' ? node.attributes.source.data : undefined
  if (!known) return
  for (let index = 0; index < known.length; index++) {
    const label = known[index] as number
    if ((label >= 0 && label < classes) || label === ignoreIndex) continue
    throw new ArgumentError(
      `${loss}: target ${index} is class ${label}, but the scores are for ${classes} classes (0 to ${classes - 1}).`,
    )
  }
}
