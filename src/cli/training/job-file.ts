/**
 * Reads the file of a training job: a TypeScript or JavaScript module whose default export is a `Job` or makes one. The module may import
 * 'cognitron' wherever it stands; it gets the library that this program runs on, so that there is only one copy.
 */
import { stat } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CognitronError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import { manualSeed } from '../../index.ts'
import { Module } from '../../nn/index.ts'
import type { Job } from '../../train/job.ts'
import type { Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'

/**
 * The job in a file. Weights that are drawn while the module loads follow from `seed`.
 *
 * @throws FileError when there is no such file, UsageError when it does not load or exports something else.
 */
export async function loadJob(path: string, seed: number): Promise<Job & { readonly name: string }> {
  const file = resolve(path)
  await stat(file).catch((error: unknown) => {
    throw fileError(error, 'read', path)
  })
  shareLibrary()
  manualSeed(seed)
  const exported = await importModule(file, path)
  const found =
    typeof exported === 'function' ? await callSource(exported as (run: object) => unknown, path, seed) : exported
  return { name: basename(path).replace(/\.[^.]*$/, ''), ...checkJob(found, path) }
}

async function importModule(file: string, path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
    return module.default
  } catch (error) {
    throw problemIn(path, error)
  }
}

async function callSource(source: (run: object) => unknown, path: string, seed: number): Promise<unknown> {
  try {
    return await source({ seed })
  } catch (error) {
    throw problemIn(path, error)
  }
}

/** A new network of a job. */
export function makeModel(job: Job, path: string): Network {
  let model: unknown
  try {
    model = job.model instanceof Module ? job.model : job.model()
  } catch (error) {
    throw problemIn(path, error)
  }
  if (model instanceof Module) return model as Network
  throw new UsageError(`${path}: model is not a network; give an nn.Module or a function that returns one.`)
}

function checkJob(found: unknown, path: string): Job {
  const expected = 'export default { model, train, … } with an nn.Module and a data set'
  if (typeof found !== 'object' || found === null) {
    throw new UsageError(`${path} exports no training job by default; it needs "${expected}".`)
  }
  const job = found as Partial<Job>
  for (const key of ['model', 'train'] as const) {
    if (job[key] === undefined) throw new UsageError(`${path}: the training job has no ${key}; it needs "${expected}".`)
  }
  if (!(job.model instanceof Module) && typeof job.model !== 'function') {
    throw new UsageError(`${path}: model is not a network; give an nn.Module or a function that returns one.`)
  }
  for (const key of ['train', 'validation', 'test'] as const) {
    const set: unknown = job[key]
    if (set === undefined || (typeof set === 'object' && set !== null && 'length' in set && 'inputShape' in set))
      continue
    throw new UsageError(`${path}: ${key} is not a data set; give one of data.* of cognitron, or your own Dataset.`)
  }
  return job as Job
}

/** What went wrong in the file, and in which line where that is known. */
function problemIn(path: string, error: unknown): CognitronError {
  if (error instanceof CognitronError) return error
  const message = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error)
  const place = error instanceof Error ? lineIn(error.stack ?? '', basename(path)) : ''
  return new UsageError(`${path}${place} does not run: ${message.replace(/\.$/, '')}.`, { cause: error })
}

function lineIn(stack: string, name: string): string {
  const start = stack.indexOf(`${name}:`)
  const line = start < 0 ? undefined : /^\d+/.exec(stack.slice(start + name.length + 1))?.[0]
  return line === undefined ? '' : `:${line}`
}

let shared = false

/** Lets modules import 'cognitron' and 'cognitron/…' from this very copy of the library. */
function shareLibrary(): void {
  if (shared) return
  shared = true
  const root = new URL('../../', import.meta.url)
  const ending = fileURLToPath(import.meta.url).endsWith('.ts') ? '.ts' : '.js'
  registerHooks({
    resolve(specifier, context, next) {
      const part = /^cognitron(?:\/(.+))?$/.exec(specifier)
      if (!part || specifier === 'cognitron/package.json') return next(specifier, context)
      return next(new URL(part[1] ? `${part[1]}/index${ending}` : `index${ending}`, root).href, context)
    },
  })
}
