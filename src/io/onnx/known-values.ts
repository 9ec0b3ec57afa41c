/**
 * The numbers behind a tensor, where they are known before the network runs: shapes, indices and settings that ONNX passes as
 * tensors. Whatever depends on host data alone is computed at once by the interpreter, so that Reshape, Slice or Resize can follow
 * what Shape, Gather and Concat made. What depends on a parameter or on an argument of a compiled function is not known.
 */

import { evaluateNode } from '../../backends/interpreter/evaluate.ts'
import type { TypedArray } from '../../base/dtype.ts'
import { topologicalOrder } from '../../ir/graph.ts'
import type { Node } from '../../ir/node.ts'
import type { Tensor } from '../../tensor/index.ts'

const computed = new WeakMap<Node, ArrayLike<number>>()

function hostData(node: Node): TypedArray | undefined {
  return node.op === 'input' ? node.attributes.source.data : undefined
}

/** The elements of `tensor` in row-major order, or undefined when they depend on what only a run knows. */
export function knownValues(tensor: Tensor): ArrayLike<number> | undefined {
  const { node } = tensor
  const data = hostData(node) ?? computed.get(node)
  if (data) return data
  const order = topologicalOrder([node])
  if (order.some((each) => each.op === 'variable' || (each.op === 'input' && !hostData(each)))) return undefined
  const values = evaluateNode(node)
  computed.set(node, values)
  return values
}
