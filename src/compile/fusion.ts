/**
 * Decides which nodes get a buffer of their own. All others are recomputed inside the kernels of their users: what one user needs
 * once, and what is cheaper to compute again than to read back.
 */
import { at } from '../base/arrays.ts'
import { remembered } from '../base/remembered.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node, PrimitiveName } from '../ir/node.ts'
import { constantValue } from '../ir/operations.ts'
import { primitives } from '../ir/primitives.ts'

/** Rough cost of one element, in plain vector instructions. */
const COSTLY: { readonly [P in PrimitiveName]?: number } = {
  exp: 10,
  log: 10,
  sin: 12,
  cos: 12,
  tanh: 12,
  sigmoid: 12,
  erf: 16,
  pow: 24,
  div: 4,
  sqrt: 4,
  mod: 6,
  random: 40,
  gather: 8,
}

/** A node with several users is recomputed by each of them up to this cost, loads included. */
const RECOMPUTE_LIMIT = 4
/** No kernel computes longer expressions than this: code size and registers. */
const EXPRESSION_LIMIT = 48

const viewOps = new Set<PrimitiveName>(['reshape', 'transpose', 'broadcast', 'slice', 'flip'])

/** Movement that needs no code of its own. */
export function isView(node: Node): boolean {
  return viewOps.has(node.op)
}

/** Whether kernels can compute the node point by point from its operands. */
export function isInlinable(node: Node): boolean {
  const { kind } = primitives[node.op]
  return (
    kind === 'elementwise' ||
    isView(node) ||
    node.op === 'constant' ||
    node.op === 'iota' ||
    node.op === 'random' ||
    node.op === 'gather'
  )
}

export interface FusionPlan {
  /** Nodes in order, operands first. */
  readonly order: readonly Node[]
  /** Nodes that must have a buffer. */
  readonly roots: ReadonlySet<Node>
  /** Nodes that only one kernel needs, to go on computing with: they may wait for it. */
  readonly waiting: ReadonlySet<Node>
}

/** Chooses the roots of a graph. */
export function planFusion(graph: Graph): FusionPlan {
  const results = new Set<Node>([...graph.outputs, ...graph.updates.map((update) => update.value)])
  const order = topologicalOrder([...results])
  const users = new Map<Node, number>()
  for (const node of order) for (const operand of node.inputs) users.set(operand, (users.get(operand) ?? 0) + 1)
  const inMemory = operandsInMemory(order)
  const roots = new Set<Node>()
  const costs = new Map<Node, number>()
  for (const node of order) {
    const cost = expressionCost(node, costs, roots)
    costs.set(node, cost)
    const shared = (users.get(node) ?? 0) > 1 && cost > RECOMPUTE_LIMIT && !isView(node)
    const stored = inMemory.has(node) && (users.get(node) ?? 0) > 1
    if (results.has(node) || (isInlinable(node) && (shared || stored || cost > EXPRESSION_LIMIT))) roots.add(node)
  }
  return { order, roots, waiting: waitingNodes(order, roots) }
}

/** Element-wise nodes that some kernel reads in another order than its own and that will get a buffer for it anyway. */
function operandsInMemory(order: readonly Node[]): Set<Node> {
  const found = new Set<Node>()
  for (const node of order) {
    const { kind } = primitives[node.op]
    if (kind !== 'contraction' && kind !== 'window') continue
    for (const operand of node.inputs) {
      let source = operand
      while (isView(source)) source = at(source.inputs, 0)
      if (primitives[source.op].kind === 'elementwise') found.add(source)
    }
  }
  return found
}

/**
 * Finds for every node the one kernel in which it ends up: that of its users, as far as they agree. A node that some user needs in
 * memory is a kernel of its own.
 */
function waitingNodes(order: readonly Node[], roots: ReadonlySet<Node>): Set<Node> {
  const waiting = new Set<Node>()
  /** The node whose kernel computes it; null when several do. */
  const kernels = new Map<Node, Node | null>()
  const wanted = new Map<Node, Set<Node | null>>()
  for (const node of order.toReversed()) {
    const users = wanted.get(node) ?? new Set()
    const [only] = users
    const shared = users.size === 1 && only !== undefined ? only : null
    kernels.set(node, roots.has(node) ? node : shared)
    if (!roots.has(node) && shared && shared !== node) waiting.add(node)
    for (const operand of node.inputs) {
      const place = isInlinable(node) ? (kernels.get(node) ?? null) : operand
      remembered(wanted, operand, () => new Set()).add(place)
    }
  }
  return waiting
}

function expressionCost(node: Node, costs: ReadonlyMap<Node, number>, roots: ReadonlySet<Node>): number {
  if (constantValue(node) !== undefined || node.op === 'iota') return 0
  if (!isInlinable(node)) return 1
  if (isView(node)) {
    const operand = at(node.inputs, 0)
    return roots.has(operand) ? 1 : (costs.get(operand) ?? 1)
  }
  const operands = node.op === 'random' ? [] : node.inputs
  const read = (operand: Node): number => (roots.has(operand) ? 1 : (costs.get(operand) ?? 1))
  return operands.reduce((sum, operand) => sum + read(operand), COSTLY[node.op] ?? 1)
}
