/** Samples of the element-wise primitives: ranges, special values, all element types, sizes around a vector's width, views. */
import type { DType } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import {
  awayFromZero,
  bool,
  distinct,
  float,
  int32,
  integers,
  listed,
  type Operand,
  type OpSample,
  repeated,
  smooth,
  uint8,
  uniform,
  type Values,
  valuesOnly,
} from './sample.ts'

const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 3, 1e-30, -1e30]
const anySpecial = listed(...special)
/** With `anySpecial`: every pair of special values. */
const eachSpecial = repeated(special.length, ...special)
const pairs = special.length ** 2
const TAILS = [1, 2, 3, 5, 7, 17]

type Plain =
  | 'floor'
  | 'round'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'max'
  | 'min'
  | 'and'
  | 'or'
  | 'equal'
  | 'less'
  | 'lessEqual'

/** Primitive `name` as a function of its operands. */
const apply =
  (name: Plain) =>
  (...operands: Node[]): Node =>
    makeNode(name, operands, {})

interface Unary {
  readonly op: (x: Node) => Node
  /** Where the derivatives are checked. */
  readonly range: Values
  /** The whole useful range, for the accuracy of approximations. */
  readonly wide: Values
}

const spread = (limit: number): Values => uniform(-limit, limit)
const magnitudes: Values = (count, random) => uniform(-37, 38)(count, random).map((power) => 10 ** power)

const floatUnary: Record<string, Unary> = {
  neg: { op: ir.neg, range: spread(3), wide: spread(1e6) },
  abs: { op: ir.abs, range: awayFromZero(0.1, 3), wide: spread(1e6) },
  exp: { op: ir.exp, range: spread(3), wide: spread(87) },
  log: { op: ir.log, range: uniform(0.2, 4), wide: magnitudes },
  sqrt: { op: ir.sqrt, range: uniform(0.2, 4), wide: magnitudes },
  sin: { op: ir.sin, range: spread(4), wide: spread(1000) },
  cos: { op: ir.cos, range: spread(4), wide: spread(1000) },
  tanh: { op: ir.tanh, range: spread(3), wide: spread(20) },
  sigmoid: { op: ir.sigmoid, range: spread(5), wide: spread(100) },
  erf: { op: ir.erf, range: spread(2.5), wide: spread(6) },
}

const unarySamples = Object.entries(floatUnary).flatMap(([name, { op, range, wide }]): OpSample[] => [
  smooth(`${name} of a vector`, [float([17], range)], op),
  smooth(`${name} of a scalar`, [float([], range)], op),
  valuesOnly(`${name} over its whole range`, [float([25, 41], wide)], op),
  valuesOnly(`${name} of special values`, [float([special.length], anySpecial)], op),
  valuesOnly(`${name} of nothing`, [float([3, 0])], op),
])

const roundingSamples: OpSample[] = (['floor', 'round'] as const).flatMap((name) => {
  const halves = listed(0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 0.49999997, 8388607.5, 1e9, -7.3, 6.7)
  return [
    valuesOnly(`${name} of halves`, [float([13], halves)], apply(name)),
    valuesOnly(`${name} of a matrix`, [float([7, 9], spread(50))], apply(name)),
    valuesOnly(`${name} of special values`, [float([special.length], anySpecial)], apply(name)),
  ]
})

const integerUnarySamples: OpSample[] = [
  valuesOnly('neg of int32', [int32([7], listed(0, 1, -1, 2147483647, -2147483648, 40))], ir.neg),
  valuesOnly('abs of int32', [int32([7], listed(0, 1, -1, 2147483647, -2147483647, -40))], ir.abs),
  valuesOnly('not of bool', [bool([19])], ir.not),
]

interface Binary {
  readonly op: (a: Node, b: Node) => Node
  readonly left: Values
  readonly right: Values
}

const floatBinary: Record<string, Binary> = {
  add: { op: ir.add, left: spread(3), right: spread(3) },
  sub: { op: ir.sub, left: spread(3), right: spread(3) },
  mul: { op: ir.mul, left: spread(3), right: spread(3) },
  div: { op: ir.div, left: spread(3), right: awayFromZero(0.5, 3) },
  max: { op: ir.max, left: distinct(0.2), right: distinct(0.3) },
  min: { op: ir.min, left: distinct(0.2), right: distinct(0.3) },
  pow: { op: ir.pow, left: uniform(0.3, 3), right: spread(3) },
  // The quotient stays away from whole numbers, where mod jumps.
  mod: { op: ir.mod, left: listed(0.7, 3.1, -2.7, 5.9, -0.4), right: listed(1.1, -1.3, 1.7) },
}

const binarySamples = Object.entries(floatBinary).flatMap(([name, { op, left, right }]): OpSample[] => [
  smooth(`${name} of vectors`, [float([17], left), float([17], right)], op),
  smooth(`${name} of scalars`, [float([], left), float([], right)], op),
  smooth(`${name} with a broadcast row`, [float([3, 5], left), float([1, 5], right)], (a, b) =>
    op(a, ir.broadcastTo(b, [3, 5])),
  ),
  smooth(`${name} with a broadcast column first`, [float([3, 1], left), float([3, 5], right)], (a, b) =>
    op(ir.broadcastTo(a, [3, 5]), b),
  ),
])

/** Without magnitudes whose quotient is beyond float32's whole numbers, where no formula for mod is exact. */
const moderate = special.filter((value) => Math.abs(value) !== 1e30 && value !== 1e-30)

const specialBinarySamples = Object.entries(floatBinary).map(([name, { op }]): OpSample => {
  const values = name === 'mod' ? moderate : special
  const [left, right] = [listed(...values), repeated(values.length, ...values)]
  const count = values.length ** 2
  return valuesOnly(`${name} of special values`, [float([count], left), float([count], right)], op)
})

const powSamples: OpSample[] = [
  ...[-1, 0.5, 1, 2, 3, 2.5].map((exponent) =>
    smooth(`pow with the constant ${exponent}`, [float([7], uniform(0.4, 3))], (x) =>
      ir.pow(x, ir.scalarLike(x, exponent)),
    ),
  ),
  ...[2, 3].map((exponent) =>
    smooth(`pow of negative numbers with the constant ${exponent}`, [float([7], spread(3))], (x) =>
      ir.pow(x, ir.scalarLike(x, exponent)),
    ),
  ),
  valuesOnly(
    'pow of negative numbers',
    [float([9], listed(-2, -0.5, -3)), float([9], listed(-2, -1, 0, 1, 2, 3, 4, 0.5, -3))],
    ir.pow,
  ),
]

const INT32_LIMITS = [0, 1, -1, 7, -7, 2147483647, -2147483648, 65537]
const limits = INT32_LIMITS.length
const integerBinarySamples: OpSample[] = [
  ...(['add', 'sub', 'mul', 'div', 'max', 'min'] as const).flatMap((name) => [
    valuesOnly(`${name} of int32 wraps`, [all(limits), each(limits)], apply(name)),
    valuesOnly(`${name} of int32 matrices`, [int32([5, 7]), int32([5, 7])], apply(name)),
  ]),
  valuesOnly(
    'mod of int32 takes the sign of the divisor',
    [int32([36], integers(-20, 20)), int32([36], listed(3, -3, 7, -7))],
    ir.mod,
  ),
]

function all(count: number): Operand {
  return int32([count ** 2], listed(...INT32_LIMITS))
}

function each(count: number): Operand {
  return int32([count ** 2], repeated(count, ...INT32_LIMITS))
}

const logicalSamples: OpSample[] = (['and', 'or'] as const).map((name) =>
  valuesOnly(`${name} of bool`, [bool([19], listed(0, 0, 1, 1)), bool([19], listed(0, 1))], apply(name)),
)

const comparisonSamples: OpSample[] = (['equal', 'less', 'lessEqual'] as const).flatMap((name) => [
  valuesOnly(`${name} of special values`, [float([pairs], anySpecial), float([pairs], eachSpecial)], apply(name)),
  valuesOnly(`${name} of int32`, [all(limits), each(limits)], apply(name)),
  valuesOnly(`${name} of uint8`, [uint8([21], integers(0, 4)), uint8([21], listed(0, 3, 200, 255))], apply(name)),
  valuesOnly(`${name} of bool`, [bool([19], listed(0, 0, 1, 1)), bool([19], listed(0, 1))], apply(name)),
])

const castOperands: Record<DType, Operand> = {
  float32: float([21], uniform(0, 250)),
  int32: int32([21], integers(0, 256)),
  uint8: uint8([21]),
  bool: bool([21]),
}
const dtypes = Object.keys(castOperands) as DType[]
const castTo =
  (dtype: DType) =>
  (x: Node): Node =>
    makeNode('cast', [x], { dtype })

const castSamples: OpSample[] = [
  ...dtypes.flatMap((from) =>
    dtypes.map((to) => valuesOnly(`cast from ${from} to ${to}`, [castOperands[from]], castTo(to))),
  ),
  smooth('cast of float32 to itself', [float([5])], castTo('float32')),
  valuesOnly(
    'cast truncates toward zero',
    [float([8], listed(1.9, -1.9, 0.5, -0.5, 7, -7, 1e6, -1e6))],
    castTo('int32'),
  ),
  valuesOnly(
    'cast of int32 rounds to float32',
    [int32([4], listed(16777217, -16777217, 2147483647))],
    castTo('float32'),
  ),
  valuesOnly('cast of non-zero to bool', [float([6], listed(0, -0, 0.25, -3, Number.NaN, Infinity))], castTo('bool')),
  valuesOnly('cast of negative int32 to bool', [int32([4], listed(0, -1, 256, 2))], castTo('bool')),
]

const whereSamples: OpSample[] = [
  smooth('where of vectors', [bool([17]), float([17]), float([17])], ir.where),
  smooth('where with a broadcast condition', [bool([3, 1]), float([3, 5]), float([3, 5])], (c, a, b) =>
    ir.where(ir.broadcastTo(c, [3, 5]), a, b),
  ),
  smooth('where on a comparison', [float([11], distinct(0.3))], (x) =>
    ir.where(ir.less(ir.scalarLike(x, 0), x), ir.mul(x, x), ir.scale(x, 0.1)),
  ),
  valuesOnly('where hides special values', [bool([12]), float([12], anySpecial), float([12])], ir.where),
  valuesOnly('where of int32', [bool([9]), int32([9]), int32([9])], ir.where),
  valuesOnly('where of bool', [bool([9]), bool([9]), bool([9])], ir.where),
]

const tailSamples: OpSample[] = TAILS.flatMap((size) => [
  smooth(`a chain over ${size} numbers`, [float([size]), float([size])], (a, b) =>
    ir.tanh(ir.add(ir.mul(a, b), ir.exp(ir.neg(a)))),
  ),
  valuesOnly(`int32 arithmetic over ${size} numbers`, [int32([size]), int32([size])], (a, b) =>
    ir.add(ir.mul(a, b), a),
  ),
  valuesOnly(`bytes over ${size} numbers`, [uint8([size]), uint8([size])], (a, b) => ir.not(ir.less(a, b))),
])

const viewSamples: OpSample[] = [
  smooth('add to a transposed matrix', [float([5, 7]), float([7, 5])], (a, b) => ir.add(ir.transpose(a, [1, 0]), b)),
  smooth('mul with a transposed block', [float([2, 3, 5]), float([5, 2, 3])], (a, b) =>
    ir.mul(ir.transpose(a, [2, 0, 1]), b),
  ),
  smooth('mul with every second row', [float([9, 5]), float([4, 5])], (a, b) =>
    ir.mul(ir.slice(a, [1, 0], [4, 5], [2, 1]), b),
  ),
  smooth('mul with every third column', [float([3, 11]), float([3, 4])], (a, b) =>
    ir.mul(ir.slice(a, [0, 1], [3, 4], [1, 3]), b),
  ),
  smooth('sub of a flipped vector', [float([17]), float([17])], (a, b) => ir.sub(ir.flip(a, [0]), b)),
  smooth('mul of a matrix flipped both ways', [float([4, 6]), float([4, 6])], (a, b) => ir.mul(a, ir.flip(b, [0, 1]))),
  smooth('add of a padded vector', [float([5]), float([9])], (a, b) => ir.mul(ir.pad(a, [[1, 3]], 0.5), b)),
  smooth('outer product by broadcasts', [float([6, 1]), float([1, 7])], (a, b) =>
    ir.mul(ir.broadcastTo(a, [6, 7]), ir.broadcastTo(b, [6, 7])),
  ),
  smooth('broadcast of a channel over an image', [float([2, 3, 4, 5]), float([3])], (x, c) =>
    ir.sigmoid(ir.add(x, ir.broadcastTo(ir.reshape(c, [3, 1, 1]), x.shape))),
  ),
  smooth('a view of a view', [float([4, 6]), float([3, 4])], (a, b) =>
    ir.mul(ir.flip(ir.transpose(ir.slice(a, [0, 0], [4, 3], [1, 2]), [1, 0]), [0]), b),
  ),
  smooth('a reshaped transpose', [float([4, 6]), float([3, 8])], (a, b) =>
    ir.mul(ir.reshape(ir.transpose(a, [1, 0]), [3, 8]), b),
  ),
]

export const elementwiseSamples: readonly OpSample[] = [
  ...unarySamples,
  ...roundingSamples,
  ...integerUnarySamples,
  ...binarySamples,
  ...specialBinarySamples,
  ...powSamples,
  ...integerBinarySamples,
  ...logicalSamples,
  ...comparisonSamples,
  ...castSamples,
  ...whereSamples,
  ...tailSamples,
  ...viewSamples,
]
