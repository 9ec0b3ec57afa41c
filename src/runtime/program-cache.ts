/**
 * Compiled programs by graph signature, so that a loop which builds the same expression again compiles once.
 * The least recently used program goes when there are too many.
 */
import { remembered } from '../base/remembered.ts'
import { graphRoots, replaceNodes, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import { graphSignature } from '../ir/signature.ts'
import type { Backend, Executable } from './backend.ts'
import { getBackend } from './device.ts'

const MAX_PROGRAMS = 256
const caches = new WeakMap<Backend, Map<string, Executable>>()
/** Programs that somebody holds on to: they outlive their place in the cache. */
const held = new WeakSet<Executable>()

/**
 * The executable of `graph` on the backend in force, from the cache when an equal graph was compiled before. It is good for one run
 * at once; later it may have made room for others.
 */
export function executableFor(graph: Graph, order: readonly Node[] = topologicalOrder(graphRoots(graph))): Executable {
  const backend = getBackend()
  const cache = remembered(caches, backend, () => new Map<string, Executable>())
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
    if (!held.has(unused)) unused.release()
  }
  return executable
}

/** As `executableFor`, for as long as the caller keeps it; the backend frees it with its last holder. */
export function heldExecutableFor(graph: Graph, order: readonly Node[]): Executable {
  const executable = executableFor(graph, order)
  held.add(executable)
  return executable
}

/** The same graph without the host data of its inputs, so that a cached program keeps no arrays alive. */
function detach(graph: Graph, order: readonly Node[]): Graph {
  const bare = new Map<Node, Node>()
  for (const node of order) {
    if (node.op !== 'input' || node.attributes.source.data === undefined) continue
    bare.set(node, { ...node, attributes: { ...node.attributes, source: {} } })
  }
  return replaceNodes(graph, order, bare)
}
