/** Samples of what networks are made of, so that fusion meets typical neighbours: softmax, normalisation, losses, updates. */
import { at } from '../../src/base/arrays.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { distinct, float, int32, integers, listed, type OpSample, smooth, uniform, valuesOnly } from './sample.ts'

const spreadTo = (like: Node, x: Node): Node => ir.broadcastTo(x, like.shape)

function logSoftmax(x: Node): Node {
  const axis = [x.shape.length - 1]
  const shifted = ir.sub(x, spreadTo(x, ir.reduceMax(x, axis)))
  return ir.sub(shifted, spreadTo(x, ir.log(ir.reduceSum(ir.exp(shifted), axis))))
}

function normalise(x: Node, axes: readonly number[]): Node {
  const count = axes.reduce((total, axis) => total * at(x.shape, axis), 1)
  const centred = ir.sub(x, spreadTo(x, ir.scale(ir.reduceSum(x, axes), 1 / count)))
  const variance = ir.scale(ir.reduceSum(ir.mul(centred, centred), axes), 1 / count)
  const deviation = ir.sqrt(ir.add(variance, ir.scalarLike(variance, 1e-5)))
  return ir.div(centred, spreadTo(x, deviation))
}

const relu = (x: Node): Node => ir.where(ir.less(ir.scalarLike(x, 0), x), x, ir.scalarLike(x, 0))
const gelu = (x: Node): Node => ir.scale(ir.mul(x, ir.add(ir.erf(ir.scale(x, Math.SQRT1_2)), ir.scalarLike(x, 1))), 0.5)

const window = [2, 2].map((kernel) => ({ kernel, stride: 2, padding: [0, 0] as const, dilation: 1 }))

/** Two convolutions with pooling and a linear layer; what an image classifier is made of. */
function smallNetwork(x: Node, w1: Node, w2: Node, w3: Node): Node {
  const attributes = { stride: [1, 1], padding: [[1, 1] as const, [1, 1] as const], dilation: [1, 1], groups: 1 }
  const first = makeNode('maxPool', [ir.tanh(makeNode('conv', [x, w1], attributes))], { window })
  const second = makeNode('maxPool', [ir.tanh(makeNode('conv', [first, w2], attributes))], { window })
  const flat = ir.reshape(second, [at(x.shape, 0), at(w3.shape, 0)])
  return logSoftmax(ir.matmul(flat, w3))
}

export const compositionSamples: readonly OpSample[] = [
  smooth('relu', [float([6, 7], distinct())], relu),
  smooth('gelu', [float([17])], gelu),
  smooth('silu', [float([17])], (x) => ir.mul(x, ir.sigmoid(x))),
  smooth('softplus by parts', [float([17], distinct(0.2))], (x) =>
    ir.add(relu(x), ir.log(ir.add(ir.exp(ir.neg(ir.abs(x))), ir.scalarLike(x, 1)))),
  ),
  smooth('log-softmax', [float([5, 10], distinct(0.07))], logSoftmax),
  smooth('softmax of one row', [float([1, 33], distinct(0.05))], (x) => ir.exp(logSoftmax(x))),
  valuesOnly('log-softmax of large numbers', [float([4, 10], uniform(-900, 900))], logSoftmax),
  smooth('cross-entropy', [float([6, 5], distinct(0.07)), int32([6, 1], integers(0, 5))], (x, labels) =>
    ir.scale(ir.reduceSum(ir.gather(logSoftmax(x), labels, 1), [0, 1]), -1 / 6),
  ),
  smooth('mean squared error', [float([7, 3]), float([7, 3])], (a, b) => {
    const difference = ir.sub(a, b)
    return ir.scale(ir.reduceSum(ir.mul(difference, difference), [0, 1]), 1 / 21)
  }),
  smooth('normalisation of rows', [float([5, 9])], (x) => normalise(x, [1])),
  smooth('normalisation per channel', [float([3, 2, 4, 3])], (x) => normalise(x, [0, 2, 3])),
  smooth('scaled dot-product attention', [float([2, 5, 4]), float([2, 6, 4]), float([2, 6, 3])], (q, k, v) =>
    ir.matmul(ir.exp(logSoftmax(ir.scale(ir.matmul(q, ir.matrixTranspose(k)), 0.5))), v),
  ),
  smooth(
    'a perceptron with one hidden layer',
    [float([8, 2]), float([2, 5]), float([5]), float([5, 1])],
    (x, w1, b, w2) => ir.sigmoid(ir.matmul(ir.tanh(ir.add(ir.matmul(x, w1), ir.broadcastTo(b, [8, 5]))), w2)),
  ),
  smooth(
    'a small convolutional network',
    [float([2, 1, 8, 8]), float([3, 1, 3, 3]), float([4, 3, 3, 3]), float([16, 5])],
    smallNetwork,
  ),
  smooth('a value used many times', [float([9])], (x) => {
    const y = ir.tanh(x)
    return ir.add(ir.mul(y, ir.exp(y)), ir.mul(ir.sub(y, x), ir.mul(y, y)))
  }),
  smooth('a reduction between maps', [float([7, 11])], (x) =>
    ir.mul(ir.exp(x), spreadTo(x, ir.tanh(ir.reduceSum(ir.mul(x, x), [1])))),
  ),
  smooth('reductions of both axes of one matrix', [float([6, 8])], (x) =>
    ir.add(spreadTo(x, ir.reduceSum(x, [0])), spreadTo(x, ir.reduceSum(ir.mul(x, x), [1]))),
  ),
  smooth('a cumulative sum by a triangle', [float([3, 9])], (x) => {
    const triangle = ir.lessEqual(ir.iota([9, 9], 0), ir.iota([9, 9], 1))
    return ir.matmul(x, ir.cast(triangle, 'float32'))
  }),
  smooth('one step of Adam', [float([17]), float([17]), float([17], uniform(0.1, 1)), float([17])], (p, m, v, g) => {
    const mean = ir.add(ir.scale(m, 0.9), ir.scale(g, 0.1))
    const square = ir.add(ir.scale(v, 0.999), ir.scale(ir.mul(g, g), 0.001))
    return ir.sub(p, ir.scale(ir.div(mean, ir.add(ir.sqrt(square), ir.scalarLike(square, 1e-8))), 1e-3))
  }),
  valuesOnly('dropout', [float([50]), int32([2], listed(3, 5))], (x, counter) => {
    const draw = makeNode('random', [counter], { shape: x.shape, stream: 1 })
    return ir.where(ir.less(draw, ir.scalarLike(draw, 0.5)), ir.scale(x, 2), ir.scalarLike(x, 0))
  }),
  valuesOnly('a one-hot code', [int32([6, 1], integers(0, 4))], (labels) =>
    ir.cast(ir.equal(ir.broadcastTo(labels, [6, 4]), ir.iota([6, 4], 1)), 'float32'),
  ),
  valuesOnly('the number of right answers', [float([9, 4], distinct()), int32([9, 1], integers(0, 4))], (x, labels) =>
    ir.reduceSum(ir.cast(ir.equal(ir.argmax(x, 1), labels), 'int32'), [0, 1]),
  ),
]
