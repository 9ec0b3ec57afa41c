/**
 * Derivatives along a random direction by central differences in double precision, the outside truth of every gradient.
 * Source: the check by one random direction is JAX's `check_grads`; the five-point formula has an error of order h⁴.
 */

import { evaluate } from '../src/backends/interpreter/index.ts'
import { at } from '../src/base/arrays.ts'
import { invariant } from '../src/base/errors.ts'
import { graphLeaves } from '../src/ir/graph.ts'
import type { Node } from '../src/ir/node.ts'
import { RandomSequence } from '../src/random/threefry.ts'
import { elementCount } from '../src/shape/shape.ts'

/** The values of input nodes. */
export type Point = ReadonlyMap<Node, Float64Array>

const STEP = 1e-4

/** The values of `nodes` where the inputs have the values of `point`. */
export function valuesAt(nodes: readonly Node[], point: Point): Float64Array[] {
  const graph = { outputs: nodes, updates: [] }
  const inputs = graphLeaves(graph).inputs.map((input) => {
    const values = point.get(input)
    invariant(values, `input ${input.id} has no value`)
    return values
  })
  return evaluate(graph, { inputs, variables: [] }).outputs
}

/** Normal numbers in the shapes of `nodes`. */
export function randomLike(nodes: readonly Node[], stream: number): Map<Node, Float64Array> {
  const random = new RandomSequence(7, { stream })
  return new Map(
    nodes.map((node) => [node, Float64Array.from({ length: elementCount(node.shape) }, () => random.normal())]),
  )
}

/** Σᵢ aᵢ · bᵢ */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += at(a, index) * at(b, index)
  return sum
}

/** The derivative of Σ ⟨weights[i], outputs[i]⟩ at `point` along `direction`. */
export function directionalDerivative(
  outputs: readonly Node[],
  weights: readonly Float64Array[],
  point: Point,
  direction: Point,
): number {
  const weighted = (distance: number): number => {
    const moved = new Map(point)
    for (const [node, step] of direction) {
      const values = point.get(node)
      invariant(values, `input ${node.id} has no value`)
      moved.set(
        node,
        values.map((value, index) => value + distance * at(step, index)),
      )
    }
    return valuesAt(outputs, moved).reduce((sum, values, index) => sum + dot(at(weights, index), values), 0)
  }
  const near = weighted(STEP) - weighted(-STEP)
  const far = weighted(2 * STEP) - weighted(-2 * STEP)
  return (8 * near - far) / (12 * STEP)
}
