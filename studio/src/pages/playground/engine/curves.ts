/** The figures of recorded epochs. When room runs out every second one goes, and only every second epoch is recorded from then on. */
import type { Curves } from '../protocol.ts'

export interface Figures {
  readonly trainLoss: number
  readonly testLoss: number
  readonly trainScore: number
  readonly testScore: number
}

const CAPACITY = 2048
const columns = ['epochs', 'trainLoss', 'testLoss', 'trainScore', 'testScore'] as const

export class CurveRecorder {
  #data: Record<keyof Curves, number[]> = empty()
  /** An epoch is recorded when it is a multiple of this. */
  stride = 1
  version = 0

  wants(epoch: number): boolean {
    return epoch % this.stride === 0 && epoch !== this.#data.epochs.at(-1)
  }

  add(epoch: number, figures: Figures): void {
    if (this.#data.epochs.length >= CAPACITY) this.#thin()
    const row = { epochs: epoch, ...figures }
    for (const name of columns) this.#data[name].push(row[name])
    this.version += 1
  }

  #thin(): void {
    this.stride *= 2
    const kept = this.#data.epochs.map((epoch) => epoch % this.stride === 0)
    for (const name of columns) this.#data[name] = this.#data[name].filter((_, index) => kept[index])
  }

  /** Forgets what came after an epoch. */
  cut(epoch: number): void {
    const count = this.#data.epochs.filter((each) => each <= epoch).length
    for (const name of columns) this.#data[name].length = count
    this.version += 1
  }

  copy(): Curves {
    const pairs = columns.map((name) => [name, Float64Array.from(this.#data[name])])
    return Object.fromEntries(pairs) as unknown as Curves
  }
}

function empty(): Record<keyof Curves, number[]> {
  return { epochs: [], trainLoss: [], testLoss: [], trainScore: [], testScore: [] }
}
