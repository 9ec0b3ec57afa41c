/** The small convolutional network of the Fashion-MNIST lesson. */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'

export interface FashionSimpleNetOptions {
  /** Default 10. */
  readonly classes?: number
  /** Default 1. */
  readonly inChannels?: number
  /** Width and height of the images, a multiple of 4. Default 28. */
  readonly imageSize?: number
  /** The probability of dropout before the classifier. Default 0.5. */
  readonly dropout?: number
}

/**
 * Two stages of 3 × 3 convolution, ReLU and max pooling, dropout, two linear layers:
 * `[batch, inChannels, imageSize, imageSize] → [batch, classes]`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.FashionSimpleNet()
 * console.log(net.eval().forward(zeros([1, 1, 28, 28])).shape) // [1, 10]
 */
export class FashionSimpleNet extends nn.Module {
  features: nn.Sequential
  classifier: nn.Sequential

  constructor({ classes = 10, inChannels = 1, imageSize = 28, dropout = 0.5 }: FashionSimpleNetOptions = {}) {
    super()
    this.features = new nn.Sequential(
      new nn.Conv2d(inChannels, 32, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(32, 64, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    )
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(64 * Math.floor(imageSize / 4) ** 2, 128),
      new nn.ReLU(),
      new nn.Linear(128, classes),
    )
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x).flatten(1))
  }
}
