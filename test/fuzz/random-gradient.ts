/** Gradients of random graphs: of whole numbers, where backends must agree closely, and of smooth functions for differences. */
import { at } from '../../src/base/arrays.ts'
import { gradients } from '../../src/grad/gradients.ts'
import { topologicalOrder } from '../../src/ir/graph.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { elementCount } from '../../src/shape/shape.ts'
import { randomLike } from '../finite-differences.ts'
import { Grower } from './grower.ts'
import { grow } from './random-graph.ts'
import { isFloat, type Value } from './value.ts'

export interface GradientCase {
  readonly output: Node
  /** The upstream gradient, an input with data of whole numbers. */
  readonly upstream: Node
  /** The float leaves that the output depends on. */
  readonly leaves: readonly Node[]
  readonly gradients: readonly Node[]
}

function weights(grower: Grower, like: Node): Node {
  return grower.fit(grower.input([elementCount(like.shape)], 'float32'), like.shape).node
}

/** The gradient of the last float values of the graph of a seed; undefined when nothing in it is differentiable. */
export function randomGradient(seed: number, options: { smooth: boolean }): GradientCase | undefined {
  const grower = new Grower(seed, options.smooth ? { smooth: true } : { whole: true })
  grow(grower, grower.between(4, options.smooth ? 12 : 16))
  const usable = (value: Value): boolean => isFloat(value) && elementCount(value.node.shape) > 0
  const output = grower.pool.filter(usable).at(-1)?.node
  if (!output) return undefined
  const leaves = topologicalOrder([output]).filter((node) => {
    return (node.op === 'input' || node.op === 'variable') && node.dtype === 'float32'
  })
  const upstream = weights(grower, output)
  const found = gradients([output], [ir.mul(upstream, ir.scalarLike(upstream, 1))], leaves)
  const kept = leaves.filter((_, index) => found[index] !== undefined)
  if (kept.length === 0) return undefined
  return { output, upstream, leaves: kept, gradients: found.filter((node): node is Node => node !== undefined) }
}

/** Every input of some nodes with its data in double precision. */
export function pointOf(nodes: readonly Node[]): Map<Node, Float64Array> {
  const point = new Map<Node, Float64Array>()
  for (const node of topologicalOrder(nodes)) {
    if (node.op === 'input' && node.attributes.source.data)
      point.set(node, Float64Array.from(node.attributes.source.data))
  }
  return point
}

/** A random direction in the space of `leaves`. */
export function randomDirection(leaves: readonly Node[]): Map<Node, Float64Array> {
  return randomLike(leaves, 5)
}

/** Σ over leaves of ⟨gradient, direction⟩. */
export function along(
  direction: ReadonlyMap<Node, Float64Array>,
  leaves: readonly Node[],
  values: readonly Float64Array[],
): number {
  let sum = 0
  leaves.forEach((leaf, index) => {
    const step = direction.get(leaf)
    at(values, index).forEach((value, position) => {
      sum += value * at(step ?? [], position)
    })
  })
  return sum
}
