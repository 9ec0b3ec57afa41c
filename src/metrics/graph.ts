/** Metrics as graph operations, so that a compiled step gives them with the loss; one number for each thing judged. */
import { ShapeError } from '../base/errors.ts'
import { dropAxes, formatShape } from '../shape/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A figure for every sample or place of a batch; a training loop takes the mean over all of them. */
export type GraphMetric = (output: Tensor, target: Tensor) => Tensor

/**
 * 1 where the highest score stands at the target class, else 0, as float32: scores `[batch, classes, …]`, int32 classes or
 * probabilities of the same shape as the scores. Sigmoid scores (the shape of the target, float32) are right on the right side of 0.
 *
 * @throws ShapeError when output and target do not fit.
 * @example
 * import { metrics, tensor } from 'cognitron'
 * const right = metrics.correct(tensor([[0.2, 0.8], [0.9, 0.1]]), tensor([1, 1], { dtype: 'int32' }))
 * console.log(await right.toArray()) // [1, 0]
 */
export function correct(output: Tensor, target: Tensor): Tensor {
  const sameShape = formatShape(output.shape) === formatShape(target.shape)
  if (sameShape && (output.rank < 2 || output.shape[1] === 1)) {
    const yes = target.dtype === 'float32' ? target.gt(0.5) : target.gt(0)
    return output.gt(0).eq(yes).to('float32')
  }
  const axis = output.rank === 1 ? 0 : 1
  const labels = sameShape && target.dtype === 'float32' ? target.argmax(axis) : target
  if (formatShape(labels.shape) !== formatShape(dropAxes(output.shape, [axis]))) {
    throw new ShapeError(
      `accuracy of scores ${formatShape(output.shape)} takes classes of shape ` +
        `${formatShape(dropAxes(output.shape, [axis]))}, given shape ${formatShape(target.shape)}.`,
    )
  }
  return output.argmax(axis).eq(labels.to('int32')).to('float32')
}

/**
 * |output − target| of every element, for the mean absolute error.
 *
 * @example
 * import { metrics, tensor } from 'cognitron'
 * console.log(await metrics.absoluteError(tensor([1, 5]), tensor([3, 4])).toArray()) // [2, 1]
 */
export function absoluteError(output: Tensor, target: Tensor): Tensor {
  return output.sub(target).abs()
}
