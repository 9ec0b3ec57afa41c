/** The Playground's engine reaches the losses that the Playground reaches. */
import { expect, test } from 'vitest'
import { defaultState } from '../../../base/address.ts'
import { type Setup, schema } from '../setup.ts'
import { BLOCK, PlaygroundNetwork, rows } from './network.ts'
import { PlaygroundSession } from './session.ts'

const base = defaultState(schema)
const still = { maps: false, knownCurves: -1 }

async function trained(changes: Partial<Setup>, epochs: number) {
  const session = new PlaygroundSession({ ...base, ...changes })
  for (let epoch = 0; epoch < epochs; epoch++) await session.train(-1)
  return session.frame(still)
}

test('circle: test loss below 0.02 within 300 epochs', async () => {
  const frame = await trained({}, 300)
  expect(frame.epoch).toBe(300)
  expect(frame.step).toBe(300 * 25)
  expect(frame.testLoss).toBeLessThan(0.02)
  expect(frame.testScore).toBeGreaterThan(0.98)
  expect(frame.curves?.epochs).toHaveLength(300)
})

test('exclusive or: a single neuron fails, two layers succeed', async () => {
  const single = await trained({ dataset: 'xor', networkShape: [] }, 200)
  expect(single.testScore).toBeLessThan(0.75)
  expect((await trained({ dataset: 'xor' }, 300)).testLoss).toBeLessThan(0.02)
})

test('spiral with the right features: test loss below 0.1', async () => {
  const features = { 'feature:sinX': true, 'feature:sinY': true }
  const frame = await trained({ dataset: 'spiral', networkShape: [8, 8], seed: 2, ...features }, 300)
  expect(frame.testLoss).toBeLessThan(0.1)
})

test('five arms of a spiral with softmax', async () => {
  const frame = await trained(
    {
      dataset: 'spiral',
      classes: 5,
      networkShape: [8, 8],
      optimizer: 'adam',
      learningRate: 0.01,
      'feature:sinX': true,
      'feature:sinY': true,
    },
    300,
  )
  expect(frame.testScore).toBeGreaterThan(0.8)
  expect(frame.confusion).toHaveLength(25)
  expect(frame.confusion.reduce((sum, each) => sum + each)).toBe(250)
})

test('plane: a linear output is nearly exact', async () => {
  const frame = await trained({ problem: 'regression', networkShape: [] }, 50)
  expect(frame.testLoss).toBeLessThan(1e-4)
  expect(frame.testScore).toBeGreaterThan(0.99)
})

test('L1 sets weights to exactly zero, L2 makes them small', async () => {
  const without = await trained({}, 100)
  const l2 = await trained({ regularization: 'L2', regularizationRate: 0.1 }, 100)
  const l1 = await trained({ regularization: 'L1', regularizationRate: 0.1 }, 100)
  const size = (weights: Float32Array): number => Math.hypot(...weights)
  expect(size(l2.weights)).toBeLessThan(size(without.weights) / 2)
  expect(l1.weights.filter((weight) => weight === 0).length).toBeGreaterThan(5)
})

test('the same seed gives the same bits', async () => {
  expect((await trained({}, 10)).weights).toEqual((await trained({}, 10)).weights)
  expect((await trained({ seed: 2 }, 10)).weights).not.toEqual((await trained({}, 10)).weights)
})

test('divergence is explained and can be undone', async () => {
  const session = new PlaygroundSession({ ...base, problem: 'regression', activation: 'linear', learningRate: 0.03 })
  for (let epoch = 0; epoch < 5; epoch++) await session.train(-1)
  session.configure({ ...session.setup, learningRate: 10 })
  for (let epoch = 0; epoch < 50; epoch++) await session.train(-1)
  const { diagnosis } = await session.frame(still)
  expect(diagnosis?.sentence).toContain('Steps of 10 overshoot the minimum')
  expect(session.goBack()).toBe(true)
  const back = await session.frame(still)
  expect(back.diagnosis).toBeUndefined()
  expect(Number.isFinite(back.testLoss)).toBe(true)
})

test('learning rate, penalty, dropout and batch size change without a new start', async () => {
  const session = new PlaygroundSession(base)
  await session.train(-1)
  const change = {
    learningRate: 0.1,
    regularization: 'L2',
    regularizationRate: 0.01,
    dropout: 0.2,
    batchSize: 30,
  } as const
  expect(session.configure({ ...base, ...change })).toBe('live')
  await session.train(-1)
  expect((await session.frame(still)).epoch).toBe(2)
  expect(session.configure({ ...base, ...change, networkShape: [3] })).toBe('network')
  expect((await session.frame(still)).epoch).toBe(0)
})

test('a weight can be set', async () => {
  const session = new PlaygroundSession(base)
  session.setWeight(3, 1.5)
  expect((await session.frame(still)).weights[3]).toBe(1.5)
})

test('maps: one of 100 × 100 for every unit, the first input is its own map', async () => {
  const session = new PlaygroundSession({ ...base, networkShape: [3, 2] })
  const { maps } = await session.frame({ maps: true, knownCurves: -1 })
  expect(maps.map((map) => map.length)).toEqual([30_000, 20_000, 10_000])
  expect(session.plan().inputMaps).toHaveLength(20_000)
  expect(session.plan().inputMaps[0]).toBeCloseTo(-5.94)
})

test.each([
  {},
  { optimizer: 'adam', regularization: 'L1', regularizationRate: 0.01 },
  { dataset: 'spiral', classes: 3, activation: 'relu', regularization: 'L2', regularizationRate: 0.01 },
] as const)('batches in one program give the same bits as one by one: %o', async (changes) => {
  const setup: Setup = { ...base, ...changes }
  const [single, block] = [new PlaygroundNetwork(setup), new PlaygroundNetwork(setup)]
  const { train } = new PlaygroundSession(setup).plan()
  for (let from = 0; from + 10 * BLOCK <= 200; from += 10 * BLOCK) {
    await block.stepBlock(
      rows(train.x, 2, from, 10 * BLOCK),
      rows(train.target, 1, from, 10 * BLOCK),
      setup.regularization,
      0,
    )
    for (let part = 0; part < BLOCK; part++) {
      const at = from + 10 * part
      await single.step(rows(train.x, 2, at, 10), rows(train.target, 1, at, 10), setup.regularization, 0)
    }
  }
  expect(block.readWeights()).toEqual(single.readWeights())
})
