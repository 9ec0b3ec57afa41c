/** Judging a segmentation net pixel by pixel: a confusion matrix of all places, from which mean intersection over union follows. */
import { at } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { IGNORED_PIXEL } from '../data/image/segmentation.ts'
import { DataLoader } from '../data/loader.ts'
import { ConfusionMatrix } from '../metrics/index.ts'
import { formatShape } from '../shape/shape.ts'
import { compile } from '../tensor/compile.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inEvaluationMode } from './evaluate.ts'
import type { AnyDataset, Network } from './types.ts'

export interface JudgeMasksOptions {
  /** Default 8. */
  readonly batchSize?: number
  /** The class number of pixels that do not count. Default −100. */
  readonly ignoreIndex?: number
}

/**
 * What a network that gives scores `[batch, classes, …]` makes of every pixel of a data set with masks, in evaluation mode. `meanIoU`,
 * `intersectionOverUnion()` and `accuracy` of the result are the usual figures.
 *
 * @throws ArgumentError for an empty set, ShapeError when scores and masks do not fit.
 * @example
 * import { data, models, train } from 'cognitron'
 * const set = new data.ArrayDataset({
 *   inputs: new Float32Array(3 * 64), targets: new Int32Array(64), inputShape: [3, 8, 8], targetShape: [8, 8],
 * })
 * const matrix = await train.judgeMasks(new models.UNet({ classes: 2, width: 4, depth: 1 }), set)
 * console.log(matrix.total) // 64
 */
export async function judgeMasks(
  model: Network,
  dataset: AnyDataset,
  options: JudgeMasksOptions = {},
): Promise<ConfusionMatrix> {
  const { batchSize = 8, ignoreIndex = IGNORED_PIXEL } = options
  if (dataset.length === 0)
    throw new ArgumentError(`The data set "${dataset.name}" is empty; it needs a sample to judge by.`)
  const judged: { matrix?: ConfusionMatrix } = {}
  const predict = compile((x: Tensor): Tensor => {
    const scores = model.forward(x)
    checkPlaces(scores, dataset)
    judged.matrix ??= new ConfusionMatrix(at(scores.shape, 1))
    return scores.argmax(1)
  })
  const loader = new DataLoader(dataset, { batchSize })
  await inEvaluationMode(model, async () => {
    for await (const batch of loader.stream(0)) {
      const predicted = await (await predict(loader.tensors(batch)[0])).data()
      judged.matrix?.add(predicted, batch.targets, { ignoreIndex })
    }
  })
  if (judged.matrix) return judged.matrix
  throw new ArgumentError(`The data set "${dataset.name}" has no batch to judge by.`)
}

function checkPlaces(scores: Tensor, dataset: AnyDataset): void {
  const places = scores.shape.slice(2)
  if (scores.rank > 2 && formatShape(places) === formatShape(dataset.targetShape)) return
  throw new ShapeError(
    `masks of "${dataset.name}" have the shape ${formatShape(dataset.targetShape)}, but the network gives scores ` +
      `${formatShape(scores.shape)}; expected [batch, classes, …] with the places of the masks.`,
  )
}
