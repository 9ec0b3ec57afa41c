/** Pooling layers over one, two and three spatial axes. The arithmetic is `tensor/pooling.ts`; defaults are PyTorch's. */
import { at } from '../base/arrays.ts'
import type { Tensor } from '../tensor/index.ts'
import type { PerAxis } from '../tensor/per-axis.ts'
import {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxPoolWithIndices,
  maxUnpool,
  type PoolOptions,
  type PoolWithIndices,
} from '../tensor/pooling.ts'
import { Module } from './module.ts'

type Rank = 1 | 2 | 3

const describe = (kernelSize: PerAxis, options: object): string =>
  [
    `kernelSize=${JSON.stringify(kernelSize)}`,
    ...Object.entries(options).map(([key, value]) => `${key}=${JSON.stringify(value)}`),
  ].join(', ')

/** What the three layers of maximum pooling share. */
abstract class MaxPool extends Module {
  readonly kernelSize: PerAxis
  readonly options: MaxPoolOptions
  protected abstract readonly rank: Rank

  constructor(kernelSize: PerAxis, options: MaxPoolOptions = {}) {
    super()
    this.kernelSize = kernelSize
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return at([maxPool1d, maxPool2d, maxPool3d], this.rank - 1)(x, this.kernelSize, this.options)
  }

  /** The maxima and their flat positions within the spatial axes, for `MaxUnpool`. */
  forwardWithIndices(x: Tensor): PoolWithIndices {
    return maxPoolWithIndices(x, this.kernelSize, { ...this.options, rank: this.rank })
  }

  override extraRepr(): string {
    return describe(this.kernelSize, this.options)
  }
}

/** What the three layers of average pooling share. */
abstract class AvgPool extends Module {
  readonly kernelSize: PerAxis
  readonly options: AvgPoolOptions
  protected abstract readonly rank: Rank

  constructor(kernelSize: PerAxis, options: AvgPoolOptions = {}) {
    super()
    this.kernelSize = kernelSize
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return at([avgPool1d, avgPool2d, avgPool3d], this.rank - 1)(x, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return describe(this.kernelSize, this.options)
  }
}

export type LPPoolOptions = Pick<PoolOptions, 'stride' | 'ceilMode'>

/** What the layers of power-mean pooling share. */
abstract class LPPool extends Module {
  readonly normType: number
  readonly kernelSize: PerAxis
  readonly options: LPPoolOptions
  protected abstract readonly rank: Rank

  constructor(normType: number, kernelSize: PerAxis, options: LPPoolOptions = {}) {
    super()
    this.normType = normType
    this.kernelSize = kernelSize
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return lpPool(x, { ...this.options, normType: this.normType, kernelSize: this.kernelSize, rank: this.rank })
  }

  override extraRepr(): string {
    return `normType=${this.normType}, ${describe(this.kernelSize, this.options)}`
  }
}

export type MaxUnpoolOptions = Pick<PoolOptions, 'stride' | 'padding'>

/** What the three layers of unpooling share: values, indices and perhaps the sizes of the result. */
abstract class MaxUnpool extends Module<[x: Tensor, indices: Tensor, outputSize?: readonly number[]]> {
  readonly kernelSize: PerAxis
  readonly options: MaxUnpoolOptions
  protected abstract readonly rank: Rank

  constructor(kernelSize: PerAxis, options: MaxUnpoolOptions = {}) {
    super()
    this.kernelSize = kernelSize
    this.options = options
  }

  override forward(x: Tensor, indices: Tensor, outputSize?: readonly number[]): Tensor {
    const sizes = outputSize ? { outputSize } : {}
    return maxUnpool(x, indices, { ...this.options, ...sizes, kernelSize: this.kernelSize, rank: this.rank })
  }

  override extraRepr(): string {
    return describe(this.kernelSize, this.options)
  }
}

/**
 * The largest element of every window of `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.MaxPool1d(2).forward(tensor([[[1, 5, 2, 3]]])).toArray()) // [[[5, 3]]]
 */
export class MaxPool1d extends MaxPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * The largest element of every window of `[batch, channels, height, width]`; see `maxPool1d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.MaxPool2d(2).forward(zeros([1, 8, 28, 28])).shape) // [1, 8, 14, 14]
 */
export class MaxPool2d extends MaxPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * The largest element of every window of `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.MaxPool3d(2).forward(zeros([1, 3, 8, 8, 8])).shape) // [1, 3, 4, 4, 4]
 */
export class MaxPool3d extends MaxPool {
  protected override get rank(): Rank {
    return 3
  }
}

/**
 * The average of every window of `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.AvgPool1d(2).forward(tensor([[[1, 5, 2, 4]]])).toArray()) // [[[3, 3]]]
 */
export class AvgPool1d extends AvgPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * The average of every window of `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AvgPool2d(3, { stride: 2, padding: 1 }).forward(zeros([1, 8, 28, 28])).shape) // [1, 8, 14, 14]
 */
export class AvgPool2d extends AvgPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * The average of every window of `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.AvgPool3d(2).forward(zeros([1, 3, 8, 8, 8])).shape) // [1, 3, 4, 4, 4]
 */
export class AvgPool3d extends AvgPool {
  protected override get rank(): Rank {
    return 3
  }
}

/**
 * (Σ x^normType)^(1 / normType) of every window of `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.LPPool1d(2, 2).forward(tensor([[[3, 4, 6, 8]]])).toArray()) // [[[5, 10]]]
 */
export class LPPool1d extends LPPool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * (Σ x^normType)^(1 / normType) of every window of `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * console.log(await new nn.LPPool2d(2, 2).forward(ones([1, 1, 2, 2])).toArray()) // [[[[2]]]]
 */
export class LPPool2d extends LPPool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * (Σ x^normType)^(1 / normType) of every window of `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * console.log(new nn.LPPool3d(2, 2).forward(ones([1, 1, 4, 4, 4])).shape) // [1, 1, 2, 2, 2]
 */
export class LPPool3d extends LPPool {
  protected override get rank(): Rank {
    return 3
  }
}

/**
 * Puts pooled values back where `forwardWithIndices` found them: `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * const [values, places] = new nn.MaxPool1d(2).forwardWithIndices(tensor([[[1, 5, 2, 3]]]))
 * console.log(await new nn.MaxUnpool1d(2).forward(values, places).toArray()) // [[[0, 5, 0, 3]]]
 */
export class MaxUnpool1d extends MaxUnpool {
  protected override get rank(): Rank {
    return 1
  }
}

/**
 * Puts pooled values back where `forwardWithIndices` found them: `[batch, channels, height, width]`.
 *
 * @example
 * import { iota, nn } from 'cognitron'
 * const [values, places] = new nn.MaxPool2d(2).forwardWithIndices(iota([4], 0).reshape(1, 1, 2, 2))
 * console.log(await new nn.MaxUnpool2d(2).forward(values, places).toArray()) // [[[[0, 0], [0, 3]]]]
 */
export class MaxUnpool2d extends MaxUnpool {
  protected override get rank(): Rank {
    return 2
  }
}

/**
 * Puts pooled values back where `forwardWithIndices` found them: `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const [values, places] = new nn.MaxPool3d(2).forwardWithIndices(zeros([1, 2, 4, 4, 4]))
 * console.log(new nn.MaxUnpool3d(2).forward(values, places).shape) // [1, 2, 4, 4, 4]
 */
export class MaxUnpool3d extends MaxUnpool {
  protected override get rank(): Rank {
    return 3
  }
}
