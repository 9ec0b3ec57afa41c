import { describe, expect, test } from 'vitest'
import { tensorOf } from '../../../test/support/nodes.ts'
import type { DType } from '../../base/dtype.ts'
import { makeNode } from '../../ir/build.ts'
import type { Node } from '../../ir/node.ts'
import * as ir from '../../ir/operations.ts'
import { erf } from './arithmetic.ts'
import { evaluateNode } from './evaluate.ts'

const INF = Number.POSITIVE_INFINITY
const NAN = Number.NaN
const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

/** The values, −0 made 0 so that expectations need not tell the zeros apart. */
const run = (node: Node): number[] => Array.from(evaluateNode(node), (value) => value + 0)
const ints = (...values: number[]): Node => tensorOf(values, [values.length], 'int32')
const bools = (...values: number[]): Node => tensorOf(values, [values.length], 'bool')
const floats = (...values: number[]): Node => tensorOf(values)
/** Exact doubles, which a float32 input could not carry. */
const exact = (value: number): Node => makeNode('constant', [], { value, dtype: 'float32' })

describe('float, one operand', () => {
  test.each([
    ['neg', ir.neg, -1.5, 1.5],
    ['abs', ir.abs, -1.5, 1.5],
    ['exp', ir.exp, 1, Math.E],
    ['log', ir.log, 10, Math.LN10],
    ['sqrt', ir.sqrt, 2, Math.SQRT2],
    ['sin', ir.sin, Math.PI / 6, 0.5],
    ['cos', ir.cos, Math.PI / 3, 0.5],
    ['tanh', ir.tanh, 0.5, 0.46211715726000974],
    ['sigmoid', ir.sigmoid, 1, 0.7310585786300049],
    ['erf', ir.erf, 0.5, 0.5204998778130465],
    ['floor', ir.floor, -1.5, -2],
    ['round', ir.round, 1.7, 2],
  ] as const)('%s in double precision', (_, op, x, expected) => {
    expect(evaluateNode(op(exact(x)))[0]).toBeCloseTo(expected, 15)
  })

  test('edges follow IEEE 754', () => {
    expect(run(ir.exp(floats(-INF, INF, NAN)))).toEqual([0, INF, NAN])
    expect(run(ir.log(floats(0, -1, INF)))).toEqual([-INF, NAN, INF])
    expect(run(ir.sqrt(floats(-1, INF, 0)))).toEqual([NAN, INF, 0])
    expect(run(ir.tanh(floats(-INF, INF, NAN)))).toEqual([-1, 1, NAN])
    expect(run(ir.sigmoid(floats(-INF, INF, NAN, -1000, 1000)))).toEqual([0, 1, NAN, 0, 1])
    expect(run(ir.floor(floats(INF, NAN, 2)))).toEqual([INF, NAN, 2])
    expect(run(ir.abs(floats(-INF, NAN)))).toEqual([INF, NAN])
  })

  test('sigmoid keeps its relative precision far to the left', () => {
    expect(evaluateNode(ir.sigmoid(exact(-40)))[0]).toBe(Math.exp(-40) / (1 + Math.exp(-40)))
  })

  test('round takes halves to the even neighbour', () => {
    expect(run(ir.round(floats(0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.2, INF, NAN)))).toEqual(
      [0, 2, 2, 0, -2, -2, 3, INF, NAN], // PyTorch: torch.round
    )
  })

  // math.erf of CPython.
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [1.9999, 0.9953201979070294],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [5.5, 0.9999999999999927],
    [7, 1],
    [INF, 1],
    [0, 0],
  ])('erf(±%d)', (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThanOrEqual(1e-15 * expected)
    expect(erf(-x) + erf(x)).toBe(0)
  })

  test('erf of NaN is NaN', () => expect(erf(NAN)).toBeNaN())
})

describe('float, two operands', () => {
  test('arithmetic is not rounded to float32', () => {
    const third = ir.div(exact(1), exact(3))
    expect(evaluateNode(third)[0]).toBe(1 / 3)
    expect(evaluateNode(ir.add(exact(0.1), exact(0.2)))[0]).toBe(0.1 + 0.2)
    expect(evaluateNode(ir.sub(exact(0.3), exact(0.1)))[0]).toBe(0.3 - 0.1)
    expect(evaluateNode(ir.mul(exact(0.1), exact(0.7)))[0]).toBe(0.1 * 0.7)
  })

  test('division by zero', () => {
    expect(run(ir.div(floats(1, -1, 0), floats(0, 0, 0)))).toEqual([INF, -INF, NAN])
  })

  test('max and min hand NaN on', () => {
    const [a, b] = [floats(1, NAN, 1, -INF), floats(2, 1, NAN, INF)]
    expect(run(ir.max(a, b))).toEqual([2, NAN, NAN, INF])
    expect(run(ir.min(a, b))).toEqual([1, NAN, NAN, -INF])
  })

  test('pow follows C', () => {
    const base = floats(2, 9, -8, -8, 0, 1, -1, NAN, NAN)
    const exponent = floats(10, 0.5, 3, 0.5, -1, NAN, INF, 0, 1)
    expect(run(ir.pow(base, exponent))).toEqual([1024, 3, -512, NAN, INF, 1, 1, 1, NAN])
  })

  test('mod has the sign of the divisor', () => {
    expect(run(ir.mod(floats(5, -5, 5, -5, 5.5, 1), floats(3, 3, -3, -3, 2, 0)))).toEqual([2, 1, -1, -2, 1.5, NAN])
    // Python: 5 % inf = 5, -5 % inf = inf.
    expect(run(ir.mod(floats(5, -5), floats(INF, INF)))).toEqual([5, INF])
  })
})

describe('int32', () => {
  test('wraps as 32-bit words do', () => {
    expect(run(ir.add(ints(INT_MAX), ints(1)))).toEqual([INT_MIN])
    expect(run(ir.sub(ints(INT_MIN), ints(1)))).toEqual([INT_MAX])
    expect(run(ir.mul(ints(65537, 123456789), ints(65537, 987654321)))).toEqual([131073, -67153019])
    expect(run(makeNode('neg', [ints(INT_MIN, 0, 3)], {}))).toEqual([INT_MIN, 0, -3])
    expect(run(ir.abs(ints(INT_MIN, -3)))).toEqual([INT_MIN, 3])
  })

  test('div truncates, and by zero gives 0', () => {
    expect(run(ir.div(ints(7, -7, 7, -7, 5, INT_MIN), ints(2, 2, -2, -2, 0, -1)))).toEqual([3, -3, -3, 3, 0, INT_MIN])
  })

  test('mod has the sign of the divisor, and by zero gives the dividend', () => {
    expect(run(ir.mod(ints(7, -7, 7, -7, 6, 5), ints(3, 3, -3, -3, -3, 0)))).toEqual([1, 2, -2, -1, 0, 5])
  })

  test('max, min and bitwise logic', () => {
    expect(run(ir.max(ints(-3, 4), ints(2, 1)))).toEqual([2, 4])
    expect(run(ir.min(ints(-3, 4), ints(2, 1)))).toEqual([-3, 1])
    expect(run(ir.and(ints(12, -1), ints(10, 7)))).toEqual([8, 7])
    expect(run(ir.or(ints(12, -8), ints(10, 7)))).toEqual([14, -1])
    expect(run(ir.not(ints(0, 5)))).toEqual([-1, -6])
  })

  test('no negative zero appears', () => {
    expect(Object.is(evaluateNode(ir.div(ints(-1), ints(2)))[0], 0)).toBe(true)
    expect(Object.is(evaluateNode(ir.mod(ints(-4), ints(2)))[0], 0)).toBe(true)
    expect(Object.is(evaluateNode(ir.cast(floats(-0.5), 'int32'))[0], 0)).toBe(true)
  })
})

describe('truth', () => {
  test('comparisons answer 0 or 1; nothing compares with NaN', () => {
    const [a, b] = [floats(1, 2, 3, NAN, INF), floats(2, 2, 2, NAN, INF)]
    expect(run(ir.equal(a, b))).toEqual([0, 1, 0, 0, 1])
    expect(run(ir.less(a, b))).toEqual([1, 0, 0, 0, 0])
    expect(run(ir.lessEqual(a, b))).toEqual([1, 1, 0, 0, 1])
    expect(run(ir.less(ints(-1, 1), ints(0, 0)))).toEqual([1, 0])
  })

  test('logic of bool', () => {
    const [a, b] = [bools(0, 0, 1, 1), bools(0, 1, 0, 1)]
    expect(run(ir.and(a, b))).toEqual([0, 0, 0, 1])
    expect(run(ir.or(a, b))).toEqual([0, 1, 1, 1])
    expect(run(ir.not(a))).toEqual([1, 1, 0, 0])
  })

  test('where does not let the other branch through', () => {
    expect(run(ir.where(bools(1, 0, 1), floats(1, NAN, 3), floats(NAN, 5, INF)))).toEqual([1, 5, 3])
  })
})

test.each<[DType, DType, number[], number[]]>([
  ['float32', 'int32', [1.9, -1.9, 3e9, -3e9, NAN, INF, -INF], [1, -1, INT_MAX, INT_MIN, 0, INT_MAX, INT_MIN]],
  ['float32', 'uint8', [1.9, -1.9, 255.9, 256, NAN, INF], [1, 0, 255, 255, 0, 255]],
  ['float32', 'bool', [0, -0, 0.1, NAN, -INF], [0, 0, 1, 1, 1]],
  ['int32', 'uint8', [-1, 0, 255, 300], [0, 0, 255, 255]],
  ['int32', 'bool', [0, -7], [0, 1]],
  ['int32', 'float32', [INT_MIN, 16777217], [INT_MIN, 16777217]],
  ['bool', 'int32', [0, 1], [0, 1]],
  ['uint8', 'float32', [0, 255], [0, 255]],
])('cast from %s to %s', (from, to, values, expected) => {
  expect(run(ir.cast(tensorOf(values, [values.length], from), to))).toEqual(expected)
})

test('scalars, empty tensors and rank 5 are nothing special', () => {
  expect(run(ir.add(tensorOf([1], []), tensorOf([2], [])))).toEqual([3])
  expect(run(ir.exp(tensorOf([], [0, 3])))).toEqual([])
  expect(run(ir.add(tensorOf([1, 2], [1, 2, 1, 1, 1]), tensorOf([3, 4], [1, 2, 1, 1, 1])))).toEqual([4, 6])
})
