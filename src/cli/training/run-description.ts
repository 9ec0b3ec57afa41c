/** The content of `run.json`: enough to resume a run, and to use what it learned without knowing how it was made. */

import { join } from 'node:path'
import { arch, platform } from 'node:process'
import { FormatError } from '../../base/errors.ts'
import type { Normalization } from '../../data/normalization.ts'
import { readRun, runFiles } from '../../train/node/index.ts'
import { UsageError } from '../failure.ts'
import { programVersion } from '../version.ts'
import type { TrainSettings } from './settings.ts'

export interface RunDescription {
  /** The command that made the run. Default: train. */
  readonly command?: 'transfer'
  readonly cognitron: string
  readonly node: string
  readonly platform: string
  /** When the run was started. */
  readonly created: string
  readonly settings: TrainSettings
  readonly model: { readonly name: string; readonly parameters: number }
  readonly data: DataDescription
}

/** What of the data a trained network needs to know. */
export interface DataDescription {
  readonly name: string
  readonly inputShape: readonly number[]
  /** How many classes there are; absent where targets are numbers. */
  readonly classes?: number | undefined
  readonly classNames?: readonly string[] | undefined
  readonly normalization?: Normalization | undefined
  /** The mean of the outermost pixels of pictures, as the network gets them. */
  readonly background?: number | undefined
  readonly samples: { readonly train: number; readonly validation: number; readonly test: number }
}

/** A description of a run that starts now. */
export function describeRun(
  settings: TrainSettings,
  model: RunDescription['model'],
  data: DataDescription,
): RunDescription {
  return {
    cognitron: programVersion(),
    node: process.version,
    platform: `${platform} ${arch}`,
    created: new Date().toISOString(),
    settings,
    model,
    data,
  }
}

/** The description in a run folder. Throws FileError, or FormatError when it is damaged. */
export async function readRunDescription(folder: string): Promise<RunDescription> {
  const found = (await readRun(folder)) as Partial<RunDescription> | null
  const complete =
    typeof found?.settings?.data === 'string' &&
    typeof found.model?.name === 'string' &&
    Array.isArray(found.data?.inputShape)
  if (complete) return found as RunDescription
  throw new FormatError(
    `${join(folder, runFiles.run)} does not describe a run of cognitron train; restore it or train anew.`,
  )
}

/** Throws UsageError for a run of `transfer` where a command builds networks and data sets of `train` anew. */
export function checkMadeByTrain(run: RunDescription | undefined, command: string): void {
  if (run?.command !== 'transfer') return
  throw new UsageError(
    `${command} takes runs of train; this one was made by transfer, which has judged it (report.html) and written the network (model.onnx).`,
  )
}
