/**
 * A table of epochs and below it one line that redraws itself: bar, loss, accuracy, images a second and the time left to the last planned epoch. The line always
 * fits the width that the terminal has now; after the terminal was narrowed, the rows over which the old line wrapped are cleared.
 */
import type { Output } from '../terminal.ts'
import { EpochTable } from './epoch-table.ts'
import { formatCount, formatDuration, formatLoss, formatPercent, resultLine } from './format.ts'
import type { EpochSummary, Progress, ResultFields, StepUpdate } from './progress.ts'

const REDRAW_MS = 60
const WIDEST_BAR = 24
const NARROWEST_BAR = 8
/** What a terminal writes after the line when Ctrl-C is pressed; the line must not wrap then. */
const ECHO = '^C'
const clearLine = '\r\x1b[2K'
const clearLineAbove = '\x1b[1A\x1b[2K'

export class TerminalProgress implements Progress {
  readonly #output: Output
  readonly #unit: string
  readonly #now: () => number
  readonly #table: EpochTable
  #drawnLength = 0
  #drawnAt = Number.NEGATIVE_INFINITY
  #epoch = 0
  #epochStarted = 0
  /** Samples of the epoch that were done when its clock started. */
  #doneAtStart = 0

  constructor(output: Output, unit: string, now: () => number) {
    this.#output = output
    this.#unit = unit
    this.#now = now
    this.#table = new EpochTable(output, unit)
  }

  step(update: StepUpdate): void {
    const now = this.#now()
    if (update.epoch !== this.#epoch) {
      this.#epoch = update.epoch
      this.#epochStarted = now
      // The first step of all includes compiling; its samples and its time are left out of the rate.
      this.#doneAtStart = update.done
    }
    if (now - this.#drawnAt < REDRAW_MS && update.done < update.total) return
    this.#drawnAt = now
    const seconds = (now - this.#epochStarted) / 1000
    const rate = (update.done - this.#doneAtStart) / seconds
    this.#draw(this.#fit(update, rate > 0 ? rate : undefined))
  }

  epoch(summary: EpochSummary): void {
    this.message(this.#table.add(summary).join('\n'))
  }

  status(text: string): void {
    this.#draw(text.slice(0, Math.max(0, this.#output.columns - 1)))
  }

  message(text: string): void {
    this.#clear()
    this.#output.write(`${text}\n`)
  }

  result(fields: ResultFields): void {
    this.message(resultLine(fields))
  }

  close(): void {
    this.#clear()
  }

  /** The line for an update, cut to the width: first the bar narrows, then fields go from the right. */
  #fit(update: StepUpdate, rate: number | undefined): string {
    const width = this.#output.columns - 1 - ECHO.length
    const share = update.total > 0 ? update.done / update.total : 1
    const fields = this.#fields(update, rate, share)
    for (; fields.length > 1; fields.pop()) {
      const room = width - fields.join('  ').length - 2
      if (room < NARROWEST_BAR) continue
      const [head, ...rest] = fields
      return [head, this.#bar(share, Math.min(room, WIDEST_BAR)), ...rest].join('  ')
    }
    return fields.join('  ').slice(0, Math.max(0, width))
  }

  #fields(update: StepUpdate, rate: number | undefined, share: number): string[] {
    const percent = `${Math.floor(share * 100)} %`.padStart(5)
    const fields = [`epoch ${update.epoch}/${update.epochs}`, percent, `loss ${formatLoss(update.loss)}`]
    if (update.accuracy !== undefined) fields.push(`accuracy ${formatPercent(update.accuracy)}`)
    if (rate !== undefined) {
      const remaining = update.total - update.done + (update.epochs - update.epoch) * update.total
      fields.push(`${formatCount(rate)} ${this.#unit}/s`, `${formatDuration(remaining / rate)} left`)
    }
    return fields
  }

  #bar(share: number, width: number): string {
    const [full, empty] = this.#output.unicode ? ['━', '─'] : ['#', '-']
    const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
    return full.repeat(filled) + empty.repeat(width - filled)
  }

  #draw(line: string): void {
    this.#clear()
    this.#output.write(line)
    this.#drawnLength = line.length
  }

  /** Clears the last drawn line; in a terminal that is narrower now it stands on several rows. */
  #clear(): void {
    if (this.#drawnLength === 0) return
    const wrapped = Math.ceil(this.#drawnLength / this.#output.columns) - 1
    this.#output.write(clearLine + clearLineAbove.repeat(wrapped))
    this.#drawnLength = 0
  }
}
