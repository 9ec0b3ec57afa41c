/** Softmax and its relatives, safe for any finite input: the largest element is subtracted before the exponential. */
import { detach } from '../ir/operations.ts'
import { Tensor, where } from './tensor.ts'

/** The maximum along `axis` as a constant for differentiation: it cancels in every result, so no gradient is due. */
function shift(x: Tensor, axis: number | readonly number[]): Tensor {
  return new Tensor(detach(x.max(axis, { keepDim: true }).node))
}

/** xᵢ − max x along `axis`: all at most 0, the largest exactly 0. The gradient is that of x itself. */
export function shiftToMaximum(x: Tensor, axis: number | readonly number[]): Tensor {
  const float = x.to('float32')
  return float.sub(shift(float, axis))
}

/**
 * e^xᵢ / Σⱼ e^xⱼ along `axis` (default: the last): positive numbers that sum to 1. Any shape, same shape.
 *
 * @example
 * import { softmax, tensor } from 'cognitron'
 * console.log(await softmax(tensor([1000, 1000])).toArray()) // [0.5, 0.5]
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  const powers = shiftToMaximum(x, axis).exp()
  return powers.div(powers.sum(axis, { keepDim: true }))
}

/**
 * log softmax: xᵢ − log Σⱼ e^xⱼ along `axis` (default: the last). Any shape, same shape.
 *
 * @example
 * import { logSoftmax, tensor } from 'cognitron'
 * console.log(await logSoftmax(tensor([0, 0])).toArray()) // [-0.6931, -0.6931]
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const shifted = shiftToMaximum(x, axis)
  return shifted.sub(shifted.exp().sum(axis, { keepDim: true }).log())
}

/**
 * e^−xᵢ / Σⱼ e^−xⱼ along `axis` (default: the last).
 *
 * @example
 * import { softmin, tensor } from 'cognitron'
 * console.log(await softmin(tensor([0, 1])).toArray()) // [0.7311, 0.2689]
 */
export function softmin(x: Tensor, axis = -1): Tensor {
  return softmax(x.neg(), axis)
}

/**
 * log Σ e^x over `axes` (default: the last), which are dropped unless `keepDim`; infinite elements give their limit.
 *
 * @example
 * import { logSumExp, tensor } from 'cognitron'
 * console.log(await logSumExp(tensor([1000, 1000])).item()) // 1000.693
 */
export function logSumExp(
  x: Tensor,
  axes: number | readonly number[] = -1,
  { keepDim = false }: { keepDim?: boolean } = {},
): Tensor {
  const float = x.to('float32')
  const largest = shift(float, axes)
  const finite = where(largest.abs().eq(Number.POSITIVE_INFINITY), 0, largest)
  const result = float.sub(finite).exp().sum(axes, { keepDim: true }).log().add(finite)
  return keepDim ? result : result.squeeze(axes)
}
