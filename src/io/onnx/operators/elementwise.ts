/** Element-wise operators of ONNX: arithmetic, comparison, logic, rounding, selection. NumPy's broadcasting; sources: onnx/docs/Operators.md. */
import { at, range } from '../../../base/arrays.ts'
import type { DType } from '../../../base/dtype.ts'
import { normalizeAxis } from '../../../shape/shape.ts'
import { arithmetic } from '../../../tensor/elementwise.ts'
import { Tensor, where } from '../../../tensor/index.ts'
import { dtypeOfElementType } from '../element-types.ts'
import { type OperatorCall, type OperatorRule, type OperatorTable, rule } from '../operator.ts'

/** The second operand as the first wants it: up to version 6 it is aligned to the axis `axis` of the first. */
function alignedOperand(call: OperatorCall, a: Tensor, b: Tensor): Tensor {
  if (call.opset >= 7 || !call.flag('broadcast') || !call.has('axis')) return b
  const axis = normalizeAxis(call.int('axis', 0), a.rank)
  return b.reshape(...b.shape, ...Array<number>(a.rank - axis - b.rank).fill(1))
}

function operands(call: OperatorCall): [Tensor, Tensor] {
  const a = call.input(0)
  return [a, alignedOperand(call, a, call.input(1))]
}

const unary = (apply: (x: Tensor) => Tensor): OperatorRule => rule((call) => apply(call.input(0)))

/** The result in the element type of the first input; whole numbers stay whole. */
const binary = (apply: (a: Tensor, b: Tensor) => Tensor): OperatorRule =>
  rule((call) => {
    const [a, b] = operands(call)
    return apply(a, b).to(a.dtype)
  })

const comparison = (apply: (a: Tensor, b: Tensor) => Tensor): OperatorRule => rule((call) => apply(...operands(call)))

const variadic = (combine: (a: Tensor, b: Tensor) => Tensor): OperatorRule =>
  rule((call) => {
    const inputs = call.inputs()
    return inputs.reduce(combine).to(at(inputs, 0).dtype)
  })

const isWhole = (x: Tensor): boolean => x.dtype !== 'float32'

/** Towards zero for whole numbers, true division otherwise. */
function divide(a: Tensor, b: Tensor): Tensor {
  return isWhole(a) ? new Tensor(arithmetic('div', a.node, b.node)) : a.div(b)
}

const truncate = (x: Tensor): Tensor => (isWhole(x) ? x : where(x.lt(0), x.ceil(), x.floor()))

/** a − b · trunc(a / b): the remainder with the sign of the dividend, C's fmod. */
const remainderOfC = (a: Tensor, b: Tensor): Tensor => a.sub(truncate(divide(a, b)).mul(b))

function clip(call: OperatorCall): Tensor {
  const x = call.input(0)
  const limit = (index: number, name: string): number | Tensor | undefined => {
    if (call.opset < 11) return call.has(name) ? call.float(name, 0) : undefined
    const bound = call.optional(index)
    return bound && (call.knownNumbers(index)?.[0] ?? bound)
  }
  const [low, high] = [limit(1, 'min'), limit(2, 'max')]
  const raised = low === undefined ? x : typeof low === 'number' ? x.clamp(low) : x.maximum(low)
  const lowered =
    high === undefined ? raised : typeof high === 'number' ? raised.clamp(undefined, high) : raised.minimum(high)
  return lowered.to(x.dtype)
}

function castTo(x: Tensor, dtype: DType): Tensor {
  return dtype === 'bool' ? x.ne(0) : x.to(dtype)
}

function isInfinite(call: OperatorCall): Tensor {
  const x = call.input(0)
  const positive = x.eq(Number.POSITIVE_INFINITY)
  const negative = x.eq(Number.NEGATIVE_INFINITY)
  if (!call.flag('detect_negative', true)) return positive
  return call.flag('detect_positive', true) ? positive.logicalOr(negative) : negative
}

const oneMinus = (x: Tensor): Tensor => x.neg().add(1)

/** Powers of whole numbers are computed as floats, which is exact up to 2²⁴. */
function power(call: OperatorCall): Tensor {
  const [a, b] = operands(call)
  const exponent = b.rank === 0 ? call.knownNumbers(1)?.[0] : undefined
  if (exponent === 2) return a.square().to(a.dtype)
  const result = a.pow(b)
  return isWhole(a) ? result.round().to(a.dtype) : result
}

export const elementwise: OperatorTable = {
  Add: binary((a, b) => a.add(b)),
  Sub: binary((a, b) => a.sub(b)),
  Mul: binary((a, b) => a.mul(b)),
  Div: binary(divide),
  Pow: rule(power),
  Mod: rule((call) => {
    const [a, b] = operands(call)
    return (call.flag('fmod') ? remainderOfC(a, b) : a.remainder(b)).to(a.dtype)
  }),
  Max: variadic((a, b) => a.maximum(b)),
  Min: variadic((a, b) => a.minimum(b)),
  Sum: variadic((a, b) => a.add(b)),
  Mean: rule((call) => {
    const inputs = call.inputs()
    return inputs.reduce((a, b) => a.add(b)).mul(1 / inputs.length)
  }),
  Neg: unary((x) => x.neg()),
  Abs: unary((x) => x.abs().to(x.dtype)),
  Sign: unary((x) => x.sign()),
  Reciprocal: unary((x) => x.reciprocal()),
  Exp: unary((x) => x.exp()),
  Log: unary((x) => x.log()),
  Sqrt: unary((x) => x.sqrt()),
  Erf: unary((x) => x.erf()),
  Floor: unary((x) => x.floor()),
  Ceil: unary((x) => x.ceil()),
  Round: unary((x) => x.round()),
  Sin: unary((x) => x.sin()),
  Cos: unary((x) => x.cos()),
  Tan: unary((x) => x.sin().div(x.cos())),
  Sinh: unary((x) => x.exp().sub(x.neg().exp()).mul(0.5)),
  Cosh: unary((x) => x.exp().add(x.neg().exp()).mul(0.5)),
  Asinh: unary((x) => x.abs().add(x.square().add(1).sqrt()).log().mul(x.sign())),
  Acosh: unary((x) => x.add(x.square().sub(1).sqrt()).log()),
  Atanh: unary((x) => x.add(1).div(oneMinus(x)).log().mul(0.5)),
  Equal: comparison((a, b) => a.eq(b)),
  Greater: comparison((a, b) => a.gt(b)),
  GreaterOrEqual: comparison((a, b) => a.ge(b)),
  Less: comparison((a, b) => a.lt(b)),
  LessOrEqual: comparison((a, b) => a.le(b)),
  And: comparison((a, b) => a.logicalAnd(b)),
  Or: comparison((a, b) => a.logicalOr(b)),
  Xor: comparison((a, b) => a.ne(b)),
  Not: unary((x) => x.logicalNot()),
  IsNaN: unary((x) => x.isNaN()),
  IsInf: rule(isInfinite),
  Where: rule((call) => {
    const a = call.input(1)
    return where(call.input(0), a, call.input(2)).to(a.dtype)
  }),
  Clip: rule(clip, { settings: [1, 2] }),
  Cast: rule((call) => castTo(call.input(0), dtypeOfElementType(call.int('to', 0), `the result of ${call.what}`))),
  CastLike: rule((call) => castTo(call.input(0), call.input(1).dtype)),
  Identity: rule((call) => call.input(0)),
  Shrink: rule((call) => {
    const x = call.input(0)
    const [lambda, bias] = [call.float('lambd', 0.5), call.float('bias', 0)]
    return where(x.lt(-lambda), x.add(bias), where(x.gt(lambda), x.sub(bias), 0))
  }),
}

/** The axes that an operator reduces or normalises, from 0 on; all when none are given. */
export function axesOf(x: Tensor, axes: readonly number[] | undefined): number[] {
  return axes === undefined ? range(x.rank) : axes.map((axis) => normalizeAxis(axis, x.rank))
}
