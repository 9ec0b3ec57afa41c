/** How much of its theoretical receptive field a layer really uses, measured by gradients. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { RandomSequence } from '../random/threefry.ts'
import { compile, fromTypedArray, grad, type Tensor } from '../tensor/index.ts'
import { type Attribution, extentOf, overChannels } from './attribution.ts'
import { readSample } from './input.ts'
import { type Explainable, layerOutput } from './layers.ts'
import { evaluated } from './question.ts'
import { receptiveBox } from './receptive-field.ts'

export interface EffectiveReceptiveFieldOptions {
  /** The layer whose middle place is looked at. */
  readonly layer: string
  /** Shape of the inputs without batch axis; needed unless `images` are given. */
  readonly inputShape?: readonly number[]
  /** Inputs to average over. Default: noise. */
  readonly images?: readonly Tensor[]
  /** How many noise inputs. Default 16. */
  readonly samples?: number
  /** Default 0. */
  readonly seed?: number
}

/** The map of a receptive field, and its size in numbers. */
export interface EffectiveReceptiveField extends Attribution {
  /** Rows and columns that could matter, cut off at the edges of the picture. */
  readonly theoretical: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }
  /** √ of the number of places with at least 4.55 % of the largest value, two standard deviations of a bell. */
  readonly side: number
  /** That area as a share of the theoretical one. */
  readonly share: number
}

/** What lies further than two standard deviations of a bell is below this share of its top. */
const TWO_DEVIATIONS = 0.0455

/**
 * The mean over inputs of |∂(sum of channels in the middle of a layer)/∂pixel|, the largest over the channels of the input.
 * Source: Luo et al., "Understanding the effective receptive field in deep convolutional neural networks", arXiv:1701.04128.
 *
 * @throws ArgumentError for an unknown layer or one without height and width; ShapeError when neither images nor a shape are given.
 * @example
 * import { explain, models } from 'cognitron'
 * const field = await explain.effectiveReceptiveField(models.leNet5(), { layer: '3', inputShape: [1, 28, 28] })
 * console.log(field.side > 1, field.share <= 1) // true true
 */
export async function effectiveReceptiveField(
  model: Explainable,
  options: EffectiveReceptiveFieldOptions,
): Promise<EffectiveReceptiveField> {
  const { layer } = options
  const samples = await samplesOf(options)
  const shape = samples.shape
  const { height, width } = extentOf(shape)
  let box: EffectiveReceptiveField['theoretical'] | undefined
  let place: number[] = []
  const program = compile((x: Tensor) => {
    const output = layerOutput(model, layer, x)
    if (output.rank !== 4)
      throw new ArgumentError(`the layer "${layer}" gives no height and width; choose an earlier one.`)
    place = output.shape.slice(2).map((size) => size >> 1)
    const found = receptiveBox(output.node, x.node, place)
    box = clipped(at(found, 2), at(found, 3), { height, width })
    const [row, column] = [at(place, 0), at(place, 1)]
    return grad(
      output
        .slice(2, row, row + 1)
        .slice(3, column, column + 1)
        .sum(),
      [x],
    )[0]
  })
  const sum = new Float64Array(height * width)
  await evaluated(model, async () => {
    for (const data of samples.inputs) {
      const gradient = Float32Array.from(await (await program(fromTypedArray(data, [1, ...shape], 'float32'))).data())
      overChannels(gradient, shape, 'max-abs').forEach((value, i) => {
        sum[i] = (sum[i] as number) + value / samples.inputs.length
      })
    }
  })
  const map = Float32Array.from(sum)
  const theoretical = box ?? { top: 0, left: 0, bottom: height, right: width }
  const largest = map.reduce((most, value) => Math.max(most, value), 0)
  const area = map.reduce((count, value) => count + (value > 0 && value >= TWO_DEVIATIONS * largest ? 1 : 0), 0)
  return {
    method: 'effective-receptive-field',
    map,
    width,
    height,
    signed: false,
    shape,
    unit: { layer, channel: 0, place },
    score: 0,
    theoretical,
    side: Math.sqrt(area),
    share: area / ((theoretical.bottom - theoretical.top) * (theoretical.right - theoretical.left)),
  }
}

function clipped(
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
  { height, width }: { height: number; width: number },
): EffectiveReceptiveField['theoretical'] {
  return {
    top: Math.max(0, top),
    left: Math.max(0, left),
    bottom: Math.min(height, bottom + 1),
    right: Math.min(width, right + 1),
  }
}

async function samplesOf(
  options: EffectiveReceptiveFieldOptions,
): Promise<{ inputs: Float32Array[]; shape: readonly number[] }> {
  const { images, inputShape, samples = 16, seed = 0 } = options
  if (images && images.length > 0) {
    const read = await Promise.all(images.map(readSample))
    return { inputs: read.map(({ data }) => data), shape: at(read, 0).shape }
  }
  if (!inputShape)
    throw new ShapeError('an effective receptive field needs images, or the inputShape of noise such as [3, 224, 224].')
  const random = new RandomSequence(seed, { stream: 0x657266 })
  const noise = (): Float32Array => Float32Array.from({ length: product(inputShape) }, () => random.normal())
  return { inputs: Array.from({ length: samples }, noise), shape: inputShape }
}
