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

/**
 * The first line of `stats.csv`, with line end.
 *
 * @example
 * import { train } from 'cognitron'
 * console.log(train.statsHeader()) // Epoch,Train Loss,Train Accuracy,…
 */
export function statsHeader(record?: EpochRecord): string {
  return `${[...statsColumns, ...Object.keys(record?.metrics ?? {}).map(title)].join(',')}\n`
}

/**
 * One epoch as a line of `stats.csv`, with line end; what was not judged stays empty. Seconds have three decimals.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const rows: string[] = []
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const { history } = await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 2, batchSize: 4 })
 * for (const record of history) rows.push(train.statsRow(record))
 * console.log(rows.length) // 2
 */
export function statsRow(record: EpochRecord): string {
  const { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, seconds, metrics } = record
  const cells = [epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, seconds.toFixed(3)]
  return `${[...cells, ...Object.values(metrics)].map((cell) => cell ?? '').join(',')}\n`
}

/**
 * One epoch as a JSON line, with line end.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const { history } = await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 1, batchSize: 4 })
 * console.log(history.map(train.metricsLine)) // one JSON line
 */
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

/**
 * Writes one JSON line an epoch.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const lines: string[] = []
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const callbacks = [train.jsonLogger((text) => void lines.push(text))]
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 2, batchSize: 4, callbacks })
 * console.log(lines.length) // 2
 */
export function jsonLogger(sink: TextSink): Callback {
  return { name: 'jsonLogger', onEpochEnd: (_, record) => sink(metricsLine(record)) }
}
