/** A network by the name of a model, of a run, or of a file that exports a job. */
import { models } from '../../index.ts'
import type { Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'
import { loadAssignment } from '../training/assignment.ts'
import { isJobFile } from '../training/job-path.ts'
import { runFolderOf } from '../training/locate-run.ts'
import { checkMadeByTrain, readRunDescription } from '../training/run-description.ts'

export interface NetworkOptions {
  /** The shape of one input, without the batch. */
  readonly input?: readonly number[]
  readonly classes?: number
}

export interface OpenedNetwork {
  readonly name: string
  readonly model: Network
  readonly inputShape: readonly number[]
}

/**
 * The network that `text` means: a model by name, the one of a run, or the one of a FILE.ts. Its weights are fresh.
 *
 * @throws UsageError or ArgumentError when there is none, or when the options do not suit it.
 */
export async function openNetwork(text: string, options: NetworkOptions): Promise<OpenedNetwork> {
  if (Object.hasOwn(models.modelEntries, text)) return named(text, options)
  const folder = isJobFile(text) ? undefined : await runFolderOf(text)
  if (folder === undefined && !isJobFile(text)) return named(text, options)
  const run = folder === undefined ? undefined : await readRunDescription(folder)
  checkMadeByTrain(run, 'this command')
  if (run?.settings.model !== undefined) {
    return named(run.settings.model, {
      input: run.data.inputShape,
      ...(run.data.classes ? { classes: run.data.classes } : {}),
      ...options,
    })
  }
  if (options.classes !== undefined) {
    throw new UsageError(`${text} builds its own network, so --classes has no meaning; leave it out.`)
  }
  const { model, modelName, train } = await loadAssignment({
    data: run?.settings.data ?? text,
    seed: run?.settings.seed ?? 0,
  })
  return { name: modelName, model, inputShape: options.input ?? train.inputShape }
}

function named(name: string, { input, classes }: NetworkOptions): OpenedNetwork {
  const entry = models.modelNamed(name)
  const inputShape = input ?? entry.inputShape
  return { name, model: entry.create({ inputShape, classes: classes ?? entry.classes }), inputShape }
}
