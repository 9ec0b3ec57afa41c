/** An ONNX file as a network that takes pictures. What ONNX does not say of pictures stands in a JSON file of the same name beside it. */
import { readFile } from 'node:fs/promises'
import { FormatError } from '../../base/errors.ts'
import type { Normalization } from '../../data/normalization.ts'
import { explain, io } from '../../index.ts'
import { writeFileAtomic } from '../../io/files.ts'
import { UsageError } from '../failure.ts'
import { loadOnnx, saveOnnx } from '../onnx/files.ts'
import type { Classifier } from './classifier.ts'

/** The content of `model.json` beside a `model.onnx` of our own. */
export interface ModelNotes {
  readonly classNames?: readonly string[]
  readonly normalization?: Normalization
}

/**
 * Opens the file at `path`; `input` is the shape of a picture where the file does not say.
 *
 * @throws UsageError for a network that takes something else, FileError or FormatError for a file that cannot be read.
 */
export async function openOnnxClassifier(path: string, input: readonly number[] | undefined): Promise<Classifier> {
  const model = new io.onnx.OnnxModel(await loadOnnx(path))
  const notes = await readNotes(path)
  const [first, ...others] = model.inputs
  if (!first || others.length > 0) {
    throw new UsageError(`${path} takes ${model.inputs.length} inputs; a network that takes one picture is needed.`)
  }
  const declared = (first.shape ?? []).slice(1).map((size) => size ?? 0)
  const [channels, height, width, ...more] = input ?? declared
  if ((channels === 1 || channels === 3) && height && width && more.length === 0) {
    return {
      model,
      inputShape: [channels, height, width],
      normalization: notes?.normalization ?? { scale: 1 / 255 },
      background: undefined,
      classified: true,
      probabilities: explain.scoreLayer(model) !== '',
      classNames: notes?.classNames,
    }
  }
  const shown = declared.map((size) => size || '?').join('x') || 'nothing'
  throw new UsageError(
    `${path} says ${shown} of its input; give its channels, height and width, such as --input 3x224x224.`,
  )
}

/** Writes a network with its notes. */
export async function saveOnnxClassifier(path: string, file: io.onnx.OnnxFile, notes: ModelNotes): Promise<void> {
  await saveOnnx(path, file)
  await writeFileAtomic(notesPath(path), `${JSON.stringify(notes, null, 2)}\n`)
}

function notesPath(path: string): string {
  return path.replace(/\.onnx$/i, '.json')
}

async function readNotes(path: string): Promise<ModelNotes | undefined> {
  const beside = notesPath(path)
  const text = await readFile(beside, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as ModelNotes
  } catch (error) {
    throw new FormatError(`${beside} is no JSON file; restore it or take it away.`, { cause: error })
  }
}
