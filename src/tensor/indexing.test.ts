/** Picking and placing by number: values that can be seen, gradients, messages. */
import { describe, expect, test } from 'vitest'
import {
  chunk,
  cumsum,
  gather,
  grad,
  indexSelect,
  maskedFill,
  ones,
  scatterAdd,
  split,
  type Tensor,
  takeAlongAxis,
  tensor,
  tile,
  topK,
  tril,
  triu,
  unbind,
  zeros,
} from '../index.ts'

const x = tensor([
  [10, 11, 12],
  [20, 21, 22],
])
const int = (values: number[][]) => tensor(values, { dtype: 'int32' })

test('gather picks along an axis; smaller indices take the first rows', async () => {
  expect(
    await gather(
      x,
      1,
      int([
        [2, 0],
        [1, 1],
      ]),
    ).toArray(),
  ).toEqual([
    [12, 10],
    [21, 21],
  ])
  expect(await gather(x, 0, int([[1, 0, 1]])).toArray()).toEqual([[20, 11, 22]])
  const [slope] = grad(
    gather(
      x,
      1,
      int([
        [2, 2],
        [1, 0],
      ]),
    ).sum(),
    [x],
  )
  expect(await slope.toArray()).toEqual([
    [0, 0, 2],
    [1, 1, 0],
  ])
})

test('takeAlongAxis broadcasts', async () => {
  expect(await takeAlongAxis(x, int([[2, 1]])).toArray()).toEqual([
    [12, 11],
    [22, 21],
  ])
})

test('indexSelect picks whole slices', async () => {
  expect(await indexSelect(x, 1, [2, 0, 2]).toArray()).toEqual([
    [12, 10, 12],
    [22, 20, 22],
  ])
  expect(await indexSelect(x, -2, tensor([1], { dtype: 'int32' })).toArray()).toEqual([[20, 21, 22]])
})

test('scatterAdd is the way back', async () => {
  const sums = scatterAdd(
    ones([2, 2]),
    1,
    int([
      [0, 0, 1],
      [1, 1, 1],
    ]),
    x,
  )
  expect(await sums.toArray()).toEqual([
    [22, 13],
    [1, 64],
  ])
})

test('cumsum', async () => {
  expect(await cumsum(tensor([1, 2, 3, 4, 5]), 0).toArray()).toEqual([1, 3, 6, 10, 15])
  expect(await cumsum(x, 0).toArray()).toEqual([
    [10, 11, 12],
    [30, 32, 34],
  ])
})

test('triangles and masks', async () => {
  const square = ones([3, 3])
  expect(await tril(square).toArray()).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ])
  expect(await triu(square, 1).toArray()).toEqual([
    [0, 1, 1],
    [0, 0, 1],
    [0, 0, 0],
  ])
  expect(await maskedFill(x, x.gt(20), 0).toArray()).toEqual([
    [10, 11, 12],
    [20, 0, 0],
  ])
})

describe('topK', () => {
  const numbers = async ({ values, indices }: { values: Tensor; indices: Tensor }) => [
    await values.toArray(),
    await indices.toArray(),
  ]

  test('the largest first, the first of equal ones first', async () => {
    expect(await numbers(topK(tensor([[3, 9, 3, 7]]), 3))).toEqual([[[9, 7, 3]], [[1, 3, 0]]])
    expect(await numbers(topK(x, 1, 0))).toEqual([[[20, 21, 22]], [[1, 1, 1]]])
  })

  test('−∞ counts as a value, and whole numbers stay whole', async () => {
    const lowest = Number.NEGATIVE_INFINITY
    expect(await numbers(topK(tensor([lowest, 1, lowest]), 3))).toEqual([
      [1, lowest, lowest],
      [1, 0, 2],
    ])
    const { values } = topK(int([[5, 8]]), 2)
    expect([values.dtype, await values.toArray()]).toEqual(['int32', [[8, 5]]])
  })

  test('the gradient goes to what was picked', async () => {
    const [slope] = grad(topK(x, 2).values.sum(), [x])
    expect(await slope.toArray()).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ])
  })
})

test('parts', async () => {
  const five = tensor([1, 2, 3, 4, 5])
  const lists = (parts: Tensor[]) => Promise.all(parts.map((part) => part.toArray()))
  expect(await lists(split(five, 2))).toEqual([[1, 2], [3, 4], [5]])
  expect(await lists(chunk(five, 2))).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
  expect(await lists(unbind(x))).toEqual([
    [10, 11, 12],
    [20, 21, 22],
  ])
  expect(await tile(tensor([1, 2]), [2, 2]).toArray()).toEqual([
    [1, 2, 1, 2],
    [1, 2, 1, 2],
  ])
})

test.each([
  [() => gather(x, 1, int([[0], [0], [0]])), 'no larger off that axis, given input [2, 3] and indices [3, 1].'],
  [
    () => gather(x, 1, zeros([2, 1])),
    "gather takes whole numbers as indices, given float32; convert with to('int32').",
  ],
  [() => indexSelect(x, 1, [3]), 'index 3 is outside an axis of 3 elements; use 0 to 2.'],
  [() => indexSelect(x, 1, int([[1]])), 'indexSelect takes one axis of indices, given shape [1, 1].'],
  [() => scatterAdd(x, 1, int([[0]]), x), 'given [1, 1] and [2, 3].'],
  [() => topK(x, 4), 'topK takes a whole number from 1 to 3, the size of axis -1; given 4.'],
  [() => tril(zeros([3])), 'triangles are of matrices [..., n, m], given shape [3].'],
  [() => split(x, 0), 'split needs parts of at least 1, given 0.'],
])('message %#', (run, message) => {
  expect(run).toThrow(message)
})
