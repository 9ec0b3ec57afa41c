/**
 * JSON lines for other programs: `{"type":"epoch",…}` after every epoch, `{"type":"message",…}` between them and
 * `{"type":"result",…}` last. Numbers that JSON lacks (NaN, infinity) are written as strings, so that none is lost.
 */
import type { Output } from '../terminal.ts'
import type { EpochSummary, Progress, ResultFields } from './progress.ts'

/** Writes one object as one line. */
export function writeJsonLine(output: Output, type: string, fields: object): void {
  output.write(`${JSON.stringify({ type, ...fields }, (_key, value) => nameUnusual(value))}\n`)
}

function nameUnusual(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

export class JsonProgress implements Progress {
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
  }

  step(): void {}

  status(): void {}

  epoch(summary: EpochSummary): void {
    writeJsonLine(this.#output, 'epoch', summary)
  }

  message(text: string): void {
    writeJsonLine(this.#output, 'message', { text })
  }

  result(fields: ResultFields): void {
    writeJsonLine(this.#output, 'result', fields)
  }

  close(): void {}
}
