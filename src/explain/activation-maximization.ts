/** Draws the input that excites a unit most, by gradient ascent from noise under penalties that keep it a picture. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { resizePlanes } from '../data/image/resize.ts'
import { RandomSequence } from '../random/threefry.ts'
import { compile, fromTypedArray, grad, type Tensor } from '../tensor/index.ts'
import { extentOf } from './attribution.ts'
import { type Explainable, firstTensor, layerOutput } from './layers.ts'
import { evaluated, type LayerUnit } from './question.ts'

export interface ActivationMaximizationOptions {
  /** The class, or the unit of a layer, that is to be excited. */
  readonly target: number | (LayerUnit & { readonly channel: number })
  /** Shape of the input without batch axis. */
  readonly inputShape: readonly number[]
  /** Default 200. */
  readonly steps?: number
  /** How far a step goes, in numbers of the input. Default 0.05. */
  readonly stepSize?: number
  /** Weight of the mean square of the picture, which keeps it from growing. Default 0.01. */
  readonly l2?: number
  /** Weight of the mean difference of neighbours, which keeps it smooth. Default 0.1. */
  readonly totalVariation?: number
  /** The picture is moved by up to so many pixels before every step, which takes away grid patterns. Default 2. */
  readonly jitter?: number
  /** The picture is blurred every so many steps; 0 never. Default 10. */
  readonly blurEvery?: number
  /** Smallest and largest number of the input. */
  readonly range?: readonly [low: number, high: number]
  /** Standard deviation of the noise it starts from. Default 0.1. */
  readonly start?: number
  /** Default 0. */
  readonly seed?: number
  readonly scores?: (output: unknown) => unknown
  readonly onStep?: (step: number, score: number) => void
}

/** A drawn input and how its score rose. */
export interface MaximizedInput {
  readonly data: Float32Array
  /** `[channels, height, width]` */
  readonly shape: readonly number[]
  /** The value of the unit at every step, before it; the last one for the result. */
  readonly history: readonly number[]
}

/**
 * argmaxₓ unit(x) − l2 · mean x² − totalVariation · mean |neighbour differences|, by steps of normalised gradients with jitter and blur.
 * Source: Simonyan et al., arXiv:1312.6034; Yosinski et al., "Understanding neural networks through deep visualization",
 * arXiv:1506.06579 (blur); Mordvintsev et al. (jitter).
 *
 * @throws ArgumentError for an unknown layer, class or place, and for options out of range.
 * @example
 * import { explain, models } from 'cognitron'
 * const drawn = await explain.activationMaximization(models.leNet5(), { target: 3, inputShape: [1, 28, 28], steps: 5 })
 * console.log(drawn.shape, drawn.history.length) // [1, 28, 28] 6
 */
export async function activationMaximization(
  model: Explainable,
  options: ActivationMaximizationOptions,
): Promise<MaximizedInput> {
  const { inputShape, steps = 200, stepSize = 0.05, jitter = 2, blurEvery = 10, start = 0.1, seed = 0 } = options
  if (!Number.isInteger(steps) || steps < 1 || !(stepSize > 0)) {
    throw new ArgumentError(
      `activation maximisation takes at least one step of a size above 0, given ${steps} of ${stepSize}.`,
    )
  }
  const random = new RandomSequence(seed, { stream: 0x616d })
  const size = product(inputShape)
  let picture: Float32Array = Float32Array.from({ length: size }, () => start * random.normal())
  const program = compile((x: Tensor) => {
    const score = scoreOf(model, x, options)
    return [score, grad(score.sub(penalty(x, options)), [x])[0]] as const
  })
  const ask = async (values: Float32Array): Promise<[number, Float32Array]> => {
    const [score, gradient] = await program(fromTypedArray(values, [1, ...inputShape], 'float32'))
    return [await score.item(), Float32Array.from(await gradient.data())]
  }
  const history: number[] = []
  await evaluated(model, async () => {
    for (let step = 0; step < steps; step++) {
      const move: Shift = [random.integer(2 * jitter + 1) - jitter, random.integer(2 * jitter + 1) - jitter]
      const [score, gradient] = await ask(rolled(picture, inputShape, move))
      history.push(score)
      options.onStep?.(step, score)
      picture = ascended(picture, rolled(gradient, inputShape, [-move[0], -move[1]]), stepSize)
      if (blurEvery > 0 && step % blurEvery === blurEvery - 1 && step < steps - blurEvery)
        picture = blurred(picture, inputShape)
      if (options.range) picture = clipped(picture, options.range)
    }
    history.push((await ask(picture))[0])
  })
  return { data: picture, shape: inputShape, history }
}

function scoreOf(
  model: Explainable,
  x: Tensor,
  { target, scores = firstTensor }: ActivationMaximizationOptions,
): Tensor {
  const {
    layer = '',
    channel,
    place,
  }: LayerUnit & { channel: number } = typeof target === 'number' ? { channel: target } : target
  const output = layerOutput(model, layer, x, scores)
  const channels = at(output.shape, 1)
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels) {
    throw new ArgumentError(
      `the ${layer === '' ? 'class' : `channel of "${layer}"`} ${channel} does not exist; there are ${channels} (0 to ${channels - 1}).`,
    )
  }
  let unit = output.slice(1, channel, channel + 1)
  place?.forEach((index, axis) => {
    if (index >= 0 && index < (output.shape[axis + 2] ?? 0)) unit = unit.slice(axis + 2, index, index + 1)
    else throw new ArgumentError(`the place ${place.join(', ')} does not exist in the layer "${layer}".`)
  })
  return unit.mean()
}

function penalty(x: Tensor, { l2 = 0.01, totalVariation = 0.1 }: ActivationMaximizationOptions): Tensor {
  const square = x.square().mean().mul(l2)
  if (x.rank !== 4) return square
  const [height, width] = [at(x.shape, 2), at(x.shape, 3)]
  const down = x.slice(2, 1).sub(x.slice(2, 0, height - 1))
  const across = x.slice(3, 1).sub(x.slice(3, 0, width - 1))
  // The square root of a small number more than the square: |d| with a derivative at 0.
  const size = (d: Tensor): Tensor => d.square().add(1e-6).sqrt().mean()
  return square.add(size(down).add(size(across)).mul(totalVariation))
}

/** Against the gradient's own size, so that one step size suits every layer. */
function ascended(picture: Float32Array, gradient: Float32Array, stepSize: number): Float32Array {
  const deviation = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0) / gradient.length)
  const factor = stepSize / (deviation + 1e-12)
  return picture.map((value, i) => value + factor * (gradient[i] as number))
}

type Shift = readonly [down: number, across: number]

/** The picture moved; what leaves at one edge comes in at the other. */
function rolled(data: Float32Array, shape: readonly number[], [down, across]: Shift): Float32Array {
  if (shape.length !== 3 || (down === 0 && across === 0)) return data
  const { channels, height, width } = extentOf(shape)
  const result = new Float32Array(data.length)
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const target = (channel * height + ((row + down + height) % height)) * width
      const source = (channel * height + row) * width
      for (let column = 0; column < width; column++) {
        result[target + ((column + across + width) % width)] = data[source + column] as number
      }
    }
  }
  return result
}

/** A light blur: half the size and back, mixed with the sharp picture. */
function blurred(data: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length !== 3) return data
  const { channels, height, width } = extentOf(shape)
  const half = [Math.max(1, height >> 1), Math.max(1, width >> 1)] as const
  const soft = resizePlanes(resizePlanes(data, [channels, height, width], half), [channels, ...half], [height, width])
  return data.map((value, i) => (value + (soft[i] as number)) / 2)
}

function clipped(data: Float32Array, [low, high]: readonly [number, number]): Float32Array {
  return data.map((value) => Math.min(high, Math.max(low, value)))
}
