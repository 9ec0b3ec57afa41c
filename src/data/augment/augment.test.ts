/** Augmentations on small pictures worked out by hand, and their statistics where they are random. */
import { describe, expect, test } from 'vitest'
import { RandomSequence } from '../../random/threefry.ts'
import { ArrayDataset } from '../array-dataset.ts'
import { type Batch, DataLoader } from '../loader.ts'
import { colourJitter, gaussianBlur, gaussianNoise, normalizePicture, sobel } from './colour.ts'
import { augment, augmentPair, mixUp, sometimes } from './compose.ts'
import { cutOut, flipHorizontal, flipVertical, randomCrop, randomResizedCrop, rotate, shift } from './geometry.ts'
import { filterPicture, imageKernels } from './kernels.ts'
import type { Augmentation, Picture } from './picture.ts'

function picture(rows: readonly (readonly number[])[], channels = 1): Picture {
  const height = rows.length / channels
  return { data: Float32Array.from(rows.flat()), channels, height, width: rows[0]?.length ?? 0, kind: 'picture' }
}

function rowsOf({ data, width }: Picture): number[][] {
  return Array.from({ length: data.length / width }, (_, row) =>
    [...data.subarray(row * width, (row + 1) * width)].map((value) => Math.round(value * 1e5) / 1e5),
  )
}

const apply = (step: Augmentation, target: Picture, seed = 1) => rowsOf(step(target, new RandomSequence(seed)))
/** All different results over many seeds. */
const outcomes = (step: Augmentation, target: Picture, seeds = 200) =>
  new Set(Array.from({ length: seeds }, (_, seed) => JSON.stringify(apply(step, target, seed))))

const small = picture([
  [1, 2, 3],
  [4, 5, 6],
])

describe('geometry', () => {
  test('flips', () => {
    expect(apply(flipHorizontal({ probability: 1 }), small)).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ])
    expect(apply(flipVertical({ probability: 1 }), small)).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ])
    expect(apply(flipVertical({ probability: 0 }), small)).toEqual(rowsOf(small))
    expect(outcomes(flipHorizontal(), small).size).toBe(2)
  })

  test('shifts by whole pixels, as far as allowed', () => {
    const found = outcomes(shift({ horizontal: 0.34, vertical: 0, fill: 9 }), small)
    expect(found).toEqual(new Set(['[[1,2,3],[4,5,6]]', '[[9,1,2],[9,4,5]]', '[[2,3,9],[5,6,9]]']))
  })

  test('random crop with padding 1: nine places', () => {
    expect(outcomes(randomCrop({ padding: 1 }), small).size).toBe(9)
    expect(() => randomCrop({ padding: 0.5 })).toThrow('whole padding of at least 0; given 0.5')
  })

  test('a quarter turn', () => {
    const square = picture([
      [1, 2],
      [3, 4],
    ])
    const quarter: Augmentation = (target) => rotate({ degrees: 90 })(target, { uniform: () => 1 } as RandomSequence)
    // Clockwise on a screen, where y points down.
    expect(apply(quarter, square)).toEqual([
      [3, 1],
      [4, 2],
    ])
  })

  test('rotation keeps the middle and fills the corners', () => {
    const bright = picture(Array.from({ length: 9 }, () => Array(9).fill(1)))
    const turned = apply((target) => rotate({ degrees: 45 })(target, { uniform: () => 1 } as RandomSequence), bright)
    expect([turned[4]?.[4], turned[0]?.[0]]).toEqual([1, 0])
  })

  test('a resized crop of everything is the picture; smaller ones stay inside its values', () => {
    expect(apply(randomResizedCrop({ scale: [1, 1], ratio: [1.5, 1.5] }), small)).toEqual(rowsOf(small))
    const gradient = picture(
      Array.from({ length: 16 }, (_, row) => Array.from({ length: 16 }, (_x, column) => row * 16 + column)),
    )
    for (let seed = 0; seed < 20; seed++) {
      const flat = apply(randomResizedCrop({ scale: [0.1, 0.5] }), gradient, seed).flat()
      expect(Math.min(...flat)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...flat)).toBeLessThanOrEqual(255)
      expect(Math.max(...flat) - Math.min(...flat)).toBeLessThan(254)
    }
    expect(() => randomResizedCrop({ scale: [0, 1] })).toThrow('given 0 to 1')
  })

  test('cut-out blanks a square of all channels, cut off at the border', () => {
    const bright = picture(
      Array.from({ length: 12 }, () => Array(6).fill(1)),
      2,
    )
    const counts = new Set<number>()
    for (let seed = 0; seed < 100; seed++) {
      const rows = apply(cutOut({ size: 2 }), bright, seed)
      const blank = (part: number[][]) => part.flat().filter((value) => value === 0).length
      expect(blank(rows.slice(0, 6))).toBe(blank(rows.slice(6)))
      counts.add(blank(rows.slice(0, 6)))
    }
    expect([...counts].sort()).toEqual([1, 2, 4])
  })
})

describe('colour', () => {
  const pixel = (...values: number[]) =>
    picture(
      values.map((value) => [value]),
      3,
    )
  const most = {
    uniform: () => 1 - 2 ** -24,
    integer: (limit: number) => limit - 1,
  } as RandomSequence
  const strongest = (step: Augmentation, target: Picture) => rowsOf(step(target, most)).flat()

  test('brightness scales and clamps', () => {
    const [red = 0, green = 0, blue = 0] = strongest(colourJitter({ brightness: 0.5 }), pixel(0.2, 0.4, 0.8))
    expect([red, green, blue].map((value) => value.toFixed(3))).toEqual(['0.300', '0.600', '1.000'])
  })

  test('saturation moves away from the grey 0.299 R + 0.587 G + 0.114 B', () => {
    const result = strongest(colourJitter({ saturation: 1 }), pixel(0.5, 0.4, 0.4))
    const grey = 0.299 * 0.5 + 0.701 * 0.4
    expect(result.map((value) => value.toFixed(3))).toEqual(
      [0.5, 0.4, 0.4].map((value) => (grey + 2 * (value - grey)).toFixed(3)),
    )
  })

  test('contrast moves away from the mean grey', () => {
    const grey = picture([[0.4, 0.6]])
    expect(strongest(colourJitter({ contrast: 0.5 }), grey).map((value) => value.toFixed(3))).toEqual([
      '0.350',
      '0.650',
    ])
  })

  test('hue: half a circle turns red into cyan', () => {
    const result = strongest(colourJitter({ hue: 0.5 }), pixel(1, 0, 0))
    expect(result.map((value) => Math.round(value))).toEqual([0, 1, 1])
  })

  test('order and amounts are random, values stay in 0 to 1', () => {
    const step = colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })
    expect(outcomes(step, pixel(0.9, 0.1, 0.5), 50).size).toBe(50)
    for (let seed = 0; seed < 50; seed++) {
      for (const value of apply(step, pixel(0.9, 0.1, 0.5), seed).flat()) expect(value >= 0 && value <= 1).toBe(true)
    }
    expect(() => colourJitter({ hue: 0.6 })).toThrow('hue of colourJitter is at least 0 and at most 0.5; given 0.6')
  })

  test('blur keeps a constant picture and the sum of a point', () => {
    const flat = picture(Array.from({ length: 5 }, () => Array(5).fill(0.3)))
    for (const value of apply(gaussianBlur({ sigma: 1 }), flat).flat()) expect(value).toBeCloseTo(0.3, 5)
    const point = picture(
      Array.from({ length: 9 }, (_, row) =>
        Array.from({ length: 9 }, (_x, column) => (row === 4 && column === 4 ? 1 : 0)),
      ),
    )
    const rows = apply(gaussianBlur({ sigma: 1 }), point)
    expect(rows.flat().reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4)
    // exp(−½) between neighbours of a Gaussian with σ = 1.
    expect((rows[4]?.[5] ?? 0) / (rows[4]?.[4] ?? 1)).toBeCloseTo(Math.exp(-0.5), 3)
  })

  test('noise has its standard deviation', () => {
    const flat = picture(Array.from({ length: 100 }, () => Array(100).fill(0.5)))
    const values = apply(gaussianNoise({ std: 0.1 }), flat).flat()
    const mean = values.reduce((sum, value) => sum + value, 0) / 1e4
    const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1e4)
    expect([Math.abs(mean - 0.5) < 0.004, Math.abs(std - 0.1) < 0.004]).toEqual([true, true])
  })

  test('Sobel of a ramp is 8 inside', () => {
    const ramp = picture(Array.from({ length: 4 }, () => [0, 1, 2, 3]))
    expect(apply(sobel(), ramp)[1]).toEqual([4, 8, 8, 4])
  })

  test('normalising', () => {
    expect(apply(normalizePicture({ mean: [0.5, 0, 0], std: [0.25, 1, 2] }), pixel(1, 0.5, 1)).flat()).toEqual([
      2, 0.5, 0.5,
    ])
  })
})

describe('kernels', () => {
  const image = picture([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ])
  const middle = (name: keyof typeof imageKernels) => rowsOf(filterPicture(image, imageKernels[name]))[1]?.[1]

  test.each<[keyof typeof imageKernels, number]>([
    ['identity', 5],
    ['edgeDiagonal', 1 - 3 - 7 + 9],
    ['edgeLaplace', 2 + 4 + 6 + 8 - 20],
    ['edgeAll', 0],
    ['sharpen', 5],
    ['boxBlur', 5],
    ['gaussianBlur', 5],
    ['sobelX', 8],
    ['sobelY', -24],
  ])('%s in the middle of 1 … 9', (name, expected) => {
    expect(middle(name)).toBeCloseTo(expected, 5)
  })

  test('borders: zero, repeated, mirrored', () => {
    const row = picture([[1, 2, 4]])
    const left = [[1, 0, 0]]
    const edge = (border: 'zero' | 'replicate' | 'reflect') => rowsOf(filterPicture(row, left, { border }))[0]
    expect([edge('zero'), edge('replicate'), edge('reflect')]).toEqual([
      [0, 1, 2],
      [1, 1, 2],
      [2, 1, 2],
    ])
  })

  test('refuses an even kernel', () => {
    expect(() => filterPicture(image, [[1, 1]])).toThrow('A kernel has rows of one odd length')
  })
})

describe('composition', () => {
  const set = new ArrayDataset({
    inputs: Float32Array.from({ length: 4 * 9 }, (_, index) => (index % 9) / 9),
    targets: Uint8Array.of(0, 1, 2, 0),
    inputShape: [1, 3, 3],
    name: 'nines',
  })

  test('in a loader: the same again for seed and epoch, another in the next epoch', () => {
    const transform = augment(shift({ horizontal: 0.4, vertical: 0.4 }), gaussianNoise())
    const batches = (epoch: number) => [...new DataLoader(set, { batchSize: 2, seed: 3, transform }).batches(epoch)]
    expect(batches(0)).toEqual(batches(0))
    expect(batches(0)[0]?.inputs).not.toEqual(batches(1)[0]?.inputs)
    expect(set.get(0).input[1]).toBeCloseTo(1 / 9)
  })

  test('sometimes', () => {
    expect(outcomes(sometimes(0.5, flipHorizontal({ probability: 1 })), small).size).toBe(2)
    expect(outcomes(sometimes(0, flipHorizontal({ probability: 1 })), small).size).toBe(1)
  })

  test('geometry moves a mask with its picture; noise leaves it', () => {
    const pairs = new ArrayDataset({
      inputs: Float32Array.from({ length: 16 }, (_, index) => (index === 5 ? 1 : 0)),
      targets: Int32Array.from({ length: 16 }, (_, index) => (index === 5 ? 3 : 0)),
      inputShape: [1, 4, 4],
      targetShape: [4, 4],
    })
    const steps = [flipHorizontal(), gaussianNoise({ std: 0.1 }), randomCrop({ padding: 1 }), flipVertical()]
    const loader = new DataLoader(pairs, { transform: augmentPair(steps), seed: 1 })
    const places = new Set<number>()
    for (let epoch = 0; epoch < 30; epoch++) {
      const [batch] = loader.batches(epoch)
      const values = [...(batch?.inputs ?? [])]
      const classes = [...(batch?.targets ?? [])]
      places.add(classes.indexOf(3))
      expect(values.indexOf(Math.max(...values))).toBe(classes.indexOf(3))
    }
    expect(places.size).toBeGreaterThan(5)
  })

  test('refuses what is no picture', () => {
    const flat = new ArrayDataset({
      inputs: new Float32Array(4),
      targets: Uint8Array.of(0),
      inputShape: [4],
      name: 'flat',
    })
    expect(() => [...new DataLoader(flat, { transform: augment(sobel()) }).batches()]).toThrow(
      '"flat" has float32 inputs of shape [4]; augmentations take float32 pictures [channels, height, width].',
    )
  })

  test('mix-up mixes inputs and targets by the same share', () => {
    const loader = new DataLoader(set, { batchSize: 4, seed: 2, batchTransform: mixUp({ classes: 3, alpha: 1 }) })
    const [batch] = loader.batches(0)
    expect(batch?.targetShape).toEqual([4, 3])
    for (let row = 0; row < 4; row++) {
      const sum = [...(batch as Batch).targets.subarray(3 * row, 3 * row + 3)].reduce(
        (total, value) => total + value,
        0,
      )
      expect(sum).toBeCloseTo(1, 6)
    }
    expect(() => [...new DataLoader(set, { batchSize: 4, batchTransform: mixUp({ classes: 2 }) }).batches()]).toThrow(
      'mixUp was told of 2 classes (0 to 1), but a target is 2.',
    )
  })

  test('the share of mix-up follows Beta(α, α): mean ½, variance 1 / (8α + 4)', () => {
    const pair = new ArrayDataset({ inputs: Float32Array.of(0, 1), targets: Uint8Array.of(0, 1), inputShape: [1] })
    for (const alpha of [0.2, 2]) {
      const loader = new DataLoader(pair, { batchSize: 2, batchTransform: mixUp({ classes: 2, alpha }) })
      const shares: number[] = []
      for (let epoch = 0; shares.length < 3000; epoch++) {
        const [batch] = loader.batches(epoch)
        const target = batch?.targets[0] as number
        // Where a sample is its own partner the share cannot be seen.
        if (Math.abs((batch?.inputs[0] as number) - (batch?.inputs[1] as number)) !== 1 || target !== 1)
          shares.push(target)
      }
      const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length
      const variance = shares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / shares.length
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.03)
      expect(Math.abs(variance - 1 / (8 * alpha + 4))).toBeLessThan(0.01)
    }
  })
})
