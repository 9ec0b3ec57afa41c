/** Random element-wise operations, comparisons and choices. */
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import type { Grower } from './grower.ts'
import { asFloat, EXACT_LIMIT, isExact, isFloat, result, shapeOf, tame, type Value } from './value.ts'

export type Move = (grower: Grower) => Value | undefined

const plus = (x: Node, value: number): Node => ir.add(x, ir.scalarLike(x, value))

/** f(x) with the bound of the result and how steep f is at most. */
interface Smooth {
  readonly build: (x: Node) => Node
  readonly bound: (x: number) => number
  readonly slope: (x: number) => number
}

const one = (): number => 1
const smoothFunctions: readonly Smooth[] = [
  { build: ir.tanh, bound: one, slope: one },
  { build: ir.sigmoid, bound: one, slope: one },
  { build: ir.sin, bound: one, slope: one },
  { build: ir.cos, bound: one, slope: one },
  { build: ir.erf, bound: one, slope: () => 1.2 },
  { build: (x) => ir.exp(ir.scale(ir.tanh(x), 2)), bound: () => 8, slope: () => 16 },
  { build: (x) => ir.log(plus(ir.mul(x, x), 1)), bound: (x) => Math.log(x * x + 1), slope: one },
  { build: (x) => ir.sqrt(plus(ir.mul(x, x), 0.5)), bound: (x) => x + 1, slope: one },
  { build: (x) => ir.div(x, plus(ir.mul(x, x), 2)), bound: one, slope: one },
  { build: (x) => ir.div(ir.scalarLike(x, 1), plus(ir.mul(x, x), 0.5)), bound: () => 2, slope: () => 3 },
  { build: (x) => ir.pow(plus(ir.sigmoid(x), 0.5), ir.scalarLike(x, 2.5)), bound: () => 3, slope: () => 2 },
  { build: (x) => ir.pow(x, ir.scalarLike(x, 2)), bound: (x) => x * x, slope: (x) => 2 * x },
  { build: (x) => ir.pow(x, ir.scalarLike(x, 3)), bound: (x) => x ** 3, slope: (x) => 3 * x * x },
]

const smoothUnary: Move = (grower) => {
  const operand = grower.value(isFloat)
  if (!operand || grower.whole) return undefined
  const { node, bound, error } = tame(operand, 20)
  const f = grower.pick(smoothFunctions)
  return result(f.build(node), f.bound(bound), 2 * f.slope(bound) * error + 2e-6 * Math.max(1, f.bound(bound)))
}

/** Operations that take whole numbers to whole numbers and are continuous elsewhere. */
const plainUnary: Move = (grower) => {
  const operand = grower.value((value) => isFloat(value) || value.node.dtype === 'int32')
  if (!operand) return undefined
  const { node, bound, error } = operand
  const whole = isExact(operand)
  const choices: (() => Value)[] = [
    () => result(ir.neg(node), bound, error, whole),
    () => result(ir.scale(node, -1), bound, error, whole),
    () => result(ir.scale(node, 3), 3 * bound, 3 * error, whole),
    () => result(plus(node, 2), bound + 2, error, whole),
  ]
  if (!grower.smooth) {
    const zero = ir.scalarLike(node, 0)
    const negative = ir.lessEqual(node, zero)
    choices.push(
      () => result(ir.abs(node), bound, error, whole),
      // A rectifier jumps nowhere, though its condition does.
      () => result(ir.where(negative, zero, node), bound, error, whole),
      () => result(ir.max(node, zero), bound, error, whole),
    )
  }
  return grower.pick(choices)()
}

const jumpingUnary: Move = (grower) => {
  const operand = grower.value((value) => isExact(value) && value.node.dtype !== 'uint8')
  if (!operand || grower.smooth) return undefined
  const { node, bound } = operand
  switch (node.dtype) {
    case 'bool':
      return result(ir.not(node), 1, 0)
    case 'int32':
      return result(ir.not(node), bound + 1, 0)
    default: {
      const half = ir.scale(node, 0.5)
      return result(grower.pick([ir.floor, ir.round])(half), bound, 0, true)
    }
  }
}

const cast: Move = (grower) => {
  const operand = grower.value(isExact)
  if (!operand || grower.smooth) return undefined
  const dtype = grower.pick(['float32', 'int32', 'uint8', 'bool'] as const)
  if (dtype === 'float32') return asFloat(operand)
  return result(makeNode('cast', [operand.node], { dtype }), operand.bound, 0)
}

/** Two operands of one type and shape. */
function pair(grower: Grower, fits: (value: Value) => boolean, limit = EXACT_LIMIT): [Value, Value] | undefined {
  const first = grower.value(fits)
  if (!first) return undefined
  const a = tame(first, limit)
  const b = tame(grower.like(shapeOf(a), a.node.dtype, fits), limit)
  // A new leaf or a border may not be what was asked for.
  if (!fits(b)) return undefined
  return grower.chance(0.5) ? [a, b] : [b, a]
}

const numeric = (value: Value): boolean => isFloat(value) || value.node.dtype === 'int32'

const arithmetic: Move = (grower) => {
  const operands = pair(grower, numeric, 1000)
  if (!operands) return undefined
  const [a, b] = operands
  const whole = isExact(a) && isExact(b)
  const sumError = a.error + b.error
  const choices: (() => Value)[] = [
    () => result(ir.add(a.node, b.node), a.bound + b.bound, sumError, whole),
    () => result(ir.sub(a.node, b.node), a.bound + b.bound, sumError, whole),
    () => {
      const error = a.bound * b.error + b.bound * a.error + a.error * b.error
      return result(ir.mul(a.node, b.node), a.bound * b.bound, error, whole)
    },
  ]
  if (!grower.smooth) {
    const bound = Math.max(a.bound, b.bound)
    const error = Math.max(a.error, b.error)
    choices.push(
      () => result(ir.max(a.node, b.node), bound, error, whole),
      () => result(ir.min(a.node, b.node), bound, error, whole),
    )
  }
  return grower.pick(choices)()
}

/** a / (b² + 1) */
const quotient: Move = (grower) => {
  const operands = pair(grower, isFloat, 30)
  if (!operands || grower.whole) return undefined
  const [a, b] = operands
  const node = ir.div(a.node, plus(ir.mul(b.node, b.node), 1))
  return result(node, a.bound, a.error + a.bound * b.error + a.bound * 1e-6)
}

const integerDivision: Move = (grower) => {
  const operands = pair(grower, (value) => value.node.dtype === 'int32', 2 ** 31)
  if (!operands || grower.smooth) return undefined
  const [a, b] = operands
  const operation = grower.pick([ir.div, ir.mod, ir.and, ir.or])
  return result(operation(a.node, b.node), Math.max(2 * a.bound, 2 * b.bound), 0)
}

const remainder: Move = (grower) => {
  const operands = pair(grower, (value) => isFloat(value) && isExact(value))
  if (!operands || grower.smooth) return undefined
  const [a, b] = operands
  // The divisor is never 0.
  const divisor = plus(ir.abs(b.node), 1)
  return result(ir.mod(a.node, divisor), b.bound + 1, 0, true)
}

const comparison: Move = (grower) => {
  const operands = pair(grower, isExact)
  if (!operands || grower.smooth) return undefined
  const [a, b] = operands
  return result(grower.pick([ir.equal, ir.less, ir.lessEqual])(a.node, b.node), 1, 0)
}

const logic: Move = (grower) => {
  const operands = pair(grower, (value) => value.node.dtype === 'bool')
  if (!operands || grower.smooth) return undefined
  return result(grower.pick([ir.and, ir.or])(operands[0].node, operands[1].node), 1, 0)
}

const choice: Move = (grower) => {
  const operands = pair(grower, () => true)
  if (!operands || grower.smooth) return undefined
  const [a, b] = operands
  const condition = grower.like(shapeOf(a), 'bool')
  const node = ir.where(condition.node, a.node, b.node)
  return result(node, Math.max(a.bound, b.bound), Math.max(a.error, b.error), isExact(a) && isExact(b))
}

export const elementwiseMoves: readonly Move[] = [
  smoothUnary,
  smoothUnary,
  plainUnary,
  plainUnary,
  jumpingUnary,
  cast,
  arithmetic,
  arithmetic,
  arithmetic,
  quotient,
  integerDivision,
  remainder,
  comparison,
  logic,
  choice,
]
