/**
 * Evaluates graphs node by node in double precision: slow, obvious, the oracle for every other backend and for gradient checks.
 * Nothing is rounded to float32 on the way, neither constants nor intermediate values.
 */
import { at } from '../../base/arrays.ts'
import { invariant } from '../../base/errors.ts'
import { graphLeaves, graphRoots, topologicalOrder } from '../../ir/graph.ts'
import type { Graph, Node } from '../../ir/node.ts'
import type { BoundLeaf, LeafValues } from './rule.ts'
import { rules } from './rules.ts'

/** A rule whose node is known to be of its primitive. */
type AnyRule = (node: Node, operands: readonly Float64Array[], valuesOf: LeafValues) => Float64Array

/** What a graph is evaluated with, in the order of `graphLeaves(graph)`. */
export interface Bindings {
  readonly inputs: readonly ArrayLike<number>[]
  readonly variables: readonly ArrayLike<number>[]
}

/** Results in the order of `graph.outputs` and `graph.updates`; arrays may be shared among them. */
export interface Evaluation {
  readonly outputs: Float64Array[]
  readonly updates: Float64Array[]
}

/** Computes outputs and updates of `graph`; the bindings are only read. */
export function evaluate(graph: Graph, bindings: Bindings): Evaluation {
  const roots = graphRoots(graph)
  const order = topologicalOrder(roots)
  const leaves = graphLeaves(graph, order)
  const inputs = new Map(leaves.inputs.map((input, index) => [input, at(bindings.inputs, index)]))
  const variables = new Map(leaves.variables.map((variable, index) => [variable, at(bindings.variables, index)]))
  const values = evaluateRoots(roots, order, (leaf) => {
    const found = leaf.op === 'input' ? inputs.get(leaf) : variables.get(leaf.attributes.variable)
    invariant(found, `${leaf.op} ${leaf.id} is not bound`)
    return found
  })
  return { outputs: values.slice(0, graph.outputs.length), updates: values.slice(graph.outputs.length) }
}

/** Computes one node; inputs that have no `source.data`, and variables, need `valuesOf`. */
export function evaluateNode(node: Node, valuesOf: LeafValues = sourceData): Float64Array {
  return at(evaluateRoots([node], topologicalOrder([node]), valuesOf), 0)
}

function sourceData(leaf: BoundLeaf): ArrayLike<number> {
  const data = leaf.op === 'input' ? leaf.attributes.source.data : undefined
  invariant(data, `${leaf.op} ${leaf.id} has no data of its own`)
  return data
}

function evaluateRoots(roots: readonly Node[], order: readonly Node[], valuesOf: LeafValues): Float64Array[] {
  const values = new Map<Node, Float64Array>()
  const pendingUses = countUses(roots, order)
  for (const node of order) {
    const operands = node.inputs.map((input) => computed(values, input))
    const rule = rules[node.op] as AnyRule
    values.set(node, rule(node, operands, valuesOf))
    for (const input of node.inputs) {
      const uses = (pendingUses.get(input) ?? 0) - 1
      pendingUses.set(input, uses)
      if (uses === 0) values.delete(input)
    }
  }
  return roots.map((root) => computed(values, root))
}

function computed(values: ReadonlyMap<Node, Float64Array>, node: Node): Float64Array {
  const value = values.get(node)
  invariant(value, `${node.op} ${node.id} was used before it was computed`)
  return value
}

/** How often each node's value is still needed; being a root counts as a use that never ends. */
function countUses(roots: readonly Node[], order: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>()
  const count = (node: Node) => uses.set(node, (uses.get(node) ?? 0) + 1)
  roots.forEach(count)
  for (const node of order) node.inputs.forEach(count)
  return uses
}
