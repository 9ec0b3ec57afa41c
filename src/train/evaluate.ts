/** Judging a trained network on a data set, without changing it; training uses it after every epoch. */
import { ArgumentError } from '../base/errors.ts'
import { type Batch, DataLoader } from '../data/loader.ts'
import { compile } from '../tensor/compile.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { explainFailure, failureAdvice } from './blame.ts'
import { Judge, Means } from './judge.ts'
import { Breather } from './pause.ts'
import type { AnyDataset, Evaluation, Judgement, Network } from './types.ts'

export interface EvaluateOptions<Output = Tensor> extends Judgement<Output> {
  /** Default 256. */
  readonly batchSize?: number
  readonly signal?: AbortSignal | undefined
}

/** Runs `work` with the network in evaluation mode and puts every layer's mode back afterwards. */
export async function inEvaluationMode<T>(model: Network<unknown>, work: () => Promise<T>): Promise<T> {
  const modes = model.modules().map((module) => [module, module.training] as const)
  model.eval()
  try {
    return await work()
  } finally {
    // From the outside in, for a mode reaches down to the modules below.
    for (const [module, training] of modes) module.train(training)
  }
}

/** Evaluates one network again and again; the step is recorded once for each batch shape. */
export class Evaluator<Output> {
  readonly #model: Network<Output>
  readonly #judge: Judge<Output>
  readonly #batchSize: number
  readonly #step: (x: Tensor, y: Tensor) => Promise<readonly Tensor[]>
  readonly #prepare: (x: Tensor, y: Tensor) => unknown
  /** The first batch of the last evaluation whose loss was not finite. */
  #badBatch: number | undefined

  constructor(model: Network<Output>, judge: Judge<Output>, batchSize = 256) {
    this.#model = model
    this.#judge = judge
    this.#batchSize = batchSize
    const step = compile((x: Tensor, y: Tensor): readonly Tensor[] => {
      const { loss, sums } = judge.judge(model.forward(x), y)
      return [loss, ...sums]
    })
    this.#step = step
    this.#prepare = step.prepare
  }

  async evaluate(dataset: AnyDataset, signal?: AbortSignal): Promise<Evaluation> {
    if (dataset.length === 0) {
      throw new ArgumentError(`The data set "${dataset.name}" is empty; evaluation needs at least one sample.`)
    }
    return inEvaluationMode(this.#model, () => this.#run(dataset, signal))
  }

  /** Where the loss of the last evaluation stopped being finite, and what to do, as the end of a sentence. */
  async explainFailure(dataset: AnyDataset): Promise<string> {
    const loader = new DataLoader(dataset, { batchSize: this.#batchSize })
    return inEvaluationMode(this.#model, async () => {
      for await (const batch of loader.stream(0, { from: this.#badBatch ?? 0 })) {
        return explainFailure(this.#model, loader, batch, this.#judge)
      }
      return failureAdvice
    })
  }

  async #run(dataset: AnyDataset, signal?: AbortSignal): Promise<Evaluation> {
    const loader = new DataLoader(dataset, { batchSize: this.#batchSize })
    const means = new Means(this.#judge.metricNames.length)
    this.#badBatch = undefined
    const breather = new Breather()
    for await (const batch of loader.stream(0, { reuse: true })) {
      signal?.throwIfAborted()
      await this.#judgeBatch(loader, batch, means)
      await breather.pause()
    }
    const figures = this.#judge.metricNames.map((name, index) => [name, means.metric(index) as number] as const)
    const { accuracy, ...metrics } = Object.fromEntries(figures)
    return { loss: means.loss, accuracy, metrics, count: means.samples }
  }

  async #judgeBatch(loader: DataLoader, batch: Batch, means: Means): Promise<void> {
    const [x, y] = loader.tensors(batch)
    this.#prepare(x, y)
    this.#judge.checkLabels(batch, loader.dataset)
    const [loss, ...sums] = await Promise.all((await this.#step(x, y)).map((value) => value.item()))
    if (!Number.isFinite(loss)) this.#badBatch ??= batch.index
    means.add(loss as number, sums, batch, this.#judge.placesOf(batch))
  }
}

/**
 * Loss and metrics of a network over a whole data set, in evaluation mode.
 *
 * @throws ArgumentError for an empty set or labels that are no classes of the network.
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const figures = await train.evaluate(new nn.Linear(2, 2), data.toys.circle({ count: 10, target: 'class' }), {
 *   loss: loss.crossEntropy,
 * })
 * console.log(figures.count, figures.loss > 0, figures.accuracy !== undefined) // 10 true true
 */
export async function evaluate<Output = Tensor>(
  model: Network<Output>,
  dataset: AnyDataset,
  options: EvaluateOptions<Output>,
): Promise<Evaluation> {
  const evaluator = new Evaluator(model, new Judge(options, dataset), options.batchSize)
  return evaluator.evaluate(dataset, options.signal)
}

/** Outputs for a whole data set. */
export interface Predictions {
  /** Row-major: `[samples, …]`. */
  readonly data: Float32Array
  /** The shape of one sample's output. */
  readonly shape: readonly number[]
  readonly count: number
}

export interface PredictOptions<Output = Tensor> {
  /** Default 256. */
  readonly batchSize?: number
  /** The tensor that is wanted; default: the output, or the first tensor of an array. */
  readonly scores?: (output: Output) => Tensor
}

/**
 * The outputs of a network for every sample of a data set, in order and in evaluation mode.
 *
 * @throws ArgumentError for an empty set.
 * @example
 * import { data, nn, train } from 'cognitron'
 * const outputs = await train.predict(new nn.Linear(2, 3), data.toys.circle({ count: 10 }))
 * console.log(outputs.count, outputs.shape, outputs.data.length) // 10 [3] 30
 */
export async function predict<Output = Tensor>(
  model: Network<Output>,
  dataset: AnyDataset,
  options: PredictOptions<Output> = {},
): Promise<Predictions> {
  if (dataset.length === 0)
    throw new ArgumentError(`The data set "${dataset.name}" is empty; there is nothing to predict.`)
  const judge = new Judge<Output>({ loss: () => neverJudged(), metrics: {}, ...options }, dataset)
  const step = compile((x: Tensor) => judge.scoresOf(model.forward(x)))
  const loader = new DataLoader(dataset, { batchSize: options.batchSize ?? 256 })
  const parts: Float32Array[] = []
  let shape: readonly number[] = []
  await inEvaluationMode(model, async () => {
    const breather = new Breather()
    for await (const batch of loader.stream(0, { reuse: true })) {
      const output = await step(loader.tensors(batch)[0])
      shape = output.shape.slice(1)
      parts.push(Float32Array.from(await output.data()))
      await breather.pause()
    }
  })
  const data = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    data.set(part, offset)
    offset += part.length
  }
  return { data, shape, count: dataset.length }
}

function neverJudged(): never {
  throw new Error('internal error: predictions are not judged')
}
