/** Normalisation layers. The arithmetic is `tensor/normalization.ts`; here are learned scales and running statistics. */
import { product } from '../base/arrays.ts'
import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { Parameter, type Tensor, VariableTensor } from '../tensor/index.ts'
import {
  batchNorm,
  groupNorm,
  instanceNorm,
  type LocalResponseNormOptions,
  layerNorm,
  localResponseNorm,
  rmsNorm,
} from '../tensor/normalization.ts'
import { checkCounts } from './linear.ts'
import { Module } from './module.ts'

const onesParameter = (shape: readonly number[]): Parameter =>
  new Parameter(new Float32Array(product(shape)).fill(1), shape)
const zerosParameter = (shape: readonly number[]): Parameter => new Parameter(new Float32Array(product(shape)), shape)

export interface BatchNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** The weight of a new batch in the running statistics; null averages over all batches alike. Default 0.1. */
  readonly momentum?: number | null
  /** Learned scale and shift. Default: true for batch, false for instance normalisation. */
  readonly affine?: boolean
  /** Keep running statistics for evaluation. Default: true for batch, false for instance normalisation. */
  readonly trackRunningStats?: boolean
}

/** Scale, shift and running statistics of `numFeatures` channels. */
abstract class StatisticsNorm extends Module {
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  /** Scale, `[numFeatures]`. */
  weight: Parameter | null
  /** Shift, `[numFeatures]`. */
  bias: Parameter | null
  runningMean: VariableTensor | null
  runningVar: VariableTensor | null
  numBatchesTracked: VariableTensor | null

  constructor(numFeatures: number, options: Required<BatchNormLayerOptions>) {
    super()
    checkCounts(this.constructor.name, { numFeatures })
    const { eps, momentum, affine, trackRunningStats } = options
    this.numFeatures = numFeatures
    this.eps = eps
    this.momentum = momentum
    this.weight = affine ? onesParameter([numFeatures]) : null
    this.bias = affine ? zerosParameter([numFeatures]) : null
    this.runningMean = trackRunningStats ? new VariableTensor(new Float32Array(numFeatures), [numFeatures]) : null
    this.runningVar = trackRunningStats
      ? new VariableTensor(new Float32Array(numFeatures).fill(1), [numFeatures])
      : null
    this.numBatchesTracked = trackRunningStats ? new VariableTensor(new Int32Array(1), [], 'int32') : null
  }

  /** The ranks of input that the layer takes. */
  protected abstract readonly ranks: readonly number[]

  protected checkInput(x: Tensor): void {
    const { numFeatures, ranks } = this
    if (ranks.includes(x.rank) && x.shape[1] === numFeatures) return
    const forms = ranks.map((rank) => `[batch, ${numFeatures}${', …'.repeat(rank - 2)}]`)
    throw new ShapeError(`expected ${forms.join(' or ')}, given ${formatShape(x.shape)}; the channels are axis 1.`)
  }

  /** Counts the batch; the weight that it gets in the running statistics. */
  protected countBatch(): number | Tensor {
    const { numBatchesTracked, momentum } = this
    if (!numBatchesTracked) return momentum ?? 0
    const count = numBatchesTracked.add(1)
    numBatchesTracked.assign(count)
    return momentum ?? count.to('float32').reciprocal()
  }

  override get label(): string {
    return `${this.constructor.name} ${this.numFeatures}`
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, weight, runningMean } = this
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${weight !== null}, trackRunningStats=${runningMean !== null}`
  }
}

/** Batch normalisation of the given ranks of input. */
abstract class BatchNorm extends StatisticsNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options
    super(numFeatures, { eps, momentum, affine, trackRunningStats })
  }

  override forward(x: Tensor): Tensor {
    this.checkInput(x)
    const { weight, bias, eps, runningMean, runningVar } = this
    const momentum = this.training ? this.countBatch() : 0
    const training = this.training || !runningMean
    return batchNorm(x, { weight, bias, eps, runningMean, runningVar, momentum, training })
  }
}

/**
 * Batch normalisation of `[batch, numFeatures]` or `[batch, numFeatures, length]`; see `batchNorm`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.BatchNorm1d(1).forward(tensor([[1], [3]])).toArray()) // [[-1], [1]]
 */
export class BatchNorm1d extends BatchNorm {
  protected override get ranks(): readonly number[] {
    return [2, 3]
  }
}

/**
 * Batch normalisation of `[batch, numFeatures, height, width]`: by the batch's statistics in training, by the running ones in
 * evaluation; see `batchNorm`. Saved as weight, bias, running_mean, running_var, num_batches_tracked.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const layer = new nn.BatchNorm2d(16)
 * console.log(layer.forward(zeros([4, 16, 8, 8])).shape) // [4, 16, 8, 8]
 */
export class BatchNorm2d extends BatchNorm {
  protected override get ranks(): readonly number[] {
    return [4]
  }
}

/**
 * Batch normalisation of `[batch, numFeatures, depth, height, width]`; see `batchNorm`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.BatchNorm3d(4).forward(zeros([2, 4, 3, 8, 8])).shape) // [2, 4, 3, 8, 8]
 */
export class BatchNorm3d extends BatchNorm {
  protected override get ranks(): readonly number[] {
    return [5]
  }
}

/** Instance normalisation of the given ranks of input. */
abstract class InstanceNorm extends StatisticsNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false } = options
    super(numFeatures, { eps, momentum, affine, trackRunningStats })
  }

  override forward(x: Tensor): Tensor {
    this.checkInput(x)
    const { weight, bias, eps, runningMean, runningVar } = this
    const momentum = this.momentum ?? 0
    return instanceNorm(x, { weight, bias, eps, runningMean, runningVar, momentum, training: this.training })
  }
}

/**
 * Instance normalisation of `[batch, numFeatures, length]`; see `instanceNorm`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.InstanceNorm1d(1).forward(tensor([[[1, 3]], [[10, 30]]])).toArray()) // [[[-1, 1]], [[-1, 1]]]
 */
export class InstanceNorm1d extends InstanceNorm {
  protected override get ranks(): readonly number[] {
    return [3]
  }
}

/**
 * Instance normalisation of `[batch, numFeatures, height, width]`; see `instanceNorm`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.InstanceNorm2d(4, { affine: true }).forward(zeros([2, 4, 8, 8])).shape) // [2, 4, 8, 8]
 */
export class InstanceNorm2d extends InstanceNorm {
  protected override get ranks(): readonly number[] {
    return [4]
  }
}

/**
 * Instance normalisation of `[batch, numFeatures, depth, height, width]`; see `instanceNorm`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.InstanceNorm3d(4).forward(zeros([2, 4, 3, 8, 8])).shape) // [2, 4, 3, 8, 8]
 */
export class InstanceNorm3d extends InstanceNorm {
  protected override get ranks(): readonly number[] {
    return [5]
  }
}

export interface LayerNormLayerOptions {
  /** Default 1e-5. */
  readonly eps?: number
  /** Learned scale and shift of every element. Default true. */
  readonly elementwiseAffine?: boolean
  /** With a learned shift, if there is a scale. Default true. */
  readonly bias?: boolean
}

/**
 * Normalises over the trailing axes: `[..., ...normalizedShape]`, same shape; see `layerNorm`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.LayerNorm(2).forward(tensor([[1, 3], [10, 30]])).toArray()) // [[-1, 1], [-1, 1]]
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[]
  readonly eps: number
  weight: Parameter | null
  bias: Parameter | null

  constructor(normalizedShape: number | readonly number[], options: LayerNormLayerOptions = {}) {
    super()
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    this.eps = eps
    this.weight = elementwiseAffine ? onesParameter(this.normalizedShape) : null
    this.bias = elementwiseAffine && bias ? zerosParameter(this.normalizedShape) : null
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this
    return layerNorm(x, this.normalizedShape, { weight, bias, eps })
  }

  override get label(): string {
    return `LayerNorm ${formatShape(this.normalizedShape)}`
  }

  override extraRepr(): string {
    return `${formatShape(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`
  }
}

/**
 * Divides by the root mean square over the trailing axes; see `rmsNorm`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.RMSNorm(2).forward(tensor([[1, 7]])).toArray()) // [[0.2, 1.4]]
 */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[]
  readonly eps: number | undefined
  weight: Parameter | null

  constructor(
    normalizedShape: number | readonly number[],
    { eps, elementwiseAffine = true }: Pick<LayerNormLayerOptions, 'eps' | 'elementwiseAffine'> = {},
  ) {
    super()
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    this.eps = eps
    this.weight = elementwiseAffine ? onesParameter(this.normalizedShape) : null
  }

  override forward(x: Tensor): Tensor {
    const { weight, eps } = this
    return rmsNorm(x, this.normalizedShape, eps === undefined ? { weight } : { weight, eps })
  }

  override extraRepr(): string {
    return `${formatShape(this.normalizedShape)}, elementwiseAffine=${this.weight !== null}`
  }
}

/**
 * Normalises groups of channels of each sample: `[batch, numChannels, ...]`, same shape; see `groupNorm`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.GroupNorm(2, 8).forward(zeros([4, 8, 5, 5])).shape) // [4, 8, 5, 5]
 */
export class GroupNorm extends Module {
  readonly numGroups: number
  readonly numChannels: number
  readonly eps: number
  weight: Parameter | null
  bias: Parameter | null

  constructor(
    numGroups: number,
    numChannels: number,
    { eps = 1e-5, affine = true }: Pick<BatchNormLayerOptions, 'eps' | 'affine'> = {},
  ) {
    super()
    checkCounts('GroupNorm', { numGroups, numChannels, 'numChannels / numGroups': numChannels / numGroups })
    this.numGroups = numGroups
    this.numChannels = numChannels
    this.eps = eps
    this.weight = affine ? onesParameter([numChannels]) : null
    this.bias = affine ? zerosParameter([numChannels]) : null
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this
    if (x.shape[1] !== this.numChannels) {
      throw new ShapeError(`expected [batch, ${this.numChannels}, …], given ${formatShape(x.shape)}.`)
    }
    return groupNorm(x, this.numGroups, { weight, bias, eps })
  }

  override get label(): string {
    return `GroupNorm ${this.numChannels} in ${this.numGroups}`
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== null}`
  }
}

/**
 * Damps each channel by its neighbours, as in AlexNet; see `localResponseNorm`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * const layer = new nn.LocalResponseNorm(1, { alpha: 3, beta: 0.5, k: 1 })
 * console.log(await layer.forward(ones([1, 2, 1])).toArray()) // [[[0.5], [0.5]]]
 */
export class LocalResponseNorm extends Module {
  readonly size: number
  readonly options: Required<LocalResponseNormOptions>

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super()
    this.size = size
    this.options = { alpha, beta, k }
  }

  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }

  override extraRepr(): string {
    const { alpha, beta, k } = this.options
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`
  }
}
