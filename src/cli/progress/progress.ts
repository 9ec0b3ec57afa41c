/**
 * What a training run reports while it goes on. `train` calls a `Progress` after every step and epoch; implementations only write.
 */

/** How far the current epoch is; loss and accuracy are means over the epoch so far. */
export interface StepUpdate {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Samples seen in this epoch. */
  readonly done: number
  readonly total: number
  readonly loss: number
  /** 0 to 1; absent for regression. */
  readonly accuracy?: number | undefined
}

export interface EpochSummary {
  readonly epoch: number
  readonly epochs: number
  readonly trainLoss: number
  readonly trainAccuracy?: number | undefined
  readonly validationLoss?: number | undefined
  readonly validationAccuracy?: number | undefined
  readonly seconds: number
  readonly samplesPerSecond: number
  /** Whether this epoch is the best so far. */
  readonly best?: boolean | undefined
}

/** The outcome of a command by name; absent values are left out. */
export type ResultFields = Readonly<Record<string, number | string | boolean | undefined>>

export interface Progress {
  step(update: StepUpdate): void
  epoch(summary: EpochSummary): void
  /** What goes on now, shown on terminals until something else is. */
  status(text: string): void
  /** A remark between epochs, such as why training stopped. */
  message(text: string): void
  /** The outcome; the last line of a run. */
  result(fields: ResultFields): void
  /** Leaves the terminal tidy; called in every case, also on failure. */
  close(): void
}
