/** Networks for segmentation against published parameter counts, and that they learn to colour pixels. */
import { describe, expect, test } from 'vitest'
import { compile, loss, manualSeed, models, type nn, optim, type Tensor, tensor, zeros } from '../../index.ts'
import { RandomSequence } from '../../random/threefry.ts'

const count = (net: nn.AnyModule): number => net.parameters().reduce((sum, { size }) => sum + size, 0)

describe('UNet', () => {
  test.each([
    // github.com/milesial/Pytorch-UNet with one class, github.com/mateuszbuda/brain-segmentation-pytorch, and the paper's own.
    ['64 channels, normalised', { classes: 1 }, 31_037_633],
    ['32 channels, normalised', { classes: 1, width: 32 }, 7_763_041],
    ['as published, for grey pictures', { inChannels: 1, batchNorm: false }, 31_030_658],
  ] as const)('%s', (_, options, expected) => {
    expect(count(new models.UNet(options))).toBe(expected)
  })

  test('refuses sides that cannot be halved', () => {
    expect(() => new models.UNet({ width: 4 }).eval().forward(zeros([1, 3, 40, 48]))).toThrow(
      'this UNet halves pictures 4 times, so their sides are multiples of 16, given [1, 3, 40, 48];',
    )
  })
})

describe('DeconvNet', () => {
  test('252 million parameters at full size, the VGG-16 encoder among them', () => {
    const net = new models.DeconvNet()
    // The 13 convolutions of VGG-16 and their normalisations of 2 · 4,224 numbers.
    const encoder = net.encoder.reduce((sum, stage) => sum + count(stage), 0)
    expect(encoder).toBe(14_714_688 + 2 * 4_224)
    expect(Math.round(count(net) / 1e6)).toBe(252)
  })

  test('sizes', () => {
    expect(() => new models.DeconvNet({ inputSize: 100 })).toThrow('so inputSize is a multiple of 32, given 100.')
    const net = new models.DeconvNet({ inputSize: 64, width: 2 }).eval()
    expect(net.forward(zeros([1, 3, 64, 64])).shape).toEqual([1, 21, 64, 64])
    expect(() => net.forward(zeros([1, 3, 32, 32]))).toThrow('this DeconvNet takes pictures [batch, channels, 64, 64]')
  })
})

/** A bright disc on a dark ground, with its mask. */
function discs(amount: number, seed: number): { pictures: Tensor; masks: Tensor; truth: Int32Array } {
  const random = new RandomSequence(seed)
  const side = 32
  const pixels = new Float32Array(amount * side * side)
  const truth = new Int32Array(pixels.length)
  for (let picture = 0; picture < amount; picture++) {
    const [x, y, radius] = [8 + 16 * random.uniform(), 8 + 16 * random.uniform(), 4 + 4 * random.uniform()]
    for (let index = 0; index < side * side; index++) {
      const inside = Math.hypot((index % side) - x, Math.floor(index / side) - y) < radius
      truth[picture * side * side + index] = inside ? 1 : 0
      pixels[picture * side * side + index] = (inside ? 1 : 0) + 0.5 * random.normal()
    }
  }
  const masks = tensor(truth, { shape: [amount, side, side] })
  return { pictures: tensor(pixels, { shape: [amount, 1, side, side] }), masks, truth }
}

describe('learning', () => {
  const nets: [string, () => nn.Layer, number][] = [
    ['UNet', () => new models.UNet({ inChannels: 1, width: 8, depth: 2 }), 30],
    ['DeconvNet', () => new models.DeconvNet({ classes: 2, inChannels: 1, inputSize: 32, width: 8, hidden: 64 }), 120],
  ]
  test.each(nets)(
    '%s separates a noisy disc from its ground',
    async (_, make, steps) => {
      manualSeed(1)
      const net = make()
      const adam = new optim.Adam(net.parameters(), { lr: 1e-2 })
      const step = compile((x: Tensor, y: Tensor) => {
        const value = loss.crossEntropy(net.forward(x), y)
        adam.minimize(value)
        return value
      })
      for (let index = 0; index < steps; index++) {
        const { pictures, masks } = discs(8, index)
        await step(pictures, masks)
      }
      const { pictures, truth } = discs(8, 1000)
      const found = await compile((x: Tensor) => net.eval().forward(x).argmax(1))(pictures)
      const predicted = await found.data()
      let both = 0
      let either = 0
      for (const [index, label] of truth.entries()) {
        both += label === 1 && predicted[index] === 1 ? 1 : 0
        either += label === 1 || predicted[index] === 1 ? 1 : 0
      }
      expect(both / either).toBeGreaterThan(0.75)
    },
    120_000,
  )
})
