/** What is to be learned: a network with its data and loss, by name or from the file of a job. */

import { at, range } from '../../base/arrays.ts'
import { isAsyncDataset } from '../../data/dataset.ts'
import type { DownloadProgress } from '../../data/node/index.ts'
import { loadDataSet } from '../../data/node/index.ts'
import type { Normalization } from '../../data/normalization.ts'
import { data as dataSets, loss, manualSeed, models, nn } from '../../index.ts'
import type { Job } from '../../train/job.ts'
import type { AnyDataset, LossFunction, Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'
import { loadJob, makeModel } from './job-file.ts'
import { isJobFile } from './job-path.ts'
import { defaults } from './settings.ts'

export interface Assignment {
  /** What a run of it is called. */
  readonly name: string
  readonly modelName: string
  readonly dataName: string
  readonly model: Network
  /** All samples to learn from; what is held back for validation is not yet taken out. */
  readonly train: AnyDataset
  readonly validation?: AnyDataset | undefined
  readonly test?: AnyDataset | undefined
  readonly loss: LossFunction
  /** The file it comes from, where it does. */
  readonly job?: Job | undefined
}

export interface AssignmentRequest {
  readonly data: string
  readonly model?: string | undefined
  readonly dataDir?: string | undefined
  readonly seed: number
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined
}

/** Throws UsageError or another CognitronError when the network or its data cannot be had. */
export function loadAssignment(request: AssignmentRequest): Promise<Assignment> {
  return isJobFile(request.data) ? fromFile(request) : fromNames(request)
}

async function fromNames({ data, model, dataDir, seed, onDownload }: AssignmentRequest): Promise<Assignment> {
  // Both names are checked before anything is loaded.
  const { name } = dataSets.dataSetNamed(data)
  const entry = models.modelNamed(model ?? defaults.model)
  const { train, test } = await loadDataSet(name, { dataDir, onProgress: onDownload })
  manualSeed(seed)
  const network = entry.create({ inputShape: train.inputShape, classes: classesOf(train) ?? 1 })
  return {
    name: `${name}-${entry.name}`,
    modelName: entry.name,
    dataName: name,
    model: network,
    train,
    test,
    loss: defaultLoss(train),
  }
}

async function fromFile({ data, model, seed }: AssignmentRequest): Promise<Assignment> {
  if (model !== undefined) {
    throw new UsageError(`${data} brings its own model, so --model ${model} has no meaning; leave it out.`)
  }
  const job = await loadJob(data, seed)
  const network = makeModel(job, data)
  return {
    name: job.name,
    modelName: network instanceof nn.Sequential ? `${job.name} network` : network.constructor.name,
    dataName: job.train.name,
    model: network,
    train: job.train,
    validation: job.validation,
    test: job.test,
    loss: job.loss ?? defaultLoss(job.train),
    job,
  }
}

/** How many classes the targets of a set name; undefined where they are numbers or a class for each pixel. */
export function classesOf(dataset: AnyDataset): number | undefined {
  if (dataset.targetDType === 'float32' || dataset.targetShape.length > 0) return undefined
  return dataset.classNames?.length ?? dataSets.classCounts(dataset).length
}

/** The mean of the outermost pixels of the first pictures; undefined for other inputs. */
export function backgroundOf(dataset: AnyDataset): number | undefined {
  if (isAsyncDataset(dataset) || dataset.inputShape.length !== 3) return undefined
  const means = range(Math.min(64, dataset.length)).map((index) =>
    borderMean(dataset.get(index).input, dataset.inputShape),
  )
  return means.reduce((sum, mean) => sum + mean, 0) / means.length
}

/** The mean of the outermost pixels of a picture `[channels, height, width]`. */
export function borderMean(
  pixels: ArrayLike<number>,
  [channels = 0, height = 0, width = 0]: readonly number[],
): number {
  let [sum, count] = [0, 0]
  for (let index = 0; index < channels * height * width; index++) {
    const [row, column] = [Math.floor(index / width) % height, index % width]
    if (row > 0 && row < height - 1 && column > 0 && column < width - 1) continue
    sum += at(pixels, index)
    count += 1
  }
  return sum / count
}

function defaultLoss(dataset: AnyDataset): LossFunction {
  return dataset.targetDType === 'float32' ? loss.mse : loss.crossEntropy
}

/** How stored pictures become inputs, where the set knows. */
export function normalizationOf(dataset: AnyDataset): Normalization | undefined {
  if ('normalization' in dataset) return dataset.normalization as Normalization | undefined
  return 'base' in dataset ? normalizationOf(dataset.base as AnyDataset) : undefined
}

/** How many numbers a network has learned. */
export function parameterCount(model: nn.AnyModule): number {
  return model.parameters().reduce((sum, parameter) => sum + parameter.size, 0)
}
