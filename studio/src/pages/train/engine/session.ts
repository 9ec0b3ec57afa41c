/**
 * One network that learns pictures: it is built, trained with the library's `fit`, held, let go on, looked into, saved and loaded. Runs
 * in a worker; knows nothing of it, so that tests drive it directly.
 */
import { data, io, loss, manualSeed, type nn, optim, train } from 'cognitron'
import { layerCodec, shapeLayers, withOutput } from '../../../base/layer-spec.ts'
import { buildNetwork } from '../../../engine/build-network.ts'
import type { EpochFigures, Frame, Judgement, Look, Phase, PictureBytes, RateTrial, RunRecord } from '../protocol.ts'
import { type AugmentationName, type OptimizerName, speeds, type TrainSetup } from '../setup.ts'
import { TrainCurves } from './curves.ts'
import { Gate } from './gate.ts'
import { Observer } from './look.ts'
import type { PictureSets } from './pictures.ts'

/** Requests wait at most about this long. */
const BREATH_MS = 10
/** So that judging gives way often, too. */
const JUDGED_AT_ONCE = 64

interface OptimizerOptions {
  readonly lr: number
  readonly weightDecay: number
}

type Parameters = ReturnType<nn.Module['parameters']>

const makeOptimizer: Readonly<Record<OptimizerName, (p: Parameters, options: OptimizerOptions) => optim.Optimizer>> = {
  adam: (parameters, options) => new optim.Adam(parameters, options),
  adamw: (parameters, options) => new optim.AdamW(parameters, options),
  sgd: (parameters, options) => new optim.SGD(parameters, options),
  momentum: (parameters, options) => new optim.SGD(parameters, { ...options, momentum: 0.9 }),
  rmsprop: (parameters, options) => new optim.RMSprop(parameters, options),
}

const augment: Readonly<Record<Exclude<AugmentationName, 'none'>, () => data.SampleTransform>> = {
  shift: () => data.augment(data.shift()),
  turn: () => data.augment(data.rotate({ degrees: 15 }), data.shift()),
  flip: () => data.augment(data.flipHorizontal(), data.shift()),
}

/** A turn of the event loop, so that requests are heard. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(null)
  })
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export class TrainSession {
  readonly #sets: PictureSets
  readonly #network: nn.Sequential
  readonly #observer: Observer
  readonly #optimizer: optim.Optimizer
  readonly #loader: data.DataLoader
  readonly #gate = new Gate()
  readonly #curves: TrainCurves
  readonly #abort = new AbortController()
  #setup: TrainSetup
  #phase: Phase = 'ready'
  #message: string | undefined
  #target: number
  #progress = { step: 0, done: 0 }
  /** Batches until training rests again. */
  #allowed = Number.POSITIVE_INFINITY
  #restAfterEpoch = false
  #history: train.EpochRecord[] = []
  #texts = { metrics: '', stats: '' }
  #bestWeights: Uint8Array | undefined
  /** To go on from when training is over. */
  #state: train.TrainingState | undefined
  #meter = { pictures: 0, ms: 0, rate: 0 }
  #lastStepAt = 0
  #breathedAt = 0

  constructor(setup: TrainSetup, sets: PictureSets) {
    const { seed, optimizer, learningRate: lr, weightDecay, batchSize, augmentation, epochs } = setup
    this.#setup = setup
    this.#sets = sets
    this.#target = epochs
    manualSeed(seed)
    this.#network = buildNetwork(this.layers, sets.inputShape)
    this.#observer = new Observer(this.#network, sets.test)
    this.#optimizer = makeOptimizer[optimizer](this.#network.parameters(), { lr, weightDecay })
    const transform = augmentation === 'none' ? {} : { transform: augment[augmentation]() }
    this.#loader = new data.DataLoader(sets.train, { batchSize, shuffle: true, seed, ...transform })
    this.#curves = new TrainCurves(epochs)
  }

  get sets(): PictureSets {
    return this.#sets
  }

  /** All layers, those that give the scores included. */
  get layers() {
    return withOutput(this.#setup.layers, this.#sets.inputShape, this.#sets.classNames.length)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Takes over what may change while it trains: the learning rate, the speed and the length of the next run. */
  adjust(setup: TrainSetup): void {
    this.#setup = setup
    this.#optimizer.lr = setup.learningRate
    if (this.#phase === 'ready') this.#target = setup.epochs
  }

  start(): void {
    this.#allowed = Number.POSITIVE_INFINITY
    this.#restAfterEpoch = false
    this.#go()
  }

  /** Trains so many batches; −1: to the end of the epoch. */
  step(batches: number): void {
    this.#restAfterEpoch = batches < 0
    this.#allowed = batches < 0 ? Number.POSITIVE_INFINITY : batches
    this.#go()
  }

  stop(): void {
    if (this.#phase !== 'training') return
    this.#gate.close()
    this.#phase = 'paused'
  }

  /** Ends it for good. */
  dispose(): void {
    this.#abort.abort()
    this.#gate.lift()
  }

  frame(knownCurves: number): Frame {
    const last = this.#history.at(-1)
    const best = this.#history.findLast((record) => record.best)
    const { version } = this.#curves
    const total = this.#sets.train.length
    const { step, done } = this.#progress
    const left = Math.max(0, (this.#target - this.#history.length) * total - done)
    return {
      phase: this.#phase,
      epochs: this.#history.length,
      target: this.#target,
      step,
      done,
      total,
      picturesPerSecond: this.#meter.rate,
      secondsLeft: this.#meter.rate > 0 ? left / this.#meter.rate : Number.NaN,
      ...(last ? { last: figuresOf(last) } : {}),
      ...(best ? { best: figuresOf(best) } : {}),
      curvesVersion: version,
      ...(version === knownCurves ? {} : { curves: this.#curves.copy() }),
      ...(this.#message === undefined ? {} : { message: this.#message }),
    }
  }

  look(picture: number): Promise<Look> {
    return this.#gate.between(() => this.#observer.look(picture))
  }

  judge(): Promise<Judgement> {
    return this.#gate.between(() => this.#observer.judge())
  }

  /** Training pictures as the network gets them in an epoch. */
  samples(count: number, epoch: number): PictureBytes {
    const { train, inputShape } = this.#sets
    const first = new data.Subset(
      train,
      Array.from({ length: Math.min(count, train.length) }, (_, index) => index),
    )
    const { seed, augmentation } = this.#setup
    const transform = augmentation === 'none' ? {} : { transform: augment[augmentation]() }
    const loader = new data.DataLoader(first, { batchSize: count, seed, ...transform })
    const [batch] = loader.batches(epoch)
    const size = inputShape.reduce((product, extent) => product * extent, 1)
    const values = new Uint8Array(first.length * size)
    batch?.inputs.forEach((value, place) => {
      values[place] = Math.round(255 * Math.min(1, Math.max(0, value)))
    })
    return { values, labels: Uint8Array.from(batch?.targets ?? []) }
  }

  findRate(): Promise<RateTrial> {
    return this.#gate.between(async () => {
      const { rates, losses, suggestion } = await train.lrFind(this.#network, {
        train: this.#sets.train,
        loss: loss.crossEntropy,
        optimizer: this.#optimizer,
        from: 1e-5,
        batchSize: this.#setup.batchSize,
        seed: this.#setup.seed,
      })
      return { rates, losses, ...(suggestion === undefined ? {} : { suggestion }) }
    })
  }

  record(): RunRecord {
    const parameters = shapeLayers(this.layers, this.#sets.inputShape).reduce((sum, each) => sum + each.parameters, 0)
    return { ...this.#texts, parameters, ...(this.#bestWeights ? { best: this.#bestWeights } : {}) }
  }

  weights(): Promise<Uint8Array> {
    return this.#gate.between(async () => {
      const metadata = {
        format: 'pt',
        layers: this.#setup.layers.map(layerCodec.format).join(),
        classes: JSON.stringify(this.#sets.classNames),
      }
      return io.writeSafetensors(await this.#network.stateDict(), { metadata })
    })
  }

  /** Takes weights over. Throws when they are of another network. */
  load(bytes: Uint8Array, name: string): Promise<void> {
    return this.#gate.between(async () => {
      this.#network.loadStateDict(io.readSafetensors(bytes, name).tensors)
    })
  }

  #go(): void {
    if (this.#phase === 'failed' || this.#phase === 'training') return
    const isUnderWay = this.#phase === 'paused'
    this.#phase = 'training'
    this.#meter = { pictures: 0, ms: 0, rate: this.#meter.rate }
    this.#lastStepAt = performance.now()
    this.#gate.lift()
    if (!isUnderWay) void this.#train()
  }

  async #train(): Promise<void> {
    await this.#gate.enter()
    if (this.#state) this.#target = this.#history.length + this.#setup.epochs
    try {
      await train.fit(this.#network, this.#options())
      this.#phase = 'finished'
    } catch (error) {
      this.#phase = 'failed'
      this.#message = error instanceof Error ? error.message : String(error)
    } finally {
      this.#gate.leave()
    }
  }

  #options(): train.FitOptions {
    const { seed } = this.#setup
    return {
      train: this.#loader,
      validation: this.#sets.test,
      loss: loss.crossEntropy,
      optimizer: this.#optimizer,
      epochs: this.#target,
      batchSize: this.#setup.batchSize,
      evaluationBatchSize: JUDGED_AT_ONCE,
      seed,
      signal: this.#abort.signal,
      callbacks: [
        {
          name: 'studio',
          onStep: (_, report) => this.#stepped(report),
          onEpochEnd: (_, record) => this.#ended(record),
        },
        train.jsonLogger((line) => {
          this.#texts.metrics += line
        }),
        train.csvLogger((line) => {
          this.#texts.stats += line
        }),
        train.saveBest((bytes) => {
          this.#bestWeights = bytes
        }),
        {
          name: 'rest',
          afterEpoch: () => this.#restedAfterEpoch(),
          onStop: async (view, reason) => {
            if (reason === 'finished') this.#state = await view.captureState()
          },
        },
      ],
      ...(this.#state ? { resume: this.#state } : {}),
    }
  }

  async #stepped(report: train.StepReport): Promise<void> {
    this.#curves.addStep(report)
    this.#measure(report.done - this.#progress.done)
    this.#progress = { step: report.step, done: report.done }
    this.#allowed -= 1
    if (this.#allowed <= 0) this.stop()
    const pace = speeds[this.#setup.speed] ?? 0
    const due = pace === 0 ? 0 : this.#lastStepAt + 1000 / pace
    // In small pieces, so that a pause is heard.
    while (this.#gate.open && performance.now() < due) await wait(Math.min(20, due - performance.now()))
    if (performance.now() - this.#breathedAt > BREATH_MS) {
      await turn()
      this.#breathedAt = performance.now()
    }
    await this.#gate.pass()
    this.#lastStepAt = performance.now()
  }

  #ended(record: train.EpochRecord): void {
    this.#curves.addEpoch(record)
    this.#history.push(record)
    this.#progress = { step: this.#progress.step, done: 0 }
    this.#lastStepAt = performance.now()
  }

  async #restedAfterEpoch(): Promise<void> {
    if (this.#restAfterEpoch) this.stop()
    await this.#gate.pass()
  }

  /** Pictures a second, over a second or so. */
  #measure(pictures: number): void {
    this.#meter.pictures += pictures
    this.#meter.ms += performance.now() - this.#lastStepAt
    if (this.#meter.ms < 400) return
    this.#meter = { pictures: 0, ms: 0, rate: (1000 * this.#meter.pictures) / this.#meter.ms }
  }
}

function figuresOf(record: train.EpochRecord): EpochFigures {
  const { epoch, trainLoss, trainAccuracy = Number.NaN, seconds } = record
  const { validationLoss = Number.NaN, validationAccuracy = Number.NaN } = record
  return { epoch, trainLoss, trainAccuracy, testLoss: validationLoss, testAccuracy: validationAccuracy, seconds }
}
