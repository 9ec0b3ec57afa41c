/**
 * ResNet and its relatives for ImageNet, ResNeXt and Wide ResNet, with torchvision's keys and parameter counts, and ResNet-18 with
 * the stem for small pictures. The networks of the paper for CIFAR-10 are in `cifar-resnet.ts`.
 */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type ClassifierOptions, initConvolutions } from './classifier-options.ts'
import { BasicBlock, Bottleneck, type ResidualBlockClass } from './residual-blocks.ts'

/** Options of the builders that fix the depth. */
export interface ResNetBuilderOptions extends ClassifierOptions {
  /**
   * 'imagenet': a 7 × 7 convolution of stride 2 and 3 × 3 max pooling of stride 2. 'cifar': a 3 × 3 convolution of stride 1, which
   * keeps pictures of 32 × 32 at full size. Default 'imagenet'.
   */
  readonly stem?: 'imagenet' | 'cifar'
  /** Let every block start as the identity (Goyal et al. 2017). Default false. */
  readonly zeroInitResidual?: boolean
}

export interface ResNetOptions extends ResNetBuilderOptions {
  /** Two convolutions of 3 × 3 or a bottleneck of three. Default 'basic'. */
  readonly block?: 'basic' | 'bottleneck'
  /** Blocks of the four stages. Default [2, 2, 2, 2]. */
  readonly layers?: readonly [number, number, number, number]
  /** Towers of the middle convolution of bottlenecks. Default 1. */
  readonly groups?: number
  /** Channels of each tower in the first stage. Default 64. */
  readonly widthPerGroup?: number
}

const blocks: Readonly<Record<'basic' | 'bottleneck', ResidualBlockClass>> = {
  basic: BasicBlock,
  bottleneck: Bottleneck,
}

/**
 * A stem, four stages of residual blocks with 64, 128, 256 and 512 planes, global average pooling and a linear layer:
 * `[batch, inChannels, height, width] → [batch, classes]`, 224 × 224 by design. Weights start as torchvision's: convolutions normal
 * by He's rule with the fan-out, normalisations 1 and 0, the last layer as PyTorch's `Linear`.
 *
 * Sources: He et al., "Deep residual learning for image recognition" (2015); Xie et al., "Aggregated residual transformations for
 * deep neural networks" (2016); Zagoruyko and Komodakis, "Wide residual networks" (2016).
 *
 * @throws ShapeError for pictures that are too small.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.ResNet({ layers: [1, 1, 1, 1], classes: 10, stem: 'cifar' }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 32])).shape) // [1, 10]
 */
export class ResNet extends nn.Module {
  conv1: nn.Conv2d
  bn1: nn.BatchNorm2d
  maxpool: nn.Layer
  layer1: nn.Sequential
  layer2: nn.Sequential
  layer3: nn.Sequential
  layer4: nn.Sequential
  fc: nn.Linear

  constructor(options: ResNetOptions = {}) {
    super()
    const { classes = 1000, inChannels = 3, stem = 'imagenet', zeroInitResidual = false } = options
    const { block = 'basic', layers = [2, 2, 2, 2], groups = 1, widthPerGroup = 64 } = options
    const kind = blocks[block]
    const small = stem === 'cifar'
    const convolution = small ? { kernel: 3, stride: 1, padding: 1 } : { kernel: 7, stride: 2, padding: 3 }
    const { kernel, ...steps } = convolution
    this.conv1 = new nn.Conv2d(inChannels, 64, kernel, { ...steps, bias: false })
    this.bn1 = new nn.BatchNorm2d(64)
    this.maxpool = small ? new nn.Identity() : new nn.MaxPool2d(3, { stride: 2, padding: 1 })
    let inPlanes = 64
    const stage = (planes: number, count: number, stride: number): nn.Sequential =>
      new nn.Sequential(
        ...Array.from({ length: count }, (_, index) => {
          const made = new kind(inPlanes, planes, { stride: index === 0 ? stride : 1, groups, widthPerGroup })
          inPlanes = planes * kind.expansion
          return made
        }),
      )
    this.layer1 = stage(64, layers[0], 1)
    this.layer2 = stage(128, layers[1], 2)
    this.layer3 = stage(256, layers[2], 2)
    this.layer4 = stage(512, layers[3], 2)
    this.fc = new nn.Linear(512 * kind.expansion, classes)
    initConvolutions(this)
    if (zeroInitResidual) this.#startAsIdentity()
  }

  #startAsIdentity(): void {
    for (const module of this.modules()) {
      const norm = module instanceof BasicBlock || module instanceof Bottleneck ? module.lastNorm : undefined
      if (norm?.weight) nn.init.zeros(norm.weight)
    }
  }

  /** The four stages' outputs, each half the size of the one before, for heads other than the classifier. */
  stages(x: Tensor): readonly [Tensor, Tensor, Tensor, Tensor] {
    const stem = this.maxpool.forward(this.bn1.forward(this.conv1.forward(x)).relu())
    const first = this.layer1.forward(stem)
    const second = this.layer2.forward(first)
    const third = this.layer3.forward(second)
    return [first, second, third, this.layer4.forward(third)]
  }

  override forward(x: Tensor): Tensor {
    const [, , , last] = this.stages(x)
    return this.fc.forward(last.mean([2, 3]))
  }
}

/**
 * ResNet-18: 11,689,512 parameters for 1000 classes; with `stem: 'cifar'` the common form for 32 × 32 pictures. See `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.resnet18({ classes: 10, stem: 'cifar' }).eval()
 * console.log(net.forward(zeros([2, 3, 32, 32])).shape) // [2, 10]
 */
export function resnet18(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, layers: [2, 2, 2, 2] })
}

/**
 * ResNet-34: 21,797,672 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.resnet34({ classes: 10 }).eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export function resnet34(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, layers: [3, 4, 6, 3] })
}

/**
 * ResNet-50, of bottlenecks: 25,557,032 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.resnet50().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function resnet50(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, block: 'bottleneck', layers: [3, 4, 6, 3] })
}

/**
 * ResNet-101: 44,549,160 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.resnet101().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function resnet101(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, block: 'bottleneck', layers: [3, 4, 23, 3] })
}

/**
 * ResNet-152: 60,192,808 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.resnet152().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function resnet152(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, block: 'bottleneck', layers: [3, 8, 36, 3] })
}

/**
 * ResNeXt-50 with 32 towers of 4 channels: 25,028,904 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.resnext50().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function resnext50(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, block: 'bottleneck', layers: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 })
}

/**
 * Wide ResNet-50-2, its middle convolutions twice as wide: 68,883,240 parameters for 1000 classes; see `ResNet`.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.wideResnet50().eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 1000]
 */
export function wideResnet50(options: ResNetBuilderOptions = {}): ResNet {
  return new ResNet({ ...options, block: 'bottleneck', layers: [3, 4, 6, 3], widthPerGroup: 128 })
}
