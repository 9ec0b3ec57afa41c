/** `predict`: what a trained network sees in picture files. */
import { at, range } from '../../base/arrays.ts'
import { toInput } from '../../data/image/resize.ts'
import { Normalizer } from '../../data/normalization.ts'
import { compile, data as dataSets, fromTypedArray, models, type Tensor } from '../../index.ts'
import { useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { readImageFile } from '../image/decode.ts'
import { formatLoss, formatPercent } from '../progress/format.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { styled } from '../style.ts'
import type { Output, Terminal } from '../terminal.ts'
import { borderMean, loadAssignment } from '../training/assignment.ts'
import { isJobFile } from '../training/job-path.ts'
import { defaults } from '../training/settings.ts'
import type { Classifier } from './classifier.ts'
import { openOnnxClassifier } from './onnx-classifier.ts'
import { findTrained, isOnnx, loadWeights, type TrainedSource } from './open.ts'

export interface PredictOptions {
  readonly data?: string
  readonly model?: string
  readonly top?: number
  readonly invert?: boolean
  readonly stretch?: boolean
  readonly threads?: number
  readonly json?: boolean
}

interface Prediction {
  readonly image: string
  /** The likeliest classes, the likeliest first; empty for numbers. */
  readonly classes: readonly { readonly class: string; readonly probability: number }[]
  readonly outputs: readonly number[]
  readonly hint: string | undefined
}

/** Predicts as asked; all pictures are read before the first is shown, so that a faulty one is noticed at once. */
export async function runPredict(
  text: string,
  images: readonly string[],
  options: PredictOptions,
  terminal: Terminal,
): Promise<void> {
  useThreads(options.threads)
  const classifier = await openClassifier(await findTrained(text), options)
  const inputs: Float32Array[] = []
  for (const image of images) inputs.push(await readInput(image, classifier, options))
  const forward = compile((x: Tensor) => classifier.model.forward(x))
  for (const [index, image] of images.entries()) {
    const input = at(inputs, index)
    const outputs = await (await forward(fromTypedArray(input, [1, ...classifier.inputShape], 'float32'))).data()
    const prediction = interpret(
      image,
      Array.from(outputs),
      classifier,
      options.top ?? 3,
      hintFor(image, input, classifier, options),
    )
    if (options.json) writeJsonLine(terminal.output, 'prediction', jsonOf(prediction))
    else terminal.output.write(show(terminal.output, prediction, index > 0))
  }
  if (options.json) writeJsonLine(terminal.output, 'result', { images: images.length })
}

export async function openClassifier(
  source: TrainedSource,
  options: Pick<PredictOptions, 'data' | 'model'> & { readonly input?: readonly number[] },
): Promise<Classifier> {
  const { run, weights } = source
  if (isOnnx(weights)) return openOnnxClassifier(weights, options.input)
  const data = options.data ?? run?.settings.data
  const name = options.model ?? run?.settings.model
  if (name === undefined && (data === undefined || !isJobFile(data))) {
    throw new UsageError(
      `${weights} does not say which network it belongs to; give --model NAME, and --data NAME for names of classes.`,
    )
  }
  const entry = data !== undefined && !isJobFile(data) ? dataSets.dataSetNamed(data) : undefined
  const description = options.data === undefined ? run?.data : undefined
  const classNames = description?.classNames ?? entry?.classNames
  const inputShape = pictureShape(
    description?.inputShape ?? entry?.inputShape ?? models.modelNamed(name ?? defaults.model).inputShape,
    weights,
  )
  const model =
    name === undefined
      ? (await loadAssignment({ data: data ?? '', seed: run?.settings.seed ?? 0 })).model
      : models.modelNamed(name).create({
          inputShape,
          classes: description?.classes ?? classNames?.length ?? models.modelNamed(name).classes,
        })
  await loadWeights(model, weights)
  return {
    model,
    inputShape,
    normalization: description?.normalization ?? { scale: 1 / 255 },
    background: description?.background,
    classified: description === undefined || (description.classes ?? description.classNames) !== undefined,
    classNames,
  }
}

function pictureShape(shape: readonly number[], name: string): Classifier['inputShape'] {
  const [channels, height, width] = shape
  if (shape.length === 3 && (channels === 1 || channels === 3) && height && width) return [channels, height, width]
  throw new UsageError(
    `${name} was trained on inputs of shape [${shape.join(', ')}], not on grey or colour pictures [channels, height, width]; predict takes pictures.`,
  )
}

/** A picture file as the input of the network. */
async function readInput(
  path: string,
  { inputShape, normalization }: Classifier,
  options: PredictOptions,
): Promise<Float32Array> {
  const [channels, height, width] = inputShape
  const raster = await readImageFile(path)
  const bright = toInput(raster, { channels, height, width }, options.stretch ? 'stretch' : 'cover')
  const bytes = bright.map((value) => 255 * (options.invert ? 1 - value : value))
  const input = new Float32Array(bytes.length)
  new Normalizer(normalization, inputShape).convert(bytes, 0, input, 0)
  return input
}

/** Says when a picture is dark on light and those of the training were light on dark, or the other way round. */
function hintFor(
  image: string,
  input: Float32Array,
  classifier: Classifier,
  options: PredictOptions,
): string | undefined {
  const { background, normalization, inputShape } = classifier
  if (background === undefined || normalization.mean !== undefined) return undefined
  const border = borderMean(input, inputShape)
  const turned = 255 * (normalization.scale ?? 1) - border
  if (Math.abs(border - background) < 2 * Math.abs(turned - background) + 0.1) return undefined
  const [is, was] = border > background ? ['light', 'dark'] : ['dark', 'light']
  const advice = options.invert ? 'without --invert' : 'with --invert'
  return `${image} has a ${is} background, the training pictures have a ${was} one; try ${advice}.`
}

function interpret(
  image: string,
  outputs: readonly number[],
  classifier: Classifier,
  top: number,
  hint: string | undefined,
): Prediction {
  if (!classifier.classified) return { image, outputs, classes: [], hint }
  const highest = Math.max(...outputs)
  const weights = classifier.probabilities ? outputs : outputs.map((score) => Math.exp(score - highest))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const classes = range(outputs.length)
    .map((index) => ({
      class: classifier.classNames?.[index] ?? `class ${index}`,
      probability: at(weights, index) / sum,
    }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, top)
  return { image, outputs, classes, hint }
}

function jsonOf({ image, classes, outputs, hint }: Prediction): object {
  return classes.length > 0 ? { image, classes, hint } : { image, outputs }
}

const LONGEST_BAR = 24

function show(output: Output, { image, classes, outputs, hint }: Prediction, apart: boolean): string {
  const width = Math.max(0, ...classes.map((each) => each.class.length))
  const bar = (share: number): string => (output.unicode ? '━' : '#').repeat(Math.round(share * LONGEST_BAR))
  const lines = classes.map(({ class: name, probability }, index) => {
    const line = `  ${name.padEnd(width)}  ${formatPercent(probability).padStart(7)}  ${bar(probability)}`.trimEnd()
    return index === 0 ? styled(output, 'strong', line) : line
  })
  if (classes.length === 0) lines.push(`  ${outputs.map(formatLoss).join('  ')}`)
  if (hint !== undefined) lines.push(styled(output, 'faint', `  ${hint}`))
  return `${apart ? '\n' : ''}${image}\n${lines.join('\n')}\n`
}
