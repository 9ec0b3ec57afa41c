/** The state of the Convolution page: the set-up, what the engine computed, and the clock that moves the window. */
import { computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { type Connection, connect } from '../../engine/connect.ts'
import { calm } from '../../shell/theme.ts'
import type { ConvolutionEngine, Picture, Result } from './protocol.ts'
import { type ConvolutionSetup, schema, speeds } from './setup.ts'
import { sumOf, tapsAt } from './window.ts'

export class ConvolutionController {
  readonly setup
  readonly result = signal<Result>()
  readonly failure = signal<string>()
  readonly running = signal(false)
  readonly #connection: Connection<ConvolutionEngine>
  readonly #setAddress: (address: string) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #asked = 0
  #alive = true

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<ConvolutionSetup>(readState(schema, address))
    this.#setAddress = setAddress
    const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' })
    this.#connection = connect<ConvolutionEngine>(worker)
    void this.#compute().then(() => {
      if (this.#alive && !calm) this.start()
    })
  }

  dispose(): void {
    this.#alive = false
    this.stop()
    this.#connection.close()
  }

  /** The place of the window, within the output. */
  readonly place = computed(() => {
    const { row, column } = this.setup.value
    const { height = 1, width = 1 } = this.result.value?.output ?? {}
    return { row: Math.max(0, Math.min(height - 1, row)), column: Math.max(0, Math.min(width - 1, column)) }
  })

  /** What lies below the window. */
  readonly taps = computed(() => {
    const result = this.result.value
    if (!result || result.problem) return []
    const { row, column } = this.place.value
    return tapsAt(result.picture, result.kernel, this.setup.value, row, column)
  })

  readonly sum = computed(() => sumOf(this.taps.value))

  change(changes: Partial<ConvolutionSetup>): void {
    this.setup.value = { ...this.setup.value, ...changes }
    this.#setAddress(writeState(schema, this.setup.value))
    const moved = Object.keys(changes).every((key) => ['row', 'column', 'speed'].includes(key))
    if (!moved) void this.#compute()
    if (changes.speed !== undefined && this.running.value) this.start()
  }

  /** Puts the window somewhere without a new entry in the address. */
  moveTo(row: number, column: number): void {
    this.setup.value = { ...this.setup.value, row, column }
  }

  start(): void {
    clearInterval(this.#timer)
    this.running.value = true
    this.#timer = setInterval(() => this.step(), 1000 / (speeds[this.setup.value.speed] ?? 10))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.running.value = false
  }

  toggle(): void {
    if (this.running.value) this.stop()
    else this.start()
    this.#setAddress(writeState(schema, this.setup.value))
  }

  /** On to the next place, from left to right and from top to bottom. */
  step(): void {
    const { height = 1, width = 1 } = this.result.value?.output ?? {}
    const { row, column } = this.place.value
    const next = column + 1 < width ? [row, column + 1] : [(row + 1) % Math.max(1, height), 0]
    this.moveTo(next[0] as number, next[1] as number)
  }

  async setOwn(picture: Picture): Promise<void> {
    await this.#connection.remote.setOwn(picture)
    this.change({ picture: 'own' })
  }

  async #compute(): Promise<void> {
    const ask = ++this.#asked
    try {
      const result = await this.#connection.remote.compute(this.setup.value)
      if (ask === this.#asked) this.result.value = result
    } catch (error) {
      if (this.#alive) this.failure.value = error instanceof Error ? error.message : String(error)
    }
  }
}
