/** Runs graphs: finds the program, binds host arrays and buffers, hands back host arrays. */
import { at } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import { CognitronError, invariant } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { graphLeaves, graphRoots, replaceNodes, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node, VariableRef } from '../ir/node.ts'
import type { Buffer } from './backend.ts'
import { executableFor } from './program-cache.ts'
import { VariableVersion } from './variable.ts'

/** The buffer behind a variable that a graph refers to. */
export function bufferOf(reference: VariableRef): Buffer {
  return versionOf(reference).variable.buffer()
}

/**
 * Evaluates a graph whose inputs all carry host data; results in the order of `graph.outputs`.
 * Updates are in place when the call returns, also when the results are still to come.
 */
export function evaluate(graph: Graph): TypedArray[] | Promise<TypedArray[]> {
  const order = topologicalOrder(graphRoots(graph))
  const stale = order.filter(isStale)
  if (stale.length === 0) return evaluateCurrent(graph, order)
  const snapshots = stale.map((node) => snapshotOf(node) as TypedArray | Promise<TypedArray>)
  if (snapshots.some((snapshot) => snapshot instanceof Promise)) {
    return Promise.all(snapshots).then((data) => evaluateCurrent(substitute(graph, order, stale, data)))
  }
  return evaluateCurrent(substitute(graph, order, stale, snapshots as TypedArray[]))
}

function evaluateCurrent(graph: Graph, order?: readonly Node[]): TypedArray[] | Promise<TypedArray[]> {
  const walked = order ?? topologicalOrder(graphRoots(graph))
  const leaves = graphLeaves(graph, walked)
  const inputs = leaves.inputs.map(({ attributes }) => {
    if (attributes.source.data) return attributes.source.data
    throw new CognitronError(
      'a tensor from inside a compiled function was used outside it, where it has no values; return it from the function and use ' +
        'the result.',
    )
  })
  const executable = executableFor(graph, walked)
  const buffers = leaves.variables.map(bufferOf)
  beginUpdates(graph)
  return executable.run(inputs, buffers)
}

/** Lets every variable that the graph overwrites keep what others still hold of it. */
export function beginUpdates(graph: Graph): void {
  for (const { variable } of graph.updates) versionOf(variable).variable.beginUpdate()
}

function isStale(node: Node): boolean {
  return snapshotOf(node) !== undefined
}

function snapshotOf(node: Node): VariableVersion['snapshot'] {
  return node.op === 'variable' ? versionOf(node.attributes.variable).snapshot : undefined
}

function versionOf(reference: VariableRef): VariableVersion {
  invariant(reference instanceof VariableVersion, 'a graph refers to a variable of another library instance')
  return reference
}

/** The graph with overwritten versions of variables replaced by their old content. */
function substitute(graph: Graph, order: readonly Node[], stale: readonly Node[], data: readonly TypedArray[]): Graph {
  const old = new Map(stale.map((node, index) => [node, inputOf(node, at(data, index))]))
  return replaceNodes(graph, order, old)
}

function inputOf({ shape, dtype }: Node, data: TypedArray): Node {
  return makeNode('input', [], { source: { data }, shape, dtype })
}
