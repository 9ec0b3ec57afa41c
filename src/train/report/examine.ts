/** A trained network looked at closely on a test set: who is taken for whom, how sure it is, and its worst mistakes. */
import { at, product } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { isAsyncDataset } from '../../data/dataset.ts'
import { DataLoader } from '../../data/loader.ts'
import { Calibration } from '../../metrics/calibration.ts'
import { ConfusionMatrix } from '../../metrics/confusion-matrix.ts'
import { RegressionMetrics } from '../../metrics/regression.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type Predictions, type PredictOptions, predict } from '../evaluate.ts'
import type { AnyDataset, Network } from '../types.ts'
import { isPicture, pictureUri } from './image.ts'

/** A sample whose class was not recognised. */
export interface Mistake {
  /** Its number in the data set. */
  readonly index: number
  readonly label: number
  readonly predicted: number
  /** The probability that the network gave to its prediction. */
  readonly confidence: number
  /** The sample as a data URI, where it is a picture. */
  readonly picture?: string | undefined
}

export interface ClassExamination {
  readonly kind: 'classes'
  readonly classNames: readonly string[]
  readonly confusion: ConfusionMatrix
  readonly calibration: Calibration
  /** The surest first. */
  readonly mistakes: readonly Mistake[]
}

export interface NumberExamination {
  readonly kind: 'numbers'
  readonly figures: RegressionMetrics
  /** At most a few hundred pairs, for a picture. */
  readonly truths: readonly number[]
  readonly predictions: readonly number[]
}

export type Examination = ClassExamination | NumberExamination

export interface ExamineOptions<Output = Tensor> extends PredictOptions<Output> {
  /** How many of the worst mistakes are kept. Default 24. */
  readonly mistakes?: number
}

const MOST_POINTS = 600

/**
 * Looks closely at a network: confusion, calibration and worst mistakes for `[samples]` class numbers, error figures for numbers.
 *
 * @throws ArgumentError when the targets are neither, such as a class for each pixel.
 * @example
 * import { data, nn, train } from 'cognitron'
 * const set = data.toys.circle({ count: 20, target: 'class' })
 * const found = await train.examine(new nn.Linear(2, 2), set)
 * if (found.kind === 'classes') console.log(found.confusion.total) // 20
 */
export async function examine<Output = Tensor>(
  model: Network<Output>,
  dataset: AnyDataset,
  options: ExamineOptions<Output> = {},
): Promise<Examination> {
  const outputs = await predict(model, dataset, options)
  const targets = await targetsOf(dataset)
  if (dataset.targetDType === 'float32') return examineNumbers(outputs, targets)
  if (dataset.targetShape.length > 0 || outputs.shape.length !== 1) {
    throw new ArgumentError(
      `An examination needs one class or numbers for each sample; "${dataset.name}" has targets of shape ` +
        `[${dataset.targetShape.join(', ')}] and the network gives [${outputs.shape.join(', ')}].`,
    )
  }
  return examineClasses(outputs, targets, dataset, options.mistakes ?? 24)
}

/**
 * Whether `examine` can look at such a set.
 *
 * @example
 * import { data, train } from 'cognitron'
 * console.log(train.canExamine(data.toys.circle({ count: 10, seed: 1, target: 'class' }))) // true
 */
export function canExamine(dataset: AnyDataset): boolean {
  return dataset.targetDType === 'float32' || dataset.targetShape.length === 0
}

async function targetsOf(dataset: AnyDataset): Promise<number[]> {
  if (dataset.targetDType !== 'float32' && dataset.labels) return Array.from(dataset.labels())
  const targets: number[] = []
  for await (const batch of new DataLoader(dataset, { batchSize: 256 }).stream(0)) {
    for (const value of batch.targets) targets.push(value)
  }
  return targets
}

async function examineClasses(
  outputs: Predictions,
  labels: readonly number[],
  dataset: AnyDataset,
  most: number,
): Promise<ClassExamination> {
  const scored = at(outputs.shape, 0) === 1 ? twoColumns(outputs) : outputs
  const classes = at(scored.shape, 0)
  const confusion = new ConfusionMatrix(classes)
  const calibration = new Calibration()
  const mistakes: Mistake[] = []
  labels.forEach((label, index) => {
    const probabilities = softmax(scored.data.subarray(index * classes, (index + 1) * classes))
    const predicted = probabilities.indexOf(Math.max(...probabilities))
    confusion.add([predicted], [label])
    calibration.add(probabilities, [label], { classes })
    if (predicted !== label) mistakes.push({ index, label, predicted, confidence: at(probabilities, predicted) })
  })
  mistakes.sort((a, b) => b.confidence - a.confidence || a.index - b.index)
  const worst = await Promise.all(mistakes.slice(0, most).map((mistake) => withPicture(mistake, dataset)))
  const classNames = Array.from({ length: classes }, (_, c) => dataset.classNames?.[c] ?? String(c))
  return { kind: 'classes', classNames, confusion, calibration, mistakes: worst }
}

/** One score for "yes" as two, of which the first is 0. */
function twoColumns(outputs: Predictions): Predictions {
  const data = new Float32Array(outputs.count * 2)
  outputs.data.forEach((value, index) => {
    data[index * 2 + 1] = value
  })
  return { data, shape: [2], count: outputs.count }
}

function softmax(scores: Float32Array): number[] {
  const largest = Math.max(...scores)
  const powers = Array.from(scores, (score) => Math.exp(score - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

async function withPicture(mistake: Mistake, dataset: AnyDataset): Promise<Mistake> {
  if (!isPicture(dataset.inputShape)) return mistake
  const { input } = isAsyncDataset(dataset) ? await dataset.load(mistake.index) : dataset.get(mistake.index)
  return { ...mistake, picture: pictureUri(input, dataset.inputShape) }
}

function examineNumbers(outputs: Predictions, truths: readonly number[]): NumberExamination {
  const perSample = product(outputs.shape)
  if (outputs.count * perSample !== truths.length) {
    throw new ArgumentError(
      `An examination compares numbers one by one: the network gives ${perSample} a sample, the targets ${truths.length / outputs.count}.`,
    )
  }
  const figures = new RegressionMetrics()
  figures.add(outputs.data, truths)
  const step = Math.ceil(truths.length / MOST_POINTS)
  const kept = truths.map((_, index) => index).filter((index) => index % step === 0)
  return {
    kind: 'numbers',
    figures,
    truths: kept.map((index) => at(truths, index)),
    predictions: kept.map((index) => at(outputs.data, index)),
  }
}
