/** What layers hold: the channels of a layer for one input, and the weights of convolutions as small pictures. */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { AnyModule } from '../nn/module.ts'
import { formatShape } from '../shape/shape.ts'
import type { Tensor } from '../tensor/index.ts'
import { type Explainable, layerNamed } from './layers.ts'
import { outputOf } from './question.ts'

/** Equal pictures that belong together: the channels of a layer, or filters. */
export interface PictureSet {
  /** What they are: the path of the layer. */
  readonly layer: string
  readonly count: number
  /** Planes of each picture; 1 for grey. */
  readonly channels: number
  readonly height: number
  readonly width: number
  /** `[count, channels, height, width]` */
  readonly data: Float32Array
}

/**
 * The channels of a layer for one picture: `[channels, height, width]` as `count` grey pictures.
 *
 * @throws ArgumentError for an unknown layer or one whose output has no height and width.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const maps = await explain.featureMaps(models.leNet5(), rand([1, 28, 28]), { layer: '0' })
 * console.log(maps.count, maps.height, maps.width) // 6 28 28
 */
export async function featureMaps(
  model: Explainable,
  image: Tensor,
  options: { readonly layer: string },
): Promise<PictureSet> {
  const { layer } = options
  const output = await outputOf(model, image, layer)
  if (output.rank !== 4) {
    throw new ArgumentError(
      `feature maps have height and width; the layer "${layer}" gives ${formatShape(output.shape.slice(1))} for a sample.`,
    )
  }
  const [count, height, width] = [at(output.shape, 1), at(output.shape, 2), at(output.shape, 3)]
  return { layer, count, channels: 1, height, width, data: Float32Array.from(await output.data()) }
}

/**
 * The filters of a convolution as pictures: in colour where they look at three channels, otherwise each channel of each filter as a
 * grey picture, filter by filter. Default: the first convolution, whose filters are small pictures of what they look for.
 *
 * @throws ArgumentError for an unknown layer, or one without the weights of a two-dimensional convolution.
 * @example
 * import { explain, models } from 'cognitron'
 * const { count, channels, height } = await explain.filters(models.resnet18())
 * console.log(count, channels, height) // 64 3 7
 */
export async function filters(model: AnyModule, options: { readonly layer?: string } = {}): Promise<PictureSet> {
  const layer = options.layer ?? firstConvolution(model)
  const weight = planarWeights(model).get(layer)
  if (!weight) {
    const known = firstConvolution(model)
    if (!model.namedState().has(layer)) layerNamed(model, layer)
    throw new ArgumentError(`the layer "${layer}" has no filters; choose a convolution such as "${known}".`)
  }
  const [filterCount, inner, height, width] = weight.shape as [number, number, number, number]
  const data = Float32Array.from(await weight.data())
  return inner === 3
    ? { layer, count: filterCount, channels: 3, height, width, data }
    : { layer, count: filterCount * inner, channels: 1, height, width, data }
}

/** Weights `[out, in, height, width]` by the path of their layer; those of an ONNX model by their own name. */
function planarWeights(model: AnyModule): Map<string, Tensor> {
  const found = [...model.namedState()].filter(([, { shape, dtype }]) => shape.length === 4 && dtype === 'float32')
  return new Map(found.map(([key, tensor]) => [key.replace(/(^|\.)weight$/, ''), tensor]))
}

/**
 * The path of the first convolution of pictures. Throws ArgumentError when there is none.
 *
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.BatchNorm2d(3), new nn.Conv2d(3, 4, 3))
 * console.log(explain.firstConvolution(net)) // '1'
 */
export function firstConvolution(model: AnyModule): string {
  for (const layer of planarWeights(model).keys()) return layer
  throw new ArgumentError(`${model.constructor.name} has no convolution of pictures, so it has no filters to show.`)
}

/**
 * Picture `index` of a set: `[channels, height, width]`.
 *
 * @throws ArgumentError for a number outside the set.
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(3, 4, 3))
 * console.log(explain.pictureAt(await explain.filters(net), 0).length) // 27
 */
export function pictureAt(set: PictureSet, index: number): Float32Array {
  const size = product([set.channels, set.height, set.width])
  if (!range(set.count).includes(index)) {
    throw new ArgumentError(`there are ${set.count} pictures (0 to ${set.count - 1}), given ${index}.`)
  }
  return set.data.subarray(index * size, (index + 1) * size)
}
