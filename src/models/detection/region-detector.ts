/**
 * Detection on given proposals, in the manner of R-CNN: features of the whole picture once, a pooled grid for each proposal, and from
 * it the scores of the classes and a better box for each class. Where proposals come from (selective search, a grid of boxes) is
 * left to the caller.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { crossEntropy, smoothL1 } from '../../loss/index.ts'
import * as nn from '../../nn/index.ts'
import { fromTypedArray, iota, softmax, type Tensor, where } from '../../tensor/index.ts'
import { initLinears } from '../classifier-options.ts'
import { type Box, type BoxDelta, clipBox, decodeBox, nonMaximumSuppression } from './boxes.ts'
import { roiPool } from './roi-pool.ts'

export interface RegionDetectorOptions {
  /** Kinds of objects, the background not counted. */
  readonly classes: number
  /** Turns pictures `[batch, channels, height, width]` into features `[batch, features, h, w]`. */
  readonly backbone: nn.Layer
  /** Channels of the features. */
  readonly features: number
  /** Size of the features over size of the picture, such as 1 / 16. */
  readonly spatialScale: number
  /** Rows and columns of the pooled grid. Default 7. */
  readonly outputSize?: number
  /** Units of the two layers between the grid and the outputs. Default 1024. */
  readonly hidden?: number
}

/** `[regions, classes + 1]` scores, 0 the background, and `[regions, classes + 1, 4]` box deltas. */
export type RegionOutputs = readonly [scores: Tensor, deltas: Tensor]

/** An object found in a picture. */
export interface Detection {
  readonly box: Box
  /** From 0, the background not counted. */
  readonly label: number
  /** Its probability. */
  readonly score: number
}

export interface DetectOptions {
  /** Drop what is less likely. Default 0.05. */
  readonly scoreThreshold?: number
  /** Drop what overlaps a better find of the same label by more. Default 0.3. */
  readonly iouThreshold?: number
  /** Default 100. */
  readonly maxDetections?: number
}

/**
 * Pictures `[batch, channels, height, width]` and regions `[regions, 5]` (number of the picture, x1, y1, x2, y2) → scores and box
 * deltas of every region, to be trained with `regionLoss` on `regionTargets`. `detect` makes boxes of them. The score layer starts
 * normal with deviation 0.01, the box layer with 0.001.
 *
 * Sources: Girshick et al., "Rich feature hierarchies for accurate object detection" (2013); Girshick, "Fast R-CNN" (2015).
 *
 * @example
 * import { models, nn, tensor, zeros } from 'cognitron'
 * const backbone = new nn.Sequential(new nn.Conv2d(3, 8, 3, { stride: 2, padding: 1 }), new nn.ReLU())
 * const net = new models.RegionDetector({ classes: 2, backbone, features: 8, spatialScale: 1 / 2, hidden: 16 })
 * const [scores, deltas] = net.forward(zeros([1, 3, 32, 32]), tensor([[0, 4, 4, 20, 20]]))
 * console.log(scores.shape, deltas.shape) // [1, 3] [1, 3, 4]
 */
export class RegionDetector extends nn.Module<[pictures: Tensor, regions: Tensor], RegionOutputs> {
  backbone: nn.Layer
  head: nn.Sequential
  classScore: nn.Linear
  boxDelta: nn.Linear
  readonly classes: number
  readonly spatialScale: number
  readonly outputSize: number

  constructor(options: RegionDetectorOptions) {
    super()
    const { classes, backbone, features, spatialScale, outputSize = 7, hidden = 1024 } = options
    this.backbone = backbone
    this.head = new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(features * outputSize ** 2, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, hidden),
      new nn.ReLU(),
    )
    this.classScore = new nn.Linear(hidden, classes + 1)
    this.boxDelta = new nn.Linear(hidden, 4 * (classes + 1))
    initLinears(this.classScore, 0.01)
    initLinears(this.boxDelta, 0.001)
    this.classes = classes
    this.spatialScale = spatialScale
    this.outputSize = outputSize
  }

  override forward(pictures: Tensor, regions: Tensor): RegionOutputs {
    const { spatialScale, outputSize } = this
    const pooled = roiPool(this.backbone.forward(pictures), regions, { spatialScale, outputSize })
    const features = this.head.forward(pooled)
    const count = at(regions.shape, 0)
    return [this.classScore.forward(features), this.boxDelta.forward(features).reshape(count, this.classes + 1, 4)]
  }

  /**
   * What is seen in one picture `[1, channels, height, width]` at the proposals: boxes moved by the deltas, cut at the edges, finds of
   * the same thing joined; best first. Throws ArgumentError without proposals or for several pictures.
   */
  async detect(picture: Tensor, proposals: readonly Box[], options: DetectOptions = {}): Promise<Detection[]> {
    const [batch, , height = 0, width = 0] = picture.shape
    if (batch !== 1 || proposals.length === 0) {
      throw new ArgumentError(`detect takes one picture and proposals, given ${batch} and ${proposals.length}.`)
    }
    const [scores, deltas] = this.forward(picture, regionTensor([proposals]))
    const [probabilities, moves] = await Promise.all([softmax(scores, 1).data(), deltas.data()])
    const all = proposals.flatMap((proposal, region) =>
      Array.from({ length: this.classes }, (_, label): Detection => {
        const place = region * (this.classes + 1) + label + 1
        const delta = Array.from(moves.subarray(4 * place, 4 * place + 4)) as unknown as BoxDelta
        const box = clipBox(decodeBox(proposal, delta), { width, height })
        return { box, label, score: at(probabilities, place) }
      }),
    )
    return bestOf(all, options)
  }
}

function bestOf(all: readonly Detection[], options: DetectOptions): Detection[] {
  const { scoreThreshold = 0.05, iouThreshold = 0.3, maxDetections = 100 } = options
  const likely = all.filter(({ score }) => score >= scoreThreshold)
  const kept = nonMaximumSuppression(
    likely.map(({ box }) => box),
    likely.map(({ score }) => score),
    { iouThreshold, labels: likely.map(({ label }) => label) },
  )
  return kept.slice(0, maxDetections).map((index) => at(likely, index))
}

/**
 * The proposals of each picture of a batch as the `[regions, 5]` that `RegionDetector` and `roiPool` take.
 *
 * @example
 * import { models } from 'cognitron'
 * const regions = models.regionTensor([[[0, 0, 8, 8]], [[2, 2, 6, 6]]])
 * console.log(await regions.toArray()) // [[0, 0, 0, 8, 8], [1, 2, 2, 6, 6]]
 */
export function regionTensor(proposals: readonly (readonly Box[])[]): Tensor {
  const rows = proposals.flatMap((boxes, picture) => boxes.map((box) => [picture, ...box]))
  return fromTypedArray(Float32Array.from(rows.flat()), [rows.length, 5], 'float32')
}

/**
 * The loss of Fast R-CNN: cross-entropy of the scores plus, over all regions, the mean of the smooth L1 distance (its four numbers
 * added) of the true class's deltas from their targets; background regions have none. Outputs of `RegionDetector`, targets of
 * `regionTargets`: labels `[regions]` with 0 the background, deltas `[regions, 4]`.
 *
 * @throws ShapeError, DTypeError or ArgumentError for labels that do not fit the scores.
 * @example
 * import { models, tensor, zeros } from 'cognitron'
 * const outputs = [zeros([1, 2]), zeros([1, 2, 4])] as const
 * const targets = { labels: tensor([1], { dtype: 'int32' }), deltas: tensor([[2, 0, 0, 0]]) }
 * console.log(await models.regionLoss(outputs, targets).item()) // ln 2 + 1.5
 */
export function regionLoss(
  [scores, deltas]: RegionOutputs,
  targets: { readonly labels: Tensor; readonly deltas: Tensor },
): Tensor {
  const label = targets.labels.to('int32').reshape(-1, 1, 1)
  const own = iota(deltas.shape, 1).eq(label)
  const chosen = where(own, deltas, 0).sum(1)
  const distance = smoothL1(chosen, targets.deltas, { reduction: 'none' }).sum(1)
  const counted = where(label.reshape(-1).gt(0), distance, 0)
  return crossEntropy(scores, targets.labels).add(counted.mean())
}
