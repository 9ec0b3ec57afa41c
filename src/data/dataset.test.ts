/** Data sets, subsets, splits, folds and samplers against values worked out by hand. */
import { describe, expect, test } from 'vitest'
import { ArrayDataset } from './array-dataset.ts'
import { classCounts, labelsOf } from './dataset.ts'
import { balancedSampler, RandomSampler, WeightedSampler } from './sampler.ts'
import { toys } from './sets/toys.ts'
import { kFold, Subset, split } from './split.ts'

function labelled(labels: readonly number[]): ArrayDataset {
  return new ArrayDataset({
    inputs: Float32Array.from(labels, (_, index) => index),
    targets: Int32Array.from(labels),
    inputShape: [1],
    name: 'labelled',
  })
}

describe('ArrayDataset', () => {
  test('bytes become float32 by scale, mean and std of each channel', () => {
    const set = new ArrayDataset({
      inputs: new Uint8Array([0, 255, 51, 102]),
      targets: new Uint8Array([3]),
      inputShape: [2, 2],
      normalize: { scale: 1 / 255, mean: [0.5, 0.1], std: [0.5, 0.2] },
    })
    // (0 − 0.5)/0.5, (1 − 0.5)/0.5, (0.2 − 0.1)/0.2, (0.4 − 0.1)/0.2
    expect([...set.get(0).input].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([-1, 1, 0.5, 1.5])
    expect(set.get(0).target).toEqual(Int32Array.of(3))
    expect([set.inputDType, set.targetDType]).toEqual(['float32', 'int32'])
  })

  test('bytes / 255 equals the quotient rounded to float32, for all bytes', () => {
    const inputs = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const set = new ArrayDataset({
      inputs,
      targets: new Uint8Array(1),
      inputShape: [256],
      normalize: { scale: 1 / 255 },
    })
    expect(set.get(0).input).toEqual(Float32Array.from(inputs, (byte) => byte / 255))
  })

  test('float inputs are normalised too', () => {
    const set = new ArrayDataset({
      inputs: Float32Array.of(3, 5),
      targets: Float32Array.of(1, 2),
      inputShape: [1],
      targetShape: [1],
      normalize: { mean: 4, std: 2 },
    })
    expect([set.get(0).input[0], set.get(1).input[0]]).toEqual([-0.5, 0.5])
  })

  test.each([
    [{ inputs: new Float32Array(5), inputShape: [2] }, 'no whole number of samples of shape [2]'],
    [{ inputs: new Float32Array(6), inputShape: [2] }, '"arrays" has 3 inputs and 2 targets'],
    [{ inputs: new Float32Array(4), inputShape: [2], classNames: ['a', 'b'] }, 'Sample 1 of "arrays" has the class 7'],
    [
      { inputs: new Float32Array(4), inputShape: [2], normalize: { mean: [1, 2, 3] } },
      'The normalisation has 3 channels',
    ],
    [{ inputs: new Float32Array(4), inputShape: [2], normalize: { std: 0 } }, 'must be above 0; given 0'],
  ])('refuses what does not fit: %#', (options, message) => {
    expect(() => new ArrayDataset({ targets: Int32Array.of(0, 7), ...options })).toThrow(message)
  })

  test('an index outside names the set and its range', () => {
    expect(() => labelled([0, 1]).get(2)).toThrow(
      'The data set "labelled" has 2 samples, so an index is 0 to 1; given 2.',
    )
  })

  test('labels of a regression set are an error', () => {
    expect(() => labelsOf(toys.plane({ count: 3 }))).toThrow('The targets of "plane" are not class numbers')
  })
})

describe('split', () => {
  test('parts share no sample, cover all, and are the same for the same seed', () => {
    const set = labelled(Array.from({ length: 11 }, () => 0))
    const parts = split(set, [0.5, 0.5], { seed: 3 })
    expect(parts.map((part) => part.length)).toEqual([6, 5])
    expect(parts.flatMap((part) => [...part.indices]).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(split(set, [0.5, 0.5], { seed: 3 })[0]?.indices).toEqual(parts[0]?.indices)
    expect(split(set, [0.5, 0.5], { seed: 4 })[0]?.indices).not.toEqual(parts[0]?.indices)
  })

  test('counts and fractions below 1 leave the rest out', () => {
    const set = labelled(Array.from({ length: 10 }, () => 0))
    expect(split(set, [3, 4]).map((part) => part.length)).toEqual([3, 4])
    expect(split(set, [0.25, 0.25]).map((part) => part.length)).toEqual([2, 2])
  })

  test('a stratified split keeps the shares of the classes', () => {
    const set = labelled([...Array(60).fill(0), ...Array(30).fill(1), ...Array(10).fill(2)])
    const [train, valid] = split(set, [0.8, 0.2], { seed: 1, stratified: true })
    expect(train && [...classCounts(train)]).toEqual([48, 24, 8])
    expect(valid && [...classCounts(valid)]).toEqual([12, 6, 2])
  })

  test.each([[[0.8, 0.3]], [[20]], [[0.5, -0.1]], [[]]])('refuses %j', (parts) => {
    expect(() => split(labelled([0, 1, 0]), parts)).toThrow(/split/)
  })

  test('a subset of a subset reads the right samples', () => {
    const inner = new Subset(new Subset(labelled([5, 6, 7, 8]), [3, 1, 0]), [2, 0])
    expect([inner.get(0).target[0], inner.get(1).target[0]]).toEqual([5, 8])
    expect([...inner.labels()]).toEqual([5, 8])
  })

  test('k folds validate every sample once', () => {
    const folds = kFold(labelled(Array.from({ length: 7 }, (_, index) => index % 2)), 3, { seed: 2 })
    expect(folds.map(({ validation }) => validation.length)).toEqual([2, 2, 3])
    expect(folds.flatMap(({ validation }) => [...validation.indices]).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const { train, validation } of folds) {
      expect(new Set([...train.indices, ...validation.indices]).size).toBe(7)
    }
    expect(() => kFold(labelled([0]), 2)).toThrow('whole k from 2 to the number of samples (1); given 2')
  })
})

describe('samplers', () => {
  test('the order depends on seed and epoch alone', () => {
    const order = (seed: number, epoch: number) => new RandomSampler(50, { seed }).indices(epoch)
    expect(order(1, 4)).toEqual(order(1, 4))
    expect(order(1, 4)).not.toEqual(order(1, 5))
    expect(order(1, 4)).not.toEqual(order(2, 4))
  })

  test('weights are drawn in proportion', () => {
    const drawn = new WeightedSampler([1, 0, 3], { count: 8000, seed: 1 }).indices(0)
    const share = drawn.filter((index) => index === 2).length / 8000
    // Four standard deviations of a share of 0.75 in 8000 draws are 0.02.
    expect(Math.abs(share - 0.75)).toBeLessThan(0.02)
    expect(drawn.includes(1)).toBe(false)
    expect(() => new WeightedSampler([1, -1])).toThrow('weight 1 is -1')
  })

  test('classes are balanced', () => {
    const labels = Int32Array.from({ length: 1000 }, (_, index) => (index < 900 ? 0 : 1))
    const drawn = balancedSampler(labels, { count: 8000, seed: 1 }).indices(0)
    const share = drawn.filter((index) => index >= 900).length / 8000
    expect(Math.abs(share - 0.5)).toBeLessThan(0.023)
  })
})
