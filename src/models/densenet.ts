/** DenseNet for ImageNet with torchvision's keys and parameter counts, and the DenseNet-BC of the paper for CIFAR-10. */
import { ArgumentError } from '../base/errors.ts'
import * as nn from '../nn/index.ts'
import { concat, type Tensor } from '../tensor/index.ts'
import { type CifarOptions, type ClassifierOptions, initConvolutions } from './classifier-options.ts'

export interface DenseNetOptions extends ClassifierOptions {
  /** Channels that each layer adds, the paper's k. Default 32. */
  readonly growthRate?: number
  /** Layers of each block. Default [6, 12, 24, 16], DenseNet-121. */
  readonly blocks?: readonly number[]
  /** Channels after the first convolution. Default 2 · growthRate. */
  readonly initialFeatures?: number
  /** The bottleneck of each layer has this many times growthRate channels. Default 4. */
  readonly bottleneckSize?: number
  /** 'imagenet': 7 × 7 of stride 2, normalisation and max pooling; 'cifar': one 3 × 3 convolution. Default 'imagenet'. */
  readonly stem?: 'imagenet' | 'cifar'
  /** The probability of dropout after each layer. Default 0. */
  readonly dropout?: number
}

/** Normalise, narrow by 1 × 1, normalise, 3 × 3; what comes out is joined to the input. */
class DenseLayer extends nn.Module {
  norm1: nn.BatchNorm2d
  conv1: nn.Conv2d
  norm2: nn.BatchNorm2d
  conv2: nn.Conv2d
  drop: nn.Dropout | null

  constructor(inChannels: number, growthRate: number, options: { bottleneckSize: number; dropout: number }) {
    super()
    const narrow = options.bottleneckSize * growthRate
    this.norm1 = new nn.BatchNorm2d(inChannels)
    this.conv1 = new nn.Conv2d(inChannels, narrow, 1, { bias: false })
    this.norm2 = new nn.BatchNorm2d(narrow)
    this.conv2 = new nn.Conv2d(narrow, growthRate, 3, { padding: 1, bias: false })
    this.drop = options.dropout > 0 ? new nn.Dropout(options.dropout) : null
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.conv1.forward(this.norm1.forward(x).relu())
    const grown = this.conv2.forward(this.norm2.forward(narrow).relu())
    return concat([x, this.drop ? this.drop.forward(grown) : grown], 1)
  }
}

/** Halves the channels by 1 × 1 and the picture by average pooling. */
function transition(inChannels: number): nn.Sequential {
  const outChannels = Math.floor(inChannels / 2)
  return new nn.Sequential({
    norm: new nn.BatchNorm2d(inChannels),
    relu: new nn.ReLU(),
    conv: new nn.Conv2d(inChannels, outChannels, 1, { bias: false }),
    pool: new nn.AvgPool2d(2),
  })
}

function stemOf(kind: 'imagenet' | 'cifar', inChannels: number, features: number): Record<string, nn.Layer> {
  if (kind === 'cifar') return { conv0: new nn.Conv2d(inChannels, features, 3, { padding: 1, bias: false }) }
  return {
    conv0: new nn.Conv2d(inChannels, features, 7, { stride: 2, padding: 3, bias: false }),
    norm0: new nn.BatchNorm2d(features),
    relu0: new nn.ReLU(),
    pool0: new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
  }
}

/**
 * Blocks of layers that each see the outputs of all layers before, with transitions that halve the channels and the picture, then
 * global average pooling and a linear layer: `[batch, inChannels, height, width] → [batch, classes]`. Weights start as torchvision's:
 * convolutions normal by He's rule with the fan-in, normalisations 1 and 0, the bias of the last layer 0.
 *
 * Source: Huang et al., "Densely connected convolutional networks" (2016).
 *
 * @throws ArgumentError without blocks; ShapeError for pictures that are too small.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.DenseNet({ growthRate: 12, blocks: [2, 2], stem: 'cifar', classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export class DenseNet extends nn.Module {
  features: nn.Sequential
  classifier: nn.Linear

  constructor(options: DenseNetOptions = {}) {
    super()
    const { classes = 1000, inChannels = 3, growthRate = 32, blocks = [6, 12, 24, 16], stem = 'imagenet' } = options
    const { initialFeatures = 2 * growthRate, bottleneckSize = 4, dropout = 0 } = options
    if (blocks.length === 0) throw new ArgumentError('a DenseNet needs at least one block, given none.')
    const layers = stemOf(stem, inChannels, initialFeatures)
    let channels = initialFeatures
    blocks.forEach((count, index) => {
      const block: Record<string, nn.Layer> = {}
      for (let layer = 1; layer <= count; layer++) {
        block[`denselayer${layer}`] = new DenseLayer(channels, growthRate, { bottleneckSize, dropout })
        channels += growthRate
      }
      layers[`denseblock${index + 1}`] = new nn.Sequential(block)
      if (index === blocks.length - 1) return
      layers[`transition${index + 1}`] = transition(channels)
      channels = Math.floor(channels / 2)
    })
    layers.norm5 = new nn.BatchNorm2d(channels)
    this.features = new nn.Sequential(layers)
    this.classifier = new nn.Linear(channels, classes)
    initConvolutions(this, 'fanIn')
    if (this.classifier.bias) nn.init.zeros(this.classifier.bias)
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x).relu().mean([2, 3]))
  }
}

/** Options of the builders that fix the depth. */
export type DenseNetBuilderOptions = ClassifierOptions & Pick<DenseNetOptions, 'dropout'>

/**
 * DenseNet-121: 7,978,856 parameters for 1000 classes; see `DenseNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.densenet121({ classes: 10 }).eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export function densenet121(options: DenseNetBuilderOptions = {}): DenseNet {
  return new DenseNet({ ...options, blocks: [6, 12, 24, 16] })
}

/**
 * DenseNet-169: 14,149,480 parameters for 1000 classes; see `DenseNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.densenet169().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function densenet169(options: DenseNetBuilderOptions = {}): DenseNet {
  return new DenseNet({ ...options, blocks: [6, 12, 32, 32] })
}

/**
 * DenseNet-201: 20,013,928 parameters for 1000 classes; see `DenseNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.densenet201().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function densenet201(options: DenseNetBuilderOptions = {}): DenseNet {
  return new DenseNet({ ...options, blocks: [6, 12, 48, 32] })
}

export interface DenseNetBcOptions extends CifarOptions {
  /** Layers with weights, 6 n + 4: 40, 100. Default 100. */
  readonly depth?: number
  /** Default 12. */
  readonly growthRate?: number
  /** The probability of dropout after each layer; the paper takes 0.2 without augmentation. Default 0. */
  readonly dropout?: number
}

/**
 * DenseNet-BC for pictures of 32 × 32: three blocks of (depth − 4) / 6 layers. Depth 100 and growth 12 have 769,162 parameters, depth
 * 40 has 176,122. See `DenseNet`.
 *
 * @throws ArgumentError for a depth that is not 6 n + 4.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.densenetBc({ depth: 40 }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export function densenetBc(options: DenseNetBcOptions = {}): DenseNet {
  const { depth = 100, growthRate = 12, classes = 10, ...others } = options
  const count = (depth - 4) / 6
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`a DenseNet-BC has 6 n + 4 layers (40, 100, 190, …), given ${depth}.`)
  }
  return new DenseNet({ ...others, classes, growthRate, blocks: [count, count, count], stem: 'cifar' })
}
