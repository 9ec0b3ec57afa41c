/** Gradients of a sample, of first and second order, and their distance from finite differences in double precision. */
import { at } from '../../src/base/arrays.ts'
import { gradients } from '../../src/grad/gradients.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import { directionalDerivative, dot, type Point, randomLike, valuesAt } from '../finite-differences.ts'
import { type OpSample, sampleInputs } from '../op-samples.ts'

/** Outputs whose derivative is wanted, what flows into them, by which nodes, and where. */
export interface DerivativeCase {
  readonly outputs: readonly Node[]
  readonly seeds: readonly Node[]
  readonly wrt: readonly Node[]
  readonly point: Point
  /** Tells random directions apart. */
  readonly stream: number
}

function seedFor(output: Node, stream: number): { seed: Node; values: Float64Array } {
  const [values] = [...randomLike([output], stream).values()] as [Float64Array]
  const source = { data: Float32Array.from(values) }
  const seed = makeNode('input', [], { source, shape: output.shape, dtype: 'float32' })
  return { seed, values: Float64Array.from(source.data) }
}

function caseOf(outputs: readonly Node[], wrt: readonly Node[], point: Point, stream: number): DerivativeCase {
  const seeded = outputs.map((output, index) => seedFor(output, stream + 10 * index))
  return {
    outputs,
    seeds: seeded.map(({ seed }) => seed),
    wrt,
    point: new Map([...point, ...seeded.map(({ seed, values }) => [seed, values] as const)]),
    stream: stream + 1,
  }
}

/** The first derivative of a sample by its float operands. */
export function firstDerivative(sample: OpSample): DerivativeCase {
  const inputs = sampleInputs(sample)
  const output = sample.build(...inputs)
  const point = new Map<Node, Float64Array>(
    inputs.map((input) => [input, Float64Array.from(input.attributes.source.data ?? [])] as const),
  )
  const floats = inputs.filter((input) => input.dtype === 'float32')
  return caseOf([output], floats, withInnerData(output, point), 1)
}

/** Random draws and constants of public operations carry data of their own. */
function withInnerData(output: Node, point: Map<Node, Float64Array>): Point {
  const stack = [output]
  const seen = new Set<Node>()
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    stack.push(...node.inputs)
    if (node.op === 'input' && !point.has(node) && node.attributes.source.data) {
      point.set(node, Float64Array.from(node.attributes.source.data))
    }
  }
  return point
}

/** The derivative of a derivative, by the same operands and by what flowed into the first. */
export function nextDerivative(first: DerivativeCase): DerivativeCase {
  const found = derivativeNodes(first)
  return caseOf(found, [...first.wrt, ...first.seeds], first.point, first.stream + 2)
}

/** The gradients as nodes, those that are 0 left out. */
export function derivativeNodes({ outputs, seeds, wrt }: DerivativeCase): Node[] {
  return gradients(outputs, seeds, wrt).filter((node): node is Node => node !== undefined)
}

/** How far the gradient along a random direction lies from central differences, in the scale of what is summed up. */
export function derivativeError({ outputs, seeds, wrt, point, stream }: DerivativeCase): number {
  if (outputs.length === 0) return 0
  const found = gradients(outputs, seeds, wrt)
  const direction = randomLike(wrt, stream)
  const weights = seeds.map((seed) => point.get(seed) as Float64Array)
  const numeric = directionalDerivative(outputs, weights, point, direction)
  const analytic = wrt.reduce((sum, node, index) => {
    const gradient = found[index]
    return gradient ? sum + dot(at(valuesAt([gradient], point), 0), direction.get(node) ?? []) : sum
  }, 0)
  const scale = 1 + Math.sqrt(at(weights, 0).length)
  return Math.abs(analytic - numeric) / (scale + Math.abs(numeric))
}
