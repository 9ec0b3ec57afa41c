/** Transposed convolution layers, which enlarge. The arithmetic is `tensor/convolution.ts`; defaults are PyTorch's. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { convTranspose1d, convTranspose2d, convTranspose3d } from '../tensor/convolution.ts'
import type { Parameter, Tensor } from '../tensor/index.ts'
import { type PerAxis, perAxis } from '../tensor/per-axis.ts'
import { defaultParameter } from './fan.ts'
import { checkCounts } from './linear.ts'
import { Module } from './module.ts'

export interface ConvTransposeLayerOptions {
  /** How far apart the stamps of neighbouring elements stand. Default 1. */
  readonly stride?: PerAxis
  /** Elements taken off both ends of every axis. Default 0. */
  readonly padding?: PerAxis
  /** Elements added at the end of every axis. Default 0. */
  readonly outputPadding?: PerAxis
  readonly dilation?: PerAxis
  readonly groups?: number
  readonly bias?: boolean
}

const transposes = [convTranspose1d, convTranspose2d, convTranspose3d] as const

/** What the three transposed convolution layers share. */
abstract class TransposedConvolution extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly outputPadding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
  /** `[inChannels, outChannels / groups, ...kernelSize]` */
  weight: Parameter
  /** `[outChannels]` */
  bias: Parameter | null

  constructor(
    channels: readonly [input: number, output: number],
    kernelSize: PerAxis,
    rank: number,
    options: ConvTransposeLayerOptions,
  ) {
    super()
    const [inChannels, outChannels] = channels
    const { groups = 1, bias = true } = options
    checkCounts(this.constructor.name, { inChannels, outChannels, groups })
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `${this.constructor.name} with groups ${groups} needs numbers of channels that ${groups} divides, given ${inChannels} ` +
          `input and ${outChannels} output channels.`,
      )
    }
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = perAxis(kernelSize, rank, 'kernelSize', 1)
    this.stride = perAxis(options.stride ?? 1, rank, 'stride', 1)
    this.padding = perAxis(options.padding ?? 0, rank, 'padding')
    this.outputPadding = perAxis(options.outputPadding ?? 0, rank, 'outputPadding')
    this.dilation = perAxis(options.dilation ?? 1, rank, 'dilation', 1)
    this.groups = groups
    const fan = (outChannels / groups) * product(this.kernelSize)
    this.weight = defaultParameter([inChannels, outChannels / groups, ...this.kernelSize], fan)
    this.bias = bias ? defaultParameter([outChannels], fan) : null
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, dilation, groups } = this
    const transpose = at(transposes, this.kernelSize.length - 1)
    return transpose(x, weight, { bias, stride, padding, outputPadding, dilation, groups })
  }

  override get label(): string {
    return `${this.constructor.name} ${this.inChannels} → ${this.outChannels}`
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias } = this
    const parts = [
      `${inChannels}, ${outChannels}`,
      `kernelSize=${formatShape(kernelSize)}`,
      `stride=${formatShape(stride)}`,
    ]
    if (padding.some((each) => each !== 0)) parts.push(`padding=${formatShape(padding)}`)
    if (outputPadding.some((each) => each !== 0)) parts.push(`outputPadding=${formatShape(outputPadding)}`)
    if (dilation.some((each) => each !== 1)) parts.push(`dilation=${formatShape(dilation)}`)
    if (groups !== 1) parts.push(`groups=${groups}`)
    if (!bias) parts.push('bias=false')
    return parts.join(', ')
  }
}

/**
 * Transposed convolution over `[batch, inChannels, length]`; see `convTranspose1d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ConvTranspose1d(4, 8, 4, { stride: 2, padding: 1 }).forward(zeros([2, 4, 10])).shape) // [2, 8, 20]
 */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 1, options)
  }
}

/**
 * Transposed convolution over `[batch, inChannels, height, width]`; see `convTranspose2d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const layer = new nn.ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 })
 * console.log(layer.forward(zeros([1, 16, 7, 7])).shape) // [1, 8, 14, 14]
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 2, options)
  }
}

/**
 * Transposed convolution over `[batch, inChannels, depth, height, width]`; see `convTranspose3d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ConvTranspose3d(4, 8, 2, { stride: 2 }).forward(zeros([1, 4, 3, 5, 5])).shape) // [1, 8, 6, 10, 10]
 */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 3, options)
  }
}
