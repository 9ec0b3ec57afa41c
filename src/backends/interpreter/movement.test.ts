import { describe, expect, test } from 'vitest'
import { dot, normalTensor, tensorOf } from '../../../test/support/nodes.ts'
import { range } from '../../base/arrays.ts'
import type { Node } from '../../ir/node.ts'
import * as ir from '../../ir/operations.ts'
import { evaluateNode } from './evaluate.ts'

const run = (node: Node): number[] => Array.from(evaluateNode(node))
const ints = (values: number[], shape: number[] = [values.length]): Node => tensorOf(values, shape, 'int32')
const matrix = tensorOf([1, 2, 3, 4, 5, 6], [2, 3])

describe('views', () => {
  test('reshape keeps the order', () => {
    expect(run(ir.reshape(matrix, [3, 2]))).toEqual([1, 2, 3, 4, 5, 6])
    expect(run(ir.reshape(tensorOf([7], []), [1, 1]))).toEqual([7])
  })

  test('transpose', () => {
    expect(run(ir.transpose(matrix, [1, 0]))).toEqual([1, 4, 2, 5, 3, 6])
    const cube = tensorOf(range(24), [2, 3, 4])
    const turned = evaluateNode(ir.transpose(cube, [2, 0, 1]))
    // out[k, i, j] = x[i, j, k]
    expect(turned[3 * 6 + 1 * 3 + 2]).toBe(1 * 12 + 2 * 4 + 3)
    expect(turned[1 * 6 + 0 * 3 + 1]).toBe(0 * 12 + 1 * 4 + 1)
  })

  test('transpose of rank 5', () => {
    const x = tensorOf(range(32), [2, 2, 2, 2, 2])
    const reversed = range(32).map((i) =>
      Number.parseInt(i.toString(2).padStart(5, '0').split('').reverse().join(''), 2),
    )
    expect(run(ir.transpose(x, [4, 3, 2, 1, 0]))).toEqual(reversed)
  })

  test('broadcast repeats sizes of 1, also to nothing', () => {
    expect(run(ir.broadcastTo(tensorOf([1, 2], [2, 1]), [2, 3]))).toEqual([1, 1, 1, 2, 2, 2])
    expect(run(ir.broadcastTo(tensorOf([1, 2, 3]), [2, 3]))).toEqual([1, 2, 3, 1, 2, 3])
    expect(run(ir.scalar(4, [2, 1, 2]))).toEqual([4, 4, 4, 4])
    expect(run(ir.broadcastTo(tensorOf([1], [1]), [0]))).toEqual([])
  })

  test('pad', () => {
    const padding: [number, number][] = [
      [1, 0],
      [0, 2],
    ]
    expect(run(ir.pad(tensorOf([1, 2], [1, 2]), padding, 9))).toEqual([9, 9, 9, 9, 1, 2, 9, 9])
    expect(run(ir.pad(tensorOf([], [0]), [[1, 1]], -1))).toEqual([-1, -1])
  })

  test('slice with start and step', () => {
    expect(run(ir.slice(matrix, [1, 0], [1, 2], [1, 2]))).toEqual([4, 6])
    expect(run(ir.slice(matrix, [0, 1], [2, 2]))).toEqual([2, 3, 5, 6])
    expect(run(ir.slice(matrix, [0, 3], [2, 0]))).toEqual([])
  })

  test('concat, with an empty piece', () => {
    expect(run(ir.concat([matrix, tensorOf([], [2, 0]), tensorOf([7, 8], [2, 1])], 1))).toEqual([
      1, 2, 3, 7, 4, 5, 6, 8,
    ])
    expect(run(ir.concat([matrix, tensorOf([7, 8, 9], [1, 3])], 0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('flip', () => {
    expect(run(ir.flip(matrix, [1]))).toEqual([3, 2, 1, 6, 5, 4])
    expect(run(ir.flip(matrix, [0, 1]))).toEqual([6, 5, 4, 3, 2, 1])
    expect(run(ir.flip(tensorOf([], [0]), [0]))).toEqual([])
  })
})

describe('gather and scatterAdd', () => {
  test('gather along each axis', () => {
    expect(run(ir.gather(matrix, ints([2, 0, 1, 1], [2, 2]), 1))).toEqual([3, 1, 5, 5])
    expect(run(ir.gather(matrix, ints([1, 0, 1], [1, 3]), 0))).toEqual([4, 2, 6])
  })

  test('scatterAdd sums what meets', () => {
    const updates = tensorOf([1, 2, 3, 4], [2, 2])
    expect(run(ir.scatterAdd(updates, ints([2, 2, 0, 1], [2, 2]), 1, 3))).toEqual([0, 0, 3, 3, 4, 0])
    expect(run(ir.scatterAdd(updates, ints([1, 0, 1, 0], [2, 2]), 0, 2))).toEqual([0, 6, 4, 0])
    expect(run(ir.scatterAdd(ints([2 ** 31 - 1, 1]), ints([0, 0]), 0, 1))).toEqual([-(2 ** 31)])
  })

  test('indices are clamped', () => {
    expect(run(ir.gather(tensorOf([10, 20, 30]), ints([-1, 3, 99]), 0))).toEqual([10, 30, 30])
    expect(run(ir.scatterAdd(tensorOf([1, 2]), ints([-5, 7]), 0, 3))).toEqual([1, 0, 2])
  })

  test('axes of size 0', () => {
    expect(run(ir.gather(tensorOf([], [0]), ints([0, 1]), 0))).toEqual([0, 0])
    expect(run(ir.gather(matrix, ints([], [2, 0]), 1))).toEqual([])
    expect(run(ir.scatterAdd(tensorOf([1, 2]), ints([0, 1]), 0, 0))).toEqual([])
  })

  test('are adjoint: ⟨gather(x), u⟩ = ⟨x, scatterAdd(u)⟩', () => {
    const [x, u] = [normalTensor([2, 5, 3], 1), normalTensor([2, 4, 3], 2)]
    const indices = ints(
      range(24).map((i) => (i * 7) % 5),
      [2, 4, 3],
    )
    const left = dot(evaluateNode(ir.gather(x, indices, 1)), evaluateNode(u))
    const right = dot(evaluateNode(x), evaluateNode(ir.scatterAdd(u, indices, 1, 5)))
    expect(left).toBeCloseTo(right, 12)
  })
})
