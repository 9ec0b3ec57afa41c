/** Interpreter rules of the element-wise primitives. */
import { at } from '../../base/arrays.ts'
import type { PrimitiveName } from '../../ir/node.ts'
import {
  addIn,
  convertTo,
  erf,
  floorModulo,
  integerModulo,
  integerQuotient,
  power,
  roundHalfEven,
  sigmoid,
} from './arithmetic.ts'
import type { Rule, RuleTable } from './rule.ts'

type Unary = (x: number) => number
type Binary = (x: number, y: number) => number

/** Applies `float` to float32, `integer` to the other element types. */
function unary(float: Unary, integer: Unary = float): Rule<PrimitiveName> {
  return (node, operands) => {
    const f = node.dtype === 'float32' ? float : integer
    const x = at(operands, 0)
    const result = new Float64Array(x.length)
    for (let i = 0; i < x.length; i++) result[i] = f(x[i] as number)
    return result
  }
}

function binary(float: Binary, integer: Binary = float): Rule<PrimitiveName> {
  return (node, operands) => {
    const f = at(node.inputs, 0).dtype === 'float32' ? float : integer
    const x = at(operands, 0)
    const y = at(operands, 1)
    const result = new Float64Array(x.length)
    for (let i = 0; i < x.length; i++) result[i] = f(x[i] as number, y[i] as number)
    return result
  }
}

/** Comparisons answer 1 or 0; nothing compares with NaN. */
function comparison(holds: (x: number, y: number) => boolean): Rule<PrimitiveName> {
  return binary((x, y) => (holds(x, y) ? 1 : 0))
}

const bitwiseNot = unary((x) => ~x)
const logicalNot = unary((x) => (x === 0 ? 1 : 0))

export const elementwiseRules = {
  neg: unary(
    (x) => -x,
    (x) => -x | 0,
  ),
  abs: unary(Math.abs, (x) => Math.abs(x) | 0),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  erf: unary(erf),
  floor: unary(Math.floor),
  round: unary(roundHalfEven),
  // `and`, `or` and `not` are logical for bool, whose values are 0 and 1, and bitwise for int32.
  not: (node, operands, valuesOf) => (node.dtype === 'bool' ? logicalNot : bitwiseNot)(node, operands, valuesOf),
  cast: (node, operands) => at(operands, 0).map(convertTo[node.attributes.dtype]),

  add: binary(addIn.float32, addIn.int32),
  sub: binary(
    (x, y) => x - y,
    (x, y) => (x - y) | 0,
  ),
  mul: binary((x, y) => x * y, Math.imul),
  div: binary((x, y) => x / y, integerQuotient),
  max: binary((x, y) => Math.max(x, y)),
  min: binary((x, y) => Math.min(x, y)),
  pow: binary(power),
  mod: binary(floorModulo, integerModulo),
  and: binary((x, y) => x & y),
  or: binary((x, y) => x | y),
  equal: comparison((x, y) => x === y),
  less: comparison((x, y) => x < y),
  lessEqual: comparison((x, y) => x <= y),

  where(_, operands) {
    const [condition, whenTrue, whenFalse] = [at(operands, 0), at(operands, 1), at(operands, 2)]
    return condition.map((holds, index) => at(holds ? whenTrue : whenFalse, index))
  },
} satisfies Partial<RuleTable>
