/** A trained network from a run folder, or from a file of weights and the name of a model. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ArgumentError, CognitronError } from '../../base/errors.ts'
import { loadSafetensors } from '../../io/node/index.ts'
import { runFiles } from '../../train/node/index.ts'
import type { Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'
import { ownCommand } from '../shell.ts'
import { existingRun, runFolderOf } from '../training/locate-run.ts'
import { type RunDescription, readRunDescription } from '../training/run-description.ts'

/** Where the weights are, and what is known of the run that made them. */
export interface TrainedSource {
  /** The path of the weights. */
  readonly weights: string
  readonly run?: RunDescription | undefined
}

/** The file of a run that holds its whole network, as `transfer` writes it. */
export const wholeModel = 'model.onnx'

/** Whether a path is that of a whole network rather than of weights alone. */
export function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path)
}

/**
 * Finds the weights that `text` means: a run folder by path or by name in runs/, a .safetensors file, or an .onnx file.
 *
 * @throws UsageError when there is nothing of the kind.
 */
export async function findTrained(text: string): Promise<TrainedSource> {
  if (isOnnx(text)) return { weights: text }
  if (/\.safetensors$/.test(text)) {
    const folder = dirname(text)
    const described = (await exists(text)) && (await exists(join(folder, runFiles.run)))
    return { weights: text, run: described ? await readRunDescription(folder) : undefined }
  }
  if ((await runFolderOf(text)) === undefined && (await isFile(text))) {
    throw new UsageError(
      `${text} is no file of weights; weights are read from .safetensors and .onnx files and from run folders.`,
    )
  }
  const folder = await existingRun(text)
  const run = await readRunDescription(folder)
  const weights = join(folder, run.command === 'transfer' ? wholeModel : runFiles.best)
  if (await exists(weights)) return { weights, run }
  if (run.command === 'transfer')
    throw new UsageError(`${folder} has no ${wholeModel}, for its run did not end; start it again.`)
  throw new UsageError(
    `${folder} has no ${runFiles.best} yet, for no epoch was finished; go on with ${ownCommand('train', '--resume', folder)}.`,
  )
}

/** Puts the weights of a file into a network and sets it to evaluation. Throws ArgumentError when they are of another network. */
export async function loadWeights(model: Network, path: string): Promise<void> {
  const { tensors } = await loadSafetensors(path)
  try {
    model.loadStateDict(tensors)
  } catch (error) {
    if (!(error instanceof CognitronError)) throw error
    const known = [...tensors].slice(0, 2).map(([key, { shape }]) => `${key} [${shape.join(', ')}]`)
    throw new ArgumentError(
      `${path} holds the weights of another network (it begins with ${known.join(', ')}): ${firstProblem(error.message)}; ` +
        'say which network it is with --model.',
      { cause: error },
    )
  }
  model.eval()
}

/** The first difference of a long list. */
function firstProblem(message: string): string {
  const [head = '', problem = ''] = message.split('\n')
  const [first = '', ...others] = problem.trim().split(', ')
  const many = /^(missing|unexpected): /.test(problem.trim()) && others.length > 0
  return `${head.replace(/:$/, '')}, ${many ? `${first} and ${others.length} more` : problem.trim()}`
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
