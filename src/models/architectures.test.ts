/**
 * The architectures against torchvision (`scripts/references/torchvision-state.py`) and the papers: parameter counts, keys, shapes. Weights are drawn on demand, so describing a
 * network of 140 million costs nothing.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { models, nn, type Tensor, tensor, zeros } from '../index.ts'

const count = (net: nn.AnyModule): number => net.parameters().reduce((sum, { size }) => sum + size, 0)
const keys = (net: nn.AnyModule): string[] => [...net.namedState().keys()]

describe("torchvision's state dicts: keys in order, shapes, parameters", () => {
  const path = new URL('../../test/fixtures/torchvision-state.json', import.meta.url)
  const { networks } = JSON.parse(readFileSync(path, 'utf8')) as {
    networks: Record<string, { keys: number; parameters: number; sha256: string }>
  }
  const made: Record<string, () => nn.AnyModule> = {
    alexnet: () => new models.AlexNet(),
    vgg11: models.vgg11,
    vgg11_bn: models.vgg11Bn,
    vgg13: models.vgg13,
    vgg13_bn: models.vgg13Bn,
    vgg16: models.vgg16,
    vgg16_bn: models.vgg16Bn,
    vgg19: models.vgg19,
    vgg19_bn: models.vgg19Bn,
    googlenet: () => models.googlenet({ auxLogits: true }),
    resnet18: models.resnet18,
    resnet34: models.resnet34,
    resnet50: models.resnet50,
    resnet101: models.resnet101,
    resnet152: models.resnet152,
    resnext50_32x4d: models.resnext50,
    wide_resnet50_2: models.wideResnet50,
    densenet121: models.densenet121,
    densenet169: models.densenet169,
    densenet201: models.densenet201,
    squeezenet1_0: models.squeezenet10,
    squeezenet1_1: models.squeezenet11,
    mobilenet_v2: models.mobilenetV2,
  }

  test('cover all networks of the reference', () => {
    expect(Object.keys(made)).toEqual(Object.keys(networks))
  })

  test.each(Object.entries(networks))('%s', (name, expected) => {
    const net = made[name]?.() ?? new nn.Identity()
    const lines = [...net.namedState()].map(([key, { shape }]) => `${key} ${shape.join()}`)
    const sha256 = createHash('sha256').update(lines.join('\n')).digest('hex')
    expect({ keys: lines.length, parameters: count(net), sha256 }).toEqual(expected)
  })
})

describe('parameter counts published elsewhere', () => {
  test.each([
    // torchvision without its auxiliary classifiers.
    ['GoogLeNet', () => models.googlenet(), 6_624_904],
    // Caffe's bvlc_alexnet.
    ['AlexNet of the paper', () => new models.AlexNetPaper(), 60_965_224],
    // Table 2 of the VGG paper: 133 and 134 million.
    ['VGG A-LRN', () => models.vgg11Lrn(), 132_863_336],
    ['VGG C', () => models.vgg16C(), 138_357_544 - 8 * 256 ** 2 - 16 * 512 ** 2],
    // github.com/akamaster/pytorch_resnet_cifar10, in the paper 0.27, 0.46, 0.66, 0.85 and 1.7 million.
    ['CIFAR ResNet-20', () => models.cifarResnet20(), 269_722],
    ['CIFAR ResNet-32', () => models.cifarResnet32(), 464_154],
    ['CIFAR ResNet-44', () => models.cifarResnet44(), 658_586],
    ['CIFAR ResNet-56', () => models.cifarResnet56(), 853_018],
    ['CIFAR ResNet-110', () => models.cifarResnet110(), 1_727_962],
    // github.com/kuangliu/pytorch-cifar.
    ['ResNet-18 for CIFAR', () => models.resnet18({ classes: 10, stem: 'cifar' }), 11_173_962],
    // The paper's table 2: 0.8 million.
    ['DenseNet-BC-100', () => models.densenetBc(), 769_162],
    ['DenseNet-BC-40', () => models.densenetBc({ depth: 40 }), 176_122],
    // The papers of LeCun et al.
    ['LeNet of 1989', () => new models.LeNet1989(), 9_760],
    ['LeNet-5 of 1998', () => new models.LeNet1998(), 60_000],
  ])('%s', (_, make, expected) => {
    expect(count(make())).toBe(expected)
  })

  test('by layer, as the papers of 1989 and 1998 list them', () => {
    const byLayer = (net: nn.AnyModule) => net.namedChildren().map(([name, layer]) => [name, count(layer)])
    expect(byLayer(new models.LeNet1989())).toEqual([
      ['h1', 1068],
      ['h2', 2592],
      ['h3', 5790],
      ['output', 310],
    ])
    expect(byLayer(new models.LeNet1998())).toEqual([
      ['c1', 156],
      ['s2', 12],
      ['c3', 1516],
      ['s4', 32],
      ['c5', 48_120],
      ['f6', 10_164],
    ])
  })
})

describe('options', () => {
  const small = { classes: 7, inChannels: 1 }
  test.each<[string, nn.Layer, readonly number[]]>([
    ['AlexNet', new models.AlexNet(small), [2, 1, 64, 64]],
    ['AlexNetPaper', new models.AlexNetPaper(small), [2, 1, 224, 224]],
    ['Vgg', new models.Vgg({ ...small, configuration: 'C', batchNorm: true }), [2, 1, 32, 32]],
    ['ResNet', models.resnext50(small), [2, 1, 64, 64]],
    ['CifarResNet', models.cifarResnet32(small), [2, 1, 32, 32]],
    ['DenseNet', models.densenet169({ ...small, dropout: 0.1 }), [2, 1, 64, 64]],
    ['GoogLeNet', models.googlenet(small), [2, 1, 64, 64]],
    ['SqueezeNet', models.squeezenet10(small), [2, 1, 64, 64]],
    ['MobileNetV2', models.mobilenetV2({ ...small, widthMultiplier: 0.35 }), [2, 1, 64, 64]],
    ['LeNet1989', new models.LeNet1989({ classes: 7 }), [2, 1, 16, 16]],
  ])('%s takes other classes and colours', (_, net, input) => {
    expect(net.eval().forward(zeros(input)).shape).toEqual([2, 7])
  })

  test('depths that do not exist', () => {
    expect(() => new models.CifarResNet({ depth: 18 })).toThrow(
      'a CIFAR ResNet has 6 n + 2 layers (8, 14, 20, 26, 32, …), given 18.',
    )
    expect(() => models.densenetBc({ depth: 41 })).toThrow(
      'a DenseNet-BC has 6 n + 4 layers (40, 100, 190, …), given 41.',
    )
    expect(() => new models.DenseNet({ blocks: [] })).toThrow('a DenseNet needs at least one block, given none.')
  })

  test('sizes that a network does not take', () => {
    expect(() => new models.LeNet1989().forward(zeros([1, 1, 28, 28]))).toThrow(
      'LeNet1989 takes grey pictures [batch, 1, 16, 16], given shape [1, 1, 28, 28].',
    )
    expect(() => new models.LeNet1998().forward(zeros([1, 3, 32, 32]))).toThrow('LeNet1998 takes grey pictures')
    expect(() => new models.AlexNet().forward(zeros([1, 3, 32, 32]))).toThrow(
      'features.12 (MaxPool2d): maxPool2d: a window of 3 × 3 does not fit into an input of shape [1, 256, 1, 1]',
    )
  })

  test('the stages of a ResNet halve the picture', () => {
    const shapes = models
      .resnet50()
      .eval()
      .stages(zeros([1, 3, 64, 64]))
      .map(({ shape }) => shape)
    expect(shapes).toEqual([
      [1, 256, 16, 16],
      [1, 512, 8, 8],
      [1, 1024, 4, 4],
      [1, 2048, 2, 2],
    ])
  })
})

describe('first weights', () => {
  const deviation = async (x: Tensor): Promise<number> => (await x.std()).item()

  test("VGG and ResNet: He's rule with the fan-out", async () => {
    const vgg = models.vgg11()
    // 128 · 9 outputs reach each input of the second convolution.
    expect(await deviation((vgg.features.at(3) as nn.Conv2d).weight)).toBeCloseTo(Math.sqrt(2 / 1152), 3)
    const resnet = models.resnet18()
    expect(await deviation((resnet.layer2.at(0) as unknown as { conv1: nn.Conv2d }).conv1.weight)).toBeCloseTo(
      Math.sqrt(2 / 1152),
      3,
    )
  })

  test('AlexNet of the paper: deviation 0.01, ones in five biases', async () => {
    const net = new models.AlexNetPaper()
    const conv2 = net.features.at('conv2') as nn.Conv2d
    expect(await deviation(conv2.weight)).toBeCloseTo(0.01, 4)
    const means = await Promise.all(
      net
        .namedParameters()
        .filter(([key]) => key.endsWith('bias'))
        .map(async ([key, bias]) => [key.replace('.bias', ''), await bias.mean().item()] as const),
    )
    expect(means.filter(([, mean]) => mean === 1).map(([key]) => key)).toEqual([
      'features.conv2',
      'features.conv4',
      'features.conv5',
      'classifier.1',
      'classifier.4',
    ])
  })

  test('zeroInitResidual: every block starts as the rectified identity', async () => {
    const net = models.resnet50({ zeroInitResidual: true })
    const block = net.layer1.at(1) as unknown as { bn3: nn.BatchNorm2d }
    expect((await block.bn3.weight?.data())?.every((value) => value === 0)).toBe(true)
  })
})

describe('keys', () => {
  test('CIFAR ResNet: those of the published weights', () => {
    expect(keys(models.cifarResnet20()).slice(0, 9)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'bn1.num_batches_tracked',
      'layer1.0.conv1.weight',
      'layer1.0.bn1.weight',
      'layer1.0.bn1.bias',
    ])
    expect(keys(models.cifarResnet20()).slice(-2)).toEqual(['linear.weight', 'linear.bias'])
  })
})

describe('LeNet-5 of 1998', () => {
  test('scores are minus the squared distance to the codes', async () => {
    const net = new models.LeNet1998()
    for (const parameter of net.f6.parameters()) nn.init.zeros(parameter)
    // F6 gives 84 zeros, and every code is 84 times ±1.
    expect(await net.forward(zeros([1, 1, 28, 28])).toArray()).toEqual([Array(10).fill(-84)])
  })

  test('no two codes are nearer than eight points', async () => {
    const codes = new models.LeNet1998().codes
    const agreement = (await codes.matmul(codes.mT).toArray()) as number[][]
    agreement.forEach((row, digit) => {
      row.forEach((value, other) => {
        if (other === digit) expect(value).toBe(84)
        else expect((84 - value) / 2).toBeGreaterThanOrEqual(8)
      })
    })
  })

  test('the third layer sees the maps of table I', async () => {
    const net = new models.LeNet1998()
    for (const parameter of net.c3.parameters()) nn.init.constant(parameter, 1)
    // A second layer whose map m is 10^m everywhere: every kernel adds 25 times that, plus the bias.
    const powers = zeros([1, 6, 5, 5]).add(tensor([1, 10, 100, 1e3, 1e4, 1e5]).reshape(1, 6, 1, 1))
    const [sums] = (await net.c3.forward(powers).reshape(1, 16).toArray()) as number[][]
    const seen = (sums ?? []).map((sum) => String(Math.round((sum - 1) / 25)).padStart(6, '0'))
    expect(seen.map((digits) => [...digits].toReversed().join(''))).toEqual([
      '111000',
      '011100',
      '001110',
      '000111',
      '100011',
      '110001',
      '111100',
      '011110',
      '001111',
      '100111',
      '110011',
      '111001',
      '110110',
      '011011',
      '101101',
      '111111',
    ])
  })
})

test('scaledTanh is ±1 at ±1', async () => {
  const [up, down, far] = (await models.scaledTanh(tensor([1, -1, 100])).toArray()) as number[]
  expect([up, down]).toEqual([expect.closeTo(1, 4), expect.closeTo(-1, 4)])
  expect(far).toBeCloseTo(1.7159, 4)
})

describe('GoogLeNet', () => {
  test('auxiliary scores need auxiliary classifiers', () => {
    expect(() => models.googlenet().forwardWithAuxiliary(zeros([1, 3, 64, 64]))).toThrow(
      'this GoogLeNet has no auxiliary classifiers; build it with auxLogits: true.',
    )
  })

  test('the auxiliary loss weighs 1, 0.3 and 0.3', async () => {
    const target = tensor([0], { dtype: 'int32' })
    const [even, sure] = [tensor([[0, 0]]), tensor([[100, 0]])]
    const value = (outputs: models.GoogLeNetOutputs) => models.auxiliaryLoss(outputs, target).item()
    expect(await value([even, sure, sure])).toBeCloseTo(Math.LN2)
    expect(await value([sure, even, sure])).toBeCloseTo(0.3 * Math.LN2)
    expect(await value([sure, sure, even])).toBeCloseTo(0.3 * Math.LN2)
  })

  test('transformInput turns normalised pictures into ±1', async () => {
    const net = models.googlenet({ transformInput: true }).eval()
    let seen: Tensor | undefined
    net.conv1.registerForwardHook((_, [x]) => {
      seen = x as Tensor
    })
    // White is (1 − mean) / std of each colour.
    const white = tensor([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]).reshape(1, 3, 1, 1)
    net.forward(white.expand(1, 3, 33, 33))
    for (const value of (await seen?.data()) ?? []) expect(value).toBeCloseTo(1, 5)
  })
})
