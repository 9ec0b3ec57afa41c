/**
 * A question to a model about one sample: which unit, what is its score, what is its gradient. The work is compiled once for each model,
 * layer, rule and shape; classes and places are arguments of the programs, so asking about another class compiles nothing.
 */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { type Compiled, compile, fromTypedArray, grad, type Tensor } from '../tensor/index.ts'
import { inEvaluationMode } from '../train/evaluate.ts'
import type { Network } from '../train/types.ts'
import type { ExplainedUnit } from './attribution.ts'
import { asBatch, readSample, type Sample } from './input.ts'
import { checkTensor, type Explainable, firstTensor, flowOf, layerOutput, watchLayers } from './layers.ts'
import { type BackwardRule, ruledGradient } from './rectifier-rules.ts'

/** A unit inside the model; a number alone is a class of the output. */
export interface LayerUnit {
  /** The path of a layer, such as 'features.3'; default: the output of the model. */
  readonly layer?: string
  /** Default: the one with the highest score. */
  readonly channel?: number
  /** One place of the channel, such as [row, column]; default: the mean over all. */
  readonly place?: readonly number[]
}

/** What every method takes. */
export interface QuestionOptions {
  /** A class number, or a unit of a layer. Default: the class with the highest score. */
  readonly target?: number | LayerUnit
  /** The tensor of scores in what the model gives; default: the output, or the first tensor in it. */
  readonly scores?: (output: unknown) => unknown
}

type Program = Compiled<[x: Tensor, selector: Tensor], readonly Tensor[]>

const programs = new WeakMap<Explainable, Map<string, Program>>()
const forwards = new WeakMap<Explainable, Map<string, Compiled<[x: Tensor], Tensor>>>()
const scoreNames = new WeakMap<object, number>()
let nextScoreName = 1

function nameOf(scores: QuestionOptions['scores']): number {
  if (!scores) return 0
  const known = scoreNames.get(scores) ?? nextScoreName++
  scoreNames.set(scores, known)
  return known
}

function cached<Value>(
  store: WeakMap<Explainable, Map<string, Value>>,
  model: Explainable,
  key: string,
  make: () => Value,
) {
  const ofModel = store.get(model) ?? new Map<string, Value>()
  store.set(model, ofModel)
  const value = ofModel.get(key) ?? make()
  ofModel.set(key, value)
  return value
}

/** The output of a layer for a batch, in evaluation mode. */
export function layerProgram(
  model: Explainable,
  layer: string,
  scores: (output: unknown) => unknown = firstTensor,
): (x: Tensor) => Promise<Tensor> {
  const run = cached(forwards, model, `${layer}|${scores === firstTensor ? 0 : nameOf(scores)}`, () =>
    compile((x: Tensor) => layerOutput(model, layer, x, scores)),
  )
  return (x) => evaluated(model, () => run(x))
}

/**
 * What the model, or one of its layers, gives for one picture: `[1, …]`, in evaluation mode.
 *
 * @throws as `saliency`.
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU())
 * console.log((await explain.outputOf(net, ones([1, 1, 4, 4]), '0')).shape) // [1, 2, 2, 2]
 */
export async function outputOf(model: Explainable, image: Tensor, layer = ''): Promise<Tensor> {
  return layerProgram(model, layer)(asBatch(await readSample(image)))
}

/** Runs `work` with the model in evaluation mode. */
export function evaluated<Result>(model: Explainable, work: () => Promise<Result>): Promise<Result> {
  return inEvaluationMode(model as unknown as Network<unknown>, work)
}

/** A sample with the unit that is asked about. */
export class Question {
  readonly model: Explainable
  readonly sample: Sample
  readonly unit: ExplainedUnit
  /** The score of the unit for the sample. */
  readonly score: number
  readonly #selector: Tensor
  readonly #scores: QuestionOptions['scores']

  private constructor(
    model: Explainable,
    sample: Sample,
    unit: ExplainedUnit,
    found: { score: number; selector: Tensor },
    scores: QuestionOptions['scores'],
  ) {
    this.model = model
    this.sample = sample
    this.unit = unit
    this.score = found.score
    this.#selector = found.selector
    this.#scores = scores
  }

  /**
   * Asks `model` about `image`.
   *
   * @throws ArgumentError for an unknown layer, and a class, channel or place out of range; ShapeError for a batch of several.
   */
  static async about(model: Explainable, image: Tensor, options: QuestionOptions = {}): Promise<Question> {
    const wanted: LayerUnit = typeof options.target === 'number' ? { channel: options.target } : (options.target ?? {})
    const layer = wanted.layer ?? ''
    const sample = await readSample(image)
    const output = await layerProgram(model, layer, options.scores)(asBatch(sample))
    const values = Float32Array.from(await output.data())
    const shape = output.shape.slice(1)
    const unit = chooseUnit(values, shape, { ...wanted, layer })
    const selector = selectorOf(unit, shape)
    const score = values.reduce((sum, value, index) => sum + value * (selector[index] as number), 0)
    return new Question(
      model,
      sample,
      unit,
      { score, selector: fromTypedArray(selector, shape, 'float32') },
      options.scores,
    )
  }

  /** The scores of the unit for a batch: `[batch]`. */
  async scoresOf(batch: Tensor): Promise<Float32Array> {
    const scores = await this.#run('score', '', batch)
    return floatsOf(scores, 0)
  }

  /** Scores of a batch and their gradients with respect to its elements. */
  async gradientsOf(
    batch: Tensor,
    rule: BackwardRule = 'gradient',
  ): Promise<{ scores: Float32Array; gradients: Float32Array }> {
    const found = await this.#run(rule, '', batch)
    return { scores: await floatsOf(found, 0), gradients: await floatsOf(found, 1) }
  }

  /** What a layer gives for the sample, and the gradient of the score with respect to that. */
  async layerGradient(
    layer: string,
  ): Promise<{ activation: Float32Array; gradient: Float32Array; shape: readonly number[] }> {
    const found = await this.#run('layer', layer, asBatch(this.sample))
    return {
      activation: await floatsOf(found, 1),
      gradient: await floatsOf(found, 2),
      shape: at(found, 1).shape.slice(1),
    }
  }

  #run(kind: BackwardRule | 'score' | 'layer', layer: string, batch: Tensor): Promise<readonly Tensor[]> {
    const { model, unit } = this
    const scores = this.#scores
    const key = `${kind}|${unit.layer}|${layer}|${nameOf(scores)}`
    const program = cached(programs, model, key, () =>
      compile((x: Tensor, selector: Tensor) => {
        if (kind === 'layer') return withLayer(model, unit.layer, layer, { x, selector, scores })
        const score = selected(layerOutput(model, unit.layer, x, scores), selector)
        if (kind === 'score') return [score]
        const gradient = kind === 'gradient' ? grad(score.sum(), [x])[0] : ruledGradient(score.sum(), x, kind)
        return [score, gradient]
      }),
    )
    return evaluated(model, () => program(batch, this.#selector))
  }
}

async function floatsOf(tensors: readonly Tensor[], index: number): Promise<Float32Array> {
  return Float32Array.from(await at(tensors, index).data())
}

function withLayer(
  model: Explainable,
  target: string,
  layer: string,
  { x, selector, scores = firstTensor }: { x: Tensor; selector: Tensor; scores: QuestionOptions['scores'] },
): Tensor[] {
  const paths = target === '' ? [layer] : [layer, target]
  const { result, flows } = watchLayers(model, paths, x)
  const output = target === '' ? scores(result) : flowOf(flows, target).output
  const score = selected(checkTensor(output, model, target), selector)
  const activation = checkTensor(flowOf(flows, layer).output, model, layer)
  return [score, activation, grad(score.sum(), [activation])[0]]
}

/** Σ output · selector for every sample: `[batch]`. */
function selected(output: Tensor, selector: Tensor): Tensor {
  return output.mul(selector.unsqueeze(0)).sum(range(output.rank).slice(1))
}

/** Weights that pick a unit out of an output `[channels, …]`. */
function selectorOf(unit: ExplainedUnit, shape: readonly number[]): Float32Array {
  const places = product(shape.slice(1))
  const selector = new Float32Array(product(shape))
  const start = unit.channel * places
  if (unit.place === undefined) selector.fill(1 / places, start, start + places)
  else selector[start + unit.place.reduce((flat, index, axis) => flat * at(shape, axis + 1) + index, 0)] = 1
  return selector
}

function chooseUnit(
  values: Float32Array,
  shape: readonly number[],
  wanted: LayerUnit & { layer: string },
): ExplainedUnit {
  const { layer, place } = wanted
  const [channels = 0, ...places] = shape
  const channel = wanted.channel ?? strongest(values, channels)
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels) {
    const what =
      layer === ''
        ? `the class ${channel} does not exist; the model has ${channels} classes`
        : `the channel ${channel} of the layer "${layer}" does not exist; it has ${channels}`
    throw new ArgumentError(`${what} (0 to ${channels - 1}).`)
  }
  const fits =
    place === undefined ||
    (place.length === places.length &&
      place.every((each, axis) => Number.isInteger(each) && each >= 0 && each < at(places, axis)))
  if (fits) return { layer, channel, place }
  throw new ArgumentError(
    `the place ${formatShape(place)} does not exist in channels of shape ${formatShape(places)}; count from 0 along each axis.`,
  )
}

/** The channel with the highest mean. */
function strongest(values: Float32Array, channels: number): number {
  const places = values.length / channels
  let best = 0
  let bestSum = Number.NEGATIVE_INFINITY
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    for (let i = channel * places; i < (channel + 1) * places; i++) sum += values[i] as number
    if (sum <= bestSum) continue
    best = channel
    bestSum = sum
  }
  return best
}
