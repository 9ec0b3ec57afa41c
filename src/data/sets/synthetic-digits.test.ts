/** The built-in digits: balance, determinism, speed of a kind, and that they can be learnt but not too easily. */
import { describe, expect, test } from 'vitest'
import { classCounts, type Dataset } from '../dataset.ts'
import { syntheticDigits } from './synthetic-digits.ts'

const bytesOf = (seed: number, part: 'train' | 'test' = 'train', count = 50) =>
  syntheticDigits(part, { seed, count }).rawInputs

describe('syntheticDigits', () => {
  test('12,000 for training and 2,000 for test, each digit equally often', () => {
    expect([...classCounts(syntheticDigits('test', { seed: 1 }))]).toEqual(Array(10).fill(200))
    const train = syntheticDigits('train', { seed: 1 })
    expect([train.length, train.inputShape, train.name]).toEqual([12_000, [1, 28, 28], 'synthetic-digits'])
    expect([...classCounts(train)]).toEqual(Array(10).fill(1200))
  })

  test('the same seed gives the same bytes; seeds and parts differ', () => {
    expect(bytesOf(7)).toEqual(bytesOf(7))
    expect(bytesOf(7)).not.toEqual(bytesOf(8))
    expect(bytesOf(7)).not.toEqual(bytesOf(7, 'test'))
  })

  test('no test picture is a training picture', () => {
    const keys = (set: Dataset) => Array.from({ length: set.length }, (_, index) => set.get(index).input.join())
    const train = new Set(keys(syntheticDigits('train', { seed: 3, count: 500 })))
    expect(keys(syntheticDigits('test', { seed: 3, count: 500 })).filter((key) => train.has(key))).toEqual([])
  })

  test('every picture has ink inside and values in [0, 1]', () => {
    const set = syntheticDigits('train', { seed: 2, count: 300 })
    for (let index = 0; index < set.length; index++) {
      const { input } = set.get(index)
      expect(Math.min(...input)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...input)).toBeGreaterThan(0.45)
      expect(Math.max(...input)).toBeLessThanOrEqual(1)
    }
  })

  test('a nearest neighbour finds most digits, the nearest class mean far fewer', () => {
    const train = syntheticDigits('train', { seed: 1, count: 4000 })
    const probe = syntheticDigits('test', { seed: 1, count: 200 })
    const means = classMeans(train)
    const tally = { neighbour: 0, mean: 0 }
    for (let index = 0; index < probe.length; index++) {
      const { input, target } = probe.get(index)
      if (nearest(input, means) === target[0]) tally.mean += 1
      if (train.rawTargets[nearest(input, pictures(train))] === target[0]) tally.neighbour += 1
    }
    expect(tally.neighbour / probe.length).toBeGreaterThan(0.75)
    expect(tally.mean / probe.length).toBeGreaterThan(0.3)
    expect(tally.mean / probe.length).toBeLessThan(0.75)
  })

  test('refuses a count that is no count', () => {
    expect(() => syntheticDigits('train', { count: 0 })).toThrow('whole number of at least 1; given 0')
  })
})

const cache = new WeakMap<Dataset, Float32Array[]>()

function pictures(set: Dataset): Float32Array[] {
  const known = cache.get(set)
  if (known) return known
  const all = Array.from({ length: set.length }, (_, index) => Float32Array.from(set.get(index).input))
  cache.set(set, all)
  return all
}

function classMeans(set: Dataset): Float32Array[] {
  const means = Array.from({ length: 10 }, () => new Float32Array(784))
  for (let index = 0; index < set.length; index++) {
    const { input, target } = set.get(index)
    const mean = means[target[0] as number] as Float32Array
    for (let i = 0; i < 784; i++) mean[i] = (mean[i] as number) + ((input[i] as number) * 10) / set.length
  }
  return means
}

function nearest(input: ArrayLike<number>, candidates: readonly Float32Array[]): number {
  let best = -1
  let bestDistance = Number.POSITIVE_INFINITY
  candidates.forEach((candidate, index) => {
    let distance = 0
    for (let i = 0; i < 784 && distance < bestDistance; i++) {
      const difference = (input[i] as number) - (candidate[i] as number)
      distance += difference * difference
    }
    if (distance < bestDistance) [best, bestDistance] = [index, distance]
  })
  return best
}
