/** What the exporter decides about a node of the IR: which values it needs, and which ONNX nodes give its value. */
import { at, sameNumbers } from '../../../base/arrays.ts'
import type { Node } from '../../../ir/node.ts'
import { broadcastShapes } from '../../../shape/shape.ts'
import type { GraphBuilder } from './graph-builder.ts'

export interface ExportPlan {
  readonly inputs: readonly Node[]
  /** Adds nodes for the value, given the names of the inputs; returns its name. */
  readonly emit: (graph: GraphBuilder, inputs: readonly string[]) => string
}

/** The tensor that a chain of repeats and added leading axes of size 1 starts from: ONNX repeats by itself. */
export function withoutRepeats(node: Node): Node {
  if (node.op === 'broadcast') return withoutRepeats(at(node.inputs, 0))
  if (node.op !== 'reshape') return node
  const source = at(node.inputs, 0)
  const added = node.shape.length - source.shape.length
  const onlyAdds =
    added >= 0 && node.shape.every((size, axis) => size === (axis < added ? 1 : source.shape[axis - added]))
  const isOne = source.shape.length === 0
  return onlyAdds || isOne ? withoutRepeats(source) : node
}

/** Operands of an element-wise node, without repeats where the result has its shape all the same. */
export function broadcastOperands(node: Node): Node[] {
  const operands = node.inputs.map(withoutRepeats)
  const shape = operands.reduce<readonly number[]>((result, { shape }) => broadcastShapes(result, shape), [])
  if (sameNumbers(shape, node.shape)) return operands
  return [at(node.inputs, 0), ...operands.slice(1)]
}
