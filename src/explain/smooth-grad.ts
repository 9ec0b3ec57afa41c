/** SmoothGrad: the mean gradient over noisy copies of the input, which takes away what changes from pixel to pixel. */
import { product } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { RandomSequence } from '../random/threefry.ts'
import { formatShape } from '../shape/shape.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Attribution } from './attribution.ts'
import { elementAttribution } from './gradients.ts'
import { forVariants, type Sample } from './input.ts'
import type { Explainable } from './layers.ts'
import { Question, type QuestionOptions } from './question.ts'
import type { BackwardRule } from './rectifier-rules.ts'

export interface SmoothGradOptions extends QuestionOptions {
  /** Noisy copies. Default 25. */
  readonly samples?: number
  /** Standard deviation of the noise as a share of (largest − smallest value of the input). Default 0.15. */
  readonly noise?: number
  /** Default 0. */
  readonly seed?: number
  /** The noise itself, `[samples, …shape of the input]`, instead of drawing it. */
  readonly noises?: Tensor
  /** Mean of squared gradients instead of gradients. Default false. */
  readonly squared?: boolean
  /** How rectifiers are differentiated. Default 'gradient'. */
  readonly rule?: BackwardRule
  /** Copies that are computed together. Default 16. */
  readonly batchSize?: number
}

/**
 * The mean over `samples` noisy copies of ∂score/∂pixel; the map is the largest magnitude over the channels. The same seed gives the
 * same noise. Source: Smilkov et al., "SmoothGrad: removing noise by adding noise", arXiv:1706.03825.
 *
 * @throws ArgumentError for fewer than one copy or noise below 0, ShapeError for noise of another shape, and as `saliency`.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const map = await explain.smoothGrad(models.leNet5(), rand([1, 28, 28]), { samples: 4, seed: 1 })
 * console.log(map.method, map.map.length) // smooth-grad 784
 */
export async function smoothGrad(
  model: Explainable,
  image: Tensor,
  options: SmoothGradOptions = {},
): Promise<Attribution> {
  const { squared = false, rule = 'gradient', batchSize = 16 } = options
  const question = await Question.about(model, image, options)
  const { sample } = question
  const noises = await noisesFor(sample, options)
  const size = product(sample.shape)
  const count = noises.length / size
  const sum = new Float64Array(size)
  await forVariants(
    sample,
    { count, batchSize },
    (index, target) => {
      for (let i = 0; i < size; i++) target[i] = (sample.data[i] as number) + (noises[index * size + i] as number)
    },
    async (batch, indices) => {
      const { gradients } = await question.gradientsOf(batch, rule)
      for (let slot = 0; slot < indices.length; slot++) {
        for (let i = 0; i < size; i++) {
          const gradient = gradients[slot * size + i] as number
          sum[i] = (sum[i] as number) + (squared ? gradient * gradient : gradient)
        }
      }
    },
  )
  const values = Float32Array.from(sum, (total) => total / count)
  return elementAttribution(question, 'smooth-grad', values, 'max-abs')
}

async function noisesFor(sample: Sample, options: SmoothGradOptions): Promise<Float32Array> {
  const { samples = 25, noise = 0.15, seed = 0, noises } = options
  if (noises) {
    if (noises.rank === sample.shape.length + 1 && formatShape(noises.shape.slice(1)) === formatShape(sample.shape)) {
      return Float32Array.from(await noises.data())
    }
    const wanted = formatShape([samples, ...sample.shape])
    throw new ShapeError(`noises are one for each copy, such as ${wanted}; given shape ${formatShape(noises.shape)}.`)
  }
  if (!Number.isInteger(samples) || samples < 1 || !(noise >= 0)) {
    throw new ArgumentError(
      `smoothGrad takes a whole number of samples of at least 1 and noise of at least 0, given ${samples} and ${noise}.`,
    )
  }
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of sample.data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const deviation = noise * (high - low)
  const random = new RandomSequence(seed, { stream: 0x736d6f })
  return Float32Array.from({ length: samples * sample.data.length }, () => deviation * random.normal())
}
