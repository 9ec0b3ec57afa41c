/** From the typed words to a run that is ready to start: settings, data, network, optimizer and the folder. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAsyncDataset } from '../../data/dataset.ts'
import { data as dataSets, type train } from '../../index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import type { Schedule } from '../../optim/schedule.ts'
import { loadRunState, runFiles } from '../../train/node/index.ts'
import type { AnyDataset } from '../../train/types.ts'
import { useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import type { Progress } from '../progress/index.ts'
import {
  type Assignment,
  backgroundOf,
  classesOf,
  loadAssignment,
  normalizationOf,
  parameterCount,
} from './assignment.ts'
import { downloadReporter } from './download-reporter.ts'
import { isJobFile } from './job-path.ts'
import { checkFree, isRun, newRunFolder, resumedFolder } from './locate-run.ts'
import { makeOptimizer, makeSchedule } from './optimizers.ts'
import { describeRun, type RunDescription, readRunDescription } from './run-description.ts'
import { defaults, resolveSettings, resumedSettings, type TrainOptions, type TrainSettings } from './settings.ts'

/** A run that is ready to start. */
export interface PlannedRun {
  readonly folder: string
  readonly assignment: Assignment
  readonly description: RunDescription
  readonly training: AnyDataset
  readonly validation: AnyDataset | undefined
  readonly optimizer: Optimizer
  readonly schedule: Schedule | undefined
  /** `Adam, learning rate 0.001, cosine`. */
  readonly learning: string
  /** Where a run goes on from. */
  readonly resume?: train.TrainingState | undefined
  /** Whether files of an earlier run in the folder may go. */
  readonly overwrite: boolean
}

/** Throws UsageError or another CognitronError when what was typed cannot work; nothing has been written then. */
export function planRun(words: string | undefined, options: TrainOptions, progress: Progress): Promise<PlannedRun> {
  return options.resume === undefined ? planNew(words, options, progress) : planResumed(words, options, progress)
}

async function planNew(words: string | undefined, options: TrainOptions, progress: Progress): Promise<PlannedRun> {
  if (words === undefined) {
    const known = Object.keys(dataSets.dataSets).join(', ')
    throw new UsageError(`train needs a data set (${known}) or the file of a training job; see --help.`)
  }
  const overwrite = options.overwrite === true
  if (!overwrite) await checkFree(options)
  useThreads(options.threads)
  const { model, dataDir, seed = defaults.seed } = options
  const assignment = await load({ data: words, model, dataDir, seed }, progress)
  const settings = resolveSettings(words, options, assignment.job)
  const folder = await newRunFolder(options, assignment.name)
  return completePlan({ folder, assignment, settings, overwrite })
}

/** A run goes on with what `run.json` says; one that was ended before its first checkpoint starts anew, to the same bits. */
async function planResumed(words: string | undefined, options: TrainOptions, progress: Progress): Promise<PlannedRun> {
  const { data, resume } = await untangle(words, options.resume)
  const base = data === undefined || isJobFile(data) ? undefined : `${data}-${options.model ?? defaults.model}`
  const folder = await resumedFolder({ ...options, resume: resume ?? true }, base)
  const saved = await readRunDescription(folder)
  const settings = resumedSettings(saved.settings, data, options, folder)
  useThreads(settings.threads)
  const state = (await exists(join(folder, runFiles.checkpoint))) ? await loadRunState(folder) : undefined
  const assignment = await load(settings, progress)
  return completePlan({ folder, assignment, settings, overwrite: true, resume: state, created: saved.created })
}

/** In `--resume fashion-mnist` the word is the data set, unless a run is called so. */
async function untangle(
  words: string | undefined,
  resume: string | true | undefined,
): Promise<{ data: string | undefined; resume: string | true | undefined }> {
  if (words !== undefined || typeof resume !== 'string') return { data: words, resume }
  const isData = isJobFile(resume) || Object.hasOwn(dataSets.dataSets, resume)
  return isData && !(await isRun(resume)) ? { data: resume, resume: true } : { data: undefined, resume }
}

async function load(
  request: Pick<TrainSettings, 'data' | 'model' | 'dataDir' | 'seed'>,
  progress: Progress,
): Promise<Assignment> {
  progress.status(`loading ${request.data}`)
  return loadAssignment({ ...request, onDownload: downloadReporter(progress) })
}

interface PlanParts {
  readonly folder: string
  readonly assignment: Assignment
  readonly settings: TrainSettings
  readonly overwrite: boolean
  readonly resume?: train.TrainingState | undefined
  readonly created?: string
}

function completePlan({ assignment, settings, created, ...rest }: PlanParts): PlannedRun {
  const { model, job } = assignment
  const { training, validation } = holdBack(assignment, settings)
  const wishes = {
    ...(settings.lr === undefined ? {} : { lr: settings.lr }),
    ...(settings.weightDecay === undefined ? {} : { weightDecay: settings.weightDecay }),
  }
  const optimizer =
    settings.optimizer === undefined && job?.optimizer
      ? job.optimizer(model.parameters(), wishes)
      : makeOptimizer(settings.optimizer ?? 'adam', model.parameters(), wishes)
  const learning = `${optimizer.constructor.name}, learning rate ${optimizer.lr}`
  const schedule = scheduleOf(assignment, settings, optimizer, training.length)
  const description = describeRun(
    settings,
    { name: assignment.modelName, parameters: parameterCount(model) },
    {
      name: assignment.dataName,
      inputShape: training.inputShape,
      classes: classesOf(training),
      classNames: training.classNames,
      normalization: normalizationOf(training),
      background: backgroundOf(training),
      samples: { train: training.length, validation: validation?.length ?? 0, test: assignment.test?.length ?? 0 },
    },
  )
  return {
    ...rest,
    assignment,
    description: { ...description, ...(created ? { created } : {}) },
    training,
    validation,
    optimizer,
    schedule,
    learning: schedule && settings.schedule ? `${learning}, ${settings.schedule}` : learning,
  }
}

/** What was typed goes before what the job says; without either the rate stays. */
function scheduleOf(
  { job }: Assignment,
  { schedule, epochs, batchSize }: TrainSettings,
  optimizer: Optimizer,
  samples: number,
): Schedule | undefined {
  const steps = epochs * Math.ceil(samples / batchSize)
  return schedule === undefined
    ? job?.schedule?.(optimizer, { epochs, steps })
    : makeSchedule(schedule, optimizer, steps)
}

/** Takes the validation part out of the training set, unless the job brings one. */
function holdBack(
  { train, validation }: Assignment,
  settings: TrainSettings,
): { training: AnyDataset; validation: AnyDataset | undefined } {
  const count = Math.round(train.length * settings.validation)
  if (validation !== undefined || count < 1) return { training: train, validation }
  const parts = [train.length - count, count]
  const options = { seed: settings.seed, stratified: train.targetDType !== 'float32' && train.targetShape.length === 0 }
  const [training, held] = isAsyncDataset(train)
    ? dataSets.split(train, parts, options)
    : dataSets.split(train, parts, options)
  return { training: training ?? train, validation: held }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
