/** Pooling to a wanted output size. The arithmetic is `tensor/pooling.ts`. */
import { at } from '../base/arrays.ts'
import type { Tensor } from '../tensor/index.ts'
import {
  type AdaptiveSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  adaptiveMaxPoolWithIndices,
  type PoolWithIndices,
} from '../tensor/pooling.ts'
import { Module } from './module.ts'

type Rank = 1 | 2 | 3

/** What the three layers of adaptive average pooling share. */
abstract class AdaptiveAvgPool extends Module {
  readonly outputSize: AdaptiveSize
  protected abstract readonly rank: Rank

  /** `outputSize`: one number for all axes or one per axis; null keeps the size of the input. */
  constructor(outputSize: AdaptiveSize) {
    super()
    this.outputSize = outputSize
  }

  override forward(x: Tensor): Tensor {
    return at([adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d], this.rank - 1)(x, this.outputSize)
  }

  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`
  }
}

/** What the three layers of adaptive maximum pooling share. */
abstract class AdaptiveMaxPool extends Module {
  readonly outputSize: AdaptiveSize
  protected abstract readonly rank: Rank

  /** `outputSize`: one number for all axes or one per axis; null keeps the size of the input. */
  constructor(outputSize: AdaptiveSize) {
    super()
    this.outputSize = outputSize
  }

  override forward(x: Tensor): Tensor {
    return at([adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d], this.rank - 1)(x, this.outputSize)
  }

  /** The maxima and their flat positions within the spatial axes. */
  forwardWithIndices(x: Tensor): PoolWithIndices {
    return adaptiveMaxPoolWithIndices(x, this.outputSize, { rank: this.rank })
  }

  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`
  }
}

/** The average of each channel over all of space. */
abstract class GlobalAvgPool extends Module {
  protected abstract readonly rank: Rank

  override forward(x: Tensor): Tensor {
    return at([adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d], this.rank - 1)(x, 1)
  }
}

/**
 * Averages `[batch, channels, length]` down to `outputSize`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.AdaptiveAvgPool1d(2).forward(tensor([[[1, 2, 3, 4, 5]]])).toArray()) // [[[2, 4]]]
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * Averages `[batch, channels, height, width]` down to `outputSize`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AdaptiveAvgPool2d([1, 7]).forward(zeros([2, 8, 10, 10])).shape) // [2, 8, 1, 7]
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * Averages `[batch, channels, depth, height, width]` down to `outputSize`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AdaptiveAvgPool3d(2).forward(zeros([1, 3, 8, 9, 10])).shape) // [1, 3, 2, 2, 2]
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 3
  }
}

/**
 * Maxima of `[batch, channels, length]` over windows that give `outputSize`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.AdaptiveMaxPool1d(2).forward(tensor([[[1, 2, 3, 4, 5]]])).toArray()) // [[[3, 5]]]
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * Maxima of `[batch, channels, height, width]` over windows that give `outputSize`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AdaptiveMaxPool2d(4).forward(zeros([2, 8, 10, 10])).shape) // [2, 8, 4, 4]
 */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * Maxima of `[batch, channels, depth, height, width]` over windows that give `outputSize`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AdaptiveMaxPool3d(2).forward(zeros([1, 3, 8, 9, 10])).shape) // [1, 3, 2, 2, 2]
 */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 3
  }
}

/**
 * The mean over space of `[batch, channels, length]`, which stays with size 1.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.GlobalAvgPool1d().forward(tensor([[[1, 2, 6]]])).toArray()) // [[[3]]]
 */
export class GlobalAvgPool1d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * The mean over space of `[batch, channels, height, width]`, which stays with size 1.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.GlobalAvgPool2d().forward(zeros([2, 8, 7, 7])).shape) // [2, 8, 1, 1]
 */
export class GlobalAvgPool2d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * The mean over space of `[batch, channels, depth, height, width]`, which stays with size 1.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.GlobalAvgPool3d().forward(zeros([2, 8, 4, 7, 7])).shape) // [2, 8, 1, 1, 1]
 */
export class GlobalAvgPool3d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 3
  }
}
