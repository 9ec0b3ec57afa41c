/** Samples of reductions over first, middle, last and several axes, and of the leaves. */
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import {
  awayFromZero,
  distinct,
  float,
  int32,
  integers,
  listed,
  type OpSample,
  smooth,
  uint8,
  uniform,
  type Values,
  valuesOnly,
} from './sample.ts'

const AXES = [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2], []] as const
type Reduction = 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProduct'

const reduce =
  (op: Reduction, axes: readonly number[]) =>
  (x: Node): Node =>
    makeNode(op, [x], { axes })

const ranges: Record<Reduction, Values> = {
  reduceSum: uniform(-2, 2),
  reduceMax: distinct(0.05),
  reduceMin: distinct(0.05),
  reduceProduct: awayFromZero(0.7, 1.3),
}

const axisSamples = (Object.keys(ranges) as Reduction[]).flatMap((op): OpSample[] => [
  ...AXES.map((axes) => smooth(`${op} over axes [${axes}]`, [float([3, 4, 5], ranges[op])], reduce(op, axes))),
  smooth(`${op} of one element`, [float([1])], reduce(op, [0])),
  smooth(`${op} of a scalar over no axes`, [float([])], reduce(op, [])),
  smooth(`${op} of a transposed matrix`, [float([6, 7], ranges[op])], (x) => reduce(op, [1])(ir.transpose(x, [1, 0]))),
  valuesOnly(`${op} of int32`, [int32([5, 9])], reduce(op, [1])),
  valuesOnly(`${op} of int32 over rows`, [int32([9, 5])], reduce(op, [0])),
  valuesOnly(`${op} with NaN`, [float([3, 4], listed(1, Number.NaN, 2, 3, 4, 5, 6))], reduce(op, [1])),
  valuesOnly(`${op} with infinities`, [float([3, 5], listed(1, Infinity, 2, -Infinity, 0.5, 3, 4))], reduce(op, [1])),
  ...[2, 3, 5, 7, 17, 33, 1000].map((size) =>
    valuesOnly(`${op} of ${size} numbers`, [float([size], ranges[op])], reduce(op, [0])),
  ),
])

const manySamples: OpSample[] = [
  smooth('reduceSum of long rows', [float([5, 130])], reduce('reduceSum', [1])),
  smooth('reduceSum of long columns', [float([130, 5])], reduce('reduceSum', [0])),
  smooth('reduceSum of an image per channel', [float([2, 3, 5, 7])], reduce('reduceSum', [0, 2, 3])),
  valuesOnly('reduceSum of 70000 numbers', [float([70, 1000])], reduce('reduceSum', [0, 1])),
  valuesOnly('reduceSum of wide columns', [float([67, 129])], reduce('reduceSum', [0])),
  valuesOnly('reduceSum of nothing', [float([0, 3])], reduce('reduceSum', [0])),
  valuesOnly('reduceProduct of nothing', [float([0, 3])], reduce('reduceProduct', [0])),
  valuesOnly('reduceSum along an axis beside an empty one', [float([3, 0])], reduce('reduceSum', [0])),
  smooth('reduceProduct with a zero in each row', [float([3, 5], listed(0, 1.5, -0.7, 1.2, 0.8))], (x) =>
    ir.reduceProduct(x, [1]),
  ),
  smooth('reduceProduct with two zeros in each row', [float([2, 5], listed(0, 1.5, -0.7, 0, 0.8))], (x) =>
    ir.reduceProduct(x, [1]),
  ),
  smooth('reduceProduct over two axes apart', [float([2, 3, 3], awayFromZero(0.6, 1.4))], (x) =>
    ir.reduceProduct(x, [0, 2]),
  ),
  valuesOnly('reduceSum of int32 wraps', [int32([4], listed(2147483647))], reduce('reduceSum', [0])),
]

const argmaxSamples: OpSample[] = [
  ...[0, 1, 2].map((axis) =>
    valuesOnly(`argmax along axis ${axis}`, [float([3, 4, 5], distinct())], (x) => ir.argmax(x, axis)),
  ),
  valuesOnly('argmax takes the first of equal maxima', [float([4, 6], integers(0, 3))], (x) => ir.argmax(x, 1)),
  valuesOnly('argmax finds NaN', [float([3, 4], listed(1, 5, Number.NaN, 7, Number.NaN))], (x) => ir.argmax(x, 1)),
  valuesOnly('argmax of infinities', [float([2, 3], listed(-Infinity, -Infinity, Infinity, -Infinity))], (x) =>
    ir.argmax(x, 1),
  ),
  valuesOnly('argmax of int32', [int32([5, 7])], (x) => ir.argmax(x, 1)),
  valuesOnly('argmax of uint8', [uint8([5, 7])], (x) => ir.argmax(x, 0)),
  valuesOnly('argmax of long rows', [float([3, 101])], (x) => ir.argmax(x, 1)),
]

export const reductionSamples: readonly OpSample[] = [...axisSamples, ...manySamples, ...argmaxSamples]

export const leafSamples: readonly OpSample[] = [
  ...[[1], [7], [8], [17], [4, 9], [1000]].map((shape, stream) =>
    valuesOnly(`random numbers of shape [${shape}]`, [int32([2], listed(42, 7))], (counter) =>
      makeNode('random', [counter], { shape, stream }),
    ),
  ),
  valuesOnly('random numbers of a negative seed', [int32([2], listed(-5, 100000))], (counter) =>
    makeNode('random', [counter], { shape: [20], stream: 3 }),
  ),
  valuesOnly('iota of a vector', [], () => ir.iota([17], 0)),
  valuesOnly('iota along rows', [], () => ir.iota([3, 5], 0)),
  valuesOnly('iota along columns', [], () => ir.iota([3, 5], 1)),
  valuesOnly('iota along a middle axis', [], () => ir.iota([2, 3, 4], 1)),
  valuesOnly('iota of nothing', [], () => ir.iota([0], 0)),
  ...([2.5, Number.NaN, -Infinity] as const).map((value) =>
    valuesOnly(`the constant ${value}`, [], () => ir.scalar(value, [2, 3])),
  ),
  valuesOnly('an int32 constant', [], () => ir.scalar(-7, [3], 'int32')),
  valuesOnly('a bool constant', [], () => ir.scalar(1, [3], 'bool')),
  valuesOnly('an operand handed back', [float([4])], (x) => x),
]
