/** Classification and localisation: one object in a picture, its class and its box, from two heads on shared features. */
import { crossEntropy, smoothL1 } from '../../loss/index.ts'
import * as nn from '../../nn/index.ts'
import type { Tensor } from '../../tensor/index.ts'

export interface LocalizationNetOptions {
  readonly classes: number
  /** Turns pictures `[batch, channels, height, width]` into features `[batch, features, h, w]`. */
  readonly backbone: nn.Layer
  /** Channels of the features. */
  readonly features: number
  /** Features are averaged to this many rows and columns, which keep where things are. Default 4. */
  readonly grid?: number
  /** Units of the layer in each head. Default 256. */
  readonly hidden?: number
}

/** `[batch, classes]` scores and `[batch, 4]` boxes. */
export type LocalizationOutputs = readonly [scores: Tensor, boxes: Tensor]

/**
 * A backbone with two heads: `[batch, channels, height, width] → scores [batch, classes], boxes [batch, 4]`, boxes as x1, y1, x2, y2 in
 * parts of the picture, 0 to 1. Train with `localizationLoss`.
 *
 * Source: Sermanet et al., "OverFeat: integrated recognition, localization and detection" (2013).
 *
 * @example
 * import { models, nn, zeros } from 'cognitron'
 * const backbone = new nn.Sequential(new nn.Conv2d(3, 8, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2))
 * const net = new models.LocalizationNet({ classes: 5, backbone, features: 8 })
 * const [scores, boxes] = net.forward(zeros([2, 3, 32, 32]))
 * console.log(scores.shape, boxes.shape) // [2, 5] [2, 4]
 */
export class LocalizationNet extends nn.Module<[x: Tensor], LocalizationOutputs> {
  backbone: nn.Layer
  pool: nn.Sequential
  classifier: nn.Sequential
  locator: nn.Sequential

  constructor({ classes, backbone, features, grid = 4, hidden = 256 }: LocalizationNetOptions) {
    super()
    const head = (outputs: number): nn.Sequential =>
      new nn.Sequential(new nn.Linear(features * grid ** 2, hidden), new nn.ReLU(), new nn.Linear(hidden, outputs))
    this.backbone = backbone
    this.pool = new nn.Sequential(new nn.AdaptiveAvgPool2d(grid), new nn.Flatten())
    this.classifier = head(classes)
    this.locator = head(4)
  }

  override forward(x: Tensor): LocalizationOutputs {
    const features = this.pool.forward(this.backbone.forward(x))
    return [this.classifier.forward(features), this.locator.forward(features)]
  }
}

/**
 * Cross-entropy of the class plus `boxWeight` times the smooth L1 distance of the box (default 10, β = 0.1, as boxes are small numbers).
 * Targets `[batch, 5]`: class number, x1, y1, x2, y2.
 *
 * @throws ShapeError when targets do not fit.
 * @example
 * import { models, tensor } from 'cognitron'
 * const outputs = [tensor([[0, 0]]), tensor([[0, 0, 1, 1]])] as const
 * console.log(await models.localizationLoss(outputs, tensor([[1, 0, 0, 1, 1]])).item()) // ln 2
 */
export function localizationLoss(
  [scores, boxes]: LocalizationOutputs,
  target: Tensor,
  { boxWeight = 10 }: { boxWeight?: number } = {},
): Tensor {
  const labels = target.slice(1, 0, 1).squeeze(1).to('int32')
  const distance = smoothL1(boxes, target.slice(1, 1, 5), { beta: 0.1 })
  return crossEntropy(scores, labels).add(distance.mul(boxWeight))
}
