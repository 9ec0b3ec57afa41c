/** Small networks learn from fixed seeds what they are known to learn; the figures are floors with room below what is reached. */
import { expect, it } from 'vitest'
import { compile, data, loss, manualSeed, models, nn, optim, type Tensor, tensor, train } from '../src/index.ts'

it('two layers learn XOR; one cannot', async () => {
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])
  const y = tensor([[0], [1], [1], [0]])
  const learned = async (model: nn.Layer): Promise<number[]> => {
    const adam = new optim.Adam(model.parameters(), { lr: 0.05 })
    const step = compile(() => {
      const value = loss.bceWithLogits(model.forward(x), y)
      adam.minimize(value)
      return value
    })
    for (let index = 0; index < 400; index++) await step()
    return [...(await model.forward(x).sigmoid().data())]
  }
  manualSeed(1)
  const [a = 1, b = 0, c = 0, d = 1] = await learned(models.mlp([2, 8, 1], { activation: 'tanh' }))
  expect(Math.max(a, d)).toBeLessThan(0.1)
  expect(Math.min(b, c)).toBeGreaterThan(0.9)
  // The best a line can do is to answer ½ everywhere: its loss is convex and has its minimum there.
  for (const answer of await learned(new nn.Linear(2, 1))) expect(answer).toBeCloseTo(0.5, 1)
})

interface Lesson {
  readonly sets: (seed: number, count: number) => data.ArrayDataset
  readonly model: () => nn.Layer
  readonly epochs: number
  readonly count: number
  readonly lr: number
}

/** Accuracy on data that was not seen in training. */
async function accuracy({ sets, model, epochs, count, lr }: Lesson): Promise<number> {
  manualSeed(2)
  const network = model()
  const result = await train.fit(network as nn.Module<[x: Tensor], Tensor>, {
    train: sets(1, count),
    test: sets(2, 400),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(network.parameters(), { lr }),
    epochs,
    batchSize: 20,
    seed: 3,
  })
  expect(result.test?.count).toBe(400)
  return result.test?.accuracy ?? 0
}

const circle: Lesson = {
  sets: (seed, count) => data.toys.circle({ seed, count, target: 'class' }),
  model: () => models.mlp([2, 8, 2], { activation: 'tanh' }),
  epochs: 30,
  count: 400,
  lr: 0.03,
}
const spiral: Lesson = {
  sets: (seed, count) => data.toys.spiral({ seed, count, target: 'class' }),
  model: () => models.mlp([2, 24, 24, 2], { activation: 'tanh' }),
  epochs: 120,
  count: 600,
  lr: 0.02,
}
const digits: Lesson = {
  sets: (seed, count) => data.syntheticDigits(seed === 1 ? 'train' : 'test', { seed, count }),
  model: () => models.leNet5(),
  epochs: 5,
  count: 2500,
  lr: 0.002,
}

it.each<[string, Lesson, number]>([
  ['a disc in a ring', circle, 0.98],
  ['two spirals', spiral, 0.97],
  ['drawn digits', digits, 0.93],
])('%s', { timeout: 120_000 }, async (name, lesson, floor) => {
  const reached = await accuracy(lesson)
  console.info(`${name}: ${(100 * reached).toFixed(1)} % right`)
  expect(reached).toBeGreaterThanOrEqual(floor)
  if (name === 'a disc in a ring') expect(await accuracy(lesson)).toBe(reached)
})

it('a disc in a ring is beyond a linear network', async () => {
  const reached = await accuracy({ ...circle, model: () => new nn.Linear(2, 2) })
  expect(reached).toBeGreaterThan(0.3)
  expect(reached).toBeLessThan(0.7)
})
