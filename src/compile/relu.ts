/**
 * Rectifiers, found in their composed form where(x ≤ 0, 0, x). Their gradient looks at x; looking at the result instead frees x, so
 * that a convolution can end with bias and rectifier in one kernel. A rectifier before max pooling moves behind it, where there
 * is less to compute, forward and backward.
 */
import { makeNode } from '../ir/build.ts'
import { graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import * as ops from '../ir/operations.ts'
import { rewriteGraph } from './rewrite.ts'

/** The operand x of where(x ≤ 0, 0, x). */
export function rectified(node: Node): Node | undefined {
  if (node.op !== 'where') return undefined
  const [condition, zero, x] = node.inputs as readonly [Node, Node, Node]
  if (ops.constantValue(zero) !== 0 || tested(condition) !== x) return undefined
  return x
}

/** The operand x of x ≤ 0. */
function tested(node: Node): Node | undefined {
  if (node.op !== 'lessEqual') return undefined
  const [x, zero] = node.inputs as readonly [Node, Node]
  return ops.constantValue(zero) === 0 ? x : undefined
}

function rectify(x: Node): Node {
  return ops.where(isNotPositive(x), ops.scalarLike(x, 0), x)
}

function isNotPositive(x: Node): Node {
  return ops.lessEqual(x, ops.scalarLike(x, 0))
}

/** Makes every x ≤ 0 whose rectifier y is computed anyway into y ≤ 0, which is the same. */
export function testRectified(graph: Graph): Graph {
  const results = new Map<Node, Node>()
  for (const node of topologicalOrder(graphRoots(graph))) {
    const x = rectified(node)
    if (x) results.set(x, node)
  }
  if (results.size === 0) return graph
  return rewriteGraph(graph, (node) => {
    if (rectified(node)) return undefined
    let changed = false
    const inputs = node.inputs.map((operand) => {
      const x = tested(operand)
      const y = x && results.get(x)
      if (!y || rectified(operand)) return operand
      changed = true
      return isNotPositive(y)
    })
    return changed ? makeNode(node.op, inputs, node.attributes) : undefined
  })
}

/** maxPool(relu(x)) = relu(maxPool(x)), and likewise for the way back through both. */
export function poolBeforeRectifying(graph: Graph): Graph {
  return rewriteGraph(graph, (node) => {
    if (node.op === 'maxPool') {
      const x = rectified(node.inputs[0] as Node)
      return x && rectify(makeNode('maxPool', [x], node.attributes))
    }
    return rectifiedScatter(node)
  })
}

/** where(relu(x) ≤ 0, 0, scatter(g, indices(relu(x)))) = scatter(where(relu(pool(x)) ≤ 0, 0, g), indices(x)) */
function rectifiedScatter(node: Node): Node | undefined {
  if (node.op !== 'where') return undefined
  const [condition, zero, scatter] = node.inputs as readonly [Node, Node, Node]
  if (scatter.op !== 'windowScatter' || ops.constantValue(zero) !== 0) return undefined
  const [gradient, indices] = scatter.inputs as readonly [Node, Node]
  if (indices.op !== 'maxPoolIndices') return undefined
  const y = indices.inputs[0] as Node
  const x = rectified(y)
  const mask = tested(condition)
  if (!x || (mask !== y && mask !== x)) return undefined
  const pooled = rectify(makeNode('maxPool', [x], indices.attributes))
  const masked = ops.where(isNotPositive(pooled), ops.scalarLike(gradient, 0), gradient)
  return makeNode('windowScatter', [masked, makeNode('maxPoolIndices', [x], indices.attributes)], scatter.attributes)
}
