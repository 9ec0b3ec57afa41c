/** `train` from a planned run to the last line: the loop with its run folder, what is said in between, the outcome. */
import { train } from '../../index.ts'
import { runFolder, runReport } from '../../train/node/index.ts'
import type { Callback, FitOptions, FitResult } from '../../train/types.ts'
import { Interruption } from '../failure.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import type { Terminal } from '../terminal.ts'
import { type Announcement, closing, interrupted, opening, resultFields, resumeCommand } from './announce.ts'
import { watchInterruption } from './interruption.ts'
import { type PlannedRun, planRun } from './plan.ts'
import type { TrainOptions } from './settings.ts'

/** Trains as asked. Throws Interruption when the user stopped it, CognitronError for whatever cannot work. */
export async function runTraining(words: string | undefined, options: TrainOptions, terminal: Terminal): Promise<void> {
  const { output } = terminal
  const json = options.json === true
  const loading = createProgress(output, { json })
  const run = await planRun(words, options, loading).finally(() => loading.close())
  const announcement = announce(run)
  const progress = createProgress(output, { json, unit: announcement.unit })
  const watch = watchInterruption(
    () => progress.message('finishing the step and saving; press Ctrl-C again to quit at once'),
    () => progress.close(),
  )
  try {
    const signal = AbortSignal.any([watch.signal, terminal.closed])
    const watchers = [startReporter(run, announcement, terminal, json), progressReporter(progress)]
    const result = await carryOut(run, { saveEvery: options.saveEvery, watchers, signal })
    report(result, announcement, progress, terminal, json)
  } finally {
    watch.stop()
    progress.close()
  }
}

/** How a planned run is carried out. */
export interface RunConduct {
  /** Seconds between checkpoints inside an epoch. */
  readonly saveEvery?: number | undefined
  readonly watchers: readonly Callback[]
  readonly signal: AbortSignal
}

/** Trains and keeps the run in its folder; says nothing. */
export function carryOut(run: PlannedRun, { saveEvery, watchers, signal }: RunConduct): Promise<FitResult> {
  const callbacks = [...keepers(run, saveEvery), ...watchers]
  return train.fit(run.assignment.model, { ...fitOptions(run), callbacks, signal })
}

function announce({ folder, description, learning, training }: PlannedRun): Announcement {
  return {
    folder,
    description,
    optimizer: learning,
    unit: training.inputShape.length === 3 ? 'images' : 'samples',
  }
}

function fitOptions({
  assignment,
  description,
  training,
  validation,
  optimizer,
  schedule,
  resume,
}: PlannedRun): FitOptions {
  const { loss, test, job } = assignment
  const { epochs, batchSize, seed } = description.settings
  return {
    train: training,
    loss,
    optimizer,
    epochs,
    batchSize,
    seed,
    ...(schedule ? { schedule } : {}),
    ...(validation ? { validation } : {}),
    ...(test ? { test } : {}),
    ...(job?.metrics ? { metrics: job.metrics } : {}),
    ...(resume ? { resume } : {}),
  }
}

/** The callbacks that stop early and keep the run folder. */
function keepers(run: PlannedRun, saveEvery: number | undefined): Callback[] {
  const { folder, description, validation, overwrite } = run
  const { patience } = description.settings
  const saving =
    saveEvery === undefined
      ? {}
      : { stepIntervalMs: saveEvery * 1000, epochIntervalMs: Math.min(1000, saveEvery * 1000) }
  const keeper = runFolder(folder, {
    run: { ...description },
    overwrite,
    report: runReport({ title: titleOf(run), lead: leadOf(run), facts: factsOf(run) }),
    ...saving,
  })
  return validation && patience > 0 ? [train.earlyStopping({ patience }), keeper] : [keeper]
}

function titleOf({ description }: PlannedRun): string {
  return `${description.model.name} on ${description.data.name}`
}

function leadOf({ description: { data } }: PlannedRun): string {
  const { train: learned, validation, test } = data.samples
  const held = validation > 0 ? `, ${validation.toLocaleString('en-US')} held back for validation` : ''
  const judged = test > 0 ? `; tested on ${test.toLocaleString('en-US')} that it never saw` : ''
  return `Learned from ${learned.toLocaleString('en-US')} samples${held}${judged}.`
}

function factsOf({ description, folder, learning }: PlannedRun): Record<string, string | number | undefined> {
  const { model, data, settings } = description
  return {
    Model: model.name,
    Data: data.name,
    Input: data.inputShape.join(' × '),
    Optimizer: learning,
    Patience: settings.patience > 0 ? `${settings.patience} epochs` : 'none',
    'Run folder': folder,
    Started: description.created,
    Version: `cognitron ${description.cognitron}, Node ${description.node}, ${description.platform}`,
  }
}

function startReporter(run: PlannedRun, announcement: Announcement, terminal: Terminal, json: boolean): Callback {
  const { output } = terminal
  return {
    name: 'startReporter',
    onStart(view) {
      if (json) {
        const { folder, description } = announcement
        writeJsonLine(output, 'start', { run: folder, resumed: view.resumed, ...description })
        return
      }
      output.write(`${opening(output, announcement)}\n\n`)
      const { resume } = run
      if (!resume) return
      const { epoch, batch, steps } = resume.progress
      const place = batch > 0 ? `in epoch ${epoch + 1}` : `before epoch ${epoch + 1}`
      output.write(epoch >= view.epochs ? 'all epochs are done\n\n' : `going on ${place}, after ${steps} steps\n\n`)
    },
  }
}

function progressReporter(progress: Progress): Callback {
  return {
    name: 'progressReporter',
    onStep: (_, report) => progress.step(report),
    onEpochEnd: (_, record) => progress.epoch(record),
    onStop(view, reason) {
      if (reason !== 'interrupted' && view.options.test) progress.status('testing and writing the report')
    },
  }
}

/** Says how the run ended. Throws Interruption when the user stopped it. */
function report(
  result: FitResult,
  announcement: Announcement,
  progress: Progress,
  { output }: Terminal,
  json: boolean,
): void {
  const { folder } = announcement
  const { message = '' } = result
  if (result.reason === 'interrupted') {
    if (json) writeJsonLine(output, 'interrupted', { message, run: folder, resume: resumeCommand(folder) })
    else progress.message(interrupted(output, folder, message))
    throw new Interruption(message)
  }
  if (message !== '') progress.message(message)
  if (json) progress.result(resultFields(folder, result))
  else progress.message(closing(output, announcement, result))
}
