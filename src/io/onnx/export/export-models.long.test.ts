/** Every architecture of `models` exported and run by ONNX Runtime, with weights that keep the signal alive through all layers. */
import { describe, expect, test } from 'vitest'
import { runWithOnnxRuntime } from '../../../../test/support/onnx-runtime.ts'
import { compile, fromTypedArray, models, nn, type Tensor } from '../../../index.ts'
import { exportOnnx } from './export-onnx.ts'

/** Cheap numbers in [centre − spread, centre + spread); drawing 10⁸ proper random ones would take minutes. */
function noise(count: number, centre = 0, spread = 1): Float32Array {
  const numbers = new Float32Array(count)
  for (let index = 0, state = 1; index < count; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    numbers[index] = centre + (spread * state) / 2 ** 31
  }
  return numbers
}

/** Weights of variance 2 / fan-in, scales near 1, small shifts, variances between 0.5 and 1.5. */
function stir(net: nn.AnyModule): void {
  for (const [name, value] of net.namedState()) {
    if (value.dtype !== 'float32') continue
    const fanIn = value.shape.slice(1).reduce((product, size) => product * size, 1)
    const [centre, spread] =
      value.rank > 1 ? [0, Math.sqrt(6 / fanIn)] : /(weight|var)$/.test(name) ? [1, 0.5] : [0, 0.1]
    value.write(noise(value.size, centre, spread))
  }
}

/** At most the share `mayDiffer` of the results may deviate by more than 1e-4 of the largest. */
async function check(net: nn.AnyModule, inputShape: readonly number[], mayDiffer = 0): Promise<void> {
  stir(net)
  const shape = [1, ...inputShape]
  const count = shape.reduce((product, size) => product * size, 1)
  const x = fromTypedArray(noise(count), shape, 'float32')
  const file = await exportOnnx(net, [x])
  const results = await runWithOnnxRuntime(file, { input: x })
  const forward = compile((x: Tensor) => (net.eval().forward as (x: Tensor) => Tensor)(x))
  const expected = await forward(x)
  expect(results.output?.dims).toEqual(expected.shape)
  const values = Float32Array.from(await expected.data())
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(size).toBeGreaterThan(1e-3)
  const allowed = 1e-4 * Math.max(1, size)
  const isOff = (value: number, index: number): boolean =>
    !(Math.abs(value - Number(results.output?.data[index])) < allowed)
  expect(values.filter(isOff).length / values.length).toBeLessThanOrEqual(mayDiffer)
}

const small = [3, 64, 64]
const cifar = [3, 32, 32]

describe('architectures', () => {
  test.each<[string, () => nn.AnyModule, readonly number[]]>([
    ['AlexNet', () => new models.AlexNet(), [3, 96, 96]],
    ['AlexNet as published', () => new models.AlexNetPaper(), [3, 227, 227]],
    ['VGG A', models.vgg11, small],
    ['VGG A-LRN', models.vgg11Lrn, small],
    ['VGG B', models.vgg13, small],
    ['VGG C', models.vgg16C, small],
    ['VGG D', models.vgg16, small],
    ['VGG E', models.vgg19, small],
    ['VGG A with batch normalisation', models.vgg11Bn, small],
    ['VGG B with batch normalisation', models.vgg13Bn, small],
    ['VGG D with batch normalisation', models.vgg16Bn, small],
    ['VGG E with batch normalisation', models.vgg19Bn, small],
    ['GoogLeNet', models.googlenet, [3, 96, 96]],
    ['ResNet-18', models.resnet18, small],
    ['ResNet-34', models.resnet34, small],
    ['ResNet-50', models.resnet50, small],
    ['ResNet-101', models.resnet101, small],
    ['ResNet-152', models.resnet152, small],
    ['ResNeXt-50', models.resnext50, small],
    ['Wide ResNet-50', models.wideResnet50, small],
    ['CIFAR ResNet-20', models.cifarResnet20, cifar],
    ['CIFAR ResNet-32', models.cifarResnet32, cifar],
    ['CIFAR ResNet-44', models.cifarResnet44, cifar],
    ['CIFAR ResNet-56', models.cifarResnet56, cifar],
    ['CIFAR ResNet-110', models.cifarResnet110, cifar],
    ['DenseNet-121', models.densenet121, small],
    ['DenseNet-169', models.densenet169, small],
    ['DenseNet-201', models.densenet201, small],
    ['DenseNet-BC-40-12', () => models.densenetBc({ depth: 40 }), cifar],
    ['DenseNet-BC-100-12', models.densenetBc, cifar],
    ['SqueezeNet 1.0', models.squeezenet10, small],
    ['SqueezeNet 1.1', models.squeezenet11, small],
    ['MobileNetV2', models.mobilenetV2, small],
  ])('%s', async (_, make, inputShape) => {
    await check(make(), inputShape)
  })
})

const tested = /^(alexnet|vgg|googlenet|resnet|cifar-resnet|densenet|squeezenet|mobilenet)/

/** Pooling's switches decide where values go: where two inputs are equal but for rounding, a patch of the result moves. */
const switched = new Set(['deconvnet'])

describe('named models', () => {
  const others = Object.values(models.modelEntries).filter(({ name }) => !tested.test(name))
  test.each(others.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    await check(entry.create(entry), entry.inputShape, switched.has(entry.name) ? 0.005 : 0)
  })
})

describe('networks with several inputs and outputs', () => {
  const backbone = (): nn.Sequential =>
    new nn.Sequential(new nn.Conv2d(3, 8, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2))
  const pictures = fromTypedArray(noise(2 * 3 * 32 * 32), [2, 3, 32, 32], 'float32')
  const regions = models.regionTensor([[[4, 4, 20, 20]], [[0, 0, 31, 31] as const, [3.5, 2.5, 8, 30] as const]])

  test.each<[string, nn.Module<Tensor[], readonly Tensor[]>, readonly Tensor[]]>([
    [
      'classification and localisation',
      new models.LocalizationNet({ classes: 5, backbone: backbone(), features: 8 }) as never,
      [pictures],
    ],
    [
      'detection on given proposals',
      new models.RegionDetector({
        classes: 2,
        backbone: backbone(),
        features: 8,
        spatialScale: 1 / 2,
        hidden: 16,
      }) as never,
      [pictures, regions],
    ],
  ])('%s', async (_, net, inputs) => {
    stir(net)
    const file = await exportOnnx(net, inputs)
    const names = file.graph.input.map(({ name }) => name)
    const feeds = Object.fromEntries(inputs.map((input, index) => [names[index] ?? '', input]))
    const results = Object.values(await runWithOnnxRuntime(file, feeds))
    const expected = net.eval().forward(...inputs)
    expect(results.map(({ dims }) => dims)).toEqual(expected.map(({ shape }) => shape))
    for (const [index, output] of expected.entries()) {
      const values = Array.from(await output.data())
      const distances = values.map((value, place) => Math.abs(value - Number(results[index]?.data[place])))
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.01)
      expect(Math.max(...distances)).toBeLessThan(1e-4)
    }
  })
})
