/**
 * One training run: the loop over epochs and batches with everything around it. `fit` makes it; callbacks see it as `TrainingView`.
 * Files are the business of callbacks, so that all of this runs in a browser.
 */
import { at, sameNumbers } from '../base/arrays.ts'
import { ArgumentError, CognitronError, ShapeError } from '../base/errors.ts'
import { type Batch, DataLoader } from '../data/loader.ts'
import type { StateDict, TensorData } from '../nn/state-dict.ts'
import { ExponentialMovingAverage } from '../optim/ema.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { formatShape } from '../shape/shape.ts'
import { generator, manualSeed } from '../tensor/random.ts'
import type { VariableTensor } from '../tensor/variable-tensor.ts'
import { explainFailure, failureAdvice } from './blame.ts'
import { Evaluator } from './evaluate.ts'
import { Judge, Means } from './judge.ts'
import { Breather } from './pause.ts'
import { type EpochRecord, figureOf } from './record.ts'
import { checkSameModel, checkSameSettings, type TrainingProgress, type TrainingState } from './state.ts'
import { checkWhole, GradientAccumulator, isUpdate, makeTrainStep, type TrainStep } from './step.ts'
import type {
  AnyDataset,
  Best,
  Callback,
  Evaluation,
  FitOptions,
  FitResult,
  Monitor,
  Network,
  StopReason,
  TrainingView,
} from './types.ts'

/**
 * Training stopped because a loss was not finite; what was learned before is in `result`.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 1e30 })
 * try {
 *   await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 9, batchSize: 4 })
 * } catch (error) {
 *   console.log(error instanceof train.NonFiniteLossError) // true
 * }
 */
export class NonFiniteLossError extends CognitronError {
  override name = 'NonFiniteLossError'
  readonly result: FitResult

  constructor(message: string, result: FitResult) {
    super(message)
    this.result = result
  }
}

/** Ends the loop from inside. */
class Halt {
  readonly reason: StopReason
  readonly message: string

  constructor(reason: StopReason, message: string) {
    this.reason = reason
    this.message = message
  }
}

export class Run<Output> implements TrainingView {
  readonly model: Network<Output>
  readonly optimizer: Optimizer
  readonly options: FitOptions<never>
  readonly epochs: number
  readonly monitor: Monitor
  readonly resumed: boolean
  readonly history: EpochRecord[] = []
  best: Best | undefined
  steps = 0
  readonly #options: FitOptions<Output>
  readonly #callbacks: readonly Callback[]
  readonly #loader: DataLoader
  readonly #judge: Judge<Output>
  readonly #step: TrainStep
  readonly #evaluator: Evaluator<Output>
  readonly #ema: ExponentialMovingAverage | undefined
  readonly #accumulator: GradientAccumulator | undefined
  readonly #now: () => number
  readonly #breather: Breather
  /** From 0. */
  #epoch = 0
  #batch = 0
  #means: Means
  #seconds = 0
  /** The rate of the last step. */
  #lr: number
  #stopMessage: string | undefined
  #restoreBest: boolean
  #setsChecked = false

  constructor(model: Network<Output>, options: FitOptions<Output>) {
    const { train, optimizer, epochs, accumulate = 1, batchSize = 64, seed = 0 } = options
    checkWhole('epochs', epochs, 0)
    checkWhole('batchSize', batchSize, 1)
    checkWhole('accumulate', accumulate, 1)
    this.model = model
    this.optimizer = optimizer
    this.options = options as unknown as FitOptions<never>
    this.#options = options
    this.epochs = epochs
    this.#lr = optimizer.lr
    this.resumed = options.resume !== undefined
    this.monitor = options.monitor ?? { figure: options.validation ? 'validationLoss' : 'trainLoss', mode: 'min' }
    this.#callbacks = options.callbacks ?? []
    this.#loader = train instanceof DataLoader ? train : new DataLoader(train, { batchSize, shuffle: true, seed })
    if (this.#loader.length === 0) {
      throw new ArgumentError(`The training set "${this.dataset.name}" gives no batch; it needs at least one sample.`)
    }
    this.#judge = new Judge(options, this.dataset)
    this.#ema = options.ema && new ExponentialMovingAverage(optimizer.parameters, options.ema)
    this.#accumulator = accumulate > 1 ? new GradientAccumulator(optimizer.parameters) : undefined
    this.#step = makeTrainStep(model, this.#judge, options, { accumulator: this.#accumulator, ema: this.#ema })
    this.#evaluator = new Evaluator(model, this.#judge, options.evaluationBatchSize)
    this.#now = options.now ?? (() => performance.now())
    this.#breather = new Breather(this.#now)
    this.#means = new Means(this.#judge.metricNames.length)
    this.#restoreBest = options.restoreBest ?? options.validation !== undefined
    checkNames(this.#callbacks)
    for (const set of [options.validation, options.test]) if (set) checkSameInputs(this.dataset, set)
  }

  /** The training set. */
  get dataset(): AnyDataset {
    return this.#loader.dataset
  }

  get epoch(): number {
    return this.#epoch + 1
  }

  stop(message: string): void {
    this.#stopMessage ??= message
  }

  restoreBest(restore: boolean): void {
    this.#restoreBest = restore
  }

  async run(): Promise<FitResult> {
    if (this.#options.seed !== undefined && !this.resumed) manualSeed(this.#options.seed)
    if (this.#options.resume) this.#restore(this.#options.resume)
    this.model.train()
    await this.#call((callback) => callback.onStart?.(this))
    const halt = await this.#loop()
    await this.#call((callback) => callback.onStop?.(this, halt.reason))
    return this.#finish(halt)
  }

  async captureState(): Promise<TrainingState> {
    const optimizer = await this.optimizer.stateDict()
    const extra = new Map<string, TensorData>()
    for (const [name, variable] of this.#extraState()) {
      extra.set(name, { data: await variable.variable.read(), shape: variable.shape, dtype: variable.dtype })
    }
    const progress = await this.#progress(optimizer)
    const best: StateDict = this.best?.state ?? new Map()
    return { progress, model: await this.model.stateDict(), optimizer: optimizer.tensors, best, extra }
  }

  async #loop(): Promise<Halt> {
    try {
      while (this.#epoch < this.epochs) {
        if (this.#stopMessage !== undefined) return new Halt('stopped', this.#stopMessage)
        await this.#trainEpoch()
        await this.#endEpoch()
      }
      return this.#stopMessage === undefined ? new Halt('finished', '') : new Halt('stopped', this.#stopMessage)
    } catch (error) {
      if (error instanceof Halt) return error
      throw error
    }
  }

  async #trainEpoch(): Promise<void> {
    const { signal } = this.#options
    let start = this.#now()
    for await (const batch of this.#loader.stream(this.#epoch, { from: this.#batch, reuse: true })) {
      if (signal?.aborted) throw this.#interrupted()
      const loss = await this.#trainBatch(batch)
      const end = this.#now()
      this.#seconds += (end - start) / 1000
      start = end
      await this.#report(loss)
      await this.#breather.pause()
    }
    if (signal?.aborted) throw this.#interrupted()
  }

  #interrupted(): Halt {
    return new Halt('interrupted', `interrupted in epoch ${this.epoch} after ${this.steps} steps`)
  }

  async #trainBatch(batch: Batch): Promise<number> {
    const [x, y] = this.#loader.tensors(batch)
    const { accumulate = 1, schedule } = this.#options
    const update = isUpdate(batch.index, this.#loader.length, accumulate)
    this.#step.prepare(x, y, update)
    this.#judge.checkLabels(batch, this.dataset)
    if (!this.#setsChecked) this.#checkSets()
    const results: number[] = []
    for (const value of await this.#step(x, y, update)) results.push(await value.item())
    const [total, loss, ...sums] = results as [number, number, ...number[]]
    if (!Number.isFinite(total)) throw await this.#failed(`The training loss became ${total}`, batch)
    this.#means.add(loss, sums, batch, this.#judge.placesOf(batch))
    this.#batch = batch.index + 1
    this.steps += 1
    this.#lr = this.optimizer.lr
    if (update && schedule?.every === 'step') schedule.step()
    return loss
  }

  #checkSets(): void {
    const { validation, test } = this.#options
    for (const set of [validation, test]) if (set) this.#judge.checkSet(set)
    this.#setsChecked = true
  }

  async #failed(what: string, batch: Batch): Promise<Halt> {
    const cause = await explainFailure(this.model, this.#loader, batch, this.#judge)
    return new Halt('failed', `${what} in epoch ${this.epoch}, step ${this.steps + 1}: ${cause}${this.#keptBest}`)
  }

  async #failedValidation(loss: number): Promise<Halt> {
    const { validation } = this.#options
    const cause = validation ? await this.#weighted(() => this.#evaluator.explainFailure(validation)) : failureAdvice
    return new Halt('failed', `The validation loss became ${loss} in epoch ${this.epoch}: ${cause}${this.#keptBest}`)
  }

  get #keptBest(): string {
    return this.best ? ` The best weights so far (epoch ${this.best.epoch}) are kept.` : ''
  }

  async #report(batchLoss: number): Promise<void> {
    if (!this.#callbacks.some((callback) => callback.onStep)) return
    const report = {
      epoch: this.epoch,
      epochs: this.epochs,
      step: this.steps,
      done: this.#means.samples,
      total: this.#loader.dropLast ? this.#loader.length * this.#loader.batchSize : this.#loader.sampler.length,
      loss: this.#means.loss,
      accuracy: this.#means.metric(this.#judge.metricNames.indexOf('accuracy')),
      batchLoss,
    }
    await this.#call((callback) => callback.onStep?.(this, report))
  }

  async #endEpoch(): Promise<void> {
    const start = this.#now()
    const { validation, schedule, signal } = this.#options
    const judged = validation && (await this.#weighted(() => this.#evaluate(validation, signal)))
    const seconds = this.#seconds + (this.#now() - start) / 1000
    const record = await this.#record(judged, seconds)
    if (schedule?.every === 'epoch') schedule.step(figureOf(record, this.monitor.figure))
    this.history.push(record)
    await this.#call((callback) => callback.onEpochEnd?.(this, record))
    this.#epoch += 1
    this.#batch = 0
    this.#seconds = 0
    this.#means = new Means(this.#judge.metricNames.length)
    await this.#call((callback) => callback.afterEpoch?.(this, record))
  }

  /** An interruption during validation keeps the trained epoch; it is judged when the run is resumed. */
  async #evaluate(dataset: AnyDataset, signal: AbortSignal | undefined): Promise<Evaluation> {
    try {
      return await this.#evaluator.evaluate(dataset, signal)
    } catch (error) {
      if (signal?.aborted) throw this.#interrupted()
      throw error
    }
  }

  async #record(judged: Evaluation | undefined, seconds: number): Promise<EpochRecord> {
    const means = this.#means
    const names = this.#judge.metricNames
    const metrics: Record<string, number> = {}
    names.forEach((name, index) => {
      if (name !== 'accuracy') metrics[`train${capitalised(name)}`] = means.metric(index) as number
    })
    for (const [name, value] of Object.entries(judged?.metrics ?? {})) metrics[`validation${capitalised(name)}`] = value
    const figures = {
      trainLoss: means.loss,
      trainAccuracy: means.metric(names.indexOf('accuracy')),
      validationLoss: judged?.loss,
      validationAccuracy: judged?.accuracy,
      metrics,
    }
    if (judged && !Number.isFinite(judged.loss)) throw await this.#failedValidation(judged.loss)
    const best = await this.#keepBest(figureOf(figures, this.monitor.figure))
    return {
      epoch: this.epoch,
      epochs: this.epochs,
      ...figures,
      seconds,
      samplesPerSecond: means.samples / Math.max(seconds, 1e-9),
      lr: this.#lr,
      best,
    }
  }

  async #keepBest(value: number): Promise<boolean> {
    const improved = !this.best || (this.monitor.mode === 'min' ? value < this.best.value : value > this.best.value)
    if (!improved) return false
    this.best = { epoch: this.epoch, value, state: await this.#weighted(() => this.model.stateDict()) }
    return true
  }

  /** With averaged weights in place, where the run has them. */
  #weighted<T>(work: () => Promise<T>): Promise<T> {
    return this.#ema ? this.#ema.withAverages(work) : work()
  }

  async #finish(halt: Halt): Promise<FitResult> {
    const { test } = this.#options
    const usable = halt.reason === 'finished' || halt.reason === 'stopped'
    if (this.best && (this.#restoreBest || halt.reason === 'failed') && halt.reason !== 'interrupted') {
      this.model.loadStateDict(this.best.state)
    }
    this.model.eval()
    const result: FitResult = {
      history: this.history,
      best: this.best,
      reason: halt.reason,
      message: halt.message === '' ? undefined : halt.message,
      test: usable && test ? await this.#evaluator.evaluate(test) : undefined,
    }
    await this.#call((callback) => callback.onEnd?.(this, result))
    if (halt.reason === 'failed') throw new NonFiniteLossError(halt.message, result)
    return result
  }

  async #call(hook: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) {
      const waiting = hook(callback)
      if (waiting) await waiting
    }
  }

  /** Variables beside weights and slots. */
  *#extraState(): Generator<[string, VariableTensor]> {
    for (const [name, variable] of this.#ema?.namedState() ?? []) yield [`ema.${name}`, variable]
    for (const [name, variable] of this.#accumulator?.namedState() ?? []) yield [`accumulator.${name}`, variable]
  }

  /** What must stay the same for a run to go on to the bit. */
  get #settings(): Readonly<Record<string, number | string | boolean>> {
    return {
      'training samples': this.dataset.length,
      'batch size': this.#loader.batchSize,
      'loader seed': this.#loader.seed,
      'gradient accumulation': this.#options.accumulate ?? 1,
      'averaged weights': this.#ema?.decay ?? 0,
    }
  }

  async #progress(optimizer: TrainingProgress['optimizer']): Promise<TrainingProgress> {
    const { lossSum, samples, sums, places } = this.#means
    const callbacks = this.#callbacks.flatMap((callback) =>
      callback.saveState ? [[callback.name, callback.saveState()] as const] : [],
    )
    return {
      epoch: this.#epoch,
      batch: this.#batch,
      steps: this.steps,
      partial: { lossSum, samples, sums, places, seconds: this.#seconds },
      history: this.history,
      best: this.best && { epoch: this.best.epoch, value: this.best.value },
      optimizer: { optimizer: optimizer.optimizer, groups: optimizer.groups, clocks: optimizer.clocks },
      schedule: this.#options.schedule?.stateDict(),
      generator: await generator.state(),
      callbacks: Object.fromEntries(callbacks),
      settings: this.#settings,
    }
  }

  /** Takes over a saved state; checks everything before it changes anything. */
  #restore(state: TrainingState): void {
    const { progress } = state
    checkSameModel(this.model.namedState(), state.model)
    checkSameSettings(this.#settings, progress.settings)
    this.optimizer.loadStateDict({ ...progress.optimizer, tensors: state.optimizer })
    this.model.loadStateDict(state.model)
    for (const [name, variable] of this.#extraState()) {
      const saved = state.extra.get(name)
      if (saved) variable.write(saved.data)
    }
    if (progress.schedule) this.#options.schedule?.loadStateDict(progress.schedule)
    for (const group of this.optimizer.groups)
      group.lr = at(progress.optimizer.groups, this.optimizer.groups.indexOf(group)).lr
    generator.restore(progress.generator)
    for (const callback of this.#callbacks) {
      if (callback.name in progress.callbacks) callback.restoreState?.(progress.callbacks[callback.name])
    }
    this.history.push(...progress.history)
    this.best = progress.best && { ...progress.best, state: state.best }
    this.steps = progress.steps
    this.#epoch = progress.epoch
    this.#batch = progress.batch
    this.#seconds = progress.partial.seconds
    Object.assign(this.#means, { lossSum: progress.partial.lossSum, samples: progress.partial.samples })
    this.#means.sums.splice(0, Number.POSITIVE_INFINITY, ...progress.partial.sums)
    this.#means.places.splice(0, Number.POSITIVE_INFINITY, ...progress.partial.places)
  }
}

/** Throws when a set cannot be judged by the network that is trained, before anything is. */
function checkSameInputs(train: AnyDataset, other: AnyDataset): void {
  if (other.length === 0) {
    throw new ArgumentError(`The data set "${other.name}" is empty; leave it out or give it at least one sample.`)
  }
  if (sameNumbers(train.inputShape, other.inputShape)) return
  throw new ShapeError(
    `The inputs of "${other.name}" have shape ${formatShape(other.inputShape)}, those of the training set "${train.name}" ` +
      `${formatShape(train.inputShape)}; prepare both in the same way.`,
  )
}

function checkNames(callbacks: readonly Callback[]): void {
  const names = callbacks.map((callback) => callback.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new ArgumentError(
      `Two callbacks are named "${twice}"; give each its own name, for their states are saved by name.`,
    )
  }
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
