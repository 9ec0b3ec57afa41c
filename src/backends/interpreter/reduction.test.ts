import { describe, expect, test } from 'vitest'
import { tensorOf } from '../../../test/support/nodes.ts'
import { range } from '../../base/arrays.ts'
import type { Node } from '../../ir/node.ts'
import * as ir from '../../ir/operations.ts'
import { evaluateNode } from './evaluate.ts'

const INF = Number.POSITIVE_INFINITY
const NAN = Number.NaN
const run = (node: Node): number[] => Array.from(evaluateNode(node))
const matrix = tensorOf([1, 2, 3, 4, 5, 6], [2, 3])

describe('float', () => {
  test('along each axis, several axes, and none', () => {
    expect(run(ir.reduceSum(matrix, [0]))).toEqual([5, 7, 9])
    expect(run(ir.reduceSum(matrix, [1]))).toEqual([6, 15])
    expect(run(ir.reduceSum(matrix, [0, 1]))).toEqual([21])
    expect(run(ir.reduceMax(matrix, []))).toEqual([1, 2, 3, 4, 5, 6])
    expect(run(ir.reduceProduct(matrix, [1]))).toEqual([6, 120])
    expect(run(ir.reduceMax(matrix, [0]))).toEqual([4, 5, 6])
    expect(run(ir.reduceMin(matrix, [1]))).toEqual([1, 4])
  })

  test('separated axes of a tensor of rank 5', () => {
    const x = tensorOf(range(32), [2, 2, 2, 2, 2])
    // Kept axes 1 and 3 weigh 8 and 2; the others contribute 16 + 4 + 1 four times over.
    const base = 4 * (16 + 4 + 1)
    expect(run(ir.reduceSum(x, [0, 2, 4]))).toEqual([base, base + 16, base + 64, base + 80])
  })

  test('scalars', () => expect(run(ir.reduceMax(tensorOf([7], []), []))).toEqual([7]))

  test('the sum is carried in double precision', () => {
    expect(run(ir.reduceSum(tensorOf([2 ** 24, 1, 1, -(2 ** 24)]), [0]))).toEqual([2])
  })

  test('NaN and infinity', () => {
    const x = tensorOf([1, NAN, 3, -INF, 2, INF], [2, 3])
    expect(run(ir.reduceMax(x, [1]))).toEqual([NAN, INF])
    expect(run(ir.reduceMin(x, [1]))).toEqual([NAN, -INF])
    expect(run(ir.reduceSum(x, [1]))).toEqual([NAN, NAN])
  })

  test('nothing to reduce gives the neutral element', () => {
    const empty = tensorOf([], [2, 0])
    expect(run(ir.reduceSum(empty, [1]))).toEqual([0, 0])
    expect(run(ir.reduceProduct(empty, [1]))).toEqual([1, 1])
    expect(run(ir.reduceMax(empty, [1]))).toEqual([-INF, -INF])
    expect(run(ir.reduceMin(empty, [1]))).toEqual([INF, INF])
    expect(run(ir.reduceSum(empty, [0]))).toEqual([])
  })
})

test('int32 wraps; its empty maximum is the smallest integer', () => {
  const x = tensorOf([2 ** 31 - 1, 1, 65536, 65536], [2, 2], 'int32')
  expect(run(ir.reduceSum(x, [1]))).toEqual([-(2 ** 31), 131072])
  expect(run(ir.reduceProduct(x, [1]))).toEqual([2 ** 31 - 1, 0])
  expect(run(ir.reduceMax(x, [0, 1]))).toEqual([2 ** 31 - 1])
  expect(run(ir.reduceMax(tensorOf([], [1, 0], 'int32'), [1]))).toEqual([-(2 ** 31)])
  expect(run(ir.reduceMin(tensorOf([], [1, 0], 'int32'), [1]))).toEqual([2 ** 31 - 1])
})

describe('argmax', () => {
  test('takes the first of equal maxima along any axis', () => {
    const x = tensorOf([1, 5, 5, 7, 2, 7], [2, 3])
    expect(run(ir.argmax(x, 1))).toEqual([1, 0])
    expect(run(ir.argmax(x, 0))).toEqual([1, 0, 1])
    expect(run(ir.argmax(tensorOf(range(8), [2, 2, 2]), 1))).toEqual([1, 1, 1, 1])
  })

  test('counts the first NaN as the largest', () => {
    expect(run(ir.argmax(tensorOf([1, NAN, INF, NAN]), 0))).toEqual([1])
    expect(run(ir.argmax(tensorOf([-INF, -INF]), 0))).toEqual([0])
  })

  test('takes integers and bytes', () => {
    expect(run(ir.argmax(tensorOf([3, -4, 9], [3], 'int32'), 0))).toEqual([2])
    expect(run(ir.argmax(tensorOf([3, 200, 9], [3], 'uint8'), 0))).toEqual([1])
  })
})
