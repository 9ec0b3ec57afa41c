/** The figures of one epoch: what is reported, written to files and watched. */
import { ArgumentError } from '../base/errors.ts'

/** What an epoch reached. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  readonly trainLoss: number
  readonly trainAccuracy?: number | undefined
  readonly validationLoss?: number | undefined
  readonly validationAccuracy?: number | undefined
  readonly seconds: number
  readonly samplesPerSecond: number
  /** The learning rate of the first group in this epoch's last step. */
  readonly lr: number
  /** Whether this epoch is the best so far. */
  readonly best: boolean
  /** Further figures: `trainMae`, `validationMae`, … */
  readonly metrics: Readonly<Record<string, number>>
}

/** The figure of an epoch by name. Throws ArgumentError when there is none. */
export function figureOf(
  record: Pick<EpochRecord, 'trainLoss' | 'trainAccuracy' | 'validationLoss' | 'validationAccuracy' | 'metrics'>,
  name: string,
): number {
  const value = { ...record.metrics, ...record }[name as 'trainLoss']
  if (typeof value === 'number') return value
  const known = Object.entries({ ...record, ...record.metrics }).flatMap(([key, each]) =>
    typeof each === 'number' ? [key] : [],
  )
  throw new ArgumentError(`There is no figure "${name}" to watch; this run has ${known.join(', ')}.`)
}
