/**
 * What a training run is made with: what was typed, what the file of a job says, and the defaults. The result stands in `run.json`, so
 * that a resumed run needs no options.
 */
import { resolve } from 'node:path'
import type { Job } from '../../train/job.ts'
import { UsageError } from '../failure.ts'
import { absoluteData } from './job-path.ts'

/** The options of `train` as typed; absent where nothing was. */
export interface TrainOptions {
  readonly model?: string
  readonly dataDir?: string
  readonly epochs?: number
  readonly batchSize?: number
  readonly lr?: number
  readonly optimizer?: OptimizerName
  readonly weightDecay?: number
  readonly schedule?: ScheduleName
  readonly patience?: number
  readonly validation?: number
  readonly seed?: number
  readonly threads?: number
  readonly name?: string
  readonly runDir?: string
  readonly resume?: string | true
  readonly overwrite?: boolean
  readonly saveEvery?: number
  readonly json?: boolean
}

export const optimizerNames = ['adam', 'adamw', 'sgd', 'rmsprop'] as const
export type OptimizerName = (typeof optimizerNames)[number]

export const scheduleNames = ['plateau', 'cosine', 'constant'] as const
export type ScheduleName = (typeof scheduleNames)[number]

/** The settings of a run, complete but for what the optimizer chooses itself. */
export interface TrainSettings {
  /** The name of a data set, or the path of the file of a job. */
  readonly data: string
  /** Absent for the file of a job. */
  readonly model?: string | undefined
  readonly dataDir?: string | undefined
  readonly epochs: number
  readonly batchSize: number
  readonly lr?: number | undefined
  /** Absent where the file of a job brings its own. */
  readonly optimizer?: OptimizerName | undefined
  readonly weightDecay?: number | undefined
  /** Absent where the file of a job decides. */
  readonly schedule?: ScheduleName | undefined
  /** 0 for no early stopping. */
  readonly patience: number
  /** The fraction of the training set that is held back; 0 for none. */
  readonly validation: number
  readonly seed: number
  readonly threads?: number | undefined
}

export const defaults = {
  model: 'fashion-simple-net',
  epochs: 10,
  batchSize: 32,
  schedule: 'plateau',
  patience: 5,
  validation: 0.1,
  seed: 0,
} as const

/** What is typed goes before what the job says, and that before the defaults. */
export function resolveSettings(
  data: string,
  options: TrainOptions,
  job: Pick<Job, 'epochs' | 'batchSize' | 'optimizer'> | undefined,
): TrainSettings {
  return {
    data: absoluteData(data),
    model: job ? undefined : (options.model ?? defaults.model),
    dataDir: options.dataDir === undefined ? undefined : resolve(options.dataDir),
    epochs: options.epochs ?? job?.epochs ?? defaults.epochs,
    batchSize: options.batchSize ?? job?.batchSize ?? defaults.batchSize,
    lr: options.lr,
    optimizer: options.optimizer ?? (job?.optimizer === undefined ? 'adam' : undefined),
    weightDecay: options.weightDecay,
    schedule: options.schedule ?? (job ? undefined : defaults.schedule),
    patience: options.patience ?? defaults.patience,
    validation: options.validation ?? defaults.validation,
    seed: options.seed ?? defaults.seed,
    threads: options.threads,
  }
}

/** Settings on which the bits of a run depend, with the options that set them. */
const fixed = {
  data: 'the data set',
  model: '--model',
  batchSize: '--batch-size',
  lr: '--lr',
  optimizer: '--optimizer',
  weightDecay: '--weight-decay',
  schedule: '--schedule',
  validation: '--validation',
  seed: '--seed',
} as const

/**
 * The settings of a run that goes on: those that it was started with, but for what may change in between. Throws UsageError when
 * something else was typed than the run was started with.
 */
export function resumedSettings(
  saved: TrainSettings,
  data: string | undefined,
  options: TrainOptions,
  folder: string,
): TrainSettings {
  const typed: Readonly<Record<string, unknown>> = {
    ...options,
    data: data === undefined ? undefined : absoluteData(data),
  }
  for (const [key, name] of Object.entries(fixed) as [keyof typeof fixed, string][]) {
    if (typed[key] === undefined || typed[key] === saved[key]) continue
    throw new UsageError(
      `${folder} was started with ${name} ${saved[key] ?? 'left out'}, now it is ${typed[key]}; a run goes on with what it was ` +
        `started with: leave the option out, or train anew without --resume.`,
    )
  }
  return {
    ...saved,
    dataDir: options.dataDir === undefined ? saved.dataDir : resolve(options.dataDir),
    epochs: options.epochs ?? saved.epochs,
    patience: options.patience ?? saved.patience,
    threads: options.threads ?? saved.threads,
  }
}
