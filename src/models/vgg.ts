/**
 * The VGG networks: configurations A, A-LRN, B, C, D and E of the paper, and torchvision's forms with batch normalisation. Keys and
 * parameter counts are torchvision's where it has the network (A, B, D, E).
 */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type ClassifierOptions, initConvolutions, initLinears } from './classifier-options.ts'

/** The columns of table 1 of the paper. */
export type VggConfiguration = 'A' | 'A-LRN' | 'B' | 'C' | 'D' | 'E'

/** Channels of a 3 × 3 convolution; '256/1' is one of 1 × 1, 'M' halves the picture, 'L' normalises local responses. */
type Step = number | '256/1' | '512/1' | 'M' | 'L'

const configurations: Readonly<Record<VggConfiguration, readonly Step[]>> = {
  A: [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  'A-LRN': [64, 'L', 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  B: [64, 64, 'M', 128, 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  C: [64, 64, 'M', 128, 128, 'M', 256, 256, '256/1', 'M', 512, 512, '512/1', 'M', 512, 512, '512/1', 'M'],
  D: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'],
  E: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 256, 'M', 512, 512, 512, 512, 'M', 512, 512, 512, 512, 'M'],
}

export interface VggOptions extends ClassifierOptions {
  /** Default 'D', the network of 16 layers. */
  readonly configuration?: VggConfiguration
  /** Normalise after each convolution. Default false. */
  readonly batchNorm?: boolean
  /** The probability of dropout after the first two linear layers. Default 0.5. */
  readonly dropout?: number
}

/** Options of the builders that fix the configuration. */
export type VggBuilderOptions = Omit<VggOptions, 'configuration' | 'batchNorm'>

function featuresOf(configuration: VggConfiguration, inChannels: number, batchNorm: boolean): nn.Sequential {
  const layers: nn.Layer[] = []
  let channels = inChannels
  for (const step of configurations[configuration]) {
    if (step === 'M') layers.push(new nn.MaxPool2d(2))
    else if (step === 'L') layers.push(new nn.LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 }))
    else {
      const pointwise = typeof step === 'string'
      const width = pointwise ? Number.parseInt(step, 10) : step
      layers.push(new nn.Conv2d(channels, width, pointwise ? 1 : 3, { padding: pointwise ? 0 : 1 }))
      if (batchNorm) layers.push(new nn.BatchNorm2d(width))
      layers.push(new nn.ReLU())
      channels = width
    }
  }
  return new nn.Sequential(...layers)
}

/**
 * Stages of 3 × 3 convolutions with a halving after each, adaptive average pooling to 7 × 7 and three linear layers:
 * `[batch, inChannels, height, width] → [batch, classes]` for pictures of at least 32 × 32, 224 × 224 by design.
 * Weights start as torchvision's: convolutions normal by He's rule with the fan-out, linear layers normal with deviation 0.01.
 *
 * Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2014).
 *
 * @throws ShapeError for pictures that are too small.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.Vgg({ configuration: 'A-LRN', classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 224, 224])).shape) // [1, 10]
 */
export class Vgg extends nn.Module {
  features: nn.Sequential
  avgpool: nn.AdaptiveAvgPool2d
  classifier: nn.Sequential

  constructor(options: VggOptions = {}) {
    super()
    const { configuration = 'D', classes = 1000, inChannels = 3, batchNorm = false, dropout = 0.5 } = options
    this.features = featuresOf(configuration, inChannels, batchNorm)
    this.avgpool = new nn.AdaptiveAvgPool2d(7)
    this.classifier = new nn.Sequential(
      new nn.Linear(512 * 7 * 7, 4096),
      new nn.ReLU(),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU(),
      new nn.Dropout(dropout),
      new nn.Linear(4096, classes),
    )
    initConvolutions(this)
    initLinears(this, 0.01)
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)).flatten(1))
  }
}

/**
 * VGG-11, configuration A: 132,863,336 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg11({ classes: 10 }).eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export function vgg11(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'A' })
}

/**
 * VGG-11 with local response normalisation after the first convolution, configuration A-LRN; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg11Lrn().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg11Lrn(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'A-LRN' })
}

/**
 * VGG-13, configuration B: 133,047,848 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg13().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg13(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'B' })
}

/**
 * VGG-16 with three 1 × 1 convolutions, configuration C: 133,638,952 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg16C().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg16C(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'C' })
}

/**
 * VGG-16, configuration D: 138,357,544 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models } from 'cognitron'
 * const net = models.vgg16()
 * console.log(net.parameters().reduce((sum, { size }) => sum + size, 0)) // 138357544
 */
export function vgg16(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'D' })
}

/**
 * VGG-19, configuration E: 143,667,240 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg19().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg19(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'E' })
}

/**
 * VGG-11 with batch normalisation: 132,868,840 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg11Bn().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg11Bn(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'A', batchNorm: true })
}

/**
 * VGG-13 with batch normalisation: 133,053,736 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg13Bn().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg13Bn(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'B', batchNorm: true })
}

/**
 * VGG-16 with batch normalisation: 138,365,992 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg16Bn().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg16Bn(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'D', batchNorm: true })
}

/**
 * VGG-19 with batch normalisation: 143,678,248 parameters for 1000 classes; see `Vgg`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.vgg19Bn().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function vgg19Bn(options: VggBuilderOptions = {}): Vgg {
  return new Vgg({ ...options, configuration: 'E', batchNorm: true })
}
