/** The engine of the page: it learns the digits, can be held and let go, and says what the library says. */
import { gzipSync } from 'node:zlib'
import { data, loss, manualSeed, optim, train } from 'cognitron'
import { expect, test } from 'vitest'
import { defaultState } from '../../../base/address.ts'
import { buildNetwork } from '../../../engine/build-network.ts'
import { parseLayers, schema, type TrainSetup } from '../setup.ts'
import { drawnDigits, readOwnFiles } from './pictures.ts'
import { TrainSession } from './session.ts'

const base: TrainSetup = { ...defaultState(schema), count: 500, epochs: 2 }
const small = { layers: parseLayers('conv4x5s2,relu,max2') }

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 4000 && !condition(); turns++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(condition()).toBe(true)
}

test('a run gives the figures that the library gives by itself', async () => {
  const setup = { ...base, ...small, seed: 4 }
  const sets = drawnDigits(setup)
  const session = new TrainSession(setup, sets)
  session.start()
  await until(() => session.phase === 'finished')

  manualSeed(4)
  const net = buildNetwork(session.layers, [1, 28, 28])
  const { history } = await train.fit(net, {
    train: data.syntheticDigits('train', { seed: 4, count: 500 }),
    validation: data.syntheticDigits('test', { seed: 4, count: 200 }),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: setup.learningRate }),
    epochs: 2,
    batchSize: 32,
    seed: 4,
  })
  const { last, curves } = session.frame(-1)
  expect(last?.trainLoss).toBe(history[1]?.trainLoss)
  expect(last?.testAccuracy).toBe(history[1]?.validationAccuracy)
  // The parts of an epoch add up to its mean.
  const parts = Array.from(curves?.epochs ?? []).flatMap((at, index) =>
    at <= 1 ? [(curves?.trainLoss[index] ?? 0) * (at - (curves?.epochs[index - 1] ?? 0))] : [],
  )
  expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(history[0]?.trainLoss ?? 0, 3)
  expect(session.record().stats.trim().split('\n')).toHaveLength(3)
  expect(
    session
      .record()
      .metrics.trim()
      .split('\n')
      .map((line) => JSON.parse(line).epoch),
  ).toEqual([1, 2])

  const judged = await session.judge()
  const best = history.findLast((record) => record.best)
  expect(judged.accuracy).toBeCloseTo(best?.validationAccuracy ?? 0, 6)
  expect(judged.loss).toBeCloseTo(best?.validationLoss ?? 0, 4)
  expect(judged.confusion.reduce((sum, count) => sum + count, 0)).toBe(200)
  expect(judged.predicted.filter((label, index) => label === sets.test.labels()[index]).length / 200).toBe(
    judged.accuracy,
  )

  // Training goes on where it ended.
  session.start()
  await until(() => session.phase === 'finished')
  expect(session.frame(-1).last?.epoch).toBe(4)
})

test('held between two batches, looked into there, and ended by one batch or one epoch', async () => {
  const setup = { ...base, ...small }
  const session = new TrainSession(setup, drawnDigits(setup))
  session.step(3)
  await until(() => session.phase === 'paused')
  expect(session.frame(-1).step).toBe(3)
  const look = await session.look(5)
  expect(look.layers.map(({ shape }) => shape)).toEqual([[4, 14, 14], [4, 14, 14], [4, 7, 7], [196], [10]])
  expect(look.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  expect(look.filters?.shape).toEqual([4, 1, 5, 5])
  session.step(-1)
  await until(() => session.phase === 'paused')
  expect(session.frame(-1)).toMatchObject({ step: 16, epochs: 1, done: 0 })
  session.start()
  session.stop()
  await session.judge()
  const { step } = session.frame(-1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(session.frame(-1).step).toBe(step)
  session.dispose()
})

test('a unit is dead when it gives the same for every picture', async () => {
  const setup = { ...base, layers: parseLayers('flatten,dense40,relu'), learningRate: 0.01 as const }
  const session = new TrainSession(setup, drawnDigits(setup))
  session.step(12)
  await until(() => session.phase === 'paused')
  const { deadUnits, deadOf } = await session.judge()
  const alive = new Set<number>()
  const first = (await session.look(0)).layers[2]?.values ?? new Float32Array()
  for (let picture = 1; picture < deadOf; picture++) {
    const { values } = (await session.look(picture)).layers[2] ?? { values: first }
    for (const [unit, value] of values.entries()) if (Math.abs(value - (first[unit] ?? 0)) > 1e-6) alive.add(unit)
  }
  expect(deadUnits).toEqual([
    { layer: 2, units: 40, dead: Array.from({ length: 40 }, (_, unit) => unit).filter((unit) => !alive.has(unit)) },
  ])
  expect(deadUnits[0]?.dead.length).toBeGreaterThan(0)
  session.dispose()
})

test('weights come back as they went, and others are refused', async () => {
  const setup = { ...base, ...small }
  const sets = drawnDigits(setup)
  const first = new TrainSession(setup, sets)
  first.step(5)
  await until(() => first.phase === 'paused')
  const bytes = await first.weights()
  const second = new TrainSession({ ...setup, seed: 9 }, sets)
  await second.load(bytes, 'mine.safetensors')
  expect((await second.judge()).losses).toEqual((await first.judge()).losses)
  const other = new TrainSession({ ...setup, layers: parseLayers('conv5x5s2,relu') }, sets)
  await expect(other.load(bytes, 'mine.safetensors')).rejects.toThrow(/0\.weight/)
  first.dispose()
})

test('rates are tried, and the network stays as it was', async () => {
  const setup = { ...base, ...small }
  const session = new TrainSession(setup, drawnDigits(setup))
  const before = await session.weights()
  const { rates, losses, suggestion = 0 } = await session.findRate()
  expect(rates[0]).toBeCloseTo(1e-5, 10)
  expect(losses.length).toBe(rates.length)
  expect(suggestion).toBeGreaterThan(1e-3)
  expect(suggestion).toBeLessThan(1)
  expect(await session.weights()).toEqual(before)
  // Training from here is the same as without the trial.
  session.step(3)
  await until(() => session.phase === 'paused')
  const other = new TrainSession(setup, drawnDigits(setup))
  other.step(3)
  await until(() => other.phase === 'paused')
  expect(await session.weights()).toEqual(await other.weights())
})

test('a divergence ends the run with its cause', async () => {
  const setup: TrainSetup = { ...base, ...small, optimizer: 'momentum', learningRate: 10 }
  const session = new TrainSession({ ...setup, layers: parseLayers('conv8x5,conv8x5') }, drawnDigits(setup))
  session.start()
  await until(() => session.phase === 'failed')
  expect(session.frame(-1).message).toMatch(/loss became (NaN|Infinity) in epoch 1/)
})

function idx(type: readonly number[], shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  for (const [index, byte] of type.entries()) header.setUint8(index, byte)
  for (const [axis, extent] of shape.entries()) header.setUint32(4 + 4 * axis, extent)
  return Uint8Array.from([...new Uint8Array(header.buffer), ...values])
}

test('IDX files, plain or packed, are paired; what is missing is said', async () => {
  const count = 40
  const pixels = Uint8Array.from({ length: count * 16 }, (_, index) => index % 251)
  const images = idx([0, 0, 8, 3], [count, 4, 4], pixels)
  const labels = idx(
    [0, 0, 8, 1],
    [count],
    Uint8Array.from({ length: count }, (_, index) => index % 4),
  )
  const file = (path: string, bytes: Uint8Array) => ({ path, file: new Blob([bytes as BlobPart]) })
  const read = (...files: Parameters<typeof readOwnFiles>[0]) => readOwnFiles(files, base, () => {})

  const one = await read(file('a/images-idx3-ubyte.gz', gzipSync(images)), file('a/labels-idx1-ubyte', labels))
  expect([one.train.length, one.test.length, one.inputShape, one.classNames]).toEqual([
    32,
    8,
    [1, 4, 4],
    ['0', '1', '2', '3'],
  ])
  // Stratified: each class has 10 pictures, 2 of which test.
  expect([...data.classCounts(one.test)]).toEqual([2, 2, 2, 2])

  const two = await read(
    file('t10k-labels-idx1-ubyte', labels),
    file('train-images-idx3-ubyte', images),
    file('train-labels-idx1-ubyte', labels),
    file('t10k-images-idx3-ubyte', images),
  )
  expect([two.train.length, two.test.length, two.test.name]).toEqual([40, 40, 't10k-images-idx3-ubyte'])

  await expect(read(file('labels', labels))).rejects.toThrow('labels holds no pictures')
  await expect(read(file('images', images))).rejects.toThrow('There are no labels for the 40 pictures of images')
  await expect(read(file('images', images.slice(0, 99)), file('labels', labels))).rejects.toThrow('images is cut short')
  await expect(read()).rejects.toThrow('There was no file')
})
