/** Samples of matrix products and of the three convolutions, small and large enough to fill and to overhang register tiles. */
import { at } from '../../src/base/arrays.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { ConvAttributes } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { convWindow } from '../../src/ir/primitives.ts'
import { windowOutputSize } from '../../src/shape/shape.ts'
import { float, listed, type OpSample, smooth, valuesOnly } from './sample.ts'

const sizes = [
  [1, 1, 1],
  [2, 3, 4],
  [1, 17, 9],
  [9, 17, 1],
  [7, 1, 5],
  [6, 8, 8],
  [12, 16, 24],
  [13, 5, 9],
  [37, 53, 29],
] as const

const large = [
  [64, 96, 80],
  [5, 300, 7],
  [130, 70, 33],
  [3, 600, 65],
] as const

const productSamples: OpSample[] = [
  ...sizes.map(([m, k, n]) => smooth(`matmul ${m}×${k}×${n}`, [float([m, k]), float([k, n])], ir.matmul)),
  ...large.map(([m, k, n]) => valuesOnly(`matmul ${m}×${k}×${n}`, [float([m, k]), float([k, n])], ir.matmul)),
  smooth('matmul of batches', [float([3, 5, 7]), float([3, 7, 4])], ir.matmul),
  smooth('matmul of two batch axes', [float([2, 3, 5, 7]), float([2, 3, 7, 9])], ir.matmul),
  smooth('matmul with a broadcast batch', [float([4, 5, 7]), float([1, 7, 3])], (a, b) =>
    ir.matmul(a, ir.broadcastTo(b, [4, 7, 3])),
  ),
  smooth('matmul with the left operand transposed', [float([7, 5]), float([7, 9])], (a, b) =>
    ir.matmul(ir.matrixTranspose(a), b),
  ),
  smooth('matmul with the right operand transposed', [float([5, 7]), float([9, 7])], (a, b) =>
    ir.matmul(a, ir.matrixTranspose(b)),
  ),
  smooth('matmul with both operands transposed', [float([7, 5]), float([9, 7])], (a, b) =>
    ir.matmul(ir.matrixTranspose(a), ir.matrixTranspose(b)),
  ),
  smooth('matmul of batches transposed', [float([2, 7, 5]), float([2, 9, 7])], (a, b) =>
    ir.matmul(ir.matrixTranspose(a), ir.matrixTranspose(b)),
  ),
  smooth('matmul of heads moved out of the features', [float([2, 5, 12]), float([2, 5, 12])], (q, k) => {
    const heads = [q, k].map((x) => ir.transpose(ir.reshape(x, [2, 5, 3, 4]), [0, 2, 1, 3]))
    return ir.matmul(at(heads, 0), ir.matrixTranspose(at(heads, 1)))
  }),
  smooth('matmul of a flipped slice', [float([9, 8]), float([4, 6])], (a, b) =>
    ir.matmul(ir.flip(ir.slice(a, [1, 0], [4, 4], [2, 2]), [0]), b),
  ),
  smooth('matmul of a matrix with itself', [float([6, 6])], (a) => ir.matmul(a, a)),
  smooth('matmul between element-wise operations', [float([9, 11]), float([11, 10]), float([10])], (x, w, b) =>
    ir.tanh(ir.add(ir.matmul(ir.sigmoid(x), ir.mul(w, w)), ir.broadcastTo(b, [9, 10]))),
  ),
  smooth('matmul into a row sum', [float([9, 11]), float([11, 10])], (x, w) => ir.reduceSum(ir.matmul(x, w), [0])),
  valuesOnly('matmul 64×96×80 with the right operand transposed', [float([64, 96]), float([80, 96])], (a, b) =>
    ir.matmul(a, ir.matrixTranspose(b)),
  ),
  valuesOnly('matmul of large batches', [float([3, 40, 33]), float([3, 33, 50])], ir.matmul),
  valuesOnly('matmul over nothing is zero', [float([3, 0]), float([0, 4])], ir.matmul),
  valuesOnly('matmul without rows', [float([0, 3]), float([3, 4])], ir.matmul),
  valuesOnly(
    'matmul with NaN and infinity',
    [float([4, 3], listed(1, 2, 3, Number.NaN, 1, 0, Infinity)), float([3, 2])],
    ir.matmul,
  ),
]

interface ConvCase extends Partial<ConvAttributes> {
  readonly name: string
  readonly x: readonly number[]
  readonly weight: readonly number[]
  /** Too large for the gradient check. */
  readonly large?: boolean
}

const both = (axes: number, value: number): [number, number][] => Array.from({ length: axes }, () => [value, value])

const convCases: readonly ConvCase[] = [
  { name: '3×3', x: [2, 3, 6, 5], weight: [4, 3, 3, 3] },
  { name: '3×3 padded', x: [2, 3, 6, 5], weight: [4, 3, 3, 3], padding: both(2, 1) },
  { name: '1×1', x: [2, 7, 5, 4], weight: [9, 7, 1, 1] },
  { name: '1×1 of stride 2', x: [2, 3, 5, 6], weight: [4, 3, 1, 1], stride: [2, 2] },
  { name: '5×5 padded by 2', x: [1, 2, 7, 8], weight: [3, 2, 5, 5], padding: both(2, 2) },
  { name: 'stride 2', x: [2, 3, 8, 9], weight: [4, 3, 3, 3], stride: [2, 2], padding: both(2, 1) },
  { name: 'a stride that leaves a rest', x: [1, 2, 8, 7], weight: [3, 2, 3, 2], stride: [3, 2] },
  { name: 'dilation 2', x: [1, 2, 9, 8], weight: [3, 2, 3, 3], dilation: [2, 2], padding: both(2, 2) },
  {
    name: 'stride 2, dilation 2',
    x: [2, 2, 9, 10],
    weight: [3, 2, 3, 2],
    stride: [2, 2],
    dilation: [2, 2],
    padding: both(2, 1),
  },
  {
    name: 'uneven padding and strides',
    x: [1, 2, 7, 6],
    weight: [3, 2, 3, 2],
    stride: [2, 1],
    padding: [
      [0, 2],
      [1, 0],
    ],
  },
  { name: 'two groups', x: [2, 4, 5, 5], weight: [6, 2, 3, 3], groups: 2, padding: both(2, 1) },
  { name: 'depthwise', x: [2, 5, 6, 6], weight: [5, 1, 3, 3], groups: 5, padding: both(2, 1) },
  { name: 'depthwise with a multiplier', x: [1, 3, 6, 5], weight: [6, 1, 3, 3], groups: 3, stride: [2, 2] },
  { name: 'one axis', x: [2, 3, 11], weight: [4, 3, 3], padding: both(1, 1) },
  { name: 'one axis, stride 2, dilation 3', x: [2, 2, 14], weight: [3, 2, 3], stride: [2], dilation: [3] },
  { name: 'three axes', x: [1, 2, 4, 5, 4], weight: [3, 2, 2, 3, 2], padding: both(3, 1), stride: [1, 2, 1] },
  { name: 'a kernel as large as the input', x: [3, 2, 4, 4], weight: [5, 2, 4, 4] },
  { name: '7 to 33 channels', x: [2, 7, 8, 8], weight: [33, 7, 3, 3], padding: both(2, 1), large: true },
  { name: '33 to 16 channels', x: [1, 33, 9, 7], weight: [16, 33, 3, 3], padding: both(2, 1), large: true },
  { name: '33 to 7 channels 1×1', x: [2, 33, 6, 7], weight: [7, 33, 1, 1], large: true },
  { name: 'an image of one channel', x: [4, 1, 28, 28], weight: [8, 1, 3, 3], padding: both(2, 1), large: true },
  {
    name: '7×7 of stride 2',
    x: [1, 3, 20, 21],
    weight: [8, 3, 7, 7],
    stride: [2, 2],
    padding: both(2, 3),
    large: true,
  },
  {
    name: '40 depthwise channels',
    x: [1, 40, 9, 9],
    weight: [40, 1, 3, 3],
    groups: 40,
    padding: both(2, 1),
    large: true,
  },
  { name: 'a long signal', x: [2, 8, 130], weight: [16, 8, 5], padding: both(1, 2), large: true },
]

const convSamples = convCases.flatMap((entry): OpSample[] => {
  const kernelSize = entry.weight.slice(2)
  const inputSize = entry.x.slice(2)
  const attributes: ConvAttributes = {
    stride: entry.stride ?? kernelSize.map(() => 1),
    padding: entry.padding ?? both(kernelSize.length, 0),
    dilation: entry.dilation ?? kernelSize.map(() => 1),
    groups: entry.groups ?? 1,
  }
  const window = convWindow(attributes, kernelSize)
  const outputSize = inputSize.map((size, axis) => windowOutputSize(size, at(window, axis)))
  const [x, weight] = [float(entry.x), float(entry.weight)]
  const gradient = float([at(entry.x, 0), at(entry.weight, 0), ...outputSize])
  const sample = entry.large ? valuesOnly : smooth
  return [
    sample(`conv, ${entry.name}`, [x, weight], (a, b) => makeNode('conv', [a, b], attributes)),
    sample(`convInputGrad, ${entry.name}`, [gradient, weight], (a, b) =>
      makeNode('convInputGrad', [a, b], { ...attributes, inputSize }),
    ),
    sample(`convWeightGrad, ${entry.name}`, [x, gradient], (a, b) =>
      makeNode('convWeightGrad', [a, b], { ...attributes, kernelSize }),
    ),
  ]
})

const plain: ConvAttributes = { stride: [1, 1], padding: both(2, 1), dilation: [1, 1], groups: 1 }

const convChainSamples: OpSample[] = [
  smooth('conv between element-wise operations', [float([2, 3, 5, 6]), float([4, 3, 3, 3]), float([4])], (x, w, b) => {
    const y = makeNode('conv', [ir.tanh(x), ir.mul(w, w)], plain)
    return ir.sigmoid(ir.add(y, ir.broadcastTo(ir.reshape(b, [4, 1, 1]), y.shape)))
  }),
  smooth('conv of channels last', [float([2, 5, 6, 3]), float([4, 3, 3, 3])], (x, w) =>
    makeNode('conv', [ir.transpose(x, [0, 3, 1, 2]), w], plain),
  ),
  smooth('conv of a flipped kernel', [float([1, 2, 5, 5]), float([3, 2, 3, 3])], (x, w) =>
    makeNode('conv', [x, ir.flip(w, [2, 3])], plain),
  ),
  smooth('conv into a sum per channel', [float([2, 3, 5, 6]), float([4, 3, 3, 3])], (x, w) =>
    ir.reduceSum(makeNode('conv', [x, w], plain), [0, 2, 3]),
  ),
  smooth('conv with a residual', [float([2, 3, 5, 6]), float([3, 3, 3, 3])], (x, w) =>
    ir.tanh(ir.add(x, makeNode('conv', [x, w], plain))),
  ),
  valuesOnly('conv of an empty batch', [float([0, 3, 5, 5]), float([4, 3, 3, 3])], (x, w) =>
    makeNode('conv', [x, w], plain),
  ),
]

export const contractionSamples: readonly OpSample[] = [...productSamples, ...convSamples, ...convChainSamples]
