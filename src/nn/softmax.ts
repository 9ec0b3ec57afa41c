/** Softmax and its kin as layers. The arithmetic is `tensor/softmax.ts`. */
import type { Tensor } from '../tensor/index.ts'
import { logSoftmax, softmax, softmin } from '../tensor/softmax.ts'
import { Module } from './module.ts'

/** What layers share that normalise along an axis. */
abstract class AlongAxis extends Module {
  readonly axis: number

  /** Default: the last axis for vectors and matrices of samples, as PyTorch recommends to write out. */
  constructor(axis = -1) {
    super()
    this.axis = axis
  }

  override extraRepr(): string {
    return `axis=${this.axis}`
  }
}

/**
 * e^xᵢ / Σⱼ e^xⱼ along an axis.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Softmax(1).forward(tensor([[1000, 1000]])).toArray()) // [[0.5, 0.5]]
 */
export class Softmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmax(x, this.axis)
  }
}

/**
 * e^−xᵢ / Σⱼ e^−xⱼ along an axis.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Softmin(1).forward(tensor([[0, 1]])).toArray()) // [[0.7311, 0.2689]]
 */
export class Softmin extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmin(x, this.axis)
  }
}

/**
 * log softmax along an axis.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.LogSoftmax(1).forward(tensor([[0, 0]])).toArray()) // [[-0.6931, -0.6931]]
 */
export class LogSoftmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis)
  }
}

/**
 * Softmax over the channels of `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const x = zeros([1, 4, 1, 1])
 * console.log(await new nn.Softmax2d().forward(x).data()) // 0.25 for each of the four channels
 */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    return softmax(x, -3)
  }
}
