import { describe, expect, test } from 'vitest'
import { models, nn, ShapeError, type Tensor } from '../index.ts'
import { summarize } from './summary.ts'

/** The receptive field of the last layer that does not see everything, of one axis. */
const lastField = (model: nn.Layer, shape: number[]): number | undefined =>
  summarize(model, shape)
    .layers.flatMap(({ receptiveField: [height] }) => (height !== undefined && Number.isFinite(height) ? [height] : []))
    .reduce((most, height) => Math.max(most, height), 0)

describe('summarize', () => {
  test('FashionSimpleNet by hand', () => {
    const found = summarize(new models.FashionSimpleNet(), [1, 28, 28])
    const rows = found.layers.map((layer) => [
      layer.path,
      layer.kind,
      layer.outputShape.join('x'),
      layer.parameters,
      layer.multiplyAdds,
      layer.receptiveField[0],
    ])
    expect(rows).toEqual([
      ['features.0', 'Conv2d', '32x28x28', 32 * 9 + 32, 32 * 28 * 28 * 9, 3],
      ['features.1', 'ReLU', '32x28x28', 0, 0, 3],
      ['features.2', 'MaxPool2d', '32x14x14', 0, 0, 4],
      ['features.3', 'Conv2d', '64x14x14', 64 * 32 * 9 + 64, 64 * 14 * 14 * 32 * 9, 8],
      ['features.4', 'ReLU', '64x14x14', 0, 0, 8],
      ['features.5', 'MaxPool2d', '64x7x7', 0, 0, 10],
      ['classifier.0', 'Dropout', '3136', 0, 0, Number.POSITIVE_INFINITY],
      ['classifier.1', 'Linear', '128', 3136 * 128 + 128, 3136 * 128, Number.POSITIVE_INFINITY],
      ['classifier.2', 'ReLU', '128', 0, 0, Number.POSITIVE_INFINITY],
      ['classifier.3', 'Linear', '10', 1290, 1280, Number.POSITIVE_INFINITY],
    ])
    expect(found.outputShape).toEqual([10])
    expect(found.parameters).toBe(421_642)
    expect(found.multiplyAdds).toBe(225_792 + 3_612_672 + 401_408 + 1_280)
  })

  test('LeNet-5 sees 16 × 16 pixels before its linear layers, as LeCun et al. (1998) draw it', () => {
    expect(lastField(models.leNet5(), [1, 28, 28])).toBe(16)
  })

  test.each([
    ['AlexNet', () => new models.AlexNet(), 195, 714_188_480],
    ['VGG-11', () => models.vgg11(), 150, 7_609_090_048],
    ['ResNet-18', () => models.resnet18(), 435, 1_814_073_344],
  ])('%s: receptive field (Araujo et al. 2019) and multiply-adds (torchvision)', (_, make, field, work) => {
    expect(lastField(make(), [3, 224, 224])).toBe(field)
    expect(summarize(make(), [3, 224, 224]).multiplyAdds).toBe(work)
  })

  test('work outside the layers counts for the network, shared parameters count once', () => {
    class Shared extends nn.Module {
      layer = new nn.Linear(3, 3)
      override forward(x: Tensor): Tensor {
        return this.layer.forward(this.layer.forward(x)).matmul(this.layer.weight)
      }
    }
    const { layers, parameters, multiplyAdds } = summarize(new Shared(), [3])
    expect(layers.map((layer) => [layer.parameters, layer.multiplyAdds])).toEqual([
      [12, 9],
      [0, 9],
    ])
    expect({ parameters, multiplyAdds }).toEqual({ parameters: 12, multiplyAdds: 27 })
  })

  test('frozen parameters and the mode of the network stay', () => {
    const net = new nn.Sequential(new nn.Linear(4, 2), new nn.Dropout(0.5).eval(), new nn.Linear(2, 1))
    net.layers[0]?.freeze()
    expect(summarize(net, [4]).trainable).toBe(3)
    expect(net.modules().map((module) => module.training)).toEqual([true, true, false, true])
  })

  test('an input that does not fit is refused with the layer and both shapes', () => {
    const attempt = () => summarize(new models.FashionSimpleNet(), [3, 28, 28])
    expect(attempt).toThrow(ShapeError)
    expect(attempt).toThrow(/^features\.0 \(Conv2d 1 → 32\): .*\[1, 3, 28, 28\]/)
  })
})

describe('receptive fields', () => {
  const field = (model: nn.Layer, shape: number[]) => summarize(model, shape).layers.at(-1)?.receptiveField

  test('stride, dilation and size of each axis', () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 2, [3, 1], { stride: 2 }),
      new nn.Conv2d(2, 2, 3, { dilation: 2, padding: 'same' }),
    )
    // 3 + 4 · 2 rows; 1 + 4 · 2 columns.
    expect(field(net, [1, 20, 20])).toEqual([11, 9])
  })

  test('a transposed convolution looks at the windows that cover a position', () => {
    const doubled = (kernel: number, padding: number) =>
      new nn.Sequential(new nn.Conv1d(1, 1, 3), new nn.ConvTranspose1d(1, 1, kernel, { stride: 2, padding }))
    // Two windows of 4 with stride 2 cover every position; one of 2.
    expect(field(doubled(4, 1), [1, 16])).toEqual([4])
    expect(field(doubled(2, 0), [1, 16])).toEqual([3])
  })

  test('global pooling sees everything, normalisation in evaluation nothing new', () => {
    expect(field(new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.BatchNorm2d(4)), [1, 9, 9])).toEqual([3, 3])
    const pooled = new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.AdaptiveAvgPool2d(1))
    expect(field(pooled, [1, 9, 9])).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})
