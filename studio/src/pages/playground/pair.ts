/**
 * One set-up, or two side by side: A and B train at the same time, each in a worker of its own. The settings are those of the side that
 * is chosen. B's address stands within A's, as `b`.
 */
import { computed, signal } from '@preact/signals'
import { type Schema, writeState } from '../../base/address.ts'
import { PlaygroundController } from './controller.ts'
import { type Setup, schema } from './setup.ts'

export const sides = ['A', 'B'] as const
export type Side = (typeof sides)[number]

export class PlaygroundPair {
  readonly a: PlaygroundController
  readonly b = signal<PlaygroundController>()
  readonly side = signal<Side>('A')
  readonly #setAddress: (address: string) => void
  readonly #write = (): void => {
    const [a, b] = [this.a, this.b.peek()].map((play) => play && writeState(schema, play.setup.peek()))
    const parts = [a, ...(b === undefined ? [] : [`b=${encodeURIComponent(b)}`])]
    this.#setAddress(parts.filter(Boolean).join('&'))
  }

  constructor(address: string, setAddress: (address: string) => void) {
    this.#setAddress = setAddress
    this.a = new PlaygroundController(address, this.#write)
    const b = new URLSearchParams(address).get('b')
    if (b !== null) this.b.value = new PlaygroundController(b, this.#write)
  }

  dispose(): void {
    this.a.dispose()
    this.b.peek()?.dispose()
  }

  /** The side whose settings and network are shown. */
  readonly active = computed(() => (this.side.value === 'B' ? (this.b.value ?? this.a) : this.a))
  readonly all = computed(() => (this.b.value ? [this.a, this.b.value] : [this.a]))

  /** Puts a copy beside the set-up, both with fresh weights; the copy is there to be changed. */
  split(): void {
    if (this.b.peek()) return
    const trains = this.a.running.peek()
    this.a.reset()
    this.b.value = new PlaygroundController(writeState(schema, this.a.setup.peek()), this.#write, trains)
    this.side.value = 'B'
    this.#write()
  }

  /** Goes on with one side alone. */
  keep(side: Side): void {
    const b = this.b.peek()
    if (!b) return
    this.b.value = undefined
    this.side.value = 'A'
    b.dispose()
    if (side === 'B') this.a.change(b.setup.peek())
    else this.#write()
  }
}

/** The settings in which two set-ups differ, by the names that addresses use. */
export function differences(a: Setup, b: Setup): readonly { key: string; a: string; b: string }[] {
  const entries = Object.entries(schema as Schema<Record<string, unknown>>)
  return entries.flatMap(([name, { key, codec }]) => {
    const [left, right] = [a, b].map((setup) => codec.format(setup[name as keyof Setup])) as [string, string]
    return left === right ? [] : [{ key, a: left, b: right }]
  })
}
