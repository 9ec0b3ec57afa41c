/** Element-wise expressions on nodes: type promotion and broadcasting around the primitives. `Tensor` wraps them. */
import type { DType } from '../base/dtype.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import { broadcastTo, cast, scalar } from '../ir/operations.ts'
import { broadcastShapes } from '../shape/shape.ts'

/** A node or a plain number; a number takes the element type of what it meets. */
export type Operand = Node | number

function promote(a: DType, b: DType): DType {
  if (a === b) return a
  if (a === 'float32' || b === 'float32') return 'float32'
  return 'int32'
}

function asNode(value: Operand, like: Operand): Node {
  if (typeof value !== 'number') return value
  if (typeof like === 'number') return scalar(value)
  return scalar(value, [], like.dtype === 'float32' || !Number.isInteger(value) ? 'float32' : 'int32')
}

/** Both operands in one type and shape. */
export function align(a: Operand, b: Operand): [Node, Node] {
  const left = asNode(a, b)
  const right = asNode(b, a)
  const dtype = promote(left.dtype, right.dtype)
  const shape = broadcastShapes(left.shape, right.shape)
  return [broadcastTo(cast(left, dtype), shape), broadcastTo(cast(right, dtype), shape)]
}

type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'mod'
type Comparison = 'equal' | 'less' | 'lessEqual'
type FloatUnary = 'exp' | 'log' | 'sqrt' | 'sin' | 'cos' | 'tanh' | 'sigmoid' | 'erf' | 'floor' | 'round'

/** Arithmetic in the promoted type; bytes and booleans compute as int32. */
export function arithmetic(op: Arithmetic, a: Operand, b: Operand): Node {
  const [left, right] = align(a, b).map(widen) as [Node, Node]
  return makeNode(op, [left, right], {})
}

/** Division and powers are always in float32. */
export function floatBinary(op: 'div' | 'pow', a: Operand, b: Operand): Node {
  const [left, right] = align(a, b)
  return makeNode(op, [cast(left, 'float32'), cast(right, 'float32')], {})
}

export function comparison(op: Comparison, a: Operand, b: Operand): Node {
  return makeNode(op, align(a, b), {})
}

export function logical(op: 'and' | 'or', a: Operand, b: Operand): Node {
  const [left, right] = align(a, b)
  return makeNode(op, [cast(left, 'bool'), cast(right, 'bool')], {})
}

export function not(a: Node): Node {
  return makeNode('not', [cast(a, 'bool')], {})
}

export function floatUnary(op: FloatUnary, a: Node): Node {
  return makeNode(op, [cast(a, 'float32')], {})
}

export function numericUnary(op: 'neg' | 'abs', a: Node): Node {
  return makeNode(op, [widen(a)], {})
}

/** condition ? a : b, all broadcast together. */
export function where(condition: Node, a: Operand, b: Operand): Node {
  const [left, right] = align(a, b)
  const shape = broadcastShapes(condition.shape, left.shape)
  const operands = [cast(condition, 'bool'), left, right].map((node) => broadcastTo(node, shape))
  return makeNode('where', operands, {})
}

/** Bytes and booleans as int32, in which they are computed with. */
export function widen(node: Node): Node {
  return node.dtype === 'uint8' || node.dtype === 'bool' ? cast(node, 'int32') : node
}
