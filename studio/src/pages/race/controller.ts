/** The state of the page: the set-up, the ways that the engine ran, and the clock that draws them. */
import { batch, computed, effect, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { type Connection, connect } from '../../engine/connect.ts'
import { announce } from '../../parts/toast.tsx'
import { calm } from '../../shell/theme.ts'
import { valueAt } from './formula.ts'
import { formulaOf, landscapes, lowestOf, type Place } from './landscapes.ts'
import type { RaceEngine, RaceRequest, Way } from './protocol.ts'
import {
  type RacerName,
  type RaceSetup,
  racerNames,
  racersOf,
  rateChoices,
  ratesOf,
  schema,
  speeds,
  startOf,
  usualMemories,
} from './setup.ts'
import { goalOf, standingsAt, standingWords } from './standing.ts'

const racing: readonly (keyof RaceSetup)[] = ['landscape', 'formula', 'start', 'racers', 'rates', 'memories', 'steps']

const SLOW_MS = 100

export class RaceController {
  readonly setup
  readonly ways = signal<readonly Way[]>()
  readonly failure = signal<string>()
  readonly running = signal(false)
  /** Good rates are being looked for. */
  readonly searching = signal(false)
  /** The step that is shown. */
  readonly step = signal(0)
  /** The same at a pace at which figures can be read; the map goes faster. */
  readonly slowStep = signal(0)
  readonly #connection: Connection<RaceEngine>
  readonly #setAddress: (address: string) => void
  #alive = true
  #asked = 0
  #ticker = 0
  #tickedAt = 0
  #slowAt = 0
  readonly #follow: () => void
  #due = 0

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<RaceSetup>(readState(schema, address))
    this.#setAddress = setAddress
    const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' })
    this.#connection = connect<RaceEngine>(worker)
    const { step, steps } = this.setup.value
    this.#follow = effect(() => this.#slowly(this.step.value))
    this.step.value = Math.min(step, steps)
    void this.#race().then(() => {
      if (!this.#alive || step > 0) return
      // Those who asked for little motion see the end at once.
      if (calm) this.step.value = steps
      else this.start()
    })
  }

  dispose(): void {
    this.#alive = false
    cancelAnimationFrame(this.#ticker)
    this.#follow()
    this.#connection.close()
  }

  readonly landscape = computed(() => landscapes[this.setup.value.landscape])
  readonly read = computed(() => formulaOf(this.setup.value.landscape, this.setup.value.formula))
  readonly formula = computed(() => ('formula' in this.read.value ? this.read.value.formula : undefined))
  readonly problem = computed(() => {
    const { value } = this.read
    if ('problem' in value) return value.problem
    const height = valueAt(value.formula, ...startOf(this.setup.value))
    return Number.isFinite(height) ? undefined : 'The formula has no value at the start; choose another start.'
  })
  readonly startPlace = computed(() => startOf(this.setup.value))
  readonly lowest = computed(() => (this.formula.value ? lowestOf(this.formula.value, this.landscape.value) : 0))
  readonly goal = computed(() => {
    const formula = this.formula.value
    return formula ? goalOf(valueAt(formula, ...this.startPlace.value), this.lowest.value) : 0
  })
  readonly standings = computed(() => standingsAt(this.ways.value ?? [], this.slowStep.value, this.goal.value))
  readonly words = computed(() => standingWords(this.standings.value, this.slowStep.value, this.setup.value.steps))
  readonly allThrownOut = computed(
    () => this.standings.value.length > 0 && this.standings.value.every(({ thrownOut }) => thrownOut),
  )
  readonly ended = computed(() => this.step.value >= this.setup.value.steps)

  change(changes: Partial<RaceSetup>): void {
    const before = this.setup.value
    const wanted = { ...before, ...changes }
    const isOther = racing.some((key) => before[key] !== wanted[key])
    const after = isOther ? { ...wanted, step: 0 } : wanted
    this.setup.value = after
    this.#setAddress(writeState(schema, after))
    if (!isOther) return
    const onlyRacers = racing.every((key) => key === 'racers' || before[key] === after[key])
    void this.#race().then(() => {
      if (!this.#alive || onlyRacers) return
      if (calm) this.step.value = after.steps
      else this.again()
    })
    if (this.step.value > after.steps) this.step.value = after.steps
  }

  setStart([x, y]: Place): void {
    const tidy = (value: number): number => Math.round(value * 100) / 100
    this.change({ start: [tidy(x), tidy(y)] })
  }

  setRate(name: RacerName, rate: number): void {
    const at = racerNames.indexOf(name)
    this.change({ rates: ratesOf(this.setup.value).map((each, index) => (index === at ? rate : each)) })
  }

  setMemory(name: RacerName, memory: number): void {
    const at = racerNames.indexOf(name)
    this.change({ memories: this.setup.value.memories.map((each, index) => (index === at ? memory : each)) })
  }

  toggleRacer(name: RacerName): void {
    const racers = racersOf(this.setup.value)
    this.change({ racers: racers.includes(name) ? racers.filter((each) => each !== name) : [...racers, name] })
  }

  /** For every racer the rate with which it is down first. */
  async findRates(): Promise<void> {
    const request = this.#request(racerNames)
    if (!request) return
    this.searching.value = true
    try {
      const rates = await this.#connection.remote.bestRates(request, rateChoices, this.goal.value)
      if (this.#alive && rates.length === racerNames.length) this.change({ rates })
    } catch (error) {
      this.#fail(error)
    } finally {
      this.searching.value = false
    }
  }

  start(): void {
    if (this.problem.value) return
    if (this.ended.value) this.step.value = 0
    this.running.value = true
    this.#tickedAt = performance.now()
    this.#due = 0
    cancelAnimationFrame(this.#ticker)
    this.#ticker = requestAnimationFrame(this.#tick)
  }

  stop(): void {
    this.running.value = false
    cancelAnimationFrame(this.#ticker)
    this.#slowly(this.step.value)
    this.#writeStep()
  }

  toggle(): void {
    if (this.running.value) this.stop()
    else this.start()
  }

  /** From the start line. */
  again(): void {
    this.step.value = 0
    this.start()
  }

  showStep(step: number): void {
    this.stop()
    this.step.value = Math.min(this.setup.value.steps, Math.max(0, step))
    this.#writeStep()
  }

  #writeStep(): void {
    this.setup.value = { ...this.setup.value, step: this.step.value }
    this.#setAddress(writeState(schema, this.setup.value))
  }

  #slowly(step: number): void {
    const now = performance.now()
    const isMoving = this.running.peek() && step < this.setup.peek().steps
    if (isMoving && now - this.#slowAt < SLOW_MS) return
    this.#slowAt = now
    this.slowStep.value = step
  }

  readonly #tick = (): void => {
    if (!this.#alive || !this.running.value) return
    const now = performance.now()
    this.#due += ((now - this.#tickedAt) / 1000) * (speeds[this.setup.value.speed] ?? 40)
    this.#tickedAt = now
    const whole = Math.floor(this.#due)
    this.#due -= whole
    this.step.value = Math.min(this.setup.value.steps, this.step.value + whole)
    if (this.ended.value) {
      this.running.value = false
      announce(this.words.value)
    } else this.#ticker = requestAnimationFrame(this.#tick)
  }

  #request(names: readonly RacerName[]): RaceRequest | undefined {
    const formula = this.formula.value
    if (!formula || this.problem.value) return undefined
    const setup = this.setup.value
    const [rates, memories] = [ratesOf(setup), setup.memories]
    const racers = names.map((name) => {
      const at = racerNames.indexOf(name)
      return { name, rate: rates[at] ?? 0.01, memory: memories[at] ?? usualMemories[at] ?? 0 }
    })
    return { formula, start: startOf(setup), racers, steps: setup.steps }
  }

  async #race(): Promise<void> {
    const ask = ++this.#asked
    const request = this.#request(racersOf(this.setup.value))
    if (!request) {
      batch(() => {
        this.running.value = false
        this.ways.value = []
      })
      return
    }
    try {
      const ways = await this.#connection.remote.race(request)
      if (ask === this.#asked) this.ways.value = ways
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#alive) this.failure.value = error instanceof Error ? error.message : String(error)
  }
}
