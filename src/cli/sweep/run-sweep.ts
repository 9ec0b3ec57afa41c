/**
 * `sweep`: trains one run after another, each with other settings, and puts them in order. Every run has its folder as those of `train`
 * have; the table of all of them grows in `runs/NAME.csv`. Runs are put in order by their validation sets; test sets play no part in it.
 */
import { join } from 'node:path'
import { writeFileAtomic } from '../../io/files.ts'
import { NonFiniteLossError } from '../../train/run.ts'
import type { Callback, FitResult } from '../../train/types.ts'
import { Interruption, UsageError } from '../failure.ts'
import { formatDuration, formatLoss, formatPercent } from '../progress/format.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { ownCommand } from '../shell.ts'
import { styled } from '../style.ts'
import { type Column, table } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { watchInterruption } from '../training/interruption.ts'
import { isRun, runsFolder } from '../training/locate-run.ts'
import { planRun } from '../training/plan.ts'
import { carryOut } from '../training/run-training.ts'
import type { TrainOptions } from '../training/settings.ts'
import { type Choice, type Combination, draws, grid, type Space, varied } from './space.ts'

/** What was typed: values to try, and what all runs share. */
export interface SweepOptions
  extends Pick<TrainOptions, 'dataDir' | 'threads' | 'validation' | 'patience' | 'seed' | 'overwrite' | 'json'> {
  readonly model?: Choice<string>
  readonly epochs?: Choice<number>
  readonly batchSize?: Choice<number>
  readonly optimizer?: Choice<string>
  readonly lr?: Choice<number>
  readonly weightDecay?: Choice<number>
  /** Draw so many combinations instead of trying all. */
  readonly random?: number
  readonly name?: string
}

/** How one run ended. */
interface Trial {
  readonly run: string
  readonly settings: Combination
  readonly outcome: 'done' | 'failed'
  readonly epochs: number
  readonly loss: number | undefined
  readonly accuracy: number | undefined
  readonly testAccuracy: number | undefined
  readonly seconds: number
}

interface Sweep {
  readonly data: string
  readonly name: string
  readonly names: readonly string[]
  readonly combinations: readonly Combination[]
  readonly options: SweepOptions
}

const swept = ['model', 'epochs', 'batchSize', 'optimizer', 'lr', 'weightDecay'] as const

/** Sweeps as asked. Throws Interruption when the user stopped it, CognitronError for whatever cannot work. */
export async function runSweep(data: string, options: SweepOptions, terminal: Terminal): Promise<void> {
  const sweep = await plan(data, options)
  const { output } = terminal
  const progress = createProgress(output, { json: options.json })
  const watch = watchInterruption(
    () => progress.message('finishing the step and saving; press Ctrl-C again to quit at once'),
    () => progress.close(),
  )
  const signal = AbortSignal.any([watch.signal, terminal.closed])
  const trials: Trial[] = []
  const { combinations } = sweep
  try {
    announce(sweep, output)
    for (const [index, settings] of combinations.entries()) {
      const trial = await attempt(sweep, index, settings, progress, signal)
      if (trial) trials.push(trial)
      await writeFileAtomic(join(runsFolder, `${sweep.name}.csv`), asCsv(trials, sweep.names))
      if (signal.aborted) break
      if (trial && options.json) writeJsonLine(output, 'run', { ...trial })
      else if (trial) progress.message(trialLine(trial, sweep.names, `${index + 1}/${combinations.length}`))
    }
  } finally {
    watch.stop()
    progress.close()
  }
  if (options.json)
    writeJsonLine(output, 'result', { ...inOrder(trials)[0], runs: trials.length, table: tableFile(sweep) })
  else output.write(`${closing(sweep, trials, output).join('\n')}\n`)
  if (signal.aborted) throw new Interruption('interrupted')
}

/** The combinations to try, in order. Throws UsageError when there is nothing to choose, or runs of that name exist. */
async function plan(data: string, options: SweepOptions): Promise<Sweep> {
  const space: Space = Object.fromEntries(
    swept.flatMap((name) => {
      const values = options[name]
      return values ? [[name, values as Choice<string | number>] as const] : []
    }),
  )
  const names = varied(space)
  if (names.length === 0) {
    throw new UsageError(
      'sweep needs an option with several values, such as --lr 1e-4,1e-3,1e-2 or, with --random 8, --lr 1e-4..1e-1.',
    )
  }
  const all = options.random === undefined ? grid(space) : draws(space, options.random, options.seed ?? 0)
  if (!all) throw new UsageError('A range has no end of values; say how many combinations to draw, such as --random 8.')
  const name = options.name ?? (await freeName(data))
  if (options.overwrite !== true && (await isRun(join(runsFolder, runName(name, 0))))) {
    throw new UsageError(
      `There is a sweep "${name}" already; choose another name (--name), or replace it (--overwrite).`,
    )
  }
  return { data, name, names, combinations: all, options }
}

async function freeName(data: string): Promise<string> {
  const base = `sweep-${data.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '')}`
  let name = base
  for (let number = 2; await isRun(join(runsFolder, runName(name, 0))); number++) name = `${base}-${number}`
  return name
}

const runName = (sweep: string, index: number): string => `${sweep}-${String(index + 1).padStart(2, '0')}`
const tableFile = ({ name }: Sweep): string => join(runsFolder, `${name}.csv`)

/** Trains one run; undefined when the user stopped it. A loss that is no longer finite ends the run, not the sweep. */
async function attempt(
  sweep: Sweep,
  index: number,
  settings: Combination,
  progress: Progress,
  signal: AbortSignal,
): Promise<Trial | undefined> {
  const { dataDir, threads, validation, patience, seed, overwrite } = sweep.options
  const shared = { dataDir, threads, validation, patience, seed, overwrite }
  const typed = Object.fromEntries(
    Object.entries({ ...shared, ...settings }).filter(([, value]) => value !== undefined),
  )
  const run = await planRun(sweep.data, { ...(typed as TrainOptions), name: runName(sweep.name, index) }, progress)
  const label = `${index + 1} of ${sweep.combinations.length}: ${describe(settings, sweep.names)}`
  const watchers: Callback[] = [
    {
      name: 'sweepReporter',
      onStep(_, { epoch, epochs, done, total, loss }) {
        progress.status(
          `${label}, epoch ${epoch}/${epochs}, ${Math.floor((100 * done) / total)} %, loss ${formatLoss(loss)}`,
        )
      },
    },
  ]
  const about = { run: run.folder, settings }
  try {
    const result = await carryOut(run, { watchers, signal })
    return result.reason === 'interrupted' ? undefined : { ...about, outcome: 'done', ...figures(result) }
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error
    return { ...about, outcome: 'failed', ...figures(error.result) }
  }
}

/** The figures of the best epoch; those of training where nothing is held back. */
function figures({
  history,
  best,
  test,
}: FitResult): Pick<Trial, 'epochs' | 'loss' | 'accuracy' | 'testAccuracy' | 'seconds'> {
  const kept = history.find((record) => record.epoch === best?.epoch)
  return {
    epochs: history.length,
    loss: kept?.validationLoss ?? kept?.trainLoss,
    accuracy: kept?.validationAccuracy ?? kept?.trainAccuracy,
    testAccuracy: test?.accuracy,
    seconds: history.reduce((sum, record) => sum + record.seconds, 0),
  }
}

/** Best first: by accuracy, then by loss; runs that failed last. */
function inOrder(trials: readonly Trial[]): Trial[] {
  const rank = ({ outcome, accuracy, loss }: Trial): readonly number[] => [
    outcome === 'done' ? 0 : 1,
    -(accuracy ?? 0),
    loss ?? Number.POSITIVE_INFINITY,
  ]
  return trials.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const place = left.findIndex((value, index) => value !== right[index])
    return place < 0 ? 0 : (left[place] ?? 0) - (right[place] ?? 0)
  })
}

/** `--batch-size` for `batchSize`. */
const optionName = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
const heading = (name: string): string => optionName(name).slice(2).replace('-', ' ')

function describe(settings: Combination, names: readonly string[]): string {
  return names.map((name) => `${heading(name)} ${settings[name]}`).join(', ')
}

function trialLine(trial: Trial, names: readonly string[], count: string): string {
  const reached = trial.outcome === 'failed' ? 'the loss did not stay finite' : reachedBy(trial)
  return `${count}  ${describe(trial.settings, names)}: ${reached}, ${formatDuration(trial.seconds)}`
}

function reachedBy({ accuracy, loss }: Trial): string {
  const shown = loss === undefined ? 'nothing' : `loss ${formatLoss(loss)}`
  return accuracy === undefined ? shown : `${formatPercent(accuracy, 2)}, ${shown}`
}

function announce({ name, names, combinations, options }: Sweep, output: Output): void {
  if (options.json) {
    writeJsonLine(output, 'start', { sweep: name, settings: names, runs: combinations.length })
    return
  }
  const way = options.random === undefined ? 'every combination' : 'drawn at random'
  output.write(`${combinations.length} runs, ${way} of ${names.map(heading).join(', ')}\n\n`)
}

/** The table, best first, and how to go on with the best settings. */
function closing(sweep: Sweep, trials: readonly Trial[], output: Output): string[] {
  const ordered = inOrder(trials)
  const [best] = ordered
  if (!best) return ['no run was finished']
  const columns: Column[] = [
    { title: 'run' },
    ...sweep.names.map((name): Column => ({ title: heading(name), align: 'right' })),
    { title: 'accuracy', align: 'right' },
    { title: 'loss', align: 'right' },
    { title: 'epochs', align: 'right' },
    { title: 'time', align: 'right' },
  ]
  const rows = ordered.map((trial) => [
    trial.run,
    ...sweep.names.map((name) => String(trial.settings[name])),
    trial.accuracy === undefined ? '' : formatPercent(trial.accuracy, 2),
    trial.outcome === 'failed' ? 'not finite' : trial.loss === undefined ? '' : formatLoss(trial.loss),
    String(trial.epochs),
    formatDuration(trial.seconds),
  ])
  const { seed, validation, patience, dataDir } = sweep.options
  const words = Object.entries({ ...best.settings, seed, validation, patience, dataDir }).flatMap(([name, value]) =>
    value === undefined ? [] : [optionName(name), String(value)],
  )
  const tested = best.testAccuracy === undefined ? '' : `, ${formatPercent(best.testAccuracy, 2)} of its test set`
  return [
    '',
    ...table(output, columns, rows),
    '',
    `best: ${best.run}${tested}; table: ${tableFile(sweep)}`,
    `${styled(output, 'faint', 'again:')} ${ownCommand('train', sweep.data, ...words)}`,
  ]
}

function asCsv(trials: readonly Trial[], names: readonly string[]): string {
  const head = ['Run', ...names.map(heading), 'Outcome', 'Accuracy', 'Loss', 'Epochs', 'Seconds']
  const rows = inOrder(trials).map((trial) => [
    trial.run,
    ...names.map((name) => trial.settings[name]),
    trial.outcome,
    trial.accuracy ?? '',
    trial.loss ?? '',
    trial.epochs,
    trial.seconds.toFixed(3),
  ])
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`
}
