/** Integrated gradients: the gradient gathered on the straight way from a baseline to the input; complete by construction. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Attribution } from './attribution.ts'
import { elementAttribution } from './gradients.ts'
import { batchOf, forVariants, readSample, type Sample } from './input.ts'
import type { Explainable } from './layers.ts'
import { Question, type QuestionOptions } from './question.ts'

export interface IntegratedGradientsOptions extends QuestionOptions {
  /** Where the way begins: a sample, or one number for every element. Default 0. */
  readonly baseline?: Tensor | number
  /** Points on the way. Default 50. */
  readonly steps?: number
  /** Where the points lie and how they count. Default 'gauss-legendre'. */
  readonly rule?: QuadratureRule
  /** Points that are computed together. Default 16. */
  readonly batchSize?: number
}

export type QuadratureRule = 'gauss-legendre' | 'midpoint' | 'trapezoid'

/**
 * (x − baseline) · ∫₀¹ ∂score(baseline + α (x − baseline))/∂x dα, summed over the channels. The values sum to score(x) −
 * score(baseline); `completeness` says how closely. Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks",
 * arXiv:1703.01365.
 *
 * @throws ArgumentError for fewer than one step, ShapeError for a baseline of another shape, and as `saliency`.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const map = await explain.integratedGradients(models.leNet5(), rand([1, 28, 28]), { steps: 8 })
 * console.log(map.signed, map.completeness !== undefined) // true true
 */
export async function integratedGradients(
  model: Explainable,
  image: Tensor,
  options: IntegratedGradientsOptions = {},
): Promise<Attribution> {
  const { steps = 50, rule = 'gauss-legendre', batchSize = 16 } = options
  if (!Number.isInteger(steps) || steps < (rule === 'trapezoid' ? 2 : 1)) {
    throw new ArgumentError(
      `integrated gradients need a whole number of steps of at least 1 (2 for trapezoid), given ${steps}.`,
    )
  }
  const question = await Question.about(model, image, options)
  const { sample } = question
  const baseline = await baselineOf(options.baseline ?? 0, sample)
  const { points, weights } = quadrature(rule, steps)
  const size = product(sample.shape)
  const sum = new Float64Array(size)
  await forVariants(
    sample,
    { count: steps, batchSize },
    (index, target) => mix(baseline, sample.data, at(points, index), target),
    async (batch, indices) => {
      const { gradients } = await question.gradientsOf(batch)
      indices.forEach((index, slot) => {
        const weight = at(weights, index)
        for (let i = 0; i < size; i++) sum[i] = (sum[i] as number) + weight * (gradients[slot * size + i] as number)
      })
    },
  )
  const values = Float32Array.from(
    sum,
    (gradient, i) => gradient * ((sample.data[i] as number) - (baseline[i] as number)),
  )
  const start = await question.scoresOf(batchOf(baseline, 1, sample.shape))
  const total = values.reduce((all, value) => all + value, 0)
  const expected = question.score - at(start, 0)
  const completeness = { sum: total, expected, error: Math.abs(total - expected) }
  return { ...elementAttribution(question, 'integrated-gradients', values, 'sum'), completeness }
}

async function baselineOf(given: Tensor | number, sample: Sample): Promise<Float32Array> {
  if (typeof given === 'number') return new Float32Array(sample.data.length).fill(given)
  const { data, shape } = await readSample(given)
  if (formatShape(shape) === formatShape(sample.shape)) return data
  throw new ShapeError(
    `the baseline has shape ${formatShape(shape)} but the input ${formatShape(sample.shape)}; both must have the same.`,
  )
}

function mix(from: Float32Array, to: Float32Array, share: number, target: Float32Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = (from[i] as number) + share * ((to[i] as number) - (from[i] as number))
  }
}

/** Points in [0, 1] and their weights, which sum to 1. */
export function quadrature(rule: QuadratureRule, steps: number): { points: number[]; weights: number[] } {
  const indices = Array.from({ length: steps }, (_, index) => index)
  if (rule === 'midpoint')
    return { points: indices.map((i) => (i + 0.5) / steps), weights: indices.map(() => 1 / steps) }
  if (rule === 'gauss-legendre') return gaussLegendre(steps)
  const inner = 1 / (steps - 1)
  return {
    points: indices.map((i) => i * inner),
    weights: indices.map((i) => (i === 0 || i === steps - 1 ? inner / 2 : inner)),
  }
}

/** Roots of the Legendre polynomial of a degree by Newton's method, with the weights of Gauss's quadrature, on [0, 1]. */
function gaussLegendre(degree: number): { points: number[]; weights: number[] } {
  const points: number[] = []
  const weights: number[] = []
  for (let index = degree - 1; index >= 0; index--) {
    let x = Math.cos((Math.PI * (index + 0.75)) / (degree + 0.5))
    let slope = 0
    for (let round = 0; round < 100; round++) {
      const { value, derivative } = legendre(degree, x)
      slope = derivative
      const step = value / derivative
      x -= step
      if (Math.abs(step) < 1e-15) break
    }
    points.push((x + 1) / 2)
    weights.push(1 / ((1 - x * x) * slope * slope))
  }
  return { points, weights }
}

function legendre(degree: number, x: number): { value: number; derivative: number } {
  let before = 1
  let value = x
  for (let n = 2; n <= degree; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n]
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) }
}
