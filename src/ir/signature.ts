/** A text that is equal for two graphs exactly when one compiled program serves both. */
import { remembered } from '../base/remembered.ts'
import { graphRoots, topologicalOrder } from './graph.ts'
import type { Graph, InputSource, Node, VariableRef } from './node.ts'

/** Serialises the graph; inputs and variables count by position, not by identity. */
export function graphSignature(graph: Graph, order: readonly Node[] = topologicalOrder(graphRoots(graph))): string {
  const positions = new Map<Node, number>()
  const variables = new Map<VariableRef, number>()
  const sources = new Map<InputSource, number>()
  const parts: string[] = []
  for (const node of order) {
    const operands = node.inputs.map((operand) => positions.get(operand)).join(',')
    parts.push(`${node.op}(${operands})${describe(node, variables, sources)}`)
    positions.set(node, positions.size)
  }
  parts.push(`>${graph.outputs.map((node) => positions.get(node)).join(',')}`)
  for (const { variable, value } of graph.updates) {
    parts.push(`${position(variables, variable)}${variable.dtype}[${variable.shape}]=${positions.get(value)}`)
  }
  return parts.join(';')
}

function describe(node: Node, variables: Map<VariableRef, number>, sources: Map<InputSource, number>): string | number {
  switch (node.op) {
    case 'variable':
      return `${position(variables, node.attributes.variable)}${node.dtype}[${node.shape}]`
    case 'input':
      return `${position(sources, node.attributes.source)}${node.dtype}[${node.shape}]`
    case 'constant':
      // Object.is tells -0 from 0, JSON does not.
      return `${node.dtype}${Object.is(node.attributes.value, -0) ? '-0' : node.attributes.value}`
    default:
      return JSON.stringify(node.attributes, (_, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      )
  }
}

function position<K>(positions: Map<K, number>, key: K): number {
  return remembered(positions, key, () => positions.size)
}
