/**
 * Can an explanation be trusted? Two checks: a map must change when the weights become noise, and covering what it calls important must
 * change the answer. Weights are put back whatever happens.
 */

import { at, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { permutation } from '../random/permutation.ts'
import { RandomSequence } from '../random/threefry.ts'
import type { Parameter, Tensor } from '../tensor/index.ts'
import type { Attribution } from './attribution.ts'
import type { Explainable } from './layers.ts'

/** Makes the map of one picture, for instance `(model, image) => explain.saliency(model, image, { target: 3 })`. */
export type Explain = (model: Explainable, image: Tensor) => Promise<Attribution>

export interface RandomizationOptions {
  /** Randomise from the last layer down, comparing after each (default), every layer alone, or all at once. */
  readonly mode?: 'cascade' | 'independent' | 'all'
  /** Default 0. */
  readonly seed?: number
  /** Largest |rank correlation| with the original, once everything is noise, at which the map counts as depending on the weights. Default 0.5. */
  readonly limit?: number
}

/** How alike the maps before and after are. */
export interface RandomizationStage {
  /** The layer that became noise last. */
  readonly layer: string
  /** Spearman's rank correlation of the maps: 1 the same order, 0 nothing in common. */
  readonly correlation: number
  /** The same of magnitudes, which overlooks signs. */
  readonly absoluteCorrelation: number
  readonly map: Attribution
}

export interface RandomizationResult {
  readonly original: Attribution
  readonly stages: readonly RandomizationStage[]
  /** Whether the map depends on what was learned: its magnitudes correlate with the original less than `limit` once all is noise. */
  readonly passed: boolean
}

/**
 * Repeats an explanation with the weights of more and more layers in random order. A method that explains the model gives another map
 * then; one that draws edges whatever the weights gives the same. Source: Adebayo et al., "Sanity checks for saliency maps",
 * arXiv:1810.03292 (there weights are drawn anew; shuffling keeps their distribution exactly).
 *
 * @throws what `explain` throws, ArgumentError for a model without weights.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const { stages, passed } = await explain.randomizationTest(models.leNet5(), rand([1, 28, 28]), (model, image) =>
 *   explain.saliency(model, image, { target: 0 }))
 * console.log(stages.length, typeof passed) // 5 boolean
 */
export async function randomizationTest(
  model: Explainable,
  image: Tensor,
  explain: Explain,
  options: RandomizationOptions = {},
): Promise<RandomizationResult> {
  const { mode = 'cascade', seed = 0, limit = 0.5 } = options
  const layers = weightedLayers(model).reverse()
  if (layers.length === 0)
    throw new ArgumentError(`${model.constructor.name} has no weights, so there is nothing to randomise.`)
  const original = await explain(model, image)
  const saved = await model.stateDict()
  const stages: RandomizationStage[] = []
  try {
    for (const [index, [layer, parameters]] of layers.entries()) {
      if (mode === 'independent') model.loadStateDict(saved)
      for (const [number, parameter] of parameters.entries()) {
        await shuffle(parameter, new RandomSequence(seed, { stream: index * 64 + number }))
      }
      if (mode === 'all' && index < layers.length - 1) continue
      const map = await explain(model, image)
      stages.push({ layer, map, ...compareMaps(original.map, map.map) })
    }
  } finally {
    model.loadStateDict(saved)
  }
  const judged = mode === 'independent' ? stages : stages.slice(-1)
  const passed = judged.every(({ absoluteCorrelation }) => Math.abs(absoluteCorrelation) < limit)
  return { original, stages, passed }
}

/** Modules with parameters of their own, in the order of the model. */
function weightedLayers(model: Explainable): [string, Parameter[]][] {
  return model.namedModules().flatMap(([path, module]): [string, Parameter[]][] => {
    const below = new Set(module.children().flatMap((child) => child.parameters()))
    const own = module.parameters().filter((parameter) => !below.has(parameter))
    return own.length > 0 ? [[path, own]] : []
  })
}

async function shuffle(parameter: Parameter, random: RandomSequence): Promise<void> {
  const values = Float32Array.from(await parameter.data())
  const order = permutation(random, values.length)
  parameter.write(values.map((_, index) => at(values, at(order, index))))
}

/**
 * Rank correlations of two maps, of their values and of their magnitudes.
 *
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.compareMaps([1, 2, 3], [-1, -2, -3])) // −1, and 1 of the magnitudes
 */
export function compareMaps(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { correlation: number; absoluteCorrelation: number } {
  const magnitudes = (values: ArrayLike<number>): number[] => Array.from(values, Math.abs)
  return { correlation: rankCorrelation(a, b), absoluteCorrelation: rankCorrelation(magnitudes(a), magnitudes(b)) }
}

/**
 * Spearman's rank correlation, equal values sharing their mean rank; 0 when one side is constant.
 *
 * @throws ArgumentError when the lengths differ.
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.rankCorrelation([1, 2, 3], [10, 100, 1000])) // 1
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new ArgumentError(`maps to compare have the same size, given ${a.length} and ${b.length}.`)
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (a.length - 1) / 2
  let [covariance, first, second] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] as number) - mean, (y[i] as number) - mean]
    covariance += dx * dy
    first += dx * dx
    second += dy * dy
  }
  return first > 0 && second > 0 ? covariance / Math.sqrt(first * second) : 0
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from(range(values.length)).sort((i, j) => (values[i] as number) - (values[j] as number))
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[at(order, end)] === values[at(order, start)]) end += 1
    for (let i = start; i < end; i++) result[at(order, i)] = (start + end - 1) / 2
    start = end
  }
  return result
}
