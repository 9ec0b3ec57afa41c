/** MobileNetV2 with torchvision's keys and parameter counts. */
import * as nn from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type ClassifierOptions, initConvolutions, initLinears } from './classifier-options.ts'

export interface MobileNetV2Options extends ClassifierOptions {
  /** Multiplies the channels of all layers. Default 1. */
  readonly widthMultiplier?: number
  /** The probability of dropout before the last layer. Default 0.2. */
  readonly dropout?: number
}

/** Expansion t, channels c, repetitions n and first stride s, table 2 of the paper. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const

/** The nearest multiple of 8 that is not more than a tenth below. */
function toMultipleOf8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8)
  return rounded < 0.9 * channels ? rounded + 8 : rounded
}

/** Convolution without bias that keeps the size at stride 1, batch normalisation, ReLU6. */
function convNormActivation(
  inChannels: number,
  outChannels: number,
  { kernelSize = 3, stride = 1, groups = 1 } = {},
): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(inChannels, outChannels, kernelSize, { stride, padding: (kernelSize - 1) / 2, groups, bias: false }),
    new nn.BatchNorm2d(outChannels),
    new nn.ReLU6(),
  )
}

/** Widen by 1 × 1, filter each channel by 3 × 3, narrow by 1 × 1 without activation; added to the input where shapes allow. */
class InvertedResidual extends nn.Module {
  conv: nn.Sequential
  readonly useShortcut: boolean

  constructor(inChannels: number, outChannels: number, { stride, expansion }: { stride: number; expansion: number }) {
    super()
    const wide = Math.round(inChannels * expansion)
    this.useShortcut = stride === 1 && inChannels === outChannels
    this.conv = new nn.Sequential(
      ...(expansion === 1 ? [] : [convNormActivation(inChannels, wide, { kernelSize: 1 })]),
      convNormActivation(wide, wide, { stride, groups: wide }),
      new nn.Conv2d(wide, outChannels, 1, { bias: false }),
      new nn.BatchNorm2d(outChannels),
    )
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv.forward(x)
    return this.useShortcut ? x.add(y) : y
  }
}

/**
 * Inverted residual blocks with depthwise convolutions: `[batch, inChannels, height, width] → [batch, classes]`, 224 × 224 by design.
 * 3,504,872 parameters for 1000 classes. Weights start as torchvision's: convolutions normal by He's rule with the fan-out, the last
 * layer normal with deviation 0.01, biases 0.
 *
 * Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks" (2018).
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.mobilenetV2({ classes: 10 }).eval()
 * console.log(net.forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export class MobileNetV2 extends nn.Module {
  features: nn.Sequential
  classifier: nn.Sequential

  constructor(options: MobileNetV2Options = {}) {
    super()
    const { classes = 1000, inChannels = 3, widthMultiplier = 1, dropout = 0.2 } = options
    let channels = toMultipleOf8(32 * widthMultiplier)
    const layers: nn.Layer[] = [convNormActivation(inChannels, channels, { stride: 2 })]
    for (const [expansion, width, count, first] of stages) {
      const outChannels = toMultipleOf8(width * widthMultiplier)
      for (let index = 0; index < count; index++) {
        layers.push(new InvertedResidual(channels, outChannels, { stride: index === 0 ? first : 1, expansion }))
        channels = outChannels
      }
    }
    const last = toMultipleOf8(1280 * Math.max(1, widthMultiplier))
    layers.push(convNormActivation(channels, last, { kernelSize: 1 }))
    this.features = new nn.Sequential(...layers)
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), new nn.Linear(last, classes))
    initConvolutions(this)
    initLinears(this, 0.01)
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x).mean([2, 3]))
  }
}

/**
 * MobileNetV2, see the class.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.mobilenetV2({ classes: 10 }).eval().forward(zeros([1, 3, 64, 64])).shape) // [1, 10]
 */
export function mobilenetV2(options: MobileNetV2Options = {}): MobileNetV2 {
  return new MobileNetV2(options)
}
