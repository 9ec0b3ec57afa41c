/**
 * What a rule of the interpreter is, and the one walk over strided memory that most rules share.
 * Values of every element type are held in double precision; integers are exact there.
 */
import { at } from '../../base/arrays.ts'
import type { NodeOf, PrimitiveName } from '../../ir/node.ts'
import type { Shape } from '../../shape/shape.ts'

/** A node whose values come from outside the graph. */
export type BoundLeaf = NodeOf<'input'> | NodeOf<'variable'>

/** Finds the values of inputs and variables. */
export type LeafValues = (leaf: BoundLeaf) => ArrayLike<number>

/** Computes a node from the values of its operands, which it must not change. */
export type Rule<P extends PrimitiveName> = (
  node: NodeOf<P>,
  operands: readonly Float64Array[],
  valuesOf: LeafValues,
) => Float64Array

export type RuleTable = { readonly [P in PrimitiveName]: Rule<P> }

/** Where an n-dimensional walk starts in flat memory, and how far a step along each axis leads. */
export interface View {
  readonly offset: number
  readonly strides: readonly number[]
}

/** Calls `visit` with the positions in `a` and `b` of every element of `shape`, in row-major order. */
export function walk(shape: Shape, a: View, b: View, visit: (inA: number, inB: number) => void): void {
  if (shape.includes(0)) return
  const last = shape.length - 1
  const count = shape[last] ?? 1
  const stepA = a.strides[last] ?? 0
  const stepB = b.strides[last] ?? 0
  const position = new Array<number>(shape.length).fill(0)
  let rowA = a.offset
  let rowB = b.offset
  for (;;) {
    for (let index = 0; index < count; index++) visit(rowA + index * stepA, rowB + index * stepB)
    let axis = last - 1
    for (; axis >= 0; axis--) {
      const size = at(shape, axis)
      const next = at(position, axis) + 1
      rowA += at(a.strides, axis)
      rowB += at(b.strides, axis)
      position[axis] = next
      if (next < size) break
      position[axis] = 0
      rowA -= size * at(a.strides, axis)
      rowB -= size * at(b.strides, axis)
    }
    if (axis < 0) return
  }
}
