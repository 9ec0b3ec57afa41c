/**
 * The residual networks of section 4.2 of the ResNet paper for the 32 × 32 pictures of CIFAR-10: three stages of 16, 32 and 64
 * channels and shortcuts without parameters (option A). Keys are those of the widely used weights of
 * github.com/akamaster/pytorch_resnet_cifar10: `conv1`, `bn1`, `layer1.0.conv1`, …, `linear`.
 */
import { ArgumentError } from '../base/errors.ts'
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type CifarOptions, initConvolutions } from './classifier-options.ts'

export interface CifarResNetOptions extends CifarOptions {
  /** Layers with weights, 6 n + 2: 20, 32, 44, 56, 110. Default 20. */
  readonly depth?: number
}

/** The input at every second pixel, with channels of zeros before and after: no parameters. */
function padShortcut(x: Tensor, planes: number, stride: number): Tensor {
  const channels = x.shape[1] ?? 0
  if (stride === 1 && channels === planes) return x
  const border = (planes - channels) / 2
  const small = stride === 1 ? x : x.slice(2, 0, undefined, stride).slice(3, 0, undefined, stride)
  return small.pad([
    [0, 0],
    [Math.floor(border), Math.ceil(border)],
    [0, 0],
    [0, 0],
  ])
}

/** Two 3 × 3 convolutions and a shortcut of option A: `[batch, inPlanes, h, w] → [batch, planes, h / stride, w / stride]`. */
class PaddedBlock extends nn.Module {
  conv1: nn.Conv2d
  bn1: nn.BatchNorm2d
  conv2: nn.Conv2d
  bn2: nn.BatchNorm2d
  readonly stride: number
  readonly planes: number

  constructor(inPlanes: number, planes: number, stride: number) {
    super()
    this.conv1 = new nn.Conv2d(inPlanes, planes, 3, { stride, padding: 1, bias: false })
    this.bn1 = new nn.BatchNorm2d(planes)
    this.conv2 = new nn.Conv2d(planes, planes, 3, { padding: 1, bias: false })
    this.bn2 = new nn.BatchNorm2d(planes)
    this.stride = stride
    this.planes = planes
  }

  override forward(x: Tensor): Tensor {
    const first = this.bn1.forward(this.conv1.forward(x)).relu()
    const residual = this.bn2.forward(this.conv2.forward(first))
    return residual.add(padShortcut(x, this.planes, this.stride)).relu()
  }
}

/**
 * A 3 × 3 convolution, three stages of (depth − 2) / 6 blocks each, global average pooling and a linear layer:
 * `[batch, inChannels, 32, 32] → [batch, classes]`. Convolutions and the linear layer start normal by He's rule with the fan-in.
 *
 * Source: He et al., "Deep residual learning for image recognition" (2015), section 4.2.
 *
 * @throws ArgumentError for a depth that is not 6 n + 2.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.CifarResNet({ depth: 20 }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export class CifarResNet extends nn.Module {
  conv1: nn.Conv2d
  bn1: nn.BatchNorm2d
  layer1: nn.Sequential
  layer2: nn.Sequential
  layer3: nn.Sequential
  linear: nn.Linear

  constructor({ depth = 20, classes = 10, inChannels = 3 }: CifarResNetOptions = {}) {
    super()
    const count = (depth - 2) / 6
    if (!Number.isInteger(count) || count < 1) {
      throw new ArgumentError(`a CIFAR ResNet has 6 n + 2 layers (8, 14, 20, 26, 32, …), given ${depth}.`)
    }
    const stage = (inPlanes: number, planes: number): nn.Sequential =>
      new nn.Sequential(
        ...Array.from({ length: count }, (_, index) =>
          index === 0
            ? new PaddedBlock(inPlanes, planes, planes === inPlanes ? 1 : 2)
            : new PaddedBlock(planes, planes, 1),
        ),
      )
    this.conv1 = new nn.Conv2d(inChannels, 16, 3, { padding: 1, bias: false })
    this.bn1 = new nn.BatchNorm2d(16)
    this.layer1 = stage(16, 16)
    this.layer2 = stage(16, 32)
    this.layer3 = stage(32, 64)
    this.linear = new nn.Linear(64, classes)
    initConvolutions(this, 'fanIn')
    nn.init.kaimingNormal(this.linear.weight)
  }

  override forward(x: Tensor): Tensor {
    const stem = this.bn1.forward(this.conv1.forward(x)).relu()
    const last = this.layer3.forward(this.layer2.forward(this.layer1.forward(stem)))
    return this.linear.forward(last.mean([2, 3]))
  }
}

/**
 * ResNet-20 for CIFAR-10: 269,722 parameters; see `CifarResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.cifarResnet20().eval().forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export function cifarResnet20(options: CifarOptions = {}): CifarResNet {
  return new CifarResNet({ ...options, depth: 20 })
}

/**
 * ResNet-32 for CIFAR-10: 464,154 parameters; see `CifarResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.cifarResnet32({ classes: 100 }).eval().forward(zeros([1, 3, 32, 32])).shape) // [1, 100]
 */
export function cifarResnet32(options: CifarOptions = {}): CifarResNet {
  return new CifarResNet({ ...options, depth: 32 })
}

/**
 * ResNet-44 for CIFAR-10: 658,586 parameters; see `CifarResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.cifarResnet44().eval().forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export function cifarResnet44(options: CifarOptions = {}): CifarResNet {
  return new CifarResNet({ ...options, depth: 44 })
}

/**
 * ResNet-56 for CIFAR-10: 853,018 parameters; see `CifarResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.cifarResnet56().eval().forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export function cifarResnet56(options: CifarOptions = {}): CifarResNet {
  return new CifarResNet({ ...options, depth: 56 })
}

/**
 * ResNet-110 for CIFAR-10: 1,727,962 parameters; see `CifarResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.cifarResnet110().eval().forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export function cifarResnet110(options: CifarOptions = {}): CifarResNet {
  return new CifarResNet({ ...options, depth: 110 })
}
