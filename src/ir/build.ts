/** Makes nodes; the only place that does. Shape and element type follow from the table of primitives. */
import { fault } from '../base/errors.ts'
import type { Node, NodeOf, PrimitiveAttributes, PrimitiveName } from './node.ts'
import { primitives } from './primitives.ts'

let nextId = 0

/** Applies primitive `op`. Throws ShapeError or DTypeError when the operands do not fit. */
export function makeNode<P extends PrimitiveName>(
  op: P,
  inputs: readonly Node[],
  attributes: PrimitiveAttributes[P],
): Node {
  const primitive = primitives[op]
  if (primitive.arity >= 0 && primitive.arity !== inputs.length) fault(`${op} takes ${primitive.arity} operand(s)`)
  const { shape, dtype } = primitive.infer(inputs, attributes)
  const node: NodeOf<P> = { id: nextId++, op, inputs, attributes, shape, dtype }
  return node as Node
}
