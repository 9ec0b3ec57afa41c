/** One line an epoch, for files, pipes and dumb terminals. */
import type { Output } from '../terminal.ts'
import { epochLine, resultLine } from './format.ts'
import type { EpochSummary, Progress, ResultFields } from './progress.ts'

export class LineProgress implements Progress {
  readonly #output: Output
  readonly #unit: string

  constructor(output: Output, unit: string) {
    this.#output = output
    this.#unit = unit
  }

  step(): void {}

  status(): void {}

  epoch(summary: EpochSummary): void {
    this.message(epochLine(summary, this.#unit))
  }

  message(text: string): void {
    this.#output.write(`${text}\n`)
  }

  result(fields: ResultFields): void {
    this.message(resultLine(fields))
  }

  close(): void {}
}
