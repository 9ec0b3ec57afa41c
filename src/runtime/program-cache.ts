/**
 * Compiled programs by graph signature, so that a loop which builds the same expression again compiles once.
 * The least recently used program goes when there are too many.
 */
import { graphLeaves, graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node, Update } from '../ir/node.ts'
import { graphSignature } from '../ir/signature.ts'
import type { Backend, Executable } from './backend.ts'
import { getBackend } from './device.ts'

const MAX_PROGRAMS = 256
const caches = new WeakMap<Backend, Map<string, Executable>>()

/** The executable of `graph` on the backend in force, from the cache when an equal graph was compiled before. */
export function executableFor(graph: Graph, order: readonly Node[] = topologicalOrder(graphRoots(graph))): Executable {
  const backend = getBackend()
  const cache = caches.get(backend) ?? new Map<string, Executable>()
  caches.set(backend, cache)
  const signature = graphSignature(graph, order)
  const known = cache.get(signature)
  if (known) {
    cache.delete(signature)
    cache.set(signature, known)
    return known
  }
  const executable = backend.compile(detach(graph, order))
  cache.set(signature, executable)
  if (cache.size > MAX_PROGRAMS) {
    const [oldest, unused] = cache.entries().next().value as [string, Executable]
    cache.delete(oldest)
    unused.release()
  }
  return executable
}

/** The same graph without the host data of its inputs, so that a cached program keeps no arrays alive. */
function detach(graph: Graph, order: readonly Node[]): Graph {
  const { inputs } = graphLeaves(graph, order)
  if (inputs.every((input) => input.attributes.source.data === undefined)) return graph
  const copies = new Map<Node, Node>()
  for (const node of order) {
    if (node.op === 'input') {
      copies.set(node, { ...node, attributes: { ...node.attributes, source: {} } })
      continue
    }
    const operands = node.inputs.map((operand) => copies.get(operand) ?? operand)
    const changed = operands.some((operand, index) => operand !== node.inputs[index])
    copies.set(node, changed ? ({ ...node, inputs: operands } as Node) : node)
  }
  const copy = (node: Node): Node => copies.get(node) ?? node
  return {
    outputs: graph.outputs.map(copy),
    updates: graph.updates.map((update): Update => ({ variable: update.variable, value: copy(update.value) })),
  }
}
