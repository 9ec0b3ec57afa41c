/** The figures of a run as text: the lecture's `stats.csv`, JSON lines, and callbacks that write them to any sink. */
import type { EpochRecord } from './record.ts'
import type { Callback } from './types.ts'

/** The columns of `stats.csv`; further figures follow. */
export const statsColumns = [
  'Epoch',
  'Train Loss',
  'Train Accuracy',
  'Validation Loss',
  'Validation Accuracy',
  'Seconds',
] as const

/** The first line of `stats.csv`, with line end. */
export function statsHeader(record?: EpochRecord): string {
  return `${[...statsColumns, ...Object.keys(record?.metrics ?? {}).map(title)].join(',')}\n`
}

/** One epoch as a line of `stats.csv`, with line end; what was not judged stays empty. Seconds have three decimals. */
export function statsRow(record: EpochRecord): string {
  const { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, seconds, metrics } = record
  const cells = [epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, seconds.toFixed(3)]
  return `${[...cells, ...Object.values(metrics)].map((cell) => cell ?? '').join(',')}\n`
}

/** One epoch as a JSON line, with line end. */
export function metricsLine(record: EpochRecord): string {
  return `${JSON.stringify({ type: 'epoch', ...record })}\n`
}

/** `trainMae` → `Train Mae`. */
function title(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter}`).replace(/^./, (letter) => letter.toUpperCase())
}

/** Takes text as it comes, such as a file that grows. */
export type TextSink = (text: string) => void | Promise<void>

/**
 * Writes `stats.csv` line by line: Epoch, Train Loss, Train Accuracy, Validation Loss, Validation Accuracy, Seconds.
 *
 * @example
 * import { train } from 'cognitron'
 * let text = ''
 * const logger = train.csvLogger((line) => { text += line })
 * console.log(logger.name) // csvLogger
 */
export function csvLogger(sink: TextSink): Callback {
  let started = false
  return {
    name: 'csvLogger',
    onStart(view) {
      started = view.resumed && view.history.length > 0
    },
    async onEpochEnd(_, record) {
      if (!started) await sink(statsHeader(record))
      started = true
      await sink(statsRow(record))
    },
  }
}

/** Writes one JSON line an epoch. */
export function jsonLogger(sink: TextSink): Callback {
  return { name: 'jsonLogger', onEpochEnd: (_, record) => sink(metricsLine(record)) }
}
