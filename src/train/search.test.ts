/** Looking for a rate and cross-validation on tiny sets. */
import { expect, test } from 'vitest'
import { data, loss, manualSeed, models, optim, train } from '../index.ts'

const points = data.toys.circle({ count: 120, seed: 1, target: 'class' })

test('the learning-rate finder stops when the loss breaks away and leaves no trace', async () => {
  manualSeed(1)
  const net = models.mlp([2, 8, 2], { activation: 'tanh' })
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 })
  net.eval()
  const before = await net.stateDict()
  const found = await train.lrFind(net, { train: points, loss: loss.crossEntropy, optimizer, batchSize: 20, to: 1000 })
  expect(await net.stateDict()).toEqual(before)
  expect([optimizer.lr, net.training]).toEqual([0.01, false])
  expect((await optimizer.stateDict()).clocks).toEqual([-1, -1, -1, -1])
  expect(found.rates.length).toBeLessThan(100)
  expect(found.rates[1] as number).toBeCloseTo(1e-7 * 1e10 ** (1 / 99), 12)
  // Far above the first rates, far below those at which this network breaks away.
  expect(found.suggestion).toBeGreaterThan(1e-3)
  expect(found.suggestion).toBeLessThan(found.rates.at(-1) as number)
  await expect(
    train.lrFind(net, { train: points, loss: loss.crossEntropy, optimizer, from: 1, to: 0.1 }),
  ).rejects.toThrow('lrFind needs 0 < from < to, given 1 and 0.1.')
})

test('cross-validation judges every sample once, on parts that were not seen', async () => {
  const {
    folds,
    accuracy,
    loss: spread,
  } = await train.crossValidate(points, { folds: 4, seed: 1 }, (fold) => {
    manualSeed(fold)
    const model = models.mlp([2, 8, 2], { activation: 'tanh' })
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 })
    return { model, options: { loss: loss.crossEntropy, optimizer, epochs: 12, batchSize: 16, seed: fold } }
  })
  expect(folds.map(({ held }) => held.count)).toEqual([30, 30, 30, 30])
  expect(accuracy?.mean).toBeGreaterThan(0.85)
  const losses = folds.map(({ held }) => held.loss)
  const mean = losses.reduce((sum, value) => sum + value, 0) / 4
  expect(spread.mean).toBeCloseTo(mean, 12)
  expect(spread.std).toBeCloseTo(Math.sqrt(losses.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3), 12)
  await expect(train.crossValidate(points, { folds: 1 }, () => never())).rejects.toThrow(
    'cross-validation needs at least 2 folds, given 1.',
  )
})

function never(): never {
  throw new Error('no fold should be trained')
}
