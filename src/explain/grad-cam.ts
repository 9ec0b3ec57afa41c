/** Grad-CAM: which places of a convolutional layer speak for a class, brought to the size of the input. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { resizePlanes } from '../data/image/resize.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor } from '../tensor/index.ts'
import { type Attribution, extentOf } from './attribution.ts'
import { asBatch, readSample } from './input.ts'
import { type Explainable, leafNames, watchLayers } from './layers.ts'
import { evaluated, Question, type QuestionOptions } from './question.ts'

export interface GradCamOptions extends QuestionOptions {
  /** The layer that is looked at. Default: the last one whose output has height and width. */
  readonly layer?: string
  /** Keep only what speaks for the class. Default true; false gives a signed map. */
  readonly positive?: boolean
}

/** A map of Grad-CAM, also in the size of its layer. */
export interface GradCamAttribution extends Attribution {
  readonly layer: string
  /** Before enlarging: `[rows, columns]` in row-major order. */
  readonly coarse: { readonly map: Float32Array; readonly width: number; readonly height: number }
}

/**
 * max(0, Σ_c α_c A_c) with the channels A of a layer and their mean gradients α, enlarged bilinearly to the size of the input.
 * Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks", arXiv:1610.02391.
 *
 * @throws ArgumentError for an unknown layer or one without height and width, and as `saliency`.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const map = await explain.gradCam(models.leNet5(), rand([1, 28, 28]))
 * console.log(map.width, map.signed) // 28 false
 */
export async function gradCam(
  model: Explainable,
  image: Tensor,
  options: GradCamOptions = {},
): Promise<GradCamAttribution> {
  const { positive = true } = options
  const question = await Question.about(model, image, options)
  const { sample, unit, score } = question
  const layer = options.layer ?? (await lastSpatialLayer(model, image))
  const { activation, gradient, shape } = await question.layerGradient(layer)
  if (shape.length !== 3) {
    throw new ArgumentError(
      `Grad-CAM needs a layer whose output has height and width; "${layer}" gives ${formatShape(shape)} for a picture.`,
    )
  }
  const [channels, rows, columns] = [at(shape, 0), at(shape, 1), at(shape, 2)]
  const raw = weightedSum(activation, gradient, channels)
  const map = positive ? raw.map((value) => Math.max(0, value)) : raw
  const { height, width } = extentOf(sample.shape)
  return {
    method: 'grad-cam',
    map: resizePlanes(map, [1, rows, columns], [height, width]),
    width,
    height,
    signed: !positive,
    shape: sample.shape,
    unit,
    score,
    layer,
    coarse: { map, width: columns, height: rows },
  }
}

/** Σ_c (mean of gradient over places) · activation. */
function weightedSum(activation: Float32Array, gradient: Float32Array, channels: number): Float32Array {
  const places = activation.length / channels
  const sum = new Float64Array(places)
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * places
    let weight = 0
    for (let i = start; i < start + places; i++) weight += gradient[i] as number
    weight /= places
    for (let i = 0; i < places; i++) sum[i] = (sum[i] as number) + weight * (activation[start + i] as number)
  }
  return Float32Array.from(sum)
}

/**
 * The path of the last layer, in order of evaluation, that gives `[batch, channels, height, width]` with more than one place.
 *
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2))
 * console.log(await explain.lastSpatialLayer(net, ones([1, 1, 4, 4]))) // '1'
 */
export async function lastSpatialLayer(model: Explainable, image: Tensor): Promise<string> {
  return (await spatialLayers(model, image)).at(-1) as string
}

/**
 * The path of the first such layer.
 *
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2))
 * console.log(await explain.firstSpatialLayer(net, ones([1, 1, 4, 4]))) // '0'
 */
export async function firstSpatialLayer(model: Explainable, image: Tensor): Promise<string> {
  return (await spatialLayers(model, image))[0] as string
}

/** At least one. Throws ArgumentError when there is none. */
async function spatialLayers(model: Explainable, image: Tensor): Promise<string[]> {
  const sample = asBatch(await readSample(image))
  const found: string[] = []
  await evaluated(model, async () => {
    for (const [name, { output }] of watchLayers(model, leafNames(model), sample).flows) {
      if (output instanceof Tensor && output.rank === 4 && product(output.shape.slice(2)) > 1) found.push(name)
    }
  })
  if (found.length > 0) return found
  throw new ArgumentError(
    `${model.constructor.name} has no layer that gives channels with height and width; name another with the option layer.`,
  )
}
