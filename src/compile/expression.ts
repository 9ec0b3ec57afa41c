/**
 * Scalar expressions: what a kernel computes for one point of its iteration space. Movement operations are gone: every load knows
 * its position as an affine function of the kernel's loop indices. Equal subexpressions are one object.
 */
import type { DType } from '../base/dtype.ts'
import { remembered } from '../base/remembered.ts'
import type { PrimitiveAttributes } from '../ir/node.ts'

/** offset + Σ strides[d] · index[d], in elements. */
export interface Affine {
  readonly offset: number
  readonly strides: readonly number[]
}

/** Element-wise primitives, as far as they compute a value. */
export type ElementwiseOp = Extract<
  keyof PrimitiveAttributes,
  | 'neg'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'floor'
  | 'round'
  | 'not'
  | 'cast'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'max'
  | 'min'
  | 'pow'
  | 'mod'
  | 'and'
  | 'or'
  | 'equal'
  | 'less'
  | 'lessEqual'
  | 'where'
>

/** Identifies a buffer of a program: an index into `Program.buffers`. */
export type BufferId = number

export type Expression =
  | { readonly kind: 'constant'; readonly dtype: DType; readonly value: number }
  | { readonly kind: 'load'; readonly dtype: DType; readonly buffer: BufferId; readonly at: Affine }
  /** The value of an affine function of the loop indices, as int32. */
  | { readonly kind: 'index'; readonly dtype: 'int32'; readonly at: Affine }
  /** Uniform number `at` of a stream; `counter` holds int32 [seed, offset]. */
  | {
      readonly kind: 'random'
      readonly dtype: 'float32'
      readonly counter: BufferId
      readonly stream: number
      readonly at: Affine
    }
  /** buffer[at + clamp(index, 0, size − 1) · stride] */
  | {
      readonly kind: 'gather'
      readonly dtype: DType
      readonly buffer: BufferId
      readonly at: Affine
      readonly index: Expression
      readonly stride: number
      readonly size: number
    }
  /** Result number `index` of the reduction or contraction that this expression follows. */
  | { readonly kind: 'accumulator'; readonly dtype: DType; readonly index: number }
  | {
      readonly kind: 'op'
      readonly dtype: DType
      readonly op: ElementwiseOp
      readonly operands: readonly Expression[]
    }

/** The expressions that an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'op') return expression.operands
  return expression.kind === 'gather' ? [expression.index] : []
}

/** The expression with other parts; itself where all of them stay. */
export function withParts(expression: Expression, change: (part: Expression) => Expression): Expression {
  if (expression.kind === 'gather') {
    const index = change(expression.index)
    return index === expression.index ? expression : { ...expression, index }
  }
  if (expression.kind !== 'op') return expression
  const operands = expression.operands.map(change)
  return operands.every((operand, i) => operand === expression.operands[i]) ? expression : { ...expression, operands }
}

/** Calls `visit` once for every distinct subexpression, operands first. */
export function visitExpressions(roots: readonly Expression[], visit: (expression: Expression) => void): void {
  const seen = new Set<Expression>()
  const walk = (expression: Expression): void => {
    if (seen.has(expression)) return
    seen.add(expression)
    partsOf(expression).forEach(walk)
    visit(expression)
  }
  roots.forEach(walk)
}

/** A copy with every leaf replaced where `replace` gives something; unchanged parts stay the same objects. */
export function replaceLeaves(
  roots: readonly Expression[],
  replace: (leaf: Expression) => Expression | undefined,
): Expression[] {
  const done = new Map<Expression, Expression>()
  const walk = (expression: Expression): Expression =>
    remembered(done, expression, () => replace(expression) ?? withParts(expression, walk))
  return roots.map(walk)
}

/** The affine function of an expression that has one. */
export function affineOf(expression: Expression): Affine | undefined {
  return 'at' in expression ? expression.at : undefined
}
