/**
 * U-Net: an encoder, a decoder, and at every size a bridge that hands the encoder's features over. Convolutions keep the size
 * (the paper's lose a border and crop), so that masks have the size of pictures.
 */
import { at, range } from '../../base/arrays.ts'
import { ShapeError } from '../../base/errors.ts'
import * as nn from '../../nn/index.ts'
import { formatShape } from '../../shape/shape.ts'
import { concat, type Tensor } from '../../tensor/index.ts'
import { initConvolutions } from '../classifier-options.ts'

export interface UNetOptions {
  /** What a pixel can be; 1 for a single score. Default 2. */
  readonly classes?: number
  /** Colours of the picture. Default 3. */
  readonly inChannels?: number
  /** Channels of the first stage, doubled by each halving of the picture. Default 64. */
  readonly width?: number
  /** How often the picture is halved. Default 4. */
  readonly depth?: number
  /** Normalise after each 3 × 3 convolution, which then has no bias. Default true. */
  readonly batchNorm?: boolean
}

function doubleConvolution(inChannels: number, outChannels: number, batchNorm: boolean): nn.Sequential {
  const layers = [inChannels, outChannels].flatMap((channels): nn.Layer[] => [
    new nn.Conv2d(channels, outChannels, 3, { padding: 1, bias: !batchNorm }),
    ...(batchNorm ? [new nn.BatchNorm2d(outChannels)] : []),
    new nn.ReLU(),
  ])
  return new nn.Sequential(...layers)
}

/**
 * `[batch, inChannels, height, width] → [batch, classes, height, width]` scores of every pixel, for `crossEntropy` with masks
 * `[batch, height, width]`. Sides are multiples of 2^depth. Convolutions start normal by He's rule.
 *
 * Source: Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation" (2015).
 *
 * @throws ShapeError for sides that cannot be halved `depth` times.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.UNet({ classes: 3, width: 8, depth: 2 }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 48])).shape) // [1, 3, 32, 48]
 */
export class UNet extends nn.Module {
  readonly depth: number
  encoder: nn.Sequential[]
  pool = new nn.MaxPool2d(2)
  bottom: nn.Sequential
  up: nn.ConvTranspose2d[]
  decoder: nn.Sequential[]
  head: nn.Conv2d

  constructor({ classes = 2, inChannels = 3, width = 64, depth = 4, batchNorm = true }: UNetOptions = {}) {
    super()
    const widths = range(depth + 1).map((level) => width * 2 ** level)
    this.depth = depth
    this.encoder = range(depth).map((level) =>
      doubleConvolution(level === 0 ? inChannels : at(widths, level - 1), at(widths, level), batchNorm),
    )
    this.bottom = doubleConvolution(depth === 0 ? inChannels : at(widths, depth - 1), at(widths, depth), batchNorm)
    const upwards = range(depth).toReversed()
    this.up = upwards.map((level) => new nn.ConvTranspose2d(at(widths, level + 1), at(widths, level), 2, { stride: 2 }))
    this.decoder = upwards.map((level) => doubleConvolution(at(widths, level + 1), at(widths, level), batchNorm))
    this.head = new nn.Conv2d(width, classes, 1)
    initConvolutions(this)
  }

  override forward(x: Tensor): Tensor {
    const cell = 2 ** this.depth
    const [, , height = 0, width = 0] = x.shape
    if (x.rank !== 4 || height % cell !== 0 || width % cell !== 0) {
      throw new ShapeError(
        `this UNet halves pictures ${this.depth} times, so their sides are multiples of ${cell}, given ${formatShape(x.shape)}; ` +
          'resize or pad them, or build it with a smaller depth.',
      )
    }
    const bridges: Tensor[] = []
    const bottom = this.encoder.reduce((value, stage) => {
      const features = stage.forward(value)
      bridges.push(features)
      return this.pool.forward(features)
    }, x)
    const top = this.decoder.reduce((value, stage, index) => {
      const larger = at(this.up, index).forward(value)
      return stage.forward(concat([bridges.pop() as Tensor, larger], 1))
    }, this.bottom.forward(bottom))
    return this.head.forward(top)
  }
}
