/**
 * The runs that the studio shows: folders below `runs/` as `cognitron train` writes them, read while they are written. Whatever is in a
 * folder, the list works: a damaged run says what is wrong with it. Also takes runs that were trained in the browser.
 */
import type { Stats } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { CognitronError } from '../../base/errors.ts'
import { systemReason } from '../../base/file-errors.ts'
import { writeFileAtomic } from '../../io/node/index.ts'
import { freshRunFolder, runFiles } from '../../train/node/index.ts'

/** One line of the list of runs. */
export interface RunSummary {
  readonly name: string
  /** When one of its files last changed, in ms since 1970. */
  readonly updatedMs: number
  /** Recorded epochs. */
  readonly epochs: number
  /** Seconds that its epochs took in all, as far as they say so. */
  readonly seconds: number
  /** The figures of the last epoch. */
  readonly last?: unknown
  /** The figures of the epoch that was the best when the last one was written. */
  readonly best?: unknown
  /** The loss over the epochs, with lows and highs kept where there are too many to send; null where it was no number. */
  readonly trend: readonly (number | null)[]
  /** What it was made with, from `run.json`. */
  readonly run?: unknown
  readonly files: readonly string[]
  /** What is wrong with the folder, in one sentence. */
  readonly problem?: string
}

/** What braces of JSON hold. */
export type JsonRecord = Readonly<Record<string, unknown>>

export interface RunFigures {
  /** Epoch records as `metrics.jsonl` has them. */
  readonly epochs: readonly JsonRecord[]
  /** Where reading began: 0 instead of the wanted place when the file is another one by now. */
  readonly from: number
  /** Stands for this very file; a run that is resumed writes a new one. */
  readonly file: string
  /** Where to read on; a line that is being written is left for then. */
  readonly next: number
  /** Lines that are no JSON. */
  readonly damagedLines: number
}

/** Names of run folders: one part of a path, no hidden files. */
const runName = /^[\p{L}\p{N}_][\p{L}\p{N}_ .+=,@()-]{0,119}$/u
const served: readonly string[] = Object.values(runFiles)
const MOST_BYTES = 64 * 2 ** 20
const TREND_POINTS = 64
const noFigures: RunFigures = { epochs: [], from: 0, file: '', next: 0, damagedLines: 0 }

export class RunStore {
  readonly folder: string
  /** What was read of each run, until one of its files changes. */
  readonly #known = new Map<string, { readonly state: string; readonly summary: RunSummary }>()
  /** Runs that this server made for the browser; only these can be written. */
  readonly #made = new Set<string>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** All runs, newest first; none when there is no folder yet. */
  async list(): Promise<RunSummary[]> {
    let names: string[]
    try {
      names = await readdir(this.folder)
    } catch {
      return []
    }
    const found = await Promise.all(names.filter(isRunName).map((name) => this.#summary(name)))
    return found.filter((run) => run !== undefined).sort((a, b) => b.updatedMs - a.updatedMs)
  }

  /**
   * The epochs recorded after byte `from`; all of them when the file is no longer the one called `file`. Undefined when there is no such
   * run.
   */
  async figures(
    name: string,
    { from = 0, file }: { from?: number; file?: string } = {},
  ): Promise<RunFigures | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined) return undefined
    const path = join(folder, runFiles.metrics)
    const status = await fileStatus(path)
    const id = status ? `${status.ino}-${Math.round(status.birthtimeMs)}` : ''
    const start = (file === undefined || file === id) && from <= (status?.size ?? 0) ? from : 0
    const text = await readFrom(path, start)
    const end = text.lastIndexOf(10) + 1
    const lines = new TextDecoder()
      .decode(text.subarray(0, end))
      .split('\n')
      .filter((line) => line.trim() !== '')
    const epochs = lines.map(parseJson).filter(isRecord)
    return { epochs, from: start, file: id, next: start + end, damagedLines: lines.length - epochs.length }
  }

  /** A file of a run, by one of the names that runs have. Undefined when there is none. */
  async file(name: string, file: string): Promise<Uint8Array | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined || !served.includes(file)) return undefined
    const path = join(folder, file)
    return (await fileStatus(path)) ? readFrom(path, 0) : undefined
  }

  /** Makes a folder for a run of the browser and gives its name. Throws CognitronError for a name that makes no folder. */
  async create(name: string): Promise<string> {
    if (!isRunName(name)) {
      throw new CognitronError(
        `"${name}" cannot name a run; use letters, digits, spaces, dots and dashes, 120 at most.`,
      )
    }
    const folder = await freshRunFolder(this.folder, name)
    const made = folder.slice(this.folder.length + 1)
    await writeFileAtomic(join(folder, runFiles.metrics), '')
    this.#made.add(made)
    return made
  }

  /** Writes a file of a run that was made by `create`. False when it was not, or when runs have no such file. */
  async write(name: string, file: string, content: Uint8Array): Promise<boolean> {
    if (!this.#made.has(name) || !served.includes(file) || file === runFiles.report) return false
    await writeFileAtomic(join(this.folder, name, file), content)
    return true
  }

  async #summary(name: string): Promise<RunSummary | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined) return undefined
    const entries = await readdir(folder).catch((error: unknown) => error)
    if (!Array.isArray(entries)) return unreadable(name, entries)
    const files = entries.filter((file: string) => served.includes(file)).sort()
    if (files.length === 0) return undefined
    try {
      const states = await Promise.all(files.map((file) => lstat(join(folder, file))))
      const state = states.map(({ ino, mtimeMs, size }, index) => `${files[index]} ${ino} ${mtimeMs} ${size}`).join()
      const known = this.#known.get(name)
      if (known?.state === state) return known.summary
      const updatedMs = Math.max(...states.map(({ mtimeMs }) => mtimeMs))
      const summary = await this.#read(name, folder, files, updatedMs)
      this.#known.set(name, { state, summary })
      return summary
    } catch (error) {
      return unreadable(name, error, files)
    }
  }

  async #read(name: string, folder: string, files: readonly string[], updatedMs: number): Promise<RunSummary> {
    const { epochs, damagedLines } = (await this.figures(name)) ?? noFigures
    const description = files.includes(runFiles.run) ? await this.#description(folder) : {}
    const problems = [
      ...(description.problem ? [description.problem] : []),
      ...(files.includes(runFiles.metrics) && !(await fileStatus(join(folder, runFiles.metrics)))
        ? [`${runFiles.metrics} is no file.`]
        : []),
      ...(damagedLines > 0 ? [damagedWords(damagedLines)] : []),
    ]
    const last = epochs.at(-1)
    const best = epochs.findLast((epoch) => epoch.best === true)
    return {
      name,
      updatedMs,
      epochs: epochs.length,
      seconds: epochs.reduce((sum, { seconds }) => sum + (typeof seconds === 'number' ? seconds : 0), 0),
      ...(last === undefined ? {} : { last }),
      ...(best === undefined ? {} : { best }),
      trend: envelope(epochs.map(lossOf), TREND_POINTS),
      files,
      ...(description.run === undefined ? {} : { run: description.run }),
      ...(problems.length > 0 ? { problem: problems.join(' ') } : {}),
    }
  }

  async #description(folder: string): Promise<{ run?: unknown; problem?: string }> {
    const path = join(folder, runFiles.run)
    if (!(await fileStatus(path))) return { problem: `${runFiles.run} is no file.` }
    const run = parseJson(new TextDecoder().decode(await readFrom(path, 0)))
    return isRecord(run) ? { run } : { problem: `${runFiles.run} is no JSON file.` }
  }

  /** The folder of a run, if it is a folder of its own right below `runs/` and no link out of it. */
  async #runFolder(name: string): Promise<string | undefined> {
    if (!isRunName(name)) return undefined
    const path = join(this.folder, name)
    try {
      const status = await lstat(path)
      const inside = (await realpath(path)) === join(await realpath(this.folder), name)
      return status.isDirectory() && inside ? path : undefined
    } catch {
      return undefined
    }
  }
}

export function isRunName(name: string): boolean {
  return runName.test(name) && !name.endsWith('.')
}

function unreadable(name: string, error: unknown, files: readonly string[] = []): RunSummary {
  const problem = `The folder cannot be read: ${systemReason(error) ?? String(error)}.`
  return { name, updatedMs: 0, epochs: 0, seconds: 0, trend: [], files, problem }
}

function damagedWords(count: number): string {
  return count === 1
    ? `One line of ${runFiles.metrics} is damaged and left out.`
    : `${count} lines of ${runFiles.metrics} are damaged and left out.`
}

/** The loss of an epoch that judges best: on the validation set, else in training. */
function lossOf({ validationLoss, trainLoss }: JsonRecord): number | null {
  const loss = validationLoss ?? trainLoss
  return typeof loss === 'number' ? loss : null
}

/** At most `most` values that have the lows and highs of all of them, in order. */
export function envelope(values: readonly (number | null)[], most: number): (number | null)[] {
  if (values.length <= most) return [...values]
  const parts = Math.floor(most / 2)
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * values.length) / parts)
    const within = values.slice(from, Math.floor(((part + 1) * values.length) / parts))
    const numbers = within.filter((value) => value !== null)
    if (numbers.length === 0) return [null, null]
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
    return within.indexOf(low) < within.indexOf(high) ? [low, high] : [high, low]
  }).flat()
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the system knows of a plain file; undefined where there is none. */
async function fileStatus(path: string): Promise<Stats | undefined> {
  const status = await lstat(path).catch(() => undefined)
  return status?.isFile() ? status : undefined
}

/** The bytes of a file from a place on, at most 64 MiB; nothing when the file is not there or shorter. */
async function readFrom(path: string, from: number): Promise<Uint8Array> {
  if (!(await fileStatus(path))) return new Uint8Array()
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = new Uint8Array(Math.min(MOST_BYTES, Math.max(0, size - from)))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
