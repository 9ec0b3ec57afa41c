/** Occlusion: how much the score falls when a patch of the input is covered. Needs no gradient, so it works for any model. */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from '../tensor/index.ts'
import { type Attribution, extentOf } from './attribution.ts'
import { forVariants } from './input.ts'
import type { Explainable } from './layers.ts'
import { Question, type QuestionOptions } from './question.ts'

export interface OcclusionOptions extends QuestionOptions {
  /** Side of the patch, or [height, width]. Default: a seventh of the input. */
  readonly patch?: number | readonly [height: number, width: number]
  /** How far the patch moves, or [down, across]. Default: half the patch. */
  readonly stride?: number | readonly [down: number, across: number]
  /** What covers, one number or one for each channel, in the numbers of the input. Default 0, the mean of normalised pictures. */
  readonly fill?: number | readonly number[]
  /** Covered copies that are computed together. Default 16. */
  readonly batchSize?: number
  readonly onProgress?: (done: number, total: number) => void
}

interface Window {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/**
 * score(x) − score(x with the patch covered), for a patch that moves over the picture; where patches overlap, their mean. Patches that
 * would reach over the edge are cut off there. Source: Zeiler and Fergus (2014), arXiv:1311.2901.
 *
 * @throws ArgumentError for a patch or stride outside the picture or a fill of another number of channels, and as `saliency`.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const map = await explain.occlusion(models.leNet5(), rand([1, 28, 28]), { patch: 7, stride: 7 })
 * console.log(map.signed, map.map.length) // true 784
 */
export async function occlusion(
  model: Explainable,
  image: Tensor,
  options: OcclusionOptions = {},
): Promise<Attribution> {
  const question = await Question.about(model, image, options)
  const { sample, unit, score } = question
  const { channels, height, width } = extentOf(sample.shape)
  const windows = windowsOf({ height, width }, options)
  const fills = fillsOf(options.fill ?? 0, channels)
  const sums = new Float64Array(height * width)
  const counts = new Int32Array(height * width)
  await forVariants(
    sample,
    { count: windows.length, batchSize: options.batchSize ?? 16 },
    (index, target) => {
      target.set(sample.data)
      eachPlace(at(windows, index), width, (place) => {
        for (let channel = 0; channel < channels; channel++) {
          target[channel * height * width + place] = fills[channel] as number
        }
      })
    },
    async (batch, indices) => {
      const scores = await question.scoresOf(batch)
      indices.forEach((index, slot) => {
        const fall = score - at(scores, slot)
        eachPlace(at(windows, index), width, (place) => {
          sums[place] = (sums[place] as number) + fall
          counts[place] = (counts[place] as number) + 1
        })
      })
      options.onProgress?.((indices.at(-1) ?? 0) + 1, windows.length)
    },
  )
  const map = Float32Array.from(sums, (sum, place) => sum / Math.max(1, counts[place] as number))
  return { method: 'occlusion', map, width, height, signed: true, shape: sample.shape, unit, score }
}

function eachPlace({ top, bottom, left, right }: Window, width: number, visit: (place: number) => void): void {
  for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) visit(row * width + column)
}

function windowsOf(
  size: { readonly height: number; readonly width: number },
  { patch, stride }: OcclusionOptions,
): Window[] {
  const seventh = (length: number): number => Math.max(1, Math.round(length / 7))
  const [patchHeight, patchWidth] = pair(patch ?? [seventh(size.height), seventh(size.width)])
  const [down, across] = pair(stride ?? [Math.ceil(patchHeight / 2), Math.ceil(patchWidth / 2)])
  check('patch', patchHeight, size.height)
  check('patch', patchWidth, size.width)
  check('stride', down, size.height)
  check('stride', across, size.width)
  const columns = starts(size.width, patchWidth, across)
  return starts(size.height, patchHeight, down).flatMap((top) =>
    columns.map((left) => ({
      top,
      left,
      bottom: Math.min(top + patchHeight, size.height),
      right: Math.min(left + patchWidth, size.width),
    })),
  )
}

/** Where patches begin, until one reaches the end. */
function starts(length: number, patch: number, stride: number): number[] {
  return Array.from({ length: Math.ceil((length - patch) / stride) + 1 }, (_, index) => index * stride)
}

function pair(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value
}

function check(what: string, value: number, limit: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= limit) return
  throw new ArgumentError(`the ${what} of an occlusion is a whole number from 1 to ${limit}, given ${value}.`)
}

function fillsOf(fill: number | readonly number[], channels: number): readonly number[] {
  if (typeof fill === 'number') return Array<number>(channels).fill(fill)
  if (fill.length === channels) return fill
  throw new ArgumentError(
    `the fill of an occlusion is one number or one for each of ${channels} channels, given ${fill.length}.`,
  )
}
