/**
 * The runs that the studio shows: folders below `runs/` as `cognitron train` writes them, read while they are written. Whatever is in a
 * folder, the list works: a damaged run says what is wrong with it. Also takes runs that were trained in the browser.
 */
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { CognitronError } from '../../base/errors.ts'
import { systemReason } from '../../base/file-errors.ts'
import { writeFileAtomic } from '../../io/node/index.ts'
import { freshRunFolder, runFiles } from '../../train/node/index.ts'

/** One line of the list of runs. */
export interface RunSummary {
  readonly name: string
  /** When its figures last changed, in ms since 1970. */
  readonly updatedMs: number
  /** Recorded epochs; absent when there are too many to count quickly. */
  readonly epochs: number
  /** The figures of the last epoch. */
  readonly last?: unknown
  /** What it was made with, from `run.json`. */
  readonly run?: unknown
  readonly files: readonly string[]
  /** What is wrong with the folder, in one sentence. */
  readonly problem?: string
}

export interface RunFigures {
  /** Epoch records as `metrics.jsonl` has them. */
  readonly epochs: readonly unknown[]
  /** Where to read on; a line that is being written is left for then. */
  readonly next: number
  /** Lines that are no JSON. */
  readonly damagedLines: number
}

/** Names of run folders: one part of a path, no hidden files. */
const runName = /^[\p{L}\p{N}_][\p{L}\p{N}_ .+=,@()-]{0,119}$/u
const served: readonly string[] = Object.values(runFiles)
const MOST_BYTES = 64 * 2 ** 20

export class RunStore {
  readonly #folder: string
  /** Runs that this server made for the browser; only these can be written. */
  readonly #made = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** All runs, newest first; none when there is no folder yet. */
  async list(): Promise<RunSummary[]> {
    let names: string[]
    try {
      names = await readdir(this.#folder)
    } catch {
      return []
    }
    const found = await Promise.all(names.filter(isRunName).map((name) => this.#summary(name)))
    return found.filter((run) => run !== undefined).sort((a, b) => b.updatedMs - a.updatedMs)
  }

  /** The epochs recorded after byte `from`. Undefined when there is no such run. */
  async figures(name: string, from = 0): Promise<RunFigures | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined) return undefined
    const text = await readFrom(join(folder, runFiles.metrics), from)
    const end = text.lastIndexOf(10) + 1
    const lines = new TextDecoder()
      .decode(text.subarray(0, end))
      .split('\n')
      .filter((line) => line.trim() !== '')
    const parsed = lines.map(parseJson)
    const epochs = parsed.filter((each) => each !== undefined)
    return { epochs, next: from + end, damagedLines: parsed.length - epochs.length }
  }

  /** A file of a run, by one of the names that runs have. Undefined when there is none. */
  async file(name: string, file: string): Promise<Uint8Array | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined || !served.includes(file)) return undefined
    const path = join(folder, file)
    const status = await lstat(path).catch(() => undefined)
    return status?.isFile() ? readFrom(path, 0) : undefined
  }

  /** Makes a folder for a run of the browser and gives its name. Throws CognitronError for a name that makes no folder. */
  async create(name: string): Promise<string> {
    if (!isRunName(name)) {
      throw new CognitronError(
        `"${name}" cannot name a run; use letters, digits, spaces, dots and dashes, 120 at most.`,
      )
    }
    const folder = await freshRunFolder(this.#folder, name)
    const made = folder.slice(this.#folder.length + 1)
    await writeFileAtomic(join(folder, runFiles.metrics), '')
    this.#made.add(made)
    return made
  }

  /** Writes a file of a run that was made by `create`. False when it was not, or when runs have no such file. */
  async write(name: string, file: string, content: Uint8Array): Promise<boolean> {
    if (!this.#made.has(name) || !served.includes(file) || file === runFiles.report) return false
    await writeFileAtomic(join(this.#folder, name, file), content)
    return true
  }

  async #summary(name: string): Promise<RunSummary | undefined> {
    const folder = await this.#runFolder(name)
    if (folder === undefined) return undefined
    const files = (await readdir(folder).catch(() => [])).filter((file) => served.includes(file))
    if (files.length === 0) return undefined
    try {
      const status = await lstat(join(folder, runFiles.metrics)).catch(() => lstat(folder))
      const figures = await this.figures(name)
      const run = files.includes(runFiles.run) ? await this.#description(folder) : {}
      return {
        name,
        updatedMs: status.mtimeMs,
        epochs: figures?.epochs.length ?? 0,
        ...(figures && figures.epochs.length > 0 ? { last: figures.epochs.at(-1) } : {}),
        files,
        ...(figures && figures.damagedLines > 0
          ? { problem: `${figures.damagedLines} lines of ${runFiles.metrics} are damaged and left out.` }
          : {}),
        ...run,
      }
    } catch (error) {
      const problem = `The folder cannot be read: ${systemReason(error) ?? String(error)}.`
      return { name, updatedMs: 0, epochs: 0, files, problem }
    }
  }

  async #description(folder: string): Promise<Pick<RunSummary, 'run' | 'problem'>> {
    const text = new TextDecoder().decode(await readFrom(join(folder, runFiles.run), 0))
    const run = parseJson(text)
    return run === undefined ? { problem: `${runFiles.run} is no JSON file.` } : { run }
  }

  /** The folder of a run, if it is a folder of its own right below `runs/` and no link out of it. */
  async #runFolder(name: string): Promise<string | undefined> {
    if (!isRunName(name)) return undefined
    const path = join(this.#folder, name)
    try {
      const status = await lstat(path)
      const inside = (await realpath(path)) === join(await realpath(this.#folder), name)
      return status.isDirectory() && inside ? path : undefined
    } catch {
      return undefined
    }
  }
}

export function isRunName(name: string): boolean {
  return runName.test(name) && !name.endsWith('.')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The bytes of a file from a place on, at most 64 MiB; nothing when the file is not there or shorter. */
async function readFrom(path: string, from: number): Promise<Uint8Array> {
  const status = await lstat(path).catch(() => undefined)
  if (!status?.isFile()) return new Uint8Array()
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
