/**
 * Dropout: random elements or whole channels are set to zero during training and the others scaled up, so that evaluation needs
 * no change ("inverted" dropout). Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting"
 * (JMLR 2014); channels: Tompson et al., "Efficient object localization using convolutional networks" (2015).
 */
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape } from '../shape/shape.ts'
import { checkSpatialRank } from './per-axis.ts'
import { rand } from './random.ts'
import { type Tensor, where } from './tensor.ts'

export interface DropoutOptions {
  /** The probability of setting an element (or channel) to zero. Default 0.5. */
  readonly p?: number
  /** False gives the input back. Default true. */
  readonly training?: boolean
}

/** Throws ArgumentError unless 0 ≤ p ≤ 1. */
export function checkProbability(p: number): void {
  if (p >= 0 && p <= 1) return
  throw new ArgumentError(`a dropout probability lies between 0 and 1, given ${p}.`)
}

function drop(x: Tensor, maskShape: Shape, { p = 0.5, training = true }: DropoutOptions): Tensor {
  checkProbability(p)
  if (!training || p === 0) return x
  if (p === 1) return x.mul(0)
  return where(rand(maskShape).lt(p), 0, x.mul(1 / (1 - p)))
}

/**
 * Sets each element to 0 with probability p, else multiplies it by 1 / (1 − p). Any shape, same shape.
 * Throws ArgumentError when p is not a probability.
 *
 * @example
 * import { dropout, ones } from 'cognitron'
 * const y = dropout(ones([1000]), { p: 0.25 }) // three quarters of the elements are 4 / 3
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return drop(x, x.shape, options)
}

function dropChannels(x: Tensor, rank: number, options: DropoutOptions): Tensor {
  checkSpatialRank(x, rank, `dropout${rank}d`)
  const lead = x.rank - rank
  return drop(
    x,
    x.shape.map((size, axis) => (axis < lead ? size : 1)),
    options,
  )
}

/**
 * Dropout of whole channels of `[batch, channels, length]`.
 *
 * @example
 * import { dropout1d, ones } from 'cognitron'
 * const [first, second] = await dropout1d(ones([1, 1, 2]), { p: 0.5, training: true }).data()
 * console.log(first === second) // true: a channel goes as a whole
 */
export function dropout1d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels(x, 1, options)
}

/**
 * Dropout of whole channels of `[batch, channels, height, width]`.
 *
 * @example
 * import { dropout2d, ones } from 'cognitron'
 * console.log(await dropout2d(ones([1, 1, 1, 2]), { training: false }).toArray()) // [[[[1, 1]]]]
 */
export function dropout2d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels(x, 2, options)
}

/**
 * Dropout of whole channels of `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { dropout3d, ones } from 'cognitron'
 * console.log(dropout3d(ones([1, 4, 2, 3, 3]), { p: 0.2, training: true }).shape) // [1, 4, 2, 3, 3]
 */
export function dropout3d(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropChannels(x, 3, options)
}

/**
 * Dropout of whole paths, one decision per sample of `[batch, ...]`. Source: Huang et al., stochastic depth (2016).
 *
 * @throws ShapeError for a scalar.
 * @example
 * import { dropPath, ones } from 'cognitron'
 * const values = await dropPath(ones([4, 2]), { p: 0.5, training: true }).data()
 * console.log(values.every((value) => value === 0 || value === 2)) // true
 */
export function dropPath(x: Tensor, options: DropoutOptions = {}): Tensor {
  if (x.rank === 0) throw new ShapeError(`dropPath needs a batch axis, given shape ${formatShape(x.shape)}.`)
  return drop(
    x,
    x.shape.map((size, axis) => (axis === 0 ? size : 1)),
    options,
  )
}
