/** Walks over graphs. Iterative throughout: networks are deeper than the JavaScript stack. */
import type { Graph, Node, NodeOf, VariableRef } from './node.ts'

/**
 * All nodes that `roots` depend on, operands before their users; ties follow the order of operands. Nodes for which `isKnown` holds
 * are left out, with all below them. `operandsOf` may lead elsewhere than to the operands.
 */
export function topologicalOrder(
  roots: readonly Node[],
  isKnown?: (node: Node) => boolean,
  operandsOf: (node: Node) => readonly Node[] = (node) => node.inputs,
): Node[] {
  const order: Node[] = []
  const visited = new Set<Node>()
  const stack: { node: Node; operands: readonly Node[]; next: number }[] = []
  for (const root of roots) {
    if (visited.has(root) || isKnown?.(root)) continue
    visited.add(root)
    stack.push({ node: root, operands: operandsOf(root), next: 0 })
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const operand = top.operands[top.next]
      top.next += 1
      if (operand === undefined) {
        order.push(top.node)
        stack.pop()
      } else if (!visited.has(operand) && !isKnown?.(operand)) {
        visited.add(operand)
        stack.push({ node: operand, operands: operandsOf(operand), next: 0 })
      }
    }
  }
  return order
}

/** The graph with some nodes replaced by others of the same type; what depends on them is made anew. */
export function replaceNodes(graph: Graph, order: readonly Node[], replacements: ReadonlyMap<Node, Node>): Graph {
  if (replacements.size === 0) return graph
  const replaced = new Map(replacements)
  const swap = (node: Node): Node => replaced.get(node) ?? node
  for (const node of order) {
    if (replaced.has(node) || node.inputs.every((operand) => !replaced.has(operand))) continue
    replaced.set(node, { ...node, inputs: node.inputs.map(swap) } as Node)
  }
  return {
    outputs: graph.outputs.map(swap),
    updates: graph.updates.map(({ variable, value }) => ({ variable, value: swap(value) })),
  }
}

/** The nodes that a program must compute: its outputs, then the new values of its variables. */
export function graphRoots(graph: Graph): Node[] {
  return [...graph.outputs, ...graph.updates.map((update) => update.value)]
}

export interface GraphLeaves {
  /** Input nodes in the order in which a walk from the roots meets them. */
  readonly inputs: readonly NodeOf<'input'>[]
  /** Variables read or updated, each once, in the same order; updated-only variables come last. */
  readonly variables: readonly VariableRef[]
}

/** What must be bound before a graph can run. */
export function graphLeaves(graph: Graph, order: readonly Node[] = topologicalOrder(graphRoots(graph))): GraphLeaves {
  const inputs: NodeOf<'input'>[] = []
  const variables = new Set<VariableRef>()
  for (const node of order) {
    if (node.op === 'input') inputs.push(node)
    if (node.op === 'variable') variables.add(node.attributes.variable)
  }
  for (const update of graph.updates) variables.add(update.variable)
  return { inputs, variables: [...variables] }
}
