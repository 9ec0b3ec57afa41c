/**
 * A stable text form of graphs for golden tests and for people: nodes are numbered from 0 in topological order, variables by
 * their first appearance, so equal graphs print alike whatever was built before. Host data of inputs is left out.
 */
import { graphLeaves, graphRoots, topologicalOrder } from './graph.ts'
import type { Graph, Node, VariableRef } from './node.ts'
import type { Type } from './primitives.ts'

/** `float32[2, 3]` */
export function printType({ dtype, shape }: Type): string {
  return `${dtype}[${shape.join(', ')}]`
}

/**
 * One line for each node, one for each update and one for the results:
 *
 *     %0 = input float32[2, 3]
 *     %1 = variable v0 float32[2, 3]
 *     %2 = add(%0, %1) : float32[2, 3]
 *     %3 = reduceSum(%2) axes=[0, 1] : float32[1, 1]
 *     v0 := %2
 *     return %3
 */
export function print(graph: Graph): string {
  const order = topologicalOrder(graphRoots(graph))
  const { variables } = graphLeaves(graph, order)
  const names = new Map(order.map((node, index) => [node, `%${index}`]))
  const variableNames = new Map(variables.map((variable, index) => [variable, `v${index}`]))
  const lines = order.map((node) => `${names.get(node)} = ${printNode(node, names, variableNames)}`)
  for (const update of graph.updates) {
    lines.push(`${variableNames.get(update.variable)} := ${names.get(update.value)}`)
  }
  if (graph.outputs.length > 0) lines.push(`return ${graph.outputs.map((node) => names.get(node)).join(', ')}`)
  return lines.join('\n')
}

function printNode(
  node: Node,
  names: ReadonlyMap<Node, string>,
  variableNames: ReadonlyMap<VariableRef, string>,
): string {
  const type = printType(node)
  if (node.op === 'constant') return `constant ${printValue(node.attributes.value)} ${type}`
  if (node.op === 'variable') return `variable ${variableNames.get(node.attributes.variable)} ${type}`
  if (node.inputs.length === 0) return [node.op, ...printAttributes(node), type].join(' ')
  const operands = node.inputs.map((operand) => names.get(operand)).join(', ')
  return [`${node.op}(${operands})`, ...printAttributes(node), ':', type].join(' ')
}

// The result's type says these already; a source is the host's affair.
const SAID_ELSEWHERE = ['shape', 'dtype', 'source']

function printAttributes(node: Node): string[] {
  return Object.entries(node.attributes)
    .filter(([name]) => !SAID_ELSEWHERE.includes(name))
    .map(([name, value]) => `${name}=${printValue(value)}`)
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${printValue(field)}`)
    return `{ ${fields.join(', ')} }`
  }
  return Object.is(value, -0) ? '-0' : String(value)
}
