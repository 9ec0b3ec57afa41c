/** Convolution layers over one, two and three spatial axes. The arithmetic is `tensor/convolution.ts`; defaults are PyTorch's. */
import { at, product } from '../base/arrays.ts'
import { formatShape } from '../shape/shape.ts'
import { type ConvOptions, checkGroups, conv1d, conv2d, conv3d, resolvePadding } from '../tensor/convolution.ts'
import type { Parameter, Tensor } from '../tensor/index.ts'
import { type PaddingMode, pad } from '../tensor/padding.ts'
import { type PerAxis, perAxis } from '../tensor/per-axis.ts'
import { defaultParameter } from './fan.ts'
import { checkCounts } from './linear.ts'
import { Module } from './module.ts'

export interface ConvLayerOptions {
  /** Distance between neighbouring positions of the kernel. Default 1. */
  readonly stride?: PerAxis
  /** Elements added on both sides of every axis; 'same' keeps the size, 'valid' adds none. Default 0. */
  readonly padding?: PerAxis | 'same' | 'valid'
  /** What is added. Default 'zeros'. */
  readonly paddingMode?: 'zeros' | Exclude<PaddingMode, 'constant'>
  /** Distance between the taps of the kernel. Default 1. */
  readonly dilation?: PerAxis
  /** Independent towers that share the channels. Default 1. */
  readonly groups?: number
  /** Refuse an input of which no window sees the last elements, because stride does not divide W − F + 2P. Default false. */
  readonly exact?: boolean
  /** Default true. */
  readonly bias?: boolean
}

const convolutions = [conv1d, conv2d, conv3d] as const

/** What the three convolution layers share. */
abstract class Convolution extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[] | 'same' | 'valid'
  readonly paddingMode: NonNullable<ConvLayerOptions['paddingMode']>
  readonly dilation: readonly number[]
  readonly groups: number
  readonly exact: boolean
  /** `[outChannels, inChannels / groups, ...kernelSize]` */
  weight: Parameter
  /** `[outChannels]` */
  bias: Parameter | null

  constructor(
    channels: readonly [input: number, output: number],
    kernelSize: PerAxis,
    rank: number,
    options: ConvLayerOptions,
  ) {
    super()
    const [inChannels, outChannels] = channels
    const { padding = 0, paddingMode = 'zeros', groups = 1, bias = true } = options
    checkCounts(this.constructor.name, { inChannels, outChannels, groups })
    checkGroups(this.constructor.name, groups, { input: inChannels, output: outChannels })
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = perAxis(kernelSize, rank, 'kernelSize', 1)
    this.stride = perAxis(options.stride ?? 1, rank, 'stride', 1)
    this.dilation = perAxis(options.dilation ?? 1, rank, 'dilation', 1)
    this.padding = typeof padding === 'string' ? padding : perAxis(padding, rank, 'padding')
    this.paddingMode = paddingMode
    this.groups = groups
    this.exact = options.exact ?? false
    const fan = (inChannels / groups) * product(this.kernelSize)
    this.weight = defaultParameter([outChannels, inChannels / groups, ...this.kernelSize], fan)
    this.bias = bias ? defaultParameter([outChannels], fan) : null
  }

  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, dilation, groups, exact, bias, paddingMode, weight } = this
    const convolve = at(convolutions, kernelSize.length - 1)
    const options: ConvOptions = { stride, dilation, groups, exact, bias }
    if (paddingMode === 'zeros') return convolve(x, weight, { ...options, padding: this.padding })
    const sides = resolvePadding(this.padding, kernelSize, { stride, dilation })
    return convolve(pad(x, sides.toReversed().flat(), { mode: paddingMode }), weight, options)
  }

  override get label(): string {
    return `${this.constructor.name} ${this.inChannels} → ${this.outChannels}`
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode } = this
    const parts = [
      `${inChannels}, ${outChannels}`,
      `kernelSize=${formatShape(kernelSize)}`,
      `stride=${formatShape(stride)}`,
    ]
    if (typeof padding === 'string') parts.push(`padding=${padding}`)
    else if (padding.some((each) => each !== 0)) parts.push(`padding=${formatShape(padding)}`)
    if (dilation.some((each) => each !== 1)) parts.push(`dilation=${formatShape(dilation)}`)
    if (groups !== 1) parts.push(`groups=${groups}`)
    if (!bias) parts.push('bias=false')
    if (paddingMode !== 'zeros') parts.push(`paddingMode=${paddingMode}`)
    return parts.join(', ')
  }
}

/**
 * Convolution over `[batch, inChannels, length] → [batch, outChannels, …]`; see `conv1d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Conv1d(4, 8, 5, { padding: 'same' }).forward(zeros([2, 4, 20])).shape) // [2, 8, 20]
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 1, options)
  }
}

/**
 * Convolution over `[batch, inChannels, height, width] → [batch, outChannels, …, …]`; see `conv2d`. Throws ShapeError when channels
 * or sizes do not fit.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const layer = new nn.Conv2d(3, 16, 3, { padding: 1, stride: 2 })
 * console.log(layer.forward(zeros([8, 3, 32, 32])).shape) // [8, 16, 16, 16]
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 2, options)
  }
}

/**
 * Convolution over `[batch, inChannels, depth, height, width] → [batch, outChannels, …, …, …]`; see `conv3d`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Conv3d(1, 8, 3).forward(zeros([2, 1, 8, 16, 16])).shape) // [2, 8, 6, 14, 14]
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super([inChannels, outChannels], kernelSize, 3, options)
  }
}
