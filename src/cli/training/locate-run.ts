/** Which folder a run goes to, and which run is to go on. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { nearest } from '../../base/nearest.ts'
import { freshRunFolder, runFiles } from '../../train/node/index.ts'
import { UsageError } from '../failure.ts'
import type { TrainOptions } from './settings.ts'

/** Where runs live unless told otherwise. */
export const runsFolder = 'runs'

/** The folder that was named by `--run-dir` or `--name`; undefined when neither was given. */
export function namedFolder({ name, runDir }: TrainOptions): string | undefined {
  if (name !== undefined && runDir !== undefined) {
    throw new UsageError('--name and --run-dir both say where the run goes; give one of them.')
  }
  if (name !== undefined && (/[/\\]/.test(name) || name.trim() === '' || name === '.' || name === '..')) {
    throw new UsageError(`--name takes a plain name, given "${name}"; give a path with --run-dir.`)
  }
  return name === undefined ? runDir : join(runsFolder, name)
}

/** A folder for a new run: as named, else `runs/<base>` or the first of `runs/<base>-2`, … that is free. */
export function newRunFolder(options: TrainOptions, base: string): Promise<string> {
  const named = namedFolder(options)
  return named === undefined ? freshRunFolder(runsFolder, base) : Promise.resolve(named)
}

/** Throws UsageError when the folder that was named holds a run already. */
export async function checkFree(options: TrainOptions, { resumable = true } = {}): Promise<void> {
  const folder = namedFolder(options)
  if (folder === undefined || !(await isRun(folder))) return
  const goOn = resumable ? 'go on with it (--resume), ' : ''
  throw new UsageError(
    `${folder} holds a run already; ${goOn}choose another name (--name), or replace it (--overwrite).`,
  )
}

/** Whether a folder, or one of that name in runs/, holds a run. */
export async function isRun(text: string): Promise<boolean> {
  return (await runFolderOf(text)) !== undefined
}

/** The folder of a run by its path or by its name in runs/; undefined when there is none. */
export async function runFolderOf(text: string): Promise<string | undefined> {
  for (const folder of [text, join(runsFolder, text)]) if (await isFile(join(folder, runFiles.run))) return folder
  return undefined
}

/**
 * The folder of the run to go on with: as named, else the newest in runs/ whose name begins with `base`.
 *
 * @throws UsageError when there is none.
 */
export async function resumedFolder(options: TrainOptions, base: string | undefined): Promise<string> {
  if (typeof options.resume === 'string') return existingRun(options.resume)
  const named = namedFolder(options)
  if (named !== undefined) return existingRun(named)
  const newest = await newestRun(base)
  if (newest !== undefined) return newest
  const which = base === undefined ? '' : ` of ${base}`
  throw new UsageError(
    `There is no run${which} in ${runsFolder}/ to go on with; name one: --resume FOLDER, or train without it.`,
  )
}

/**
 * The folder of a run by its path or by its name in runs/.
 *
 * @throws UsageError when there is none; the message says which there are.
 */
export async function existingRun(text: string): Promise<string> {
  const folder = await runFolderOf(text)
  if (folder !== undefined) return folder
  const known = (await runsIn(runsFolder)).map(({ name }) => name)
  const meant = nearest(basename(text), known)
  const there = known.length === 0 ? 'there is none in runs/' : `runs/ has ${known.slice(0, 8).join(', ')}`
  const hint = meant === undefined ? '' : ` Did you mean ${join(runsFolder, meant)}?`
  throw new UsageError(`There is no run in ${text} (a folder with ${runFiles.run}); ${there}.${hint}`)
}

async function newestRun(base: string | undefined): Promise<string | undefined> {
  const runs = await runsIn(runsFolder)
  const matching = runs.filter(({ name }) => base === undefined || name.replace(/-\d+$/, '') === base || name === base)
  const newest = matching.toSorted((a, b) => b.changed - a.changed)[0]
  return newest && join(runsFolder, newest.name)
}

async function runsIn(parent: string): Promise<{ name: string; changed: number }[]> {
  const names = await readdir(parent).catch((): string[] => [])
  const found = await Promise.all(
    names.map(async (name) => ({ name, changed: await changeTime(join(parent, name, runFiles.run)) })),
  )
  return found.filter((run): run is { name: string; changed: number } => run.changed !== undefined)
}

async function changeTime(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => undefined,
  )
}

async function isFile(path: string): Promise<boolean> {
  return (await changeTime(path)) !== undefined
}
