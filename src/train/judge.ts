/** The parts of a compiled step that training and evaluation share: loss, metrics, class weights and checks of labels. */
import { at, sameNumbers } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { classCounts } from '../data/dataset.ts'
import type { Batch } from '../data/loader.ts'
import { correct, type GraphMetric } from '../metrics/graph.ts'
import { dropAxes, formatShape } from '../shape/shape.ts'
import { Tensor, tensor } from '../tensor/tensor.ts'
import type { AnyDataset, Judgement } from './types.ts'

/** What a step gives back: the loss, and for each metric its sum over all places with their number. */
export interface Judged {
  readonly loss: Tensor
  readonly sums: readonly Tensor[]
}

export class Judge<Output> {
  readonly metricNames: readonly string[]
  readonly #options: Judgement<Output>
  readonly #metrics: readonly GraphMetric[]
  readonly #weight: Tensor | undefined
  /** How many numbers each metric gives a batch of a shape; known once a step was recorded. */
  readonly #places = new Map<string, readonly number[]>()
  #classes: number | undefined

  constructor(options: Judgement<Output>, dataset: AnyDataset) {
    this.#options = options
    const isClassified = dataset.targetDType !== 'float32'
    const metrics = options.metrics ?? (isClassified ? { accuracy: correct } : {})
    this.metricNames = Object.keys(metrics)
    this.#metrics = Object.values(metrics)
    this.#weight = weightsOf(options.classWeights, dataset)
  }

  /** How many classes the scores are for; known once a step on class numbers was recorded. */
  get classes(): number | undefined {
    return this.#classes
  }

  /** Judges outputs inside a step that is being recorded. */
  judge(output: Output, target: Tensor): Judged {
    const loss = this.#options.loss(output, target, this.#weight ? { weight: this.#weight } : {})
    if (!(loss instanceof Tensor) || loss.size !== 1) {
      const given = loss instanceof Tensor ? `a tensor of shape ${formatShape(loss.shape)}` : typeof loss
      throw new ShapeError(`the loss of a step is one number, given ${given}; reduce it with mean().`)
    }
    const scores = this.scoresOf(output)
    this.#rememberClasses(scores, target)
    const figures = this.#metrics.map((metric) => metric(scores, target))
    this.#places.set(
      formatShape(target.shape),
      figures.map((figure) => figure.size),
    )
    return { loss: loss.reshape(), sums: figures.map((figure) => figure.sum()) }
  }

  /** The tensor that metrics look at. */
  scoresOf(output: Output): Tensor {
    const { scores } = this.#options
    const found = scores ? scores(output) : Array.isArray(output) ? output[0] : output
    if (found instanceof Tensor) return found
    throw new ArgumentError(
      'metrics look at a tensor, but the network gives something else; say which with the option scores: (output) => …',
    )
  }

  /** How many numbers each metric summed for a batch. */
  placesOf(batch: Batch): readonly number[] {
    return this.#places.get(formatShape(batch.targetShape)) ?? []
  }

  /**
   * Throws ArgumentError when a label of the batch is not a class of the scores; the message names the sample. Called before the
   * step runs, after it was recorded.
   */
  checkLabels(batch: Batch, dataset: AnyDataset): void {
    const { targets, indices, size } = batch
    const bad = this.#firstBadLabel(targets)
    if (bad === undefined) return
    throw this.#badLabel(at(targets, bad), at(indices, Math.floor(bad / (targets.length / size))), dataset)
  }

  /** The same for a whole set, where its labels are at hand; so that a bad one is found before the first epoch and not after it. */
  checkSet(dataset: AnyDataset): void {
    if (dataset.targetDType === 'float32' || dataset.targetShape.length > 0 || !dataset.labels) return
    const labels = dataset.labels()
    const bad = this.#firstBadLabel(labels)
    if (bad !== undefined) throw this.#badLabel(at(labels, bad), bad, dataset)
  }

  #firstBadLabel(labels: TypedArray): number | undefined {
    const classes = this.#classes
    if (classes === undefined || labels instanceof Float32Array) return undefined
    const { ignoreIndex } = this.#options
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number
      if ((label < 0 || label >= classes) && label !== ignoreIndex) return i
    }
    return undefined
  }

  #badLabel(label: number, sample: number, dataset: AnyDataset): ArgumentError {
    const classes = this.#classes ?? 0
    return new ArgumentError(
      `Sample ${sample} of "${dataset.name}" has the class ${label}, but the network gives scores for ${classes} classes ` +
        `(0 to ${classes - 1}); correct the label or give the last layer more outputs.`,
    )
  }

  /** Labels are class numbers when they have the shape of the scores without the class axis. */
  #rememberClasses(scores: Tensor, target: Tensor): void {
    if (target.dtype === 'float32' || scores.rank < 2) return
    if (sameNumbers(target.shape, dropAxes(scores.shape, [1]))) this.#classes = at(scores.shape, 1)
  }
}

/** Running means over batches in double precision. */
export class Means {
  lossSum = 0
  samples = 0
  readonly sums: number[]
  readonly places: number[]

  constructor(metrics: number) {
    this.sums = Array<number>(metrics).fill(0)
    this.places = Array<number>(metrics).fill(0)
  }

  add(loss: number, sums: readonly number[], batch: Batch, places: readonly number[]): void {
    this.lossSum += loss * batch.size
    this.samples += batch.size
    sums.forEach((sum, index) => {
      this.sums[index] = at(this.sums, index) + sum
      this.places[index] = at(this.places, index) + at(places, index)
    })
  }

  get loss(): number {
    return this.lossSum / this.samples
  }

  /** The mean of metric `index`; undefined for −1. */
  metric(index: number): number | undefined {
    return index < 0 ? undefined : at(this.sums, index) / at(this.places, index)
  }
}

function weightsOf(weights: Judgement['classWeights'], dataset: AnyDataset): Tensor | undefined {
  if (weights === undefined) return undefined
  if (weights !== 'balanced') return tensor([...weights])
  const counts = classCounts(dataset)
  const total = counts.reduce((sum, count) => sum + count, 0)
  // A class without samples cannot be weighed up; it counts as one with a single sample.
  return tensor(Array.from(counts, (count) => total / (counts.length * Math.max(count, 1))))
}
