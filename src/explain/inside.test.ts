/** Jacobians, filters, feature maps, patches, receptive fields, drawn inputs, curves and ranks by hand-worked values; bad inputs. */
import { describe, expect, test } from 'vitest'
import { data, explain, fromTypedArray, nn, type Tensor, tensor, zeros } from '../index.ts'

/** A network of one convolution whose filters are given. */
function filterNet(weights: readonly number[], shape: readonly [number, number, number, number]): nn.Sequential {
  const layer = new nn.Conv2d(shape[1], shape[0], [shape[2], shape[3]], { bias: false })
  layer.weight.write(weights)
  return new nn.Sequential(layer)
}

describe('Jacobians', () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 2))
  const w1 = [1, 2, -1, 0.5, 0.25, -2]
  const b1 = [0.1, -0.2, 0.3]
  const w2 = [1, -1, 2, 0.5, 3, -0.5]
  const [first, , last] = net.layers as [nn.Linear, nn.Tanh, nn.Linear]
  first.weight.write(w1)
  first.bias?.write(b1)
  last.weight.write(w2)
  const x = [0.3, -0.7]
  const slopes = b1.map((bias, i) => 1 - Math.tanh(bias + (w1[2 * i] ?? 0) * 0.3 + (w1[2 * i + 1] ?? 0) * -0.7) ** 2)

  test('of the whole network: W₂ · diag(1 − tanh²) · W₁', async () => {
    const found = await explain.layerJacobian(net, tensor(x))
    const expected = [0, 1].flatMap((row) =>
      [0, 1].map((column) =>
        slopes.reduce((sum, slope, i) => sum + (w2[row * 3 + i] ?? 0) * slope * (w1[2 * i + column] ?? 0), 0),
      ),
    )
    expect([found.rows, found.columns, found.toShape, found.fromShape]).toEqual([2, 2, [2], [2]])
    found.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5)
    })
    // The singular values of a 2 × 2 matrix: s₁² + s₂² = Σ J², s₁ s₂ = |det J|.
    const [a = 0, b = 0, c = 0, d = 0] = expected
    const squares = a * a + b * b + c * c + d * d
    const largest = Math.sqrt((squares + Math.sqrt(squares ** 2 - 4 * (a * d - b * c) ** 2)) / 2)
    expect(found.frobeniusNorm).toBeCloseTo(Math.sqrt(squares), 5)
    expect(found.spectralNorm).toBeCloseTo(largest, 5)
  })

  test('of one layer by another, row by row in small batches', async () => {
    const found = await explain.layerJacobian(net, tensor(x), { from: '0', to: '1', batchSize: 2 })
    const expected = slopes.flatMap((slope, row) => slopes.map((_, column) => (row === column ? slope : 0)))
    found.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5)
    })
  })
})

describe('filters and feature maps', () => {
  test('filters of three channels are colour, others grey', async () => {
    const colour = await explain.filters(
      filterNet(
        Array.from({ length: 24 }, (_, i) => i),
        [2, 3, 2, 2],
      ),
    )
    expect([colour.layer, colour.count, colour.channels]).toEqual(['0', 2, 3])
    expect([...explain.pictureAt(colour, 1)]).toEqual(Array.from({ length: 12 }, (_, i) => 12 + i))
    const grey = await explain.filters(filterNet([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]))
    expect([grey.count, grey.channels, [...explain.pictureAt(grey, 1)]]).toEqual([2, 1, [5, 6, 7, 8]])
    expect(() => explain.pictureAt(grey, 2)).toThrow('there are 2 pictures (0 to 1), given 2')
    await expect(explain.filters(new nn.Linear(2, 2))).rejects.toThrow('Linear has no convolution of pictures')
  })

  test('feature maps are what the layer gives', async () => {
    const maps = await explain.featureMaps(
      filterNet([1, -1], [2, 1, 1, 1]),
      tensor([
        [
          [1, 2],
          [3, 4],
        ],
      ]),
      { layer: '0' },
    )
    expect([maps.count, maps.height, [...maps.data]]).toEqual([2, 2, [1, 2, 3, 4, -1, -2, -3, -4]])
  })
})

describe('top patches', () => {
  test('the strongest place of each picture, with the piece that the filter sees', async () => {
    // Looks for a bright pixel with a dark one at its right; padding 1 makes places reach over the edges.
    const layer = new nn.Conv2d(1, 1, 3, { padding: 1, bias: false })
    layer.weight.write([0, 0, 0, 0, 1, -1, 0, 0, 0])
    const pictures = new Float32Array(3 * 16)
    pictures[5] = 1
    pictures[16 + 3] = 2
    pictures[32 + 10] = 0.5
    const set = new data.ArrayDataset({ inputs: pictures, targets: new Uint8Array(3), inputShape: [1, 4, 4] })
    const [found] = await explain.topPatches(new nn.Sequential(layer), set, {
      layer: '0',
      channels: [0],
      count: 2,
      batchSize: 2,
    })
    expect(found?.patches.map(({ sample, value, row, column, box }) => ({ sample, value, row, column, box }))).toEqual([
      { sample: 1, value: 2, row: 0, column: 3, box: { top: 0, bottom: 2, left: 2, right: 4 } },
      { sample: 0, value: 1, row: 1, column: 1, box: { top: 0, bottom: 3, left: 0, right: 3 } },
    ])
    expect([...(found?.patches[0]?.pixels ?? [])]).toEqual([0, 2, 0, 0])
    await expect(explain.topPatches(new nn.Sequential(layer), set, { layer: '0', channels: [1] })).rejects.toThrow(
      'the channel 1 of the layer "0" does not exist; it has 1 (0 to 0)',
    )
  })
})

describe('effective receptive field', () => {
  test('two 3 × 3 means: the triangle of their convolution', async () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 1, 3, { padding: 1, bias: false }),
      new nn.Conv2d(1, 1, 3, { padding: 1, bias: false }),
    )
    for (const parameter of net.parameters()) parameter.write(new Float32Array(9).fill(1 / 9))
    const field = await explain.effectiveReceptiveField(net, { layer: '1', inputShape: [1, 9, 9], samples: 2 })
    expect(field.theoretical).toEqual({ top: 2, bottom: 7, left: 2, right: 7 })
    const line = [0, 0, 1, 2, 3, 2, 1, 0, 0]
    field.map.forEach((value, i) => {
      expect(value).toBeCloseTo(((line[Math.floor(i / 9)] ?? 0) * (line[i % 9] ?? 0)) / 81, 6)
    })
    // All 25 places have at least 1/9 of the largest.
    expect([field.side, field.share]).toEqual([5, 1])
  })
})

describe('activation maximisation', () => {
  test('a linear unit draws its own weights', async () => {
    const net = new nn.Linear(6, 2)
    net.weight.write([1, -2, 3, 0, 0.5, -1, 0, 0, 0, 0, 0, 0])
    const drawn = await explain.activationMaximization(net, {
      target: 0,
      inputShape: [6],
      steps: 60,
      l2: 1,
      totalVariation: 0,
      start: 0,
    })
    const cosine = dot([...drawn.data], [1, -2, 3, 0, 0.5, -1])
    expect(cosine).toBeGreaterThan(0.99)
    expect(drawn.history.at(-1)).toBeGreaterThan((drawn.history[0] ?? 0) + 1)
  })

  test('numbers stay in the range, the same seed draws the same', async () => {
    const net = filterNet([1, 0, 0, -1], [1, 1, 2, 2])
    const options = {
      target: { layer: '0', channel: 0, place: [3, 3] },
      inputShape: [1, 8, 8],
      steps: 12,
      range: [0, 1],
    } as const
    const drawn = await explain.activationMaximization(net, options)
    expect(drawn.data.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect((await explain.activationMaximization(net, options)).data).toEqual(drawn.data)
    await expect(explain.activationMaximization(net, { ...options, target: 9 })).rejects.toThrow(
      'the class 9 does not exist; there are 1 (0 to 0)',
    )
  })
})

function dot(a: readonly number[], b: readonly number[]): number {
  const sum = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((all, value, i) => all + value * (y[i] ?? 0), 0)
  return sum(a, b) / Math.sqrt(sum(a, a) * sum(b, b))
}

describe('ranks and energy', () => {
  test('Spearman by hand, ties share their rank', () => {
    expect(explain.rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12)
    // Ranks 0 1.5 1.5 3 and 0 1 2 3: covariance 4.5, variances 4.5 and 5.
    expect(explain.rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
    expect(explain.rankCorrelation([1, 1], [1, 2])).toBe(0)
    expect(explain.compareMaps([1, -2, 3], [-1, 2, -3]).absoluteCorrelation).toBeCloseTo(1, 12)
  })

  test('energy counts what speaks for the unit, or both', () => {
    const map = Float32Array.of(2, -2, 1, 1)
    expect(explain.energyInside({ map }, [1, 1, 0, 0])).toEqual({ share: 0.5, area: 0.5, factor: 1 })
    expect(explain.energyInside({ map }, [1, 1, 0, 0], { both: true }).share).toBeCloseTo(4 / 6, 12)
    expect(() => explain.energyInside({ map }, [1])).toThrow(
      'a mask for a map of 4 places needs as many numbers, given 1',
    )
  })
})

describe('deletion and insertion', () => {
  test('a model that adds pixels up: the probability follows the pixels that are left', async () => {
    const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 2, { bias: false }))
    ;(net.layers[1] as nn.Linear).weight.write([1, 1, 1, 1, 0, 0, 0, 0])
    const image = tensor([
      [
        [4, 1],
        [2, 3],
      ],
    ])
    const map = await explain.gradientTimesInput(net, image, { target: 0 })
    const { probabilities, shares, area } = await explain.pixelCurve(net, image, map, { missing: 0, steps: 4 })
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
    const expected = [10, 6, 3, 1, 0].map(sigmoid)
    expect(shares).toEqual([0, 0.25, 0.5, 0.75, 1])
    probabilities.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5)
    })
    const trapezoids = expected.slice(1).reduce((sum, value, i) => sum + (value + (expected[i] ?? 0)) / 8, 0)
    expect(area).toBeCloseTo(trapezoids, 5)
  })
})

describe('what cannot work is refused in words', () => {
  const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(2 * 4, 3))
  const image = zeros([1, 4, 4])

  test.each<[string, (x: Tensor) => Promise<unknown>, string]>([
    [
      'an unknown layer',
      (x) => explain.gradCam(net, x, { layer: 'conv1' }),
      'Sequential has no layer "conv1"; known are 0, 1, 2, 3.',
    ],
    [
      'a class out of range',
      (x) => explain.saliency(net, x, { target: 3 }),
      'the class 3 does not exist; the model has 3 classes (0 to 2).',
    ],
    [
      'a channel out of range',
      (x) => explain.saliency(net, x, { target: { layer: '0', channel: 2 } }),
      'the channel 2 of the layer "0" does not exist; it has 2 (0 to 1).',
    ],
    [
      'a place out of range',
      (x) => explain.saliency(net, x, { target: { layer: '0', channel: 0, place: [2, 0] } }),
      'the place [2, 0] does not exist in channels of shape [2, 2]; count from 0 along each axis.',
    ],
    [
      'a layer without places',
      (x) => explain.gradCam(net, x, { layer: '3' }),
      'Grad-CAM needs a layer whose output has height and width; "3" gives [3] for a picture.',
    ],
    [
      'a patch that is too large',
      (x) => explain.occlusion(net, x, { patch: 5 }),
      'the patch of an occlusion is a whole number from 1 to 4, given 5.',
    ],
    [
      'a fill of other channels',
      (x) => explain.occlusion(net, x, { fill: [1, 2] }),
      'the fill of an occlusion is one number or one for each of 1 channels, given 2.',
    ],
    [
      'no steps',
      (x) => explain.integratedGradients(net, x, { steps: 0 }),
      'integrated gradients need a whole number of steps',
    ],
    [
      'another baseline',
      (x) => explain.integratedGradients(net, x, { baseline: zeros([1, 5, 5]) }),
      'the baseline has shape [1, 5, 5] but the input [1, 4, 4]; both must have the same.',
    ],
    [
      'several pictures',
      () => explain.saliency(net, zeros([2, 1, 4, 4])),
      'an explanation is about one picture [channels, height, width]',
    ],
    [
      'numbers that are not finite',
      () => explain.saliency(net, tensor([[[Number.NaN]]])),
      'the picture holds numbers that are not finite',
    ],
  ])('%s', async (_, attempt, message) => {
    await expect(attempt(image)).rejects.toThrow(message)
  })

  test('the mode of the network stays', async () => {
    net.train()
    net.layers[1]?.eval()
    await explain.saliency(net, fromTypedArray(new Float32Array(16), [1, 4, 4], 'float32'))
    expect(net.layers.map((layer) => layer.training)).toEqual([true, false, true, true])
  })
})
