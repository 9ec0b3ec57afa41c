/**
 * The state of the page: the set-up, the pictures, what the engine last said, and the loop that asks it for more. Components read the
 * signals; the engine works in a worker, so that nothing here waits for it.
 */
import { batch, computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { type LayerSpec, layerCodec, shapeLayers, withOutput } from '../../base/layer-spec.ts'
import { loadModel, saveModel } from '../../base/saved-models.ts'
import { type Connection, connect } from '../../engine/connect.ts'
import { announce } from '../../parts/toast.tsx'
import { calm } from '../../shell/theme.ts'
import { RunKeeper } from './keep-run.ts'
import type { DataInfo, Frame, Judgement, Look, OwnFile, TrainEngine } from './protocol.ts'
import { changeBetween, schema, type TrainSetup } from './setup.ts'

const FRAME_MS = 80
/** Maps are asked for less often than figures. */
const LOOK_MS = 240
const SAVED_PICTURES = 60

/** What the stage shows before there is a network. */
export type Stage =
  | { readonly kind: 'loading'; readonly text: string; readonly share: number }
  | { kind: 'empty' | 'ready' }

export class TrainController {
  readonly setup
  readonly stage = signal<Stage>({ kind: 'loading', text: 'Drawing the digits …', share: 0 })
  readonly info = signal<DataInfo>()
  readonly frame = signal<Frame>()
  readonly look = signal<Look>()
  readonly judgement = signal<Judgement>()
  /** The engine broke. */
  readonly failure = signal<string>()
  /** Files could not be used. */
  readonly fileProblem = signal<string>()
  /** The folder that the run is kept in, or why it is not. */
  readonly kept = signal<{ readonly name?: string; readonly problem?: string }>({})
  /** Rises whenever the network is made anew. */
  readonly generation = signal(0)
  readonly #connection: Connection<TrainEngine>
  readonly #setAddress: (address: string) => void
  #alive = true
  #timer: ReturnType<typeof setTimeout> | undefined
  #stale = true
  #knownCurves = -1
  #lookedAt = 0
  #lookStale = true
  #judgedAt = ''
  #keeper: RunKeeper | undefined
  #keptEpochs = 0
  /** Whether a person asked for this training; the example that starts by itself is kept only when that is asked for. */
  #asked = false
  /** Rises with every press of a button, so that an older frame does not undo it. */
  #wish = 0
  #files: readonly OwnFile[] = []
  #busyLooking = false
  #busyJudging = false

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<TrainSetup>(readState(schema, address))
    this.#setAddress = setAddress
    const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' })
    this.#connection = connect<TrainEngine>(worker)
    document.addEventListener('visibilitychange', this.#visibility)
    void this.#begin()
  }

  get #remote() {
    return this.#connection.remote
  }

  readonly running = computed(() => this.frame.value?.phase === 'training')
  readonly phase = computed(() => this.frame.value?.phase ?? 'ready')
  /** All layers with their shapes, those that give the scores included. */
  readonly shaped = computed(() => {
    const info = this.info.value
    const { layers } = this.setup.value
    if (!info) return shapeLayers(layers, [1, 28, 28])
    return shapeLayers(withOutput(layers, info.inputShape, info.classNames.length), info.inputShape)
  })
  readonly problem = computed(() => this.shaped.value.find((each) => each.problem)?.problem)
  readonly parameters = computed(() => this.shaped.value.reduce((sum, each) => sum + each.parameters, 0))
  /** The place of the picture that is looked at, within the test pictures. */
  readonly picture = computed(() => Math.min(this.setup.value.picture, (this.info.value?.test.labels.length ?? 1) - 1))

  async #begin(): Promise<void> {
    await this.#prepare()
    if (this.#alive && this.stage.value.kind === 'ready' && !calm && !document.hidden) this.#go()
    this.#tick()
  }

  dispose(): void {
    this.#alive = false
    clearTimeout(this.#timer)
    document.removeEventListener('visibilitychange', this.#visibility)
    this.#connection.close()
  }

  change(changes: Partial<TrainSetup>): void {
    const before = this.setup.value
    const after = { ...before, ...changes }
    this.setup.value = after
    this.#setAddress(writeState(schema, after))
    const change = changeBetween(before, after)
    if (before.picture !== after.picture || before.tab !== after.tab) this.#lookStale = true
    if (change === 'none') void this.#guard(() => this.#remote.adjust(after))
    else if (change === 'network') this.#rebuild()
    else if (after.data === 'own' && this.#files.length > 0) void this.read(this.#files)
    else void this.#prepare()
  }

  start(): void {
    this.#asked = true
    this.#go()
  }

  #go(): void {
    if (this.problem.value || this.stage.value.kind !== 'ready') return
    announce('Training.')
    this.#expect('training')
    void this.#guard(() => this.#remote.start())
  }

  stop(): void {
    announce('Paused.')
    this.#expect('paused')
    void this.#guard(() => this.#remote.stop())
  }

  toggle(): void {
    if (this.running.value) this.stop()
    else this.start()
  }

  step(batches: number): void {
    if (this.problem.value) return
    this.#asked = true
    this.#expect('training')
    void this.#guard(() => this.#remote.step(batches))
  }

  /** Fresh weights; goes on training if it did. */
  reset(): void {
    const goOn = this.running.value
    this.#rebuild()
    if (goOn) this.start()
  }

  /** After a divergence: fresh weights and another rate. */
  recover(learningRate: number): void {
    this.change({ learningRate })
    this.#rebuild()
    this.start()
  }

  /** Takes up IDX files or a folder of pictures. */
  async read(files: readonly OwnFile[]): Promise<void> {
    this.fileProblem.value = undefined
    const before = this.stage.value
    this.stage.value = {
      kind: 'loading',
      text: `Reading ${files.length} ${files.length === 1 ? 'file' : 'files'} …`,
      share: 0,
    }
    const progress = setInterval(() => {
      void this.#remote.progress().then((share) => {
        const { value } = this.stage
        if (value.kind === 'loading') this.stage.value = { ...value, share }
      })
    }, 200)
    try {
      const setup = { ...this.setup.value, data: 'own' as const, picture: 0 }
      const info = await this.#remote.read(files, setup)
      this.#files = files
      this.setup.value = setup
      this.#setAddress(writeState(schema, setup))
      this.#take(info)
    } catch (error) {
      this.fileProblem.value = messageOf(error)
      this.stage.value = before
    } finally {
      clearInterval(progress)
    }
  }

  /** Keeps the network in this browser, where other pages find it. */
  async save(name: string): Promise<void> {
    const info = this.info.value
    if (!info) return
    const judged = await this.#remote.judge()
    const count = Math.min(SAVED_PICTURES, info.test.labels.length)
    const size = info.test.values.length / info.test.labels.length
    await saveModel({
      name,
      layers: withOutput(this.setup.value.layers, info.inputShape, info.classNames.length),
      inputShape: info.inputShape,
      classNames: info.classNames,
      weights: await this.#remote.weights(),
      accuracy: judged?.accuracy ?? 0,
      data: info.title,
      pictures: { values: info.test.values.slice(0, count * size), labels: info.test.labels.slice(0, count) },
    })
  }

  /** The weights as a safetensors file. */
  weights(): Promise<Uint8Array> {
    return this.#remote.weights()
  }

  /** Takes over weights of a file; a file that names its layers brings them along. Rejects with the reason when it does not fit. */
  async loadWeights(bytes: Uint8Array, name: string): Promise<void> {
    const { layers } = await this.#remote.inspect(bytes, name)
    await this.#loadInto(layers, bytes, name)
  }

  async loadSaved(name: string): Promise<void> {
    const model = await loadModel(name)
    const info = this.info.value
    if (!model) throw new Error(`There is no saved network “${name}” any more.`)
    const shape = (extents: readonly number[]): string => extents.join(' × ')
    if (
      info &&
      (shape(info.inputShape) !== shape(model.inputShape) || info.classNames.length !== model.classNames.length)
    ) {
      throw new Error(
        `“${name}” takes pictures of ${shape(model.inputShape)} in ${model.classNames.length} classes; those here are ${shape(info.inputShape)} in ${info.classNames.length}.`,
      )
    }
    const layers = model.layers.slice(0, -1)
    const isOwn = withOutput(layers, model.inputShape, model.classNames.length).length === model.layers.length
    await this.#loadInto(isOwn ? layers : layers.slice(0, -1), model.weights, name)
  }

  async #loadInto(layers: readonly LayerSpec[] | undefined, bytes: Uint8Array, name: string): Promise<void> {
    if (layers && layers.map(layerCodec.format).join() !== this.setup.value.layers.map(layerCodec.format).join()) {
      this.change({ layers })
    } else this.#rebuild()
    await this.#remote.load(bytes, name)
    this.judgement.value = await this.#remote.judge()
    this.#stale = true
    this.#lookStale = true
  }

  /** Keeps the run of the example, which starts by itself and would otherwise fill the folder. */
  async keepRun(): Promise<void> {
    this.#asked = true
    const frame = this.frame.value
    if (frame) await this.#guard(() => this.#keep(frame))
  }

  /** Tries rates on the network as it is; it stays so. */
  findRate() {
    return this.#remote.findRate()
  }

  samples(count: number, epoch: number) {
    return this.#remote.samples(count, epoch)
  }

  /** The button follows at once; the engine confirms with its next frame. */
  #expect(phase: 'training' | 'paused'): void {
    const frame = this.frame.value
    if (frame) this.frame.value = { ...frame, phase }
    this.#wish += 1
    this.#stale = true
  }

  /** The pictures are made anew, and with them the network. */
  #prepare(): Promise<void> {
    const setup = this.setup.value
    const text =
      setup.data === 'digits' ? `Drawing ${setup.count.toLocaleString('en')} digits …` : 'Looking for your files …'
    this.stage.value = { kind: 'loading', text, share: 0 }
    return this.#guard(async () => {
      const info = await this.#remote.prepare(setup)
      if (setup !== this.setup.value && changeBetween(setup, this.setup.value) === 'data') return
      if (info) this.#take(info)
      else this.stage.value = { kind: 'empty' }
    })
  }

  #take(info: DataInfo): void {
    batch(() => {
      this.info.value = info
      this.stage.value = { kind: 'ready' }
    })
    this.#rebuild()
  }

  /** A fresh network. */
  #rebuild(): void {
    batch(() => {
      this.generation.value += 1
      this.frame.value = undefined
      this.judgement.value = undefined
      this.look.value = undefined
      this.kept.value = {}
    })
    this.#knownCurves = -1
    this.#judgedAt = ''
    this.#keeper = undefined
    this.#keptEpochs = 0
    this.#asked = false
    this.#wish += 1
    if (this.problem.value || this.stage.value.kind !== 'ready') {
      void this.#guard(() => this.#remote.stop())
      return
    }
    this.#stale = true
    this.#lookStale = true
    void this.#guard(() => this.#remote.build(this.setup.value))
  }

  readonly #visibility = (): void => {
    this.#stale = true
  }

  readonly #tick = (): void => {
    if (!this.#alive) return
    const start = performance.now()
    void this.#refresh().finally(() => {
      this.#timer = setTimeout(this.#tick, Math.max(16, FRAME_MS - (performance.now() - start)))
    })
  }

  async #refresh(): Promise<void> {
    if (document.hidden || this.problem.value || this.stage.value.kind !== 'ready') return
    if (!this.#stale && !this.#lookStale && !this.running.value) return
    const [generation, wish] = [this.generation.value, this.#wish]
    await this.#guard(async () => {
      this.#stale = false
      const frame = await this.#remote.frame(this.#knownCurves)
      if (wish !== this.#wish) this.#stale = true
      else {
        this.#show(frame)
        void this.#guard(() => this.#refreshLook(generation))
        void this.#guard(() => this.#refreshJudgement(frame, generation))
      }
    })
  }

  #show(frame: Frame): void {
    const curves = frame.curves ?? this.frame.value?.curves
    const was = this.frame.value?.phase
    this.#knownCurves = frame.curvesVersion
    this.frame.value = curves ? { ...frame, curves } : frame
    if (was === 'training' && frame.phase === 'finished') announce('Training ended.')
    if (frame.phase === 'failed') announce(frame.message ?? 'Training failed.')
  }

  async #refreshLook(generation: number): Promise<void> {
    const { tab } = this.setup.value
    if (this.#busyLooking || (tab !== 'network' && tab !== 'inside')) return
    const due = this.running.value && performance.now() - this.#lookedAt > LOOK_MS
    if (!this.#lookStale && !due) return
    // While it trains, the look is out of date as soon as it is there.
    this.#lookStale = this.running.value
    this.#busyLooking = true
    try {
      const look = await this.#remote.look(this.picture.value)
      this.#lookedAt = performance.now()
      if (look && generation === this.generation.value) this.look.value = look
    } finally {
      this.#busyLooking = false
    }
  }

  /** After every epoch, and once more at the end, when the best weights are back. */
  async #refreshJudgement(frame: Frame, generation: number): Promise<void> {
    const moment = `${frame.epochs} ${frame.phase === 'finished'}`
    if (this.#busyJudging || frame.epochs === 0 || moment === this.#judgedAt) return
    this.#judgedAt = moment
    this.#busyJudging = true
    try {
      const judged = await this.#remote.judge()
      if (!judged || generation !== this.generation.value) return
      this.judgement.value = judged
      if (frame.phase === 'finished') this.#lookStale = true
      await this.#keep(frame)
    } finally {
      this.#busyJudging = false
    }
  }

  async #keep(frame: Frame): Promise<void> {
    if (frame.epochs === this.#keptEpochs || !this.#asked) return
    const info = this.info.value
    if (!info) return
    this.#keptEpochs = frame.epochs
    this.#keeper ??= new RunKeeper(`studio-${this.setup.value.data === 'digits' ? 'digits' : 'pictures'}`)
    const generation = this.generation.value
    try {
      const record = await this.#remote.record()
      const name = await this.#keeper.keep(record, () => describe(this.setup.value, info, record.parameters))
      if (generation === this.generation.value) this.kept.value = { name }
    } catch (error) {
      if (generation === this.generation.value) this.kept.value = { problem: messageOf(error) }
    }
  }

  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#alive) this.failure.value = messageOf(error)
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What `run.json` says, in the words of `cognitron train`. */
function describe(setup: TrainSetup, info: DataInfo, parameters: number): object {
  const { count, seed, layers, optimizer, learningRate, weightDecay, batchSize, epochs, augmentation } = setup
  const digits = setup.data === 'digits'
  return {
    platform: 'studio',
    created: new Date().toISOString(),
    settings: {
      data: digits ? 'synthetic-digits' : info.title,
      ...(digits ? { count } : {}),
      layers: layers.map(layerCodec.format).join(', '),
      optimizer,
      lr: learningRate,
      weightDecay,
      batchSize,
      epochs,
      augmentation,
      seed,
    },
    model: { name: 'own layers', parameters },
    data: {
      name: digits ? 'synthetic-digits' : info.title,
      inputShape: info.inputShape,
      classes: info.classNames.length,
      classNames: info.classNames,
      normalization: { scale: 1 / 255 },
      samples: { train: info.trainCount, validation: info.test.labels.length, test: 0 },
    },
  }
}
