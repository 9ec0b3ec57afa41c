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

/** Averages `[batch, channels, length]` down to `outputSize`. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 1
  }
}

/** Averages `[batch, channels, height, width]` down to `outputSize`. */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 2
  }
}

/** Averages `[batch, channels, depth, height, width]` down to `outputSize`. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  protected override get rank(): Rank {
    return 3
  }
}

/** Maxima of `[batch, channels, length]` over windows that give `outputSize`. */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 1
  }
}

/** Maxima of `[batch, channels, height, width]` over windows that give `outputSize`. */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 2
  }
}

/** Maxima of `[batch, channels, depth, height, width]` over windows that give `outputSize`. */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  protected override get rank(): Rank {
    return 3
  }
}

/** The mean over space of `[batch, channels, length]`, which stays with size 1. */
export class GlobalAvgPool1d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 1
  }
}

/** The mean over space of `[batch, channels, height, width]`, which stays with size 1. */
export class GlobalAvgPool2d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 2
  }
}

/** The mean over space of `[batch, channels, depth, height, width]`, which stays with size 1. */
export class GlobalAvgPool3d extends GlobalAvgPool {
  protected override get rank(): Rank {
    return 3
  }
}
