/** Layers that resize or rearrange space. The arithmetic is `tensor/interpolation.ts`. */
import type { Tensor } from '../tensor/index.ts'
import { type InterpolateOptions, interpolate, pixelShuffle, pixelUnshuffle } from '../tensor/interpolation.ts'
import { Module } from './module.ts'

/**
 * Resizes `[batch, channels, ...spatial]` to `size` or by `scaleFactor`; see `interpolate`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const layer = new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })
 * console.log(layer.forward(zeros([1, 3, 7, 7])).shape) // [1, 3, 14, 14]
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions

  constructor(options: InterpolateOptions) {
    super()
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  override extraRepr(): string {
    return Object.entries(this.options)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join(', ')
  }
}

/**
 * Moves channels into space: `[batch, c · r², h, w] → [batch, c, h · r, w · r]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.PixelShuffle(2).forward(zeros([1, 12, 5, 5])).shape) // [1, 3, 10, 10]
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number

  constructor(upscaleFactor: number) {
    super()
    this.upscaleFactor = upscaleFactor
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }

  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`
  }
}

/**
 * Moves space into channels: `[batch, c, h · r, w · r] → [batch, c · r², h, w]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.PixelUnshuffle(2).forward(zeros([1, 3, 10, 10])).shape) // [1, 12, 5, 5]
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number

  constructor(downscaleFactor: number) {
    super()
    this.downscaleFactor = downscaleFactor
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }

  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`
  }
}
