/** The curves of a run: training figures many times an epoch, test figures at the end of each. */
import type { train } from 'cognitron'
import type { Curves } from '../protocol.ts'

const MOST_POINTS = 2000
const MOST_PARTS = 24

const columns = ['epochs', 'trainLoss', 'testLoss', 'trainAccuracy', 'testAccuracy'] as const

/** Sums over the batches since the last point. */
interface Gathered {
  loss: number
  right: number
  pictures: number
}

export class TrainCurves {
  version = 0
  readonly #data: Record<(typeof columns)[number], number[]> = {
    epochs: [],
    trainLoss: [],
    testLoss: [],
    trainAccuracy: [],
    testAccuracy: [],
  }
  #gathered: Gathered = { loss: 0, right: 0, pictures: 0 }
  /** What the running means of the epoch said after the last batch. */
  #before = { done: 0, right: 0 }
  /** Points an epoch. */
  #parts: number

  constructor(epochs: number) {
    this.#parts = Math.max(1, Math.min(MOST_PARTS, Math.floor(MOST_POINTS / epochs)))
  }

  addStep({ epoch, done, total, accuracy = Number.NaN, batchLoss }: train.StepReport): void {
    const pictures = done - this.#before.done
    const right = accuracy * done
    this.#gathered.loss += batchLoss * pictures
    this.#gathered.right += right - this.#before.right
    this.#gathered.pictures += pictures
    this.#before = { done, right }
    const isOver = done >= total
    const part = Math.floor((done / total) * this.#parts)
    if (!isOver && part === Math.floor(((done - pictures) / total) * this.#parts)) return
    // The last point of an epoch comes with its test figures.
    if (!isOver) this.#point(epoch - 1 + done / total)
  }

  addEpoch({ epoch, validationLoss = Number.NaN, validationAccuracy = Number.NaN }: train.EpochRecord): void {
    this.#point(epoch, validationLoss, validationAccuracy)
    this.#before = { done: 0, right: 0 }
  }

  #point(at: number, testLoss = Number.NaN, testAccuracy = Number.NaN): void {
    const { loss, right, pictures } = this.#gathered
    const row = { epochs: at, trainLoss: loss / pictures, testLoss, trainAccuracy: right / pictures, testAccuracy }
    for (const name of columns) this.#data[name].push(row[name])
    this.#gathered = { loss: 0, right: 0, pictures: 0 }
    this.version += 1
  }

  copy(): Curves {
    const pairs = columns.map((name) => [name, Float64Array.from(this.#data[name])])
    return Object.fromEntries(pairs) as unknown as Curves
  }
}
