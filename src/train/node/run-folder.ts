/**
 * The folder of a run, `runs/<name>/`: `run.json` (what it was made with), `metrics.jsonl` and `stats.csv` (one line an epoch),
 * `best.safetensors` (the best weights), `last.ckpt` (everything to resume) and `report.html`. Needs Node. Files are replaced as a whole or
 * grow by whole lines, so that a killed run loses at most what came after its last checkpoint.
 */
import { appendFile, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CognitronError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import { FileError, readBytes, type WriteFileOptions, writeFileAtomic } from '../../io/files.ts'
import { metricsLine, statsHeader, statsRow } from '../loggers.ts'
import type { EpochRecord } from '../record.ts'
import { encodeBest } from '../saving.ts'
import { decodeState, encodeState, NoCheckpointError, type TrainingState } from '../state.ts'
import type { Best, Callback, FitResult, StopReason, TrainingView } from '../types.ts'

/** The names of the files in a run folder. */
export const runFiles = {
  run: 'run.json',
  metrics: 'metrics.jsonl',
  stats: 'stats.csv',
  best: 'best.safetensors',
  checkpoint: 'last.ckpt',
  report: 'report.html',
} as const

export interface RunFolderOptions {
  /** What the run was made with; written to `run.json` as it is. */
  readonly run?: Readonly<Record<string, unknown>>
  /** Replace the files of a run that is in the folder already. */
  readonly overwrite?: boolean
  /** The text of `report.html`; none when absent. */
  readonly report?: (view: TrainingView, result: FitResult) => string | undefined | Promise<string | undefined>
  /** Epochs that end sooner after a save are saved with a later one. Default 1000. */
  readonly epochIntervalMs?: number
  /** How often an epoch is saved in its middle. Default 30000. */
  readonly stepIntervalMs?: number
  /** Milliseconds from any origin. */
  readonly now?: () => number
  /** Opens files that are written as a whole; tests put a full disk here. */
  readonly openFile?: WriteFileOptions['openFile']
}

/**
 * Keeps a run in a folder. A resumed run cuts `stats.csv` and `metrics.jsonl` back to its checkpoint.
 *
 * @throws CognitronError when a new run is to go into the folder of another and `overwrite` is not set.
 * @throws FileError when something cannot be written, for instance on a full disk; the previous best weights stay and the message says so.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * import { runFolder } from 'cognitron/train/node'
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const callbacks = [runFolder('runs/toy', { overwrite: true })]
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 2, callbacks })
 */
export function runFolder(folder: string, options: RunFolderOptions = {}): Callback {
  const keeper = new FolderKeeper(folder, options)
  return {
    name: 'runFolder',
    onStart: (view) => keeper.start(view),
    onStep: (view) => keeper.step(view),
    afterEpoch: (view, record) => keeper.epoch(view, record),
    onStop: (view, reason) => keeper.stop(view, reason),
    onEnd: (view, result) => keeper.end(view, result),
  }
}

class FolderKeeper {
  readonly #folder: string
  readonly #options: RunFolderOptions
  readonly #now: () => number
  #savedAt = 0
  /** The best epoch that is on the disk. */
  #savedBest: Best | undefined
  #unsaved: EpochRecord[] = []

  constructor(folder: string, options: RunFolderOptions) {
    this.#folder = folder
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  async start(view: TrainingView): Promise<void> {
    if (!view.resumed) await this.#clear()
    await makeFolder(this.#folder)
    if (this.#options.run) await this.#write(runFiles.run, `${JSON.stringify(this.#options.run, null, 2)}\n`)
    const { history } = view
    const first = history[0]
    await this.#write(runFiles.stats, first ? statsHeader(first) + history.map(statsRow).join('') : '')
    await this.#write(runFiles.metrics, history.map(metricsLine).join(''))
    // The file may be newer than the checkpoint, from the epoch in which the run was killed.
    this.#savedBest = undefined
    this.#savedAt = this.#now()
  }

  /** A new run starts in an empty folder, or in that of a run that may go. */
  async #clear(): Promise<void> {
    for (const name of [runFiles.checkpoint, runFiles.best, runFiles.report]) {
      const path = join(this.#folder, name)
      if (!(await exists(path))) continue
      if (!this.#options.overwrite) {
        throw new CognitronError(
          `${this.#folder} holds a run already (${name}); resume it, choose another name, or ask to overwrite it.`,
        )
      }
      await rm(path)
    }
  }

  step(view: TrainingView): Promise<void> | undefined {
    const { stepIntervalMs = 30_000 } = this.#options
    return this.#now() - this.#savedAt < stepIntervalMs ? undefined : this.#save(view)
  }

  async epoch(view: TrainingView, record: EpochRecord): Promise<void> {
    this.#unsaved.push(record)
    const { epochIntervalMs = 1000 } = this.#options
    if (this.#now() - this.#savedAt >= epochIntervalMs) await this.#save(view)
  }

  async stop(view: TrainingView, reason: StopReason): Promise<void> {
    if (reason === 'failed') await this.#saveBest(view)
    else await this.#save(view)
    await this.#append()
  }

  async end(view: TrainingView, result: FitResult): Promise<void> {
    const text = await this.#options.report?.(view, result)
    if (text !== undefined) await this.#write(runFiles.report, text)
  }

  async #save(view: TrainingView): Promise<void> {
    await this.#saveBest(view)
    const bytes = encodeState(await view.captureState())
    await this.#guarded(runFiles.checkpoint, bytes)
    await this.#append()
    this.#savedAt = this.#now()
  }

  async #saveBest({ best }: TrainingView): Promise<void> {
    if (!best || best === this.#savedBest) return
    await this.#guarded(runFiles.best, encodeBest(best))
    this.#savedBest = best
  }

  /** Adds the lines of epochs that are in the checkpoint. */
  async #append(): Promise<void> {
    const records = this.#unsaved
    const [first] = records
    if (!first) return
    this.#unsaved = []
    const stats = first.epoch === 1 ? [statsHeader(first)] : []
    await appendText(join(this.#folder, runFiles.stats), [...stats, ...records.map(statsRow)].join(''))
    await appendText(join(this.#folder, runFiles.metrics), records.map(metricsLine).join(''))
  }

  #write(name: string, content: Uint8Array | string): Promise<void> {
    const { openFile } = this.#options
    return writeFileAtomic(join(this.#folder, name), content, openFile ? { openFile } : {})
  }

  /** Writes a file whose older version is worth mentioning when it fails. */
  async #guarded(name: string, content: Uint8Array): Promise<void> {
    try {
      await this.#write(name, content)
    } catch (error) {
      const kept = (await exists(join(this.#folder, runFiles.best))) ? ' The previous best weights are kept.' : ''
      if (!(error instanceof FileError)) throw error
      throw new FileError(`${error.message}${kept}`, { cause: error, code: error.code })
    }
  }
}

/**
 * The state in `last.ckpt` of a run folder, for `fit`'s option `resume`.
 *
 * @throws NoCheckpointError when the folder has none, FileError when it cannot be read, FormatError when it is damaged.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * import { loadRunState, runFolder } from 'cognitron/train/node'
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const options = { train: set, loss: loss.mse, optimizer, callbacks: [runFolder('runs/long', { overwrite: true })] }
 * await train.fit(net, { ...options, epochs: 1 })
 * await train.fit(net, { ...options, epochs: 2, resume: await loadRunState('runs/long') })
 */
export async function loadRunState(folder: string): Promise<TrainingState> {
  const path = join(folder, runFiles.checkpoint)
  if (!(await exists(path))) {
    throw new NoCheckpointError(
      `${folder} holds no ${runFiles.checkpoint}, so there is nothing to resume; train without resuming.`,
    )
  }
  return decodeState(await readBytes(path), path)
}

/**
 * The first of `parent/name`, `parent/name-2`, `parent/name-3`, … that does not exist.
 *
 * @example
 * import { freshRunFolder } from 'cognitron/train/node'
 * console.log(await freshRunFolder('runs', 'first-try')) // runs/first-try
 */
export async function freshRunFolder(parent: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? name : `${name}-${number}`)
    if (!(await exists(folder))) return folder
  }
}

/**
 * What `run.json` of a run folder says. Throws FileError or CognitronError, both naming the file.
 *
 * @example
 * import { writeFileAtomic } from 'cognitron/io/node'
 * import { readRun } from 'cognitron/train/node'
 * await writeFileAtomic('runs/mine/run.json', '{"epochs": 3}')
 * console.log((await readRun('runs/mine')).epochs) // 3
 */
export async function readRun(folder: string): Promise<Record<string, unknown>> {
  const path = join(folder, runFiles.run)
  const text = new TextDecoder().decode(await readBytes(path))
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new CognitronError(`${path} is no JSON file; it is damaged, train anew.`, { cause: error })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw fileError(error, 'make the folder', folder)
  }
}

async function appendText(path: string, text: string): Promise<void> {
  try {
    await appendFile(path, text)
  } catch (error) {
    throw fileError(error, 'write', path)
  }
}
