/**
 * The Playground's state on the page: the set-up, what the engine last said, and the loop that asks it for a new picture whenever the
 * screen can show one. Components read the signals; pictures are painted straight from `frame`.
 */
import { batch, computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { type Connection, connect } from '../../engine/connect.ts'
import { announce } from '../../parts/toast.tsx'
import { calm } from '../../shell/theme.ts'
import type { Preset } from './presets.ts'
import type { Frame, Plan, PlaygroundEngine, Thumbnail } from './protocol.ts'
import { type Setup, schema, translateOldLink } from './setup.ts'

/** A unit of the network; layer −1 are the inputs. */
export interface Unit {
  readonly layer: number
  readonly unit: number
}

export class PlaygroundController {
  readonly setup
  readonly plan = signal<Plan>()
  readonly frame = signal<Frame>()
  readonly running = signal(false)
  readonly failure = signal<string>()
  readonly thumbnails = signal<readonly Thumbnail[]>([])
  /** The unit whose map is shown large; none: the output. */
  readonly shown = signal<Unit>()
  /** The preset that was opened last and not left since. */
  readonly preset = signal<Preset>()
  /** Pictures applied, for measuring smoothness. */
  framesShown = 0
  readonly #connection: Connection<PlaygroundEngine>
  readonly #setAddress: (address: string) => void
  #alive = true
  #asked = false
  #stale = true
  #arrived: Frame | undefined
  /** Frames asked for before this number show an older network. */
  #generation = 0
  #knownCurves = -1
  #ticker = 0

  /** Trains at once unless told otherwise. */
  constructor(address: string, setAddress: (address: string) => void, trains: boolean = !calm) {
    this.setup = signal<Setup>(readState(schema, translateOldLink(address)))
    this.#setAddress = setAddress
    const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' })
    this.#connection = connect<PlaygroundEngine>(worker)
    // Work is spared while nobody looks.
    document.addEventListener('visibilitychange', this.#visibility)
    void this.#begin(trains)
  }

  readonly regression = computed(() => this.setup.value.problem === 'regression')
  // What changes seldom, so that components need not look at every frame.
  readonly diagnosis = computed(() => this.frame.value?.diagnosis)
  readonly stopped = computed(() => this.frame.value?.stopped)
  readonly epoch = computed(() => this.frame.value?.epoch ?? 0)
  readonly epochsPerSecond = computed(() => this.frame.value?.epochsPerSecond ?? 0)

  get remote() {
    return this.#connection.remote
  }

  async #begin(trains: boolean): Promise<void> {
    await this.#guard(async () => {
      const { plan } = await this.remote.configure(this.setup.value)
      if (!this.#alive) return
      this.plan.value = plan
      this.#tick()
      if (trains) this.start()
      this.thumbnails.value = await this.remote.thumbnails(this.setup.value)
    })
  }

  dispose(): void {
    this.#alive = false
    cancelAnimationFrame(this.#ticker)
    document.removeEventListener('visibilitychange', this.#visibility)
    this.#connection.close()
  }

  /** Changes settings; the engine makes anew what they concern. */
  change(changes: Partial<Setup>): void {
    const before = this.setup.value
    const after = { ...before, ...changes }
    this.setup.value = after
    this.#setAddress(writeState(schema, after))
    const dataChanged = (['problem', 'noise', 'classes', 'seed', 'points'] as const).some(
      (key) => before[key] !== after[key],
    )
    void this.#guard(async () => {
      const { change, plan } = await this.remote.configure(after)
      if (change === 'data' || change === 'network') {
        batch(() => {
          this.#generation += 1
          this.#knownCurves = -1
          this.plan.value = plan
          this.shown.value = undefined
        })
      }
      if (change === 'points') this.plan.value = plan
      this.#stale = true
      if (dataChanged) this.thumbnails.value = await this.remote.thumbnails(after)
    })
  }

  start(): void {
    this.running.value = true
    announce('Training.')
    void this.#guard(() => this.remote.start())
  }

  stop(): void {
    this.running.value = false
    this.#stale = true
    announce('Paused.')
    void this.#guard(() => this.remote.stop())
  }

  toggle(): void {
    if (this.running.value) this.stop()
    else this.start()
  }

  /** Trains one epoch (−1) or so many batches, then rests. */
  step(batches: number): void {
    this.running.value = false
    void this.#guard(async () => {
      await this.remote.stop()
      await this.remote.step(batches)
      this.#stale = true
    })
  }

  /** Fresh weights; goes on training if it did. */
  reset(): void {
    void this.#guard(async () => {
      await this.remote.reset()
      this.#renew()
      if (this.running.value) await this.remote.start()
    })
  }

  /** New random numbers for the data and the weights. */
  regenerate(): void {
    this.change({ seed: (this.setup.value.seed + 1) % 100_000 })
  }

  setWeight(place: number, value: number): void {
    void this.#guard(async () => {
      await this.remote.setWeight(place, value)
      this.#stale = true
    })
  }

  /** After a divergence: sound weights and a third of the learning rate. */
  recover(changes: Partial<Setup>): void {
    void this.#guard(async () => {
      const back = await this.remote.goBack()
      if (!back) await this.remote.reset()
      this.#renew()
      this.change(changes)
      this.start()
    })
  }

  #renew(): void {
    this.#generation += 1
    this.#knownCurves = -1
    this.#stale = true
  }

  readonly #visibility = (): void => {
    if (document.hidden && this.running.value) void this.#guard(() => this.remote.stop())
    else if (this.running.value) void this.#guard(() => this.remote.start())
  }

  readonly #tick = (): void => {
    if (!this.#alive) return
    this.#ticker = requestAnimationFrame(this.#tick)
    const arrived = this.#arrived
    this.#arrived = undefined
    this.#ask()
    if (arrived) this.#show(arrived)
  }

  #ask(): void {
    if (this.#asked || !(this.running.value || this.#stale)) return
    this.#asked = true
    this.#stale = false
    const generation = this.#generation
    void this.#guard(async () => {
      try {
        const frame = await this.remote.frame({ maps: true, knownCurves: this.#knownCurves })
        if (generation === this.#generation) this.#arrived = frame
        else this.#stale = true
      } finally {
        this.#asked = false
      }
    })
  }

  #show(frame: Frame): void {
    const curves = frame.curves ?? this.frame.value?.curves
    this.#knownCurves = frame.curvesVersion
    this.framesShown += 1
    batch(() => {
      this.frame.value = curves ? { ...frame, curves } : frame
      // The engine stops by itself on a stop rule or when it diverges.
      if (this.running.value && !frame.running && (frame.stopped || frame.diagnosis)) {
        this.running.value = false
        announce(frame.diagnosis ? frame.diagnosis.sentence : 'Training ended.')
      }
    })
  }

  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#alive) this.failure.value = error instanceof Error ? error.message : String(error)
    }
  }
}
