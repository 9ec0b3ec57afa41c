/** Linear layers and reshaping layers: values worked by hand, messages. */
import { expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { manualSeed, nn, tensor, zeros } from '../index.ts'

const state = {
  weight: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  bias: [0.5, 0, -1],
}
const x = tensor([
  [1, 1],
  [2, -1],
])

test('Linear is x · weightᵀ + bias', async () => {
  await checkLayer(new nn.Linear(2, 3), x, {
    state,
    output: [
      [3.5, 7, 10],
      [0.5, 2, 3],
    ],
  })
})

test('Linear without bias', async () => {
  await checkLayer(new nn.Linear(2, 3, { bias: false }), x, {
    state: { weight: state.weight },
    output: [
      [3, 7, 11],
      [0, 2, 4],
    ],
  })
})

test('Linear keeps leading axes', () => {
  expect(new nn.Linear(2, 3).forward(zeros([4, 5, 2])).shape).toEqual([4, 5, 3])
})

test('default weights lie within 1 / √inFeatures, from the seed', async () => {
  const draw = async () => {
    manualSeed(3)
    return (await new nn.Linear(16, 64).stateDict()).get('weight')?.data ?? []
  }
  const first = Array.from(await draw())
  expect(Array.from(await draw())).toEqual(first)
  expect(Math.max(...first.map(Math.abs))).toBeLessThanOrEqual(0.25)
  // Uniform in ±¼: standard deviation ¼ / √3.
  const deviation = Math.sqrt(first.reduce((sum, value) => sum + value * value, 0) / first.length)
  expect(Math.abs(deviation - 0.25 / Math.sqrt(3))).toBeLessThan(0.01)
})

test('Bilinear is x1 · weight[o] · x2 + bias', async () => {
  const layer = new nn.Bilinear(2, 3, 1)
  layer.loadStateDict({
    weight: { shape: [1, 2, 3], data: [1, 0, 2, 0, 3, 1] },
    bias: { shape: [1], data: [0.5] },
  })
  // [1, 2] · [[1, 0, 2], [0, 3, 1]] = [1, 6, 4]; · [1, 1, 2] = 15
  expect(await layer.forward(tensor([[1, 2]]), tensor([[1, 1, 2]])).toArray()).toEqual([[15.5]])
})

test('Identity, Flatten, Unflatten', async () => {
  const image = tensor([1, 2, 3, 4]).reshape(1, 1, 2, 2)
  await checkLayer(new nn.Identity(), x, { output: await x.toArray() })
  await checkLayer(new nn.Flatten(), image, { output: [[1, 2, 3, 4]] })
  await checkLayer(new nn.Unflatten(1, [1, 2]), x, { output: [[[1, 1]], [[2, -1]]] })
})

test('wrong sizes are named with the way out', () => {
  const layer = new nn.Linear(2, 3)
  expect(() => layer.forward(zeros([4, 5]))).toThrow(
    'Linear 2 → 3: expected [..., 2], given [4, 5]; the layer before gives 5 features and this one takes 2.',
  )
  expect(() => new nn.Linear(12, 3).forward(zeros([4, 3, 2, 2]))).toThrow('flatten the input first: x.flatten(1)')
  expect(() => new nn.Linear(12, 3).forward(zeros([4, 3, 3, 3]))).toThrow('flattened, a sample has 27 features')
  expect(() => new nn.Linear(0, 3)).toThrow('Linear needs inFeatures to be a whole number of at least 1, given 0.')
  expect(() => new nn.Unflatten(1, [2, 2]).forward(x)).toThrow('cannot be reshaped to [2, 2, 2]')
})
