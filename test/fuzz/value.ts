/**
 * What the fuzzer knows of a node: how large its elements can be and how far a float32 backend may stray from double precision.
 * Whole numbers below 2²² are computed without any error, so operations that jump (comparison, floor, argmax) are given only those.
 */
import type { DType } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { elementCount, type Shape } from '../../src/shape/shape.ts'

export interface Value {
  readonly node: Node
  /** No element is larger in magnitude. */
  readonly bound: number
  /** The largest difference between backends; 0 only for whole numbers. */
  readonly error: number
}

/** Whole numbers up to here survive float32 arithmetic, with room for one more addition. */
export const EXACT_LIMIT = 2 ** 22
/** Larger values of any kind are squashed before they are used again. */
const SIZE_LIMIT = 1000
/** Rounding of one float32 operation and of the vector functions, relative to the result. */
const ROUNDING = 5e-7
const INT_LIMIT = 2 ** 31

export const isExact = (value: Value): boolean => value.error === 0
export const isFloat = (value: Value): boolean => value.node.dtype === 'float32'
export const shapeOf = (value: Value): Shape => value.node.shape
export const sizeOf = (value: Value): number => elementCount(value.node.shape)

/** A result whose error in exact arithmetic would be `error`; whole numbers stay exact while they are small. */
export function result(node: Node, bound: number, error: number, whole = false): Value {
  if (node.dtype === 'bool') return { node, bound: 1, error: 0 }
  if (node.dtype === 'uint8') return { node, bound: 255, error: 0 }
  if (node.dtype === 'int32') return { node, bound: Math.min(bound, INT_LIMIT), error: 0 }
  if (whole && error === 0 && bound <= EXACT_LIMIT) return { node, bound, error: 0 }
  return { node, bound, error: error + bound * ROUNDING }
}

/** The same elements seen in another way. */
export const moved = (value: Value, node: Node): Value => ({ ...value, node })

/** Brings large values back: whole numbers by a remainder, others by tanh. */
export function tame(value: Value, limit = SIZE_LIMIT): Value {
  const { node } = value
  if (value.bound <= limit) return value
  if (node.dtype === 'int32') return { node: ir.mod(node, ir.scalarLike(node, 7)), bound: 7, error: 0 }
  if (node.dtype !== 'float32') return value
  if (isExact(value)) {
    const rest = ir.sub(ir.mod(node, ir.scalarLike(node, 5)), ir.scalarLike(node, 2))
    return { node: rest, bound: 3, error: 0 }
  }
  // tanh is never steeper than 1.
  return result(ir.tanh(node), 1, value.error)
}

/** A float32 value: what it is, or the numbers of another element type. */
export function asFloat(value: Value): Value {
  if (isFloat(value)) return value
  const small = tame(value, 255)
  return { node: ir.cast(small.node, 'float32'), bound: small.bound, error: 0 }
}

export function asType(value: Value, dtype: DType): Value | undefined {
  if (value.node.dtype === dtype) return value
  // Conversion of a number that is not whole may jump.
  if (!isExact(value)) return undefined
  if (dtype === 'float32') return asFloat(value)
  return result(makeNode('cast', [value.node], { dtype }), value.bound, 0)
}
