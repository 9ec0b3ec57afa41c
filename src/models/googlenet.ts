/**
 * GoogLeNet with torchvision's keys and parameter counts: inception modules with batch normalisation, two auxiliary classifiers.
 * As in torchvision the third branch has a 3 × 3 kernel where the paper has 5 × 5, so that its weights load.
 */
import { ArgumentError } from '../base/errors.ts'
import { crossEntropy } from '../loss/index.ts'
import * as nn from '../nn/index.ts'
import { adaptiveAvgPool2d, concat, type Tensor } from '../tensor/index.ts'
import type { ClassifierOptions } from './classifier-options.ts'

export interface GoogLeNetOptions extends ClassifierOptions {
  /** With the two auxiliary classifiers, which help training. Default false. */
  readonly auxLogits?: boolean
  /** The probability of dropout before the last layer. Default 0.2. */
  readonly dropout?: number
  /** The same in the auxiliary classifiers. Default 0.7. */
  readonly auxDropout?: number
  /** Turn pictures that are normalised by ImageNet's mean and deviation into those of ±1 that old weights expect. Default false. */
  readonly transformInput?: boolean
}

/** The scores of the last layer, of the second auxiliary classifier and of the first, in torchvision's order. */
export type GoogLeNetOutputs = readonly [logits: Tensor, aux2: Tensor, aux1: Tensor]

/** Convolution without bias, batch normalisation, ReLU. */
class BasicConv2d extends nn.Module {
  conv: nn.Conv2d
  bn: nn.BatchNorm2d

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: nn.ConvLayerOptions = {}) {
    super()
    this.conv = new nn.Conv2d(inChannels, outChannels, kernelSize, { ...options, bias: false })
    this.bn = new nn.BatchNorm2d(outChannels, { eps: 1e-3 })
  }

  override forward(x: Tensor): Tensor {
    return this.bn.forward(this.conv.forward(x)).relu()
  }
}

/** Channels of the branches of an inception module, in the order of the paper's table. */
type InceptionWidths = readonly [
  ones: number,
  reduce3: number,
  threes: number,
  reduce5: number,
  fives: number,
  pool: number,
]

/** Four branches side by side: 1 × 1, 1 × 1 then 3 × 3, 1 × 1 then 3 × 3, max pooling then 1 × 1. */
class Inception extends nn.Module {
  branch1: BasicConv2d
  branch2: nn.Sequential
  branch3: nn.Sequential
  branch4: nn.Sequential

  constructor(inChannels: number, [ones, reduce3, threes, reduce5, fives, pool]: InceptionWidths) {
    super()
    this.branch1 = new BasicConv2d(inChannels, ones, 1)
    this.branch2 = new nn.Sequential(
      new BasicConv2d(inChannels, reduce3, 1),
      new BasicConv2d(reduce3, threes, 3, { padding: 1 }),
    )
    this.branch3 = new nn.Sequential(
      new BasicConv2d(inChannels, reduce5, 1),
      new BasicConv2d(reduce5, fives, 3, { padding: 1 }),
    )
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inChannels, pool, 1),
    )
  }

  override forward(x: Tensor): Tensor {
    return concat(
      [this.branch1.forward(x), this.branch2.forward(x), this.branch3.forward(x), this.branch4.forward(x)],
      1,
    )
  }
}

/** A small classifier on features in the middle of the network: `[batch, inChannels, h, w] → [batch, classes]`. */
class InceptionAux extends nn.Module {
  conv: BasicConv2d
  fc1: nn.Linear
  fc2: nn.Linear
  dropout: nn.Dropout

  constructor(inChannels: number, classes: number, dropout: number) {
    super()
    this.conv = new BasicConv2d(inChannels, 128, 1)
    this.fc1 = new nn.Linear(2048, 1024)
    this.fc2 = new nn.Linear(1024, classes)
    this.dropout = new nn.Dropout(dropout)
  }

  override forward(x: Tensor): Tensor {
    const features = this.conv.forward(adaptiveAvgPool2d(x, 4)).flatten(1)
    return this.fc2.forward(this.dropout.forward(this.fc1.forward(features).relu()))
  }
}

/**
 * GoogLeNet (Inception v1): `[batch, inChannels, height, width] → [batch, classes]`, 224 × 224 by design. 6,624,904 parameters for
 * 1000 classes, 13,004,888 with the auxiliary classifiers. `forward` gives the last scores alone; train with the auxiliary ones
 * through `withAuxiliary()` and `auxiliaryLoss`. Weights start normal with deviation 0.01 as torchvision's (its cut at ±2 is 200
 * deviations away), biases as PyTorch's layers.
 *
 * Source: Szegedy et al., "Going deeper with convolutions" (2014).
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.googlenet({ classes: 10, auxLogits: true }).eval()
 * console.log(net.forward(zeros([1, 3, 224, 224])).shape) // [1, 10]
 * const [logits, aux2, aux1] = net.withAuxiliary().forward(zeros([1, 3, 224, 224]))
 * console.log(logits.shape, aux2.shape, aux1.shape) // [1, 10] [1, 10] [1, 10]
 */
export class GoogLeNet extends nn.Module {
  conv1: BasicConv2d
  maxpool1 = new nn.MaxPool2d(3, { stride: 2, ceilMode: true })
  conv2: BasicConv2d
  conv3: BasicConv2d
  maxpool2 = new nn.MaxPool2d(3, { stride: 2, ceilMode: true })
  inception3a: Inception
  inception3b: Inception
  maxpool3 = new nn.MaxPool2d(3, { stride: 2, ceilMode: true })
  inception4a: Inception
  inception4b: Inception
  inception4c: Inception
  inception4d: Inception
  inception4e: Inception
  maxpool4 = new nn.MaxPool2d(2, { stride: 2, ceilMode: true })
  inception5a: Inception
  inception5b: Inception
  aux1: InceptionAux | null
  aux2: InceptionAux | null
  dropout: nn.Dropout
  fc: nn.Linear
  readonly transformInput: boolean

  constructor(options: GoogLeNetOptions = {}) {
    super()
    const { classes = 1000, inChannels = 3, auxLogits = false, dropout = 0.2, auxDropout = 0.7 } = options
    this.transformInput = options.transformInput ?? false
    this.conv1 = new BasicConv2d(inChannels, 64, 7, { stride: 2, padding: 3 })
    this.conv2 = new BasicConv2d(64, 64, 1)
    this.conv3 = new BasicConv2d(64, 192, 3, { padding: 1 })
    this.inception3a = new Inception(192, [64, 96, 128, 16, 32, 32])
    this.inception3b = new Inception(256, [128, 128, 192, 32, 96, 64])
    this.inception4a = new Inception(480, [192, 96, 208, 16, 48, 64])
    this.inception4b = new Inception(512, [160, 112, 224, 24, 64, 64])
    this.inception4c = new Inception(512, [128, 128, 256, 24, 64, 64])
    this.inception4d = new Inception(512, [112, 144, 288, 32, 64, 64])
    this.inception4e = new Inception(528, [256, 160, 320, 32, 128, 128])
    this.inception5a = new Inception(832, [256, 160, 320, 32, 128, 128])
    this.inception5b = new Inception(832, [384, 192, 384, 48, 128, 128])
    this.aux1 = auxLogits ? new InceptionAux(512, classes, auxDropout) : null
    this.aux2 = auxLogits ? new InceptionAux(528, classes, auxDropout) : null
    this.dropout = new nn.Dropout(dropout)
    this.fc = new nn.Linear(1024, classes)
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d || module instanceof nn.Linear) nn.init.normal(module.weight, 0, 0.01)
    }
  }

  /** Features after the modules where the auxiliary classifiers look, and the last scores. */
  #scores(x: Tensor): { after4a: Tensor; after4d: Tensor; logits: Tensor } {
    const input = this.transformInput ? toUnitRange(x) : x
    const stem = this.conv3.forward(this.conv2.forward(this.maxpool1.forward(this.conv1.forward(input))))
    const third = this.inception3b.forward(this.inception3a.forward(this.maxpool2.forward(stem)))
    const after4a = this.inception4a.forward(this.maxpool3.forward(third))
    const after4d = this.inception4d.forward(this.inception4c.forward(this.inception4b.forward(after4a)))
    const fourth = this.maxpool4.forward(this.inception4e.forward(after4d))
    const fifth = this.inception5b.forward(this.inception5a.forward(fourth))
    const logits = this.fc.forward(this.dropout.forward(fifth.mean([2, 3])))
    return { after4a, after4d, logits }
  }

  override forward(x: Tensor): Tensor {
    return this.#scores(x).logits
  }

  /** All three scores. Throws ArgumentError when the network was built without auxiliary classifiers. */
  forwardWithAuxiliary(x: Tensor): GoogLeNetOutputs {
    if (!this.aux1 || !this.aux2) {
      throw new ArgumentError('this GoogLeNet has no auxiliary classifiers; build it with auxLogits: true.')
    }
    const { after4a, after4d, logits } = this.#scores(x)
    return [logits, this.aux2.forward(after4d), this.aux1.forward(after4a)]
  }

  /** The same network with all three scores as its output, to be trained with `auxiliaryLoss`. */
  withAuxiliary(): nn.Module<[x: Tensor], GoogLeNetOutputs> {
    return new GoogLeNetWithAuxiliary(this)
  }
}

class GoogLeNetWithAuxiliary extends nn.Module<[x: Tensor], GoogLeNetOutputs> {
  network: GoogLeNet

  constructor(network: GoogLeNet) {
    super()
    this.network = network
  }

  override forward(x: Tensor): GoogLeNetOutputs {
    return this.network.forwardWithAuxiliary(x)
  }
}

const imagenetMean = [0.485, 0.456, 0.406]
const imagenetStd = [0.229, 0.224, 0.225]

/** (x · std + mean − 0.5) / 0.5 for each colour. */
function toUnitRange(x: Tensor): Tensor {
  if (x.shape[1] !== 3) throw new ArgumentError(`transformInput needs pictures of 3 colours, given ${x.shape[1]}.`)
  const colours = imagenetMean.map((mean, channel) =>
    x
      .slice(1, channel, channel + 1)
      .mul((imagenetStd[channel] ?? 1) / 0.5)
      .add((mean - 0.5) / 0.5),
  )
  return concat(colours, 1)
}

/**
 * GoogLeNet, see the class: without auxiliary classifiers unless `auxLogits` is true.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.googlenet({ classes: 10 }).eval().forward(zeros([1, 3, 96, 96])).shape) // [1, 10]
 */
export function googlenet(options: GoogLeNetOptions = {}): GoogLeNet {
  return new GoogLeNet(options)
}

/**
 * Cross-entropy of the last scores plus 0.3 of that of each auxiliary classifier, the weights of the paper:
 * outputs of `withAuxiliary()`, labels `[batch]`.
 *
 * @throws ShapeError, DTypeError or ArgumentError for labels that do not fit the scores.
 * @example
 * import { models, tensor } from 'cognitron'
 * const scores = tensor([[0, 0]])
 * const value = models.auxiliaryLoss([scores, scores, scores], tensor([1], { dtype: 'int32' }))
 * console.log(await value.item()) // 1.6 · ln 2
 */
export function auxiliaryLoss(outputs: GoogLeNetOutputs, target: Tensor): Tensor {
  const [logits, aux2, aux1] = outputs
  const auxiliary = crossEntropy(aux1, target).add(crossEntropy(aux2, target))
  return crossEntropy(logits, target).add(auxiliary.mul(0.3))
}
