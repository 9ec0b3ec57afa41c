/**
 * AlexNet in two forms: torchvision's, whose weights load by key, and the one of the paper with two groups and local response
 * normalisation. The paper's split over two GPUs is expressed by grouped convolutions.
 */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { ClassifierOptions } from './classifier-options.ts'

export interface AlexNetOptions extends ClassifierOptions {
  /** The probability of dropout before the first two linear layers. Default 0.5. */
  readonly dropout?: number
}

/** Three linear layers with dropout before the first two, as both forms end. */
function classifierOf(inFeatures: number, classes: number, dropout: number): nn.Sequential {
  return new nn.Sequential(
    new nn.Dropout(dropout),
    new nn.Linear(inFeatures, 4096),
    new nn.ReLU(),
    new nn.Dropout(dropout),
    new nn.Linear(4096, 4096),
    new nn.ReLU(),
    new nn.Linear(4096, classes),
  )
}

/**
 * torchvision's `alexnet`: five convolutions, adaptive average pooling to 6 × 6, three linear layers:
 * `[batch, inChannels, height, width] → [batch, classes]` for pictures of at least 63 × 63, 224 × 224 by design.
 * 61,100,840 parameters for 1000 classes. Weights start as PyTorch's layers do.
 *
 * Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014).
 *
 * @throws ShapeError for pictures that are too small.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.AlexNet({ classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 224, 224])).shape) // [1, 10]
 */
export class AlexNet extends nn.Module {
  features: nn.Sequential
  avgpool: nn.AdaptiveAvgPool2d
  classifier: nn.Sequential

  constructor({ classes = 1000, inChannels = 3, dropout = 0.5 }: AlexNetOptions = {}) {
    super()
    this.features = new nn.Sequential(
      new nn.Conv2d(inChannels, 64, 11, { stride: 4, padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
      new nn.Conv2d(64, 192, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
      new nn.Conv2d(192, 384, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(384, 256, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(256, 256, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
    )
    this.avgpool = new nn.AdaptiveAvgPool2d(6)
    this.classifier = classifierOf(256 * 6 * 6, classes, dropout)
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)).flatten(1))
  }
}

/** The paper's n = 5, α = 1e-4, β = 0.75, k = 2; PyTorch's α is divided by n. */
const responseNorm = (): nn.LocalResponseNorm => new nn.LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 })

/**
 * AlexNet as published: 96, 256, 384, 384 and 256 channels, convolutions 2, 4 and 5 in two groups that do not see each other, local
 * response normalisation after the first two: `[batch, inChannels, 224, 224] → [batch, classes]`. 60,965,224 parameters for 1000
 * classes. Weights start normal with deviation 0.01, biases 1 where the paper has them, else 0.
 *
 * Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012).
 *
 * @throws ShapeError for pictures of another size.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.AlexNetPaper({ classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 224, 224])).shape) // [1, 10]
 */
export class AlexNetPaper extends nn.Module {
  features: nn.Sequential
  classifier: nn.Sequential

  constructor({ classes = 1000, inChannels = 3, dropout = 0.5 }: AlexNetOptions = {}) {
    super()
    this.features = new nn.Sequential({
      conv1: new nn.Conv2d(inChannels, 96, 11, { stride: 4, padding: 2 }),
      relu1: new nn.ReLU(),
      norm1: responseNorm(),
      pool1: new nn.MaxPool2d(3, { stride: 2 }),
      conv2: new nn.Conv2d(96, 256, 5, { padding: 2, groups: 2 }),
      relu2: new nn.ReLU(),
      norm2: responseNorm(),
      pool2: new nn.MaxPool2d(3, { stride: 2 }),
      conv3: new nn.Conv2d(256, 384, 3, { padding: 1 }),
      relu3: new nn.ReLU(),
      conv4: new nn.Conv2d(384, 384, 3, { padding: 1, groups: 2 }),
      relu4: new nn.ReLU(),
      conv5: new nn.Conv2d(384, 256, 3, { padding: 1, groups: 2 }),
      relu5: new nn.ReLU(),
      pool5: new nn.MaxPool2d(3, { stride: 2 }),
    })
    this.classifier = classifierOf(256 * 6 * 6, classes, dropout)
    this.#initialise()
  }

  #initialise(): void {
    const withOnes = /^(features\.conv[245]|classifier\.[14])$/
    for (const [path, module] of this.namedModules()) {
      if (!(module instanceof nn.Conv2d || module instanceof nn.Linear)) continue
      nn.init.normal(module.weight, 0, 0.01)
      if (module.bias) nn.init.constant(module.bias, withOnes.test(path) ? 1 : 0)
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x).flatten(1))
  }
}
