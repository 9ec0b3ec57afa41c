/** Dropout layers: active in training, the identity in evaluation. The arithmetic is `tensor/dropout.ts`. */
import { checkProbability, type DropoutOptions, dropout, dropout1d, dropout2d, dropout3d } from '../tensor/dropout.ts'
import type { Tensor } from '../tensor/index.ts'
import { Module } from './module.ts'

/** What dropout layers share: the probability, and which function drops. */
abstract class DropoutLayer extends Module {
  readonly p: number

  /** `p` is the probability of setting an element (or channel) to zero. Throws ArgumentError unless 0 ≤ p ≤ 1. */
  constructor(p = 0.5) {
    super()
    checkProbability(p)
    this.p = p
  }

  protected abstract drop(x: Tensor, options: DropoutOptions): Tensor

  override forward(x: Tensor): Tensor {
    return this.drop(x, { p: this.p, training: this.training })
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/**
 * Sets elements to zero with probability p and scales the others by 1 / (1 − p) while training. Any shape, same shape.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * const layer = new nn.Dropout(0.5)
 * console.log(await layer.eval().forward(ones([3])).toArray()) // [1, 1, 1]
 */
export class Dropout extends DropoutLayer {
  protected override drop(x: Tensor, options: DropoutOptions): Tensor {
    return dropout(x, options)
  }
}

/**
 * Dropout of whole channels of `[batch, channels, length]`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * console.log(await new nn.Dropout1d(0.5).eval().forward(ones([1, 2, 2])).toArray()) // [[[1, 1], [1, 1]]]
 */
export class Dropout1d extends DropoutLayer {
  protected override drop(x: Tensor, options: DropoutOptions): Tensor {
    return dropout1d(x, options)
  }
}

/**
 * Dropout of whole channels of `[batch, channels, height, width]` (spatial dropout).
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * const [kept] = await new nn.Dropout2d(0.5).forward(ones([1, 1, 4, 4])).data()
 * console.log(kept === 0 || kept === 2) // true
 */
export class Dropout2d extends DropoutLayer {
  protected override drop(x: Tensor, options: DropoutOptions): Tensor {
    return dropout2d(x, options)
  }
}

/**
 * Dropout of whole channels of `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * console.log(new nn.Dropout3d(0.2).forward(ones([1, 4, 2, 3, 3])).shape) // [1, 4, 2, 3, 3]
 */
export class Dropout3d extends DropoutLayer {
  protected override drop(x: Tensor, options: DropoutOptions): Tensor {
    return dropout3d(x, options)
  }
}
