/** Deletion and insertion curves: what happens to the answer when pixels go, or come, in the order that a map gives. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { resizePlanes } from '../data/image/resize.ts'
import { softmax, type Tensor } from '../tensor/index.ts'
import { type Attribution, checkBelongs, extentOf } from './attribution.ts'
import { forVariants, readSample, type Sample } from './input.ts'
import type { Explainable } from './layers.ts'
import { layerProgram, type QuestionOptions } from './question.ts'

export interface PixelCurveOptions extends Pick<QuestionOptions, 'scores'> {
  /** 'deletion' covers the most important pixels first, 'insertion' starts from nothing and shows them first. Default 'deletion'. */
  readonly mode?: 'deletion' | 'insertion'
  /** What stands for a missing pixel: a number, one for each channel, or a blurred copy. Default 'blur'. */
  readonly missing?: 'blur' | number | readonly number[]
  /** Points of the curve beside the first. Default 20. */
  readonly steps?: number
  /** The class whose probability is followed. Default: that of the attribution. */
  readonly target?: number
  /** False when the model gives probabilities already. Default true. */
  readonly softmax?: boolean
  /** Default 16. */
  readonly batchSize?: number
}

/** The probability of a class over the share of pixels that were changed. */
export interface PixelCurve {
  readonly shares: readonly number[]
  readonly probabilities: readonly number[]
  /** The area below the curve: small is good for deletion, large for insertion. */
  readonly area: number
}

/**
 * Follows the probability of a class while pixels are covered or shown in the falling order of a map.
 * Source: Petsiuk, Das, Saenko, "RISE: randomized input sampling for explanation", arXiv:1806.07421.
 *
 * @throws ArgumentError for a map of another picture, fewer than one step or an unknown class.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const [net, image] = [models.leNet5(), rand([1, 28, 28])]
 * const curve = await explain.pixelCurve(net, image, await explain.saliency(net, image), { steps: 5 })
 * console.log(curve.shares.length) // 6
 */
export async function pixelCurve(
  model: Explainable,
  image: Tensor,
  attribution: Attribution,
  options: PixelCurveOptions = {},
): Promise<PixelCurve> {
  const { mode = 'deletion', missing = 'blur', steps = 20, batchSize = 16 } = options
  if (!Number.isInteger(steps) || steps < 1) throw new ArgumentError(`a curve needs at least one step, given ${steps}.`)
  const sample = await readSample(image)
  checkBelongs(attribution, sample.shape)
  const empty = emptied(sample, missing)
  const { channels, height, width } = extentOf(sample.shape)
  const places = height * width
  const order = Int32Array.from({ length: places }, (_, i) => i).sort(
    (i, j) => at(attribution.map, j) - at(attribution.map, i) || i - j,
  )
  const [start, end] = mode === 'deletion' ? [sample.data, empty] : [empty, sample.data]
  const run = layerProgram(model, '', options.scores)
  const target = options.target ?? attribution.unit.channel
  const probabilities: number[] = []
  await forVariants(
    sample,
    { count: steps + 1, batchSize },
    (index, variant) => {
      variant.set(start)
      const changed = Math.round((index / steps) * places)
      for (let i = 0; i < changed; i++) {
        const place = at(order, i)
        for (let c = 0; c < channels; c++) variant[c * places + place] = end[c * places + place] as number
      }
    },
    async (batch, indices) => {
      const scores = await run(batch)
      const values = await (options.softmax === false ? scores : softmax(scores, 1)).data()
      const classes = product(scores.shape.slice(1))
      if (!(target >= 0 && target < classes)) {
        throw new ArgumentError(
          `the class ${target} does not exist; the model has ${classes} classes (0 to ${classes - 1}).`,
        )
      }
      indices.forEach((_, slot) => void probabilities.push(at(values, slot * classes + target)))
    },
  )
  const shares = probabilities.map((_, index) => index / steps)
  const area = probabilities.slice(1).reduce((sum, value, i) => sum + (value + at(probabilities, i)) / 2 / steps, 0)
  return { shares, probabilities, area }
}

/** The sample with every pixel missing. */
function emptied(sample: Sample, missing: NonNullable<PixelCurveOptions['missing']>): Float32Array {
  const { channels, height, width } = extentOf(sample.shape)
  if (missing === 'blur') {
    const coarse = [Math.max(1, Math.round(height / 8)), Math.max(1, Math.round(width / 8))] as const
    const small = resizePlanes(sample.data, [channels, height, width], coarse)
    return resizePlanes(small, [channels, ...coarse], [height, width])
  }
  const fills = typeof missing === 'number' ? Array<number>(channels).fill(missing) : missing
  if (fills.length !== channels) {
    throw new ArgumentError(`missing is one number or one for each of ${channels} channels, given ${fills.length}.`)
  }
  return sample.data.map((_, i) => at(fills, Math.floor(i / (height * width))))
}
