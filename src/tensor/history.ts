/**
 * What lies behind tensors that were read. Reading puts an input node in the place of the expression, so that nothing is computed
 * twice; the expression is kept here as long as that node lives, so that gradients flow on through it. A program that reads in a
 * loop and builds on what it read would keep all of its past: beyond a limit the older part is forgotten, and a gradient that would
 * have to go there is refused instead of being wrong.
 */
import { CognitronError } from '../base/errors.ts'
import { gradients } from '../grad/gradients.ts'
import { replaceNodes, topologicalOrder } from '../ir/graph.ts'
import type { Node } from '../ir/node.ts'
import { isDetached } from '../ir/operations.ts'
import { elementCount } from '../shape/shape.ts'
import { currentTrace } from './trace.ts'

/** Bytes of values and nodes that may lie behind one tensor that was read. */
const LIMIT = 64 * 2 ** 20
const NODE_BYTES = 512
const ELEMENT_BYTES = 4

interface Past {
  readonly expression: Node
  /** An upper bound of what it keeps. */
  readonly bytes: number
}

const pasts = new WeakMap<Node, Past | 'forgotten'>()

function pastOf(node: Node): Past | undefined {
  const past = pasts.get(node)
  return past === 'forgotten' ? undefined : past
}

function ownBytes(node: Node): number {
  const keepsValues = node.op === 'input' || node.op === 'variable'
  return NODE_BYTES + (keepsValues ? ELEMENT_BYTES * elementCount(node.shape) : 0)
}

const sumOf = (nodes: readonly Node[], bytes: (node: Node) => number): number =>
  nodes.reduce((sum, node) => sum + bytes(node), 0)

/** Notes that `settled` holds the values of `expression`. */
export function remember(settled: Node, expression: Node): void {
  if (expression.inputs.length === 0) return
  const order = topologicalOrder([expression], isDetached)
  let bytes = sumOf(order, (node) => ownBytes(node) + (pastOf(node)?.bytes ?? 0))
  if (bytes > LIMIT) bytes = sumOf(withPasts([expression]), ownBytes)
  if (bytes > LIMIT) {
    for (const node of order) if (pasts.has(node)) pasts.set(node, 'forgotten')
    bytes = sumOf(order, ownBytes)
  }
  pasts.set(settled, { expression, bytes })
}

/** All nodes behind `roots`, pasts included, what was detached and what lies behind `end` left out. */
function withPasts(roots: readonly Node[], end?: Node): Node[] {
  const last = end && (pastOf(end)?.expression ?? end)
  return topologicalOrder(roots, isDetached, (node) => {
    if (node === last) return []
    const past = pastOf(node)
    return past ? [past.expression] : node.inputs
  })
}

interface Recalled {
  /** The same expressions down to what nobody computed. */
  readonly output: Node
  readonly targets: readonly Node[]
  /** Which of their nodes have values already, and where. */
  readonly values: ReadonlyMap<Node, Node>
}

/**
 * The expressions behind `output` and `targets`, as if nothing had been read; behind a single target nobody has to look. Throws
 * CognitronError where they were forgotten.
 */
export function recall(output: Node, targets: readonly Node[] = []): Recalled {
  const roots = [output, ...targets]
  const order = currentTrace() ? [] : withPasts(roots, targets.length === 1 ? targets[0] : undefined)
  const replaced = new Map<Node, Node>()
  const values = new Map<Node, Node>()
  const swap = (node: Node): Node => replaced.get(node) ?? node
  for (const node of order) {
    const past = pasts.get(node)
    if (past === 'forgotten') {
      if (!targets.includes(node)) throw forgotten()
    } else if (past) {
      const expression = swap(past.expression)
      replaced.set(node, expression)
      values.set(expression, node)
    } else if (node.inputs.some((operand) => replaced.has(operand))) {
      replaced.set(node, { ...node, inputs: node.inputs.map(swap) } as Node)
    }
  }
  return { output: swap(output), targets: targets.map(swap), values }
}

/** `gradients`, in terms of values that are there already. */
export function gradientsOf({ output, targets, values }: Recalled, upstream: Node | undefined): (Node | undefined)[] {
  const found = gradients([output], [upstream], targets)
  if (values.size === 0) return found
  const outputs = found.filter((node) => node !== undefined)
  const order = topologicalOrder(outputs, isDetached)
  const short = replaceNodes({ outputs, updates: [] }, order, values).outputs.values()
  return found.map((node) => node && short.next().value)
}

function forgotten(): CognitronError {
  return new CognitronError(
    'this gradient goes back through a long chain of tensors that were read on the way, more than is kept; use detach() where a ' +
      'constant is meant, or read the values at the end.',
  )
}
