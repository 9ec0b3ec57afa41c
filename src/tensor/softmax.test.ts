/** Softmax and its relatives: hand values, and safety far out. */
import { expect, test } from 'vitest'
import { compile, grad, logSoftmax, logSumExp, softmax, softmin, tensor } from '../index.ts'

const infinity = Number.POSITIVE_INFINITY

test('softmax of logarithms gives their shares', async () => {
  const x = tensor([[Math.log(1), Math.log(2), Math.log(5)]])
  const shares = (await softmax(x).data()).map((value) => Math.round(value * 1e6) / 1e6)
  expect(Array.from(shares)).toEqual(Array.from(Float32Array.of(0.125, 0.25, 0.625)))
  expect((await softmin(x.neg()).data())[2]).toBeCloseTo(0.625)
  expect(
    await softmax(
      tensor([
        [1, 2],
        [1, 2],
      ]),
      0,
    ).toArray(),
  ).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
  ])
})

test('differences of thousands give 0 and 1, not NaN', async () => {
  const x = tensor([1000, -1000])
  expect(await softmax(x).toArray()).toEqual([1, 0])
  expect(await logSoftmax(x).toArray()).toEqual([0, -2000])
  const [slope] = grad(logSoftmax(x).slice(0, 0, 1).sum(), [x])
  expect(await slope.toArray()).toEqual([0, 0])
})

test('the gradient of softmax is p_i (δ_ij − p_j)', async () => {
  const x = tensor([0, Math.log(3)])
  const [slope] = grad(softmax(x).slice(0, 0, 1).sum(), [x])
  const [first, second] = await slope.data()
  expect(first).toBeCloseTo(0.25 * 0.75)
  expect(second).toBeCloseTo(-0.25 * 0.75)
})

test('logSumExp, also of infinities', async () => {
  expect(await logSumExp(tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.log(2))
  expect(await logSumExp(tensor([-infinity, -infinity])).item()).toBe(-infinity)
  expect(await logSumExp(tensor([0, infinity])).item()).toBe(infinity)
  const kept = logSumExp(
    tensor([
      [0, 0],
      [0, 0],
    ]),
    [0, 1],
    { keepDim: true },
  )
  expect(kept.shape).toEqual([1, 1])
  expect(await kept.item()).toBeCloseTo(Math.log(4))
})

test('compiled, the values are the same', async () => {
  const x = tensor([[1, 2, 3]])
  const [a, b] = [await softmax(x).data(), await (await compile(softmax)(x)).data()]
  expect(Array.from(b)).toEqual(Array.from(a))
})
