/** Initial weights are drawn when they are first needed, and are the same numbers whenever that is. */
import { expect, test } from 'vitest'
import { manualSeed, nn } from '../index.ts'
import { RandomSequence } from '../random/threefry.ts'
import { generator } from '../tensor/random.ts'

test('the order of reading does not change the numbers', async () => {
  manualSeed(3)
  const [a, b] = [new nn.Linear(4, 3), new nn.Linear(3, 2)]
  const forwards = [await a.weight.data(), await b.weight.data()]
  manualSeed(3)
  const [c, d] = [new nn.Linear(4, 3), new nn.Linear(3, 2)]
  const backwards = [await d.weight.data(), await c.weight.data()]
  expect(backwards.toReversed()).toEqual(forwards)
})

test('they are the next numbers of the host sequence, also when the seed changes before they are drawn', async () => {
  manualSeed(11)
  const sequence = new RandomSequence(11, { stream: generator.host.stream })
  const expected = Float32Array.from({ length: 12 }, () => -0.5 + sequence.uniform())
  const layer = new nn.Linear(4, 3)
  manualSeed(12)
  expect(await layer.weight.data()).toEqual(expected)
})

test('a layer of a hundred million weights is made, counted and loaded in no time', async () => {
  const start = generator.host.position
  const layer = new nn.Linear(20_000, 5_000, { bias: false })
  expect(layer.weight.size).toBe(100_000_000)
  expect(generator.host.position - start).toBe(100_000_000)
  const small = new nn.Linear(2, 1, { bias: false })
  small.loadStateDict({ weight: { shape: [1, 2], data: [5, 6] } })
  expect([...(await small.weight.data())]).toEqual([5, 6])
})

test('initialisers too wait, and the last one counts', async () => {
  const layer = new nn.Linear(2, 2)
  nn.init.normal(layer.weight)
  nn.init.uniform(layer.weight, 3, 4)
  const values = await layer.weight.data()
  expect(values.every((value) => value >= 3 && value < 4)).toBe(true)
  const before = layer.weight.add(0)
  nn.init.uniform(layer.weight, 5, 6)
  expect((await before.data()).every((value) => value < 4)).toBe(true)
  expect((await layer.weight.data()).every((value) => value >= 5)).toBe(true)
})
