import { describe, expect, test } from 'vitest'
import { dot, normalTensor, tensorOf } from '../../../test/support/nodes.ts'
import { range } from '../../base/arrays.ts'
import { makeNode } from '../../ir/build.ts'
import type { Node } from '../../ir/node.ts'
import type { WindowAxis } from '../../shape/shape.ts'
import { evaluateNode } from './evaluate.ts'

const INF = Number.POSITIVE_INFINITY
const NAN = Number.NaN
const run = (node: Node): number[] => Array.from(evaluateNode(node))
const axis = (kernel: number, stride = kernel, padding: [number, number] = [0, 0], dilation = 1): WindowAxis => ({
  kernel,
  stride,
  padding,
  dilation,
})
const maxPool = (x: Node, window: WindowAxis[]): Node => makeNode('maxPool', [x], { window })
const maxPoolIndices = (x: Node, window: WindowAxis[]): Node => makeNode('maxPoolIndices', [x], { window })
const sumPool = (x: Node, window: WindowAxis[]): Node => makeNode('sumPool', [x], { window })
const row = (...values: number[]): Node => tensorOf(values, [1, 1, values.length])

describe('maxPool and its indices', () => {
  test('in two axes, taps row-major', () => {
    const x = tensorOf([1, 2, 5, 6, 3, 4, 8, 7, 9, 1, 0, 0, 1, 1, 0, 0], [1, 1, 4, 4])
    expect(run(maxPool(x, [axis(2), axis(2)]))).toEqual([4, 8, 9, 0])
    expect(run(maxPoolIndices(x, [axis(2), axis(2)]))).toEqual([3, 2, 0, 0])
  })

  test('overlapping, dilated', () => {
    expect(run(maxPool(row(1, 3, 2, 5, 4), [axis(2, 1)]))).toEqual([3, 3, 5, 5])
    expect(run(maxPool(row(1, 3, 2, 5, 4), [axis(2, 1, [0, 0], 2)]))).toEqual([2, 5, 4])
    expect(run(maxPoolIndices(row(1, 3, 2, 5, 4), [axis(2, 1, [0, 0], 2)]))).toEqual([1, 1, 1])
  })

  test('padding never wins, not even over −∞', () => {
    expect(run(maxPool(row(-3, -2), [axis(3, 1, [1, 1])]))).toEqual([-2, -2])
    expect(run(maxPoolIndices(row(-3, -2), [axis(3, 1, [1, 1])]))).toEqual([2, 1])
    expect(run(maxPool(row(-INF), [axis(2, 2, [1, 0])]))).toEqual([-INF])
    expect(run(maxPoolIndices(row(-INF), [axis(2, 2, [1, 0])]))).toEqual([1])
  })

  test('asymmetric padding', () => {
    expect(run(maxPool(row(1, 2, 3), [axis(2, 2, [0, 1])]))).toEqual([2, 3])
    expect(run(maxPoolIndices(row(1, 2, 3), [axis(2, 2, [1, 0])]))).toEqual([1, 1])
  })

  test('the first of equals wins, NaN wins over all', () => {
    expect(run(maxPoolIndices(row(5, 5, 5, 5), [axis(4)]))).toEqual([0])
    expect(run(maxPool(row(1, NAN, INF, NAN), [axis(4)]))).toEqual([NAN])
    expect(run(maxPoolIndices(row(1, NAN, INF, NAN), [axis(4)]))).toEqual([1])
  })

  test('channels and batches are kept apart; so is a rank of 5', () => {
    const x = tensorOf(range(16), [2, 2, 4])
    expect(run(maxPool(x, [axis(4)]))).toEqual([3, 7, 11, 15])
    const volume = tensorOf(range(16), [1, 2, 2, 2, 2])
    expect(run(maxPool(volume, [axis(2), axis(2), axis(2)]))).toEqual([7, 15])
    expect(run(maxPoolIndices(volume, [axis(2), axis(2), axis(2)]))).toEqual([7, 7])
  })

  test('an empty batch', () => expect(run(maxPool(tensorOf([], [0, 1, 4]), [axis(2)]))).toEqual([]))
})

test('windowGather reads the taps, windowScatter writes them', () => {
  const indices = tensorOf([1, 0], [1, 1, 2], 'int32')
  const window = [axis(2, 1)]
  expect(run(makeNode('windowGather', [row(10, 20, 30), indices], { window }))).toEqual([20, 20])
  expect(run(makeNode('windowScatter', [row(1, 2), indices], { window, inputSize: [3] }))).toEqual([0, 3, 0])
})

test('a tap in the padding gathers 0 and scatters nowhere', () => {
  const indices = tensorOf([0], [1, 1, 1], 'int32')
  const window = [axis(2, 2, [1, 0])]
  expect(run(makeNode('windowGather', [row(10), indices], { window }))).toEqual([0])
  expect(run(makeNode('windowScatter', [row(7), indices], { window, inputSize: [1] }))).toEqual([0])
})

test('sumPool adds what is inside, sumPoolGrad spreads it back', () => {
  expect(run(sumPool(row(1, 2, 3, 4), [axis(3, 2, [1, 0])]))).toEqual([3, 9])
  expect(run(sumPool(tensorOf(range(9), [1, 1, 3, 3]), [axis(2, 1), axis(2, 1)]))).toEqual([8, 12, 20, 24])
  const back = makeNode('sumPoolGrad', [row(1, 10)], { window: [axis(3, 2, [1, 0])], inputSize: [4] })
  expect(run(back)).toEqual([1, 11, 10, 10])
})

describe('adjointness', () => {
  const cases: [string, number[], WindowAxis[]][] = [
    ['two axes', [2, 3, 6, 7], [axis(2), axis(3, 2)]],
    ['asymmetric padding, dilation', [1, 2, 7, 6], [axis(2, 2, [1, 0], 2), axis(3, 1, [1, 2])]],
    ['one axis', [2, 2, 9], [axis(3, 2, [1, 1])]],
    ['three axes', [1, 2, 4, 3, 5], [axis(2, 1), axis(3, 1, [1, 1]), axis(2, 2)]],
  ]
  test.each(cases)('of sumPool: %s', (_, shape, window) => {
    const x = normalTensor(shape, 1)
    const output = sumPool(x, window)
    const gradient = normalTensor(output.shape, 2)
    const back = makeNode('sumPoolGrad', [gradient], { window, inputSize: shape.slice(2) })
    expect(dot(evaluateNode(x), evaluateNode(back))).toBeCloseTo(dot(evaluateNode(output), evaluateNode(gradient)), 12)
  })

  test.each(cases)('of windowGather, and the maximum is what it gathers: %s', (_, shape, window) => {
    const x = normalTensor(shape, 3)
    const indices = maxPoolIndices(x, window)
    const gathered = makeNode('windowGather', [x, indices], { window })
    expect(run(gathered)).toEqual(run(maxPool(x, window)))
    const values = normalTensor(indices.shape, 4)
    const back = makeNode('windowScatter', [values, indices], { window, inputSize: shape.slice(2) })
    expect(dot(evaluateNode(x), evaluateNode(back))).toBeCloseTo(dot(evaluateNode(gathered), evaluateNode(values)), 12)
  })
})
