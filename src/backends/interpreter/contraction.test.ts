import { describe, expect, test } from 'vitest'
import { dot, normalTensor, tensorOf } from '../../../test/support/nodes.ts'
import { range } from '../../base/arrays.ts'
import { makeNode } from '../../ir/build.ts'
import { multiplyAdds } from '../../ir/cost.ts'
import type { ConvAttributes, Node } from '../../ir/node.ts'
import * as ir from '../../ir/operations.ts'
import { evaluateNode } from './evaluate.ts'

const run = (node: Node): number[] => Array.from(evaluateNode(node))

function attributes(rank: number, given: Partial<ConvAttributes> = {}): ConvAttributes {
  const ones = range(rank).map(() => 1)
  const none = range(rank).map((): [number, number] => [0, 0])
  return { stride: ones, padding: none, dilation: ones, groups: 1, ...given }
}

const conv = (x: Node, weight: Node, given?: Partial<ConvAttributes>): Node =>
  makeNode('conv', [x, weight], attributes(x.shape.length - 2, given))

describe('matmul', () => {
  test('of matrices', () => {
    const [a, b] = [tensorOf([1, 2, 3, 4, 5, 6], [2, 3]), tensorOf([1, 2, 3, 4, 5, 6], [3, 2])]
    expect(run(ir.matmul(a, b))).toEqual([22, 28, 49, 64])
  })

  test('of batches over two axes', () => {
    const a = tensorOf([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2])
    const identity = [1, 0, 0, 1]
    const swap = [0, 1, 1, 0]
    expect(run(ir.matmul(a, tensorOf([...identity, ...swap], [2, 1, 2, 2])))).toEqual([1, 2, 3, 4, 6, 5, 8, 7])
  })

  test('over nothing is 0; NaN and infinity spread, also times 0', () => {
    expect(run(ir.matmul(tensorOf([], [2, 0]), tensorOf([], [0, 2])))).toEqual([0, 0, 0, 0])
    expect(run(ir.matmul(tensorOf([], [0, 2]), tensorOf([1, 2], [2, 1])))).toEqual([])
    const infinite = tensorOf([Number.POSITIVE_INFINITY, 1], [2, 1])
    expect(run(ir.matmul(tensorOf([0, 1, 1, 1], [2, 2]), infinite))).toEqual([Number.NaN, Number.POSITIVE_INFINITY])
  })
})

describe('conv by hand', () => {
  const x = tensorOf([1, 2, 3, 4, 5], [1, 1, 5])
  const weight = tensorOf([1, 10, 100], [1, 1, 3])

  test('correlates: the kernel is not flipped', () => expect(run(conv(x, weight))).toEqual([321, 432, 543]))
  test('stride', () => expect(run(conv(x, weight, { stride: [2] }))).toEqual([321, 543]))
  test('dilation', () => expect(run(conv(x, weight, { dilation: [2] }))).toEqual([531]))
  test('asymmetric padding', () => {
    expect(run(conv(x, weight, { padding: [[2, 0]] }))).toEqual([100, 210, 321, 432, 543])
    expect(run(conv(x, weight, { padding: [[0, 1]] }))).toEqual([321, 432, 543, 54])
  })

  test('two axes with different kernel sizes', () => {
    const image = tensorOf([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3])
    expect(run(conv(image, tensorOf([1, 10], [1, 1, 1, 2])))).toEqual([21, 32, 54, 65, 87, 98])
    expect(run(conv(image, tensorOf([1, 10], [1, 1, 2, 1])))).toEqual([41, 52, 63, 74, 85, 96])
  })

  test('channels are summed, batches kept apart', () => {
    const pair = tensorOf([1, 2, 10, 20, 3, 4, 30, 40], [2, 2, 2])
    expect(run(conv(pair, tensorOf([1, 1, 1, -1], [2, 2, 1])))).toEqual([11, 22, -9, -18, 33, 44, -27, -36])
  })

  test('groups see their own channels', () => {
    const grouped = tensorOf([1, 2, 10, 20], [1, 2, 2])
    expect(run(conv(grouped, tensorOf([1, 2, 3, 4], [4, 1, 1]), { groups: 2 }))).toEqual([1, 2, 2, 4, 30, 60, 40, 80])
  })

  test('padding contributes nothing even where the weight is infinite', () => {
    const infinite = tensorOf([Number.POSITIVE_INFINITY, 1], [1, 1, 2])
    expect(run(conv(tensorOf([5], [1, 1, 1]), infinite, { padding: [[1, 0]] }))).toEqual([5])
  })

  test('an empty batch', () => expect(run(conv(tensorOf([], [0, 1, 5]), weight))).toEqual([]))
})

describe('the three convolutions are adjoint: ⟨conv(x, w), g⟩ = ⟨x, convInputGrad(g, w)⟩ = ⟨w, convWeightGrad(x, g)⟩', () => {
  const cases: [string, number[], number[], Partial<ConvAttributes>][] = [
    ['plain', [2, 3, 6, 5], [4, 3, 3, 2], {}],
    ['one axis, stride 3', [2, 2, 11], [3, 2, 4], { stride: [3] }],
    [
      'stride, asymmetric padding, dilation',
      [2, 3, 9, 8],
      [2, 3, 3, 2],
      {
        stride: [2, 3],
        padding: [
          [1, 2],
          [0, 3],
        ],
        dilation: [2, 1],
      },
    ],
    [
      'groups',
      [1, 4, 5, 5],
      [6, 2, 3, 3],
      {
        groups: 2,
        padding: [
          [1, 1],
          [1, 1],
        ],
      },
    ],
    ['depthwise', [2, 3, 5, 5], [3, 1, 2, 2], { groups: 3, stride: [2, 2] }],
    ['three axes', [1, 2, 4, 5, 3], [2, 2, 2, 3, 2], { stride: [1, 2, 1], dilation: [2, 1, 1] }],
  ]
  test.each(cases)('%s', (_, inputShape, weightShape, given) => {
    const [x, weight] = [normalTensor(inputShape, 1), normalTensor(weightShape, 2)]
    const output = conv(x, weight, given)
    const gradient = normalTensor(output.shape, 3)
    const all = attributes(inputShape.length - 2, given)
    const inputGradient = makeNode('convInputGrad', [gradient, weight], { ...all, inputSize: inputShape.slice(2) })
    const weightGradient = makeNode('convWeightGrad', [x, gradient], { ...all, kernelSize: weightShape.slice(2) })
    const expected = dot(evaluateNode(output), evaluateNode(gradient))
    expect(dot(evaluateNode(x), evaluateNode(inputGradient))).toBeCloseTo(expected, 11)
    expect(dot(evaluateNode(weight), evaluateNode(weightGradient))).toBeCloseTo(expected, 11)
    // All three walk over the same products.
    expect([inputGradient, weightGradient].map(multiplyAdds)).toEqual([multiplyAdds(output), multiplyAdds(output)])
  })
})

describe('multiplyAdds', () => {
  test('of matmul is batch · m · n · k', () => {
    expect(multiplyAdds(ir.matmul(normalTensor([5, 2, 3], 1), normalTensor([5, 3, 4], 2)))).toBe(5 * 2 * 3 * 4)
  })

  test('of conv is out elements · channels of a group · taps', () => {
    const node = conv(normalTensor([2, 4, 6, 6], 1), normalTensor([8, 2, 3, 3], 2), { groups: 2 })
    expect(multiplyAdds(node)).toBe(2 * 8 * 4 * 4 * 2 * 9)
  })

  test('of anything else is 0', () => expect(multiplyAdds(ir.exp(tensorOf([1])))).toBe(0))
})
