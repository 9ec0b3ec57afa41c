/**
 * One Playground: data, network and training in slices short enough that a request is answered at once. Runs in a worker; knows nothing
 * of it, so that tests drive it directly.
 */
import type { Tensor } from 'cognitron'
import { featureMaps, featureMatrix, gridPlaces } from '../features.ts'
import { pointCount } from '../points.ts'
import type { Diagnosis, Frame, FrameRequest, Plan } from '../protocol.ts'
import {
  type Change,
  changeBetween,
  chosenFeatures,
  classCount,
  outputCount,
  outputKind,
  type Setup,
  speeds,
} from '../setup.ts'
import { CurveRecorder, type Figures } from './curves.ts'
import { diagnose } from './diagnose.ts'
import { BLOCK, PlaygroundNetwork, rows } from './network.ts'
import { makeData, type PointsData } from './points-data.ts'
import { confusionCounts, score } from './score.ts'

/** Requests wait at most about this long. */
const SLICE_MS = 6
const SNAPSHOT_EVERY_MS = 100
const BLOCKS_AFTER_MS = 700
/** Parameters of a network that is trained in blocks. */
const BLOCKS_UP_TO = 120

interface Prepared {
  readonly data: PointsData
  readonly features: number
  readonly trainInputs: Float32Array
  readonly trainTargets: Float32Array
  /** Training points, then test points. */
  readonly allInputs: Tensor
  readonly grid: Tensor
}

interface Sound {
  readonly weights: Float32Array
  readonly epoch: number
}

export class PlaygroundSession {
  #setup: Setup
  #prepared: Prepared
  #network: PlaygroundNetwork
  #curves = new CurveRecorder()
  #epoch = 0
  #step = 0
  /** The next training point. */
  #position = 0
  #running = false
  #diagnosis: Diagnosis | undefined
  #stopped: 'epochs' | 'loss' | undefined
  #figures: Figures | undefined
  #confusion: readonly number[] = []
  #sound: Sound | undefined
  #soundAt = 0
  #meter = new SpeedMeter()
  /** Fractions of batches that the chosen speed allows. */
  #due = 0
  #lastTick = 0
  #startedAt = 0

  constructor(setup: Setup) {
    this.#setup = setup
    this.#prepared = prepare(setup)
    this.#network = new PlaygroundNetwork(setup)
    this.#applyRates()
  }

  get running(): boolean {
    return this.#running
  }

  get epoch(): number {
    return this.#epoch
  }

  get setup(): Setup {
    return this.#setup
  }

  /** Larger networks compute long enough for the way into a program not to matter. */
  get #isSmall(): boolean {
    const last = this.#network.plan.at(-1)
    return last !== undefined && last.biasesAt + last.units <= BLOCKS_UP_TO
  }

  get #isEmpty(): boolean {
    return pointCount(this.#prepared.data.train) === 0
  }

  get #stepsPerEpoch(): number {
    return Math.max(1, Math.ceil(pointCount(this.#prepared.data.train) / this.#setup.batchSize))
  }

  /** Takes settings over, making anew only what they concern. */
  configure(setup: Setup): Change {
    const change = changeBetween(this.#setup, setup)
    this.#setup = setup
    if (change === 'data' || change === 'network') {
      this.#prepared = prepare(setup)
      this.reset()
    }
    if (change === 'points') {
      this.#prepared = prepare(setup)
      this.#position = 0
      this.#figures = undefined
    }
    this.#applyRates()
    return change
  }

  plan(): Plan {
    const setup = this.#setup
    const { layers, parameters } = describe(this.#network)
    const { train, test } = this.#prepared.data
    const inputMaps = featureMaps(chosenFeatures(setup))
    return { layers, parameters, output: outputKind(setup), classes: classCount(setup), train, test, inputMaps }
  }

  /** Fresh weights, epoch 0. */
  reset(): void {
    this.#network = new PlaygroundNetwork(this.#setup)
    this.#applyRates()
    this.#curves = new CurveRecorder()
    this.#epoch = 0
    this.#step = 0
    this.#position = 0
    this.#diagnosis = undefined
    this.#stopped = undefined
    this.#figures = undefined
    this.#sound = undefined
    this.#meter.reset()
  }

  start(): void {
    if (this.#diagnosis) return
    this.#running = true
    this.#stopped = undefined
    this.#due = 1
    this.#lastTick = performance.now()
    this.#startedAt = this.#lastTick
    this.#meter.reset()
  }

  stop(): void {
    this.#running = false
  }

  /** Trains for a few milliseconds; gives the time in ms until there is more to do. */
  async slice(): Promise<number> {
    const begin = performance.now()
    // Points that are being drawn are waited for.
    if (this.#isEmpty) return 50
    const rate = speeds[this.#setup.speed] as number
    const stepsPerMs = rate === 0 ? 2 / 1000 : (rate * this.#stepsPerEpoch) / 1000
    this.#due = Math.min(this.#due + (begin - this.#lastTick) * stepsPerMs, Math.max(1, 250 * stepsPerMs))
    this.#lastTick = begin
    // Compiling the program for blocks takes a moment, which pays once training is to run fast for a while.
    const inBlocks = rate >= 1000 && begin - this.#startedAt > BLOCKS_AFTER_MS && this.#isSmall
    while (this.#running && this.#due >= 1) {
      this.#due -= await (inBlocks ? this.#trainBlock() : this.#trainStep())
      if (performance.now() - begin > SLICE_MS) break
    }
    this.#meter.measure(this.#step / this.#stepsPerEpoch)
    return this.#due >= 1 ? 0 : Math.min(50, (1 - this.#due) / stepsPerMs)
  }

  /** Trains so many batches now; a number below 0 means to the end of the epoch. */
  async train(batches: number): Promise<void> {
    if (this.#diagnosis || this.#isEmpty) return
    const end = this.#epoch + 1
    for (let count = 0; batches < 0 ? this.#epoch < end : count < batches; count++) {
      await this.#trainStep()
      if (this.#diagnosis) return
    }
    this.#figures = undefined
  }

  /** Trains one batch; gives 1, the number of batches. */
  async #trainStep(): Promise<number> {
    const points = this.#prepared.trainTargets.length
    const count = Math.min(this.#setup.batchSize, points - this.#position)
    await this.#network.step(...this.#batch(count))
    return this.#advance(1, count)
  }

  /** Trains several batches at once, or one where fewer are left of the epoch; gives how many. */
  async #trainBlock(): Promise<number> {
    const count = BLOCK * this.#setup.batchSize
    if (this.#position + count > this.#prepared.trainTargets.length) return this.#trainStep()
    await this.#network.stepBlock(...this.#batch(count))
    return this.#advance(BLOCK, count)
  }

  #batch(count: number): [Tensor, Tensor, Setup['regularization'], number] {
    const { features, trainInputs, trainTargets } = this.#prepared
    const { regularization, dropout } = this.#setup
    const x = rows(trainInputs, features, this.#position, count)
    return [x, rows(trainTargets, 1, this.#position, count), regularization, dropout]
  }

  async #advance(batches: number, points: number): Promise<number> {
    this.#step += batches
    this.#position += points
    if (this.#position >= this.#prepared.trainTargets.length) {
      this.#position = 0
      this.#epoch += 1
      if (this.#curves.wants(this.#epoch)) await this.#record()
    }
    return batches
  }

  async #record(): Promise<void> {
    const figures = await this.#judge()
    if (!Number.isFinite(figures.trainLoss)) return this.#fail()
    this.#curves.add(this.#epoch, figures)
    const now = performance.now()
    if (now - this.#soundAt > SNAPSHOT_EVERY_MS) {
      this.#soundAt = now
      const weights = this.#network.readWeights()
      if (weights.every(Number.isFinite)) this.#sound = { weights, epoch: this.#epoch }
    }
    const { stopEpochs, stopLoss } = this.#setup
    if (!this.#running) return
    if (stopEpochs > 0 && this.#epoch >= stopEpochs) this.#end('epochs')
    else if (stopLoss > 0 && figures.testLoss < stopLoss) this.#end('loss')
  }

  #end(reason: 'epochs' | 'loss'): void {
    this.#stopped = reason
    this.#running = false
  }

  #fail(): void {
    this.#running = false
    this.#diagnosis = diagnose(this.#setup, this.#network, this.#epoch, this.#sound?.weights)
  }

  /** Loss and score on training and test points. */
  async #judge(): Promise<Figures> {
    const { data, allInputs } = this.#prepared
    const answers = (await (await this.#network.predict(allInputs)).data()) as Float32Array
    const outputs = outputCount(this.#setup)
    const kind = outputKind(this.#setup)
    const classes = classCount(this.#setup)
    const cut = pointCount(data.train) * outputs
    const train = score(answers.subarray(0, cut), data.train.target, kind, classes)
    const test = score(answers.subarray(cut), data.test.target, kind, classes)
    this.#confusion = confusionCounts(answers.subarray(cut), data.test.target, kind, classes)
    this.#figures = { trainLoss: train.loss, testLoss: test.loss, trainScore: train.score, testScore: test.score }
    return this.#figures
  }

  /** What the page shows now. */
  async frame({ maps, knownCurves }: FrameRequest): Promise<Frame> {
    const figures = this.#figures && !this.#running ? this.#figures : await this.#judge()
    if (!this.#diagnosis && !Number.isFinite(figures.trainLoss)) this.#fail()
    const drawn = maps ? await this.#network.inspect(this.#prepared.grid) : []
    const data = await Promise.all(drawn.map((each) => each.data() as Promise<Float32Array>))
    const version = this.#curves.version
    return {
      epoch: this.#epoch,
      step: this.#step,
      running: this.#running,
      epochsPerSecond: this.#running ? this.#meter.rate : 0,
      ...figures,
      confusion: this.#confusion,
      weights: this.#network.readWeights(),
      maps: data,
      curvesVersion: version,
      curvesStride: this.#curves.stride,
      ...(version === knownCurves ? {} : { curves: this.#curves.copy() }),
      ...(this.#diagnosis ? { diagnosis: this.#diagnosis } : {}),
      ...(this.#stopped ? { stopped: this.#stopped } : {}),
    }
  }

  setWeight(place: number, value: number): void {
    const weights = this.#network.readWeights()
    weights[place] = value
    this.#network.writeWeights(weights)
    this.#figures = undefined
  }

  /** Back to the last sound weights; false when there are none. */
  goBack(): boolean {
    const sound = this.#sound
    if (!sound) return false
    this.reset()
    this.#network.writeWeights(sound.weights)
    this.#epoch = sound.epoch
    this.#step = sound.epoch * this.#stepsPerEpoch
    return true
  }

  #applyRates(): void {
    this.#network.learningRate = this.#setup.learningRate
    this.#network.penaltyRate = this.#setup.regularizationRate
  }
}

function prepare(setup: Setup): Prepared {
  const data = makeData(setup)
  const chosen = chosenFeatures(setup)
  const signed = outputKind(setup) === 'signed' || outputKind(setup) === 'logit'
  const trainInputs = featureMatrix(data.train.x, chosen)
  const testInputs = featureMatrix(data.test.x, chosen)
  const all = new Float32Array(trainInputs.length + testInputs.length)
  all.set(trainInputs)
  all.set(testInputs, trainInputs.length)
  const features = chosen.length
  return {
    data,
    features,
    trainInputs,
    trainTargets: signed ? data.train.target.map((label) => 2 * label - 1) : data.train.target,
    allInputs: rows(all, features, 0, all.length / Math.max(1, features)),
    grid: rows(featureMatrix(gridPlaces(), chosen), features, 0, gridPlaces().length / 2),
  }
}

function describe(network: PlaygroundNetwork): Pick<Plan, 'layers' | 'parameters'> {
  const last = network.plan.at(-1)
  return { layers: network.plan, parameters: last ? last.biasesAt + last.units : 0 }
}

/** Epochs a second over the last second or so. */
class SpeedMeter {
  rate = 0
  #since: { time: number; epochs: number } | undefined

  reset(): void {
    this.rate = 0
    this.#since = undefined
  }

  measure(epochs: number): void {
    const time = performance.now()
    this.#since ??= { time, epochs }
    const elapsed = time - this.#since.time
    if (elapsed < 250) return
    const measured = ((epochs - this.#since.epochs) * 1000) / elapsed
    this.rate = this.rate === 0 ? measured : 0.5 * this.rate + 0.5 * measured
    this.#since = { time, epochs }
  }
}
