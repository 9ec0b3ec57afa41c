/** The loader: order, resuming, partial batches, transforms and on-demand sets. */
import { describe, expect, test } from 'vitest'
import '../index.ts'
import { ArrayDataset } from './array-dataset.ts'
import type { AsyncDataset } from './dataset.ts'
import { type Batch, DataLoader } from './loader.ts'

const ten = new ArrayDataset({
  inputs: Float32Array.from({ length: 20 }, (_, index) => index),
  targets: Uint8Array.from({ length: 10 }, (_, index) => index),
  inputShape: [2],
  name: 'ten',
})

const order = (batches: Iterable<Batch>): number[][] => [...batches].map((batch) => [...batch.indices])

describe('DataLoader', () => {
  test('in order, with the last partial batch', () => {
    const loader = new DataLoader(ten, { batchSize: 4 })
    const [first, , last] = [...loader.batches()]
    expect(loader.length).toBe(3)
    expect(first).toMatchObject({ inputShape: [4, 2], targetShape: [4], size: 4, index: 0, epoch: 0 })
    expect(first?.inputs).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7))
    expect(last?.inputs).toEqual(Float32Array.of(16, 17, 18, 19))
    expect(last?.targets).toEqual(Int32Array.of(8, 9))
    expect(new DataLoader(ten, { batchSize: 4, dropLast: true }).length).toBe(2)
  })

  test('resumes in the middle of an epoch with the same batches', () => {
    const loader = () => new DataLoader(ten, { batchSize: 3, shuffle: true, seed: 5 })
    const all = order(loader().batches(2))
    expect(all.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(order(loader().batches(2, { from: 2 }))).toEqual(all.slice(2))
    expect(order(loader().batches(2, { from: 4 }))).toEqual([])
    expect(order(loader().batches(3))).not.toEqual(all)
  })

  test('reuses its arrays when asked to', () => {
    const seen = new Set<ArrayBufferLike>()
    const sums: number[] = []
    for (const batch of new DataLoader(ten, { batchSize: 4 }).batches(0, { reuse: true })) {
      seen.add(batch.inputs.buffer)
      sums.push([...batch.inputs].reduce((sum, value) => sum + value, 0))
    }
    expect(seen.size).toBe(1)
    expect(sums).toEqual([28, 92, 70])
  })

  test('gives tensors, an epoch for each asynchronous iteration', async () => {
    const loader = new DataLoader(ten, { batchSize: 10, shuffle: true, seed: 1 })
    const visits: number[][] = []
    for (let visit = 0; visit < 2; visit++) {
      for await (const [x, y] of loader) {
        expect([x.shape, y.shape, x.dtype, y.dtype]).toEqual([[10, 2], [10], 'float32', 'int32'])
        visits.push([...(await y.data())])
      }
    }
    expect(visits).toEqual([...order(loader.batches(0)), ...order(loader.batches(1))])
    expect(loader.epoch).toBe(2)
  })

  test('a transform draws by seed, epoch and sample, not by place', () => {
    const loader = (batchSize: number, shuffle: boolean) =>
      new DataLoader(ten, {
        batchSize,
        shuffle,
        seed: 9,
        transform: ({ input, target }, _dataset, random) => ({ input: input.map((x) => x + random.uniform()), target }),
      })
    const bySample = (batches: Iterable<Batch>): Map<number, number> => {
      const found = new Map<number, number>()
      for (const { indices, inputs } of batches) {
        indices.forEach((index, slot) => {
          found.set(index, inputs[2 * slot] as number)
        })
      }
      return found
    }
    const plain = bySample(loader(3, false).batches(1))
    expect([...plain.values()].every((value, index) => value >= 2 * index && value < 2 * index + 1)).toBe(true)
    expect(new Map([...bySample(loader(4, true).batches(1))].sort(([a], [b]) => a - b))).toEqual(plain)
    expect(bySample(loader(3, false).batches(2))).not.toEqual(plain)
  })

  test('a batch transform may change targets', () => {
    const loader = new DataLoader(ten, {
      batchSize: 2,
      batchTransform: (batch) => ({ ...batch, targets: new Float32Array([1, 0, 0, 1]), targetShape: [2, 2] }),
    })
    const [[, y] = []] = [...loader.pairs()]
    expect([y?.shape, y?.dtype]).toEqual([[2, 2], 'float32'])
  })

  test.each([
    [{ batchSize: 0 }, 'A batch size must be a whole number of at least 1; given 0.'],
    [{ batchSize: 2.5 }, 'given 2.5'],
    [{ shuffle: true, sampler: { length: 1, indices: () => Int32Array.of(0) } }, 'leave out shuffle'],
  ])('refuses %j', (options, message) => {
    expect(() => new DataLoader(ten, options)).toThrow(message)
  })

  test('refuses a start outside the epoch', () => {
    expect(() => [...new DataLoader(ten, { batchSize: 5 }).batches(0, { from: 3 })]).toThrow(
      'An epoch has 2 batches, so it starts from 0 to 2; given 3.',
    )
  })
})

describe('on-demand sets', () => {
  const lazy = (fail: number, log: string[] = []): AsyncDataset => ({
    name: 'lazy',
    length: 5,
    inputShape: [1],
    targetShape: [],
    inputDType: 'float32',
    targetDType: 'int32',
    load: async (index) => {
      log.push(`load ${index}`)
      await new Promise((resolve) => setTimeout(resolve, 5 - index))
      if (index === fail) throw new Error(`sample ${index} is broken`)
      return { input: Float32Array.of(index * 10), target: Int32Array.of(index) }
    },
  })

  test('are loaded ahead and given in order', async () => {
    const log: string[] = []
    for await (const batch of new DataLoader(lazy(-1, log), { batchSize: 2, prefetch: 1 }).stream()) {
      log.push(`batch ${[...batch.inputs]}`)
    }
    expect(log).toEqual(['load 0', 'load 1', 'load 2', 'load 3', 'batch 0,10', 'load 4', 'batch 20,30', 'batch 40'])
  })

  test('a failure arrives with its batch', async () => {
    const seen: number[] = []
    const visit = async () => {
      for await (const batch of new DataLoader(lazy(3), { batchSize: 1 }).stream()) seen.push(...batch.indices)
    }
    await expect(visit()).rejects.toThrow('sample 3 is broken')
    expect(seen).toEqual([0, 1, 2])
  })

  test('have no synchronous batches', () => {
    expect(() => [...new DataLoader(lazy(-1)).batches()]).toThrow('"lazy" is loaded on demand')
  })
})
