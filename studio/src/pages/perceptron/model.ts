/** The perceptron that learns on the page: its weights, what happened so far, and the clock that drives it. */
import { batch, computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { announce } from '../../parts/toast.tsx'
import { calm } from '../../shell/theme.ts'
import { examplesOf, firstWeights, isSeparable, mistakes, type Update, update, type Weights } from './rule.ts'
import { type PerceptronSetup, schema, speeds } from './setup.ts'

const KEPT_UPDATES = 200
/** After so many passes without success it is clear to the eye that none will come. */
export const HOPELESS_PASSES = 12

export class PerceptronModel {
  readonly setup
  readonly weights = signal<Weights>([0, 0, 0])
  readonly step = signal(0)
  readonly running = signal(false)
  /** The newest first. */
  readonly updates = signal<readonly Update[]>([])
  /** Mistakes in each pass over the four examples. */
  readonly passes = signal<readonly number[]>([])
  readonly hidden = signal(false)
  readonly examples = computed(() => examplesOf(this.setup.value.targets, this.setup.value.coding))
  readonly wrong = computed(() => mistakes(this.weights.value, this.examples.value))
  readonly settled = computed(() => this.wrong.value === 0)
  readonly hopeless = computed(
    () => !isSeparable(this.setup.value.targets) && this.passes.value.length >= HOPELESS_PASSES,
  )
  readonly #setAddress: (address: string) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #mistakesInPass = 0

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<PerceptronSetup>(readState(schema, address))
    this.#setAddress = setAddress
    this.reset()
    if (!calm) this.start()
  }

  dispose(): void {
    clearInterval(this.#timer)
  }

  change(changes: Partial<PerceptronSetup>): void {
    const before = this.setup.value
    this.setup.value = { ...before, ...changes }
    this.#setAddress(writeState(schema, this.setup.value))
    if (changes.seed !== undefined || changes.coding !== undefined || changes.targets !== undefined) this.reset()
    if (changes.targets !== undefined) this.start()
    else if (this.running.value) this.start()
  }

  reset(): void {
    batch(() => {
      this.weights.value = firstWeights(this.setup.value.seed)
      this.step.value = 0
      this.updates.value = []
      this.passes.value = []
      this.hidden.value = false
      this.#mistakesInPass = 0
    })
  }

  start(): void {
    clearInterval(this.#timer)
    if (this.settled.value) {
      this.running.value = false
      return
    }
    this.running.value = true
    const perSecond = speeds[this.setup.value.speed] ?? 1
    this.#timer = setInterval(() => this.#tick(), 1000 / perSecond)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.running.value = false
  }

  toggle(): void {
    if (this.running.value) this.stop()
    else this.start()
  }

  stepOnce(): void {
    this.stop()
    this.#apply()
  }

  #tick(): void {
    this.#apply()
    if (!this.settled.value) return
    this.stop()
    announce(`All four examples are right after ${this.step.value} steps.`)
  }

  #apply(): void {
    const index = this.step.value % 4
    const done = update(this.weights.value, this.examples.value, index, this.setup.value.rate)
    if (done.output !== done.example.target) this.#mistakesInPass += 1
    batch(() => {
      this.weights.value = done.after
      this.step.value += 1
      this.updates.value = [done, ...this.updates.value].slice(0, KEPT_UPDATES)
      if (index !== 3) return
      this.passes.value = [...this.passes.value, this.#mistakesInPass].slice(-KEPT_UPDATES)
      this.#mistakesInPass = 0
    })
  }
}
