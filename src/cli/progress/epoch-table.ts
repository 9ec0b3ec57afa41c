/** The epochs of a run as rows of a table that grows; columns go from the right where the terminal is narrow. */
import { styled } from '../style.ts'
import type { Output } from '../terminal.ts'
import { formatCount, formatDuration, formatLoss, formatPercent } from './format.ts'
import type { EpochSummary } from './progress.ts'

interface EpochColumn {
  readonly title: string
  readonly width: number
  cell(summary: EpochSummary): string | undefined
}

const GAP = '  '

export class EpochTable {
  readonly #output: Output
  readonly #unit: string
  #columns: readonly EpochColumn[] | undefined

  constructor(output: Output, unit: string) {
    this.#output = output
    this.#unit = unit
  }

  /** The lines that an epoch adds: its row, and the titles before the first. */
  add(summary: EpochSummary): string[] {
    const fresh = this.#columns === undefined
    this.#columns ??= this.#choose(summary)
    const columns = this.#columns
    const row = join(columns.map((column) => (column.cell(summary) ?? '').padStart(column.width)))
    const marked = summary.best ? `${row}${GAP}${styled(this.#output, 'good', 'best')}` : row
    if (!fresh) return [marked]
    const titles = join(columns.map(({ title, width }) => title.padStart(width)))
    return [styled(this.#output, 'faint', titles), marked]
  }

  /** The columns that have something to show and fit the terminal together with the mark of the best. */
  #choose(summary: EpochSummary): EpochColumn[] {
    const columns = epochColumns(summary, this.#unit).filter((column) => column.cell(summary) !== undefined)
    const room = this.#output.columns - 1 - (GAP.length + 'best'.length)
    while (columns.length > 2 && join(columns.map(({ width }) => ' '.repeat(width))).length > room) columns.pop()
    return columns
  }
}

function epochColumns({ epochs }: EpochSummary, unit: string): EpochColumn[] {
  const digits = String(epochs).length
  const epoch = (summary: EpochSummary): string => `${String(summary.epoch).padStart(digits)}/${epochs}`
  const speed = `${unit}/s`
  const columns: [title: string, width: number, cell: EpochColumn['cell']][] = [
    ['epoch', 2 * digits + 1, epoch],
    ['train loss', 7, (summary) => formatLoss(summary.trainLoss)],
    ['accuracy', 8, ({ trainAccuracy }) => optional(trainAccuracy, formatPercent)],
    ['validation', 7, ({ validationLoss }) => optional(validationLoss, formatLoss)],
    ['accuracy', 8, ({ validationAccuracy }) => optional(validationAccuracy, formatPercent)],
    ['time', 5, ({ seconds }) => formatDuration(seconds)],
    [speed, 6, ({ samplesPerSecond }) => formatCount(samplesPerSecond)],
  ]
  return columns.map(([title, width, cell]) => ({ title, width: Math.max(title.length, width), cell }))
}

function optional(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value)
}

function join(cells: readonly string[]): string {
  return cells.join(GAP)
}
