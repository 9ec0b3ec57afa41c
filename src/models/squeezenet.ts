/** SqueezeNet 1.0 and 1.1 with torchvision's keys and parameter counts. */
import * as nn from '../nn/index.ts'
import { concat, type Tensor } from '../tensor/index.ts'
import type { ClassifierOptions } from './classifier-options.ts'

export interface SqueezeNetOptions extends ClassifierOptions {
  /** 1.1 computes 2.4 times less at the same accuracy. Default '1.0'. */
  readonly version?: '1.0' | '1.1'
  /** The probability of dropout before the last convolution. Default 0.5. */
  readonly dropout?: number
}

/** Squeeze by 1 × 1, expand by 1 × 1 and 3 × 3 side by side: `[batch, inChannels, h, w] → [batch, 2 · expand, h, w]`. */
class Fire extends nn.Module {
  squeeze: nn.Conv2d
  expand1x1: nn.Conv2d
  expand3x3: nn.Conv2d

  constructor(inChannels: number, squeeze: number, expand: number) {
    super()
    this.squeeze = new nn.Conv2d(inChannels, squeeze, 1)
    this.expand1x1 = new nn.Conv2d(squeeze, expand, 1)
    this.expand3x3 = new nn.Conv2d(squeeze, expand, 3, { padding: 1 })
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.squeeze.forward(x).relu()
    return concat([this.expand1x1.forward(narrow).relu(), this.expand3x3.forward(narrow).relu()], 1)
  }
}

const halve = (): nn.MaxPool2d => new nn.MaxPool2d(3, { stride: 2, ceilMode: true })

function features10(inChannels: number): nn.Layer[] {
  return [
    new nn.Conv2d(inChannels, 96, 7, { stride: 2 }),
    new nn.ReLU(),
    halve(),
    new Fire(96, 16, 64),
    new Fire(128, 16, 64),
    new Fire(128, 32, 128),
    halve(),
    new Fire(256, 32, 128),
    new Fire(256, 48, 192),
    new Fire(384, 48, 192),
    new Fire(384, 64, 256),
    halve(),
    new Fire(512, 64, 256),
  ]
}

function features11(inChannels: number): nn.Layer[] {
  return [
    new nn.Conv2d(inChannels, 64, 3, { stride: 2 }),
    new nn.ReLU(),
    halve(),
    new Fire(64, 16, 64),
    new Fire(128, 16, 64),
    halve(),
    new Fire(128, 32, 128),
    new Fire(256, 32, 128),
    halve(),
    new Fire(256, 48, 192),
    new Fire(384, 48, 192),
    new Fire(384, 64, 256),
    new Fire(512, 64, 256),
  ]
}

/**
 * Fire modules and a convolution as classifier: `[batch, inChannels, height, width] → [batch, classes]`, 224 × 224 by design.
 * Weights start as torchvision's: uniform by He's rule with the fan-in, the last convolution normal with deviation 0.01, biases 0.
 *
 * Source: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters" (2016).
 *
 * @throws ShapeError for pictures that are too small.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.squeezenet11({ classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export class SqueezeNet extends nn.Module {
  features: nn.Sequential
  classifier: nn.Sequential

  constructor({ version = '1.0', classes = 1000, inChannels = 3, dropout = 0.5 }: SqueezeNetOptions = {}) {
    super()
    const last = new nn.Conv2d(512, classes, 1)
    this.features = new nn.Sequential(...(version === '1.0' ? features10(inChannels) : features11(inChannels)))
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), last, new nn.ReLU(), new nn.AdaptiveAvgPool2d(1))
    for (const module of this.modules()) {
      if (!(module instanceof nn.Conv2d)) continue
      if (module === last) nn.init.normal(module.weight, 0, 0.01)
      else nn.init.kaimingUniform(module.weight)
      if (module.bias) nn.init.zeros(module.bias)
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x)).flatten(1)
  }
}

/**
 * SqueezeNet 1.0: 1,248,424 parameters for 1000 classes; see `SqueezeNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.squeezenet10({ classes: 10 }).eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export function squeezenet10(options: Omit<SqueezeNetOptions, 'version'> = {}): SqueezeNet {
  return new SqueezeNet({ ...options, version: '1.0' })
}

/**
 * SqueezeNet 1.1: 1,235,496 parameters for 1000 classes; see `SqueezeNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.squeezenet11().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function squeezenet11(options: Omit<SqueezeNetOptions, 'version'> = {}): SqueezeNet {
  return new SqueezeNet({ ...options, version: '1.1' })
}
