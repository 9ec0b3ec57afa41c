/** The two kinds of residual block of ResNet, with torchvision's keys: y = relu(x' + F(x)), x' the input or its projection. */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'

export interface ResidualBlockOptions {
  /** Halves the picture when 2. */
  readonly stride: number
  /** Towers of the middle convolution. */
  readonly groups: number
  /** Channels of each tower when the block has 64. */
  readonly widthPerGroup: number
}

/** A block that can be made for given channels; `expansion` is how many times `planes` come out. */
export interface ResidualBlockClass {
  readonly expansion: number
  new (inPlanes: number, planes: number, options: ResidualBlockOptions): ResidualBlock
}

const convolution3 = (inPlanes: number, planes: number, { stride = 1, groups = 1 } = {}): nn.Conv2d =>
  new nn.Conv2d(inPlanes, planes, 3, { stride, padding: 1, groups, bias: false })

const convolution1 = (inPlanes: number, planes: number, stride = 1): nn.Conv2d =>
  new nn.Conv2d(inPlanes, planes, 1, { stride, bias: false })

/** The projection of the shortcut, where the block changes size or channels. */
function projection(inPlanes: number, outPlanes: number, stride: number): nn.Sequential | null {
  if (stride === 1 && inPlanes === outPlanes) return null
  return new nn.Sequential(convolution1(inPlanes, outPlanes, stride), new nn.BatchNorm2d(outPlanes))
}

/** What the two blocks share. */
export abstract class ResidualBlock extends nn.Module {
  abstract downsample: nn.Sequential | null

  /** The residual F(x), before it is added. */
  protected abstract residual(x: Tensor): Tensor

  /** The normalisation that ends the residual; 0 there makes the block start as the identity. */
  abstract get lastNorm(): nn.BatchNorm2d

  override forward(x: Tensor): Tensor {
    const shortcut = this.downsample ? this.downsample.forward(x) : x
    return this.residual(x).add(shortcut).relu()
  }
}

/** Two 3 × 3 convolutions: `[batch, inPlanes, h, w] → [batch, planes, h / stride, w / stride]`. */
export class BasicBlock extends ResidualBlock {
  static readonly expansion = 1
  conv1: nn.Conv2d
  bn1: nn.BatchNorm2d
  conv2: nn.Conv2d
  bn2: nn.BatchNorm2d
  downsample: nn.Sequential | null

  constructor(inPlanes: number, planes: number, { stride }: ResidualBlockOptions) {
    super()
    this.conv1 = convolution3(inPlanes, planes, { stride })
    this.bn1 = new nn.BatchNorm2d(planes)
    this.conv2 = convolution3(planes, planes)
    this.bn2 = new nn.BatchNorm2d(planes)
    this.downsample = projection(inPlanes, planes, stride)
  }

  get lastNorm(): nn.BatchNorm2d {
    return this.bn2
  }

  protected override residual(x: Tensor): Tensor {
    const first = this.bn1.forward(this.conv1.forward(x)).relu()
    return this.bn2.forward(this.conv2.forward(first))
  }
}

/**
 * A 1 × 1 convolution that narrows, a 3 × 3 one (which has the stride) and a 1 × 1 one that widens fourfold:
 * `[batch, inPlanes, h, w] → [batch, 4 · planes, h / stride, w / stride]`.
 */
export class Bottleneck extends ResidualBlock {
  static readonly expansion = 4
  conv1: nn.Conv2d
  bn1: nn.BatchNorm2d
  conv2: nn.Conv2d
  bn2: nn.BatchNorm2d
  conv3: nn.Conv2d
  bn3: nn.BatchNorm2d
  downsample: nn.Sequential | null

  constructor(inPlanes: number, planes: number, { stride, groups, widthPerGroup }: ResidualBlockOptions) {
    super()
    const width = Math.floor(planes * (widthPerGroup / 64)) * groups
    const outPlanes = planes * Bottleneck.expansion
    this.conv1 = convolution1(inPlanes, width)
    this.bn1 = new nn.BatchNorm2d(width)
    this.conv2 = convolution3(width, width, { stride, groups })
    this.bn2 = new nn.BatchNorm2d(width)
    this.conv3 = convolution1(width, outPlanes)
    this.bn3 = new nn.BatchNorm2d(outPlanes)
    this.downsample = projection(inPlanes, outPlanes, stride)
  }

  get lastNorm(): nn.BatchNorm2d {
    return this.bn3
  }

  protected override residual(x: Tensor): Tensor {
    const narrow = this.bn1.forward(this.conv1.forward(x)).relu()
    const middle = this.bn2.forward(this.conv2.forward(narrow)).relu()
    return this.bn3.forward(this.conv3.forward(middle))
  }
}
