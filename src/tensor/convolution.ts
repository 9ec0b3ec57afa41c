/**
 * Convolutions over one, two or three spatial axes and their transposes, as functions of an input and a weight.
 * All of them are one `conv` (or `convInputGrad`) primitive and a bias; padding other than zeros is `padding.ts`.
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016); defaults and layouts are PyTorch's.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import type { ConvAttributes } from '../ir/node.ts'
import { formatShape, windowOutputSize } from '../shape/shape.ts'
import { checkExact, checkSpatialRank, formatSizes, imageShape, type PerAxis, perAxis } from './per-axis.ts'
import { Tensor } from './tensor.ts'

export interface ConvOptions {
  /** One number per output channel. */
  readonly bias?: Tensor | null
  /** Distance between neighbouring positions of the kernel. Default 1. */
  readonly stride?: PerAxis
  /**
   * Zeros added on both sides of every axis. Default 0, which is 'valid'; 'same' keeps the size and needs stride 1.
   */
  readonly padding?: PerAxis | 'same' | 'valid'
  /** Distance between the taps of the kernel. Default 1. */
  readonly dilation?: PerAxis
  /** Independent towers: input and output channels are divided among them. Default 1. */
  readonly groups?: number
  /** Refuse an input of which no window sees the last elements, because stride does not divide W − F + 2P. Default false. */
  readonly exact?: boolean
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding' | 'exact'> {
  /** What the convolution that this transposes had as padding: it takes elements off the result. Default 0. */
  readonly padding?: PerAxis
  /** Elements added at the end of every axis of the result. Default 0; below the stride or the dilation. */
  readonly outputPadding?: PerAxis
}

/**
 * Padding [before, after] of every axis. 'same' splits dilation · (kernel − 1), the odd one at the end.
 * Throws ArgumentError for 'same' with a stride.
 */
export function resolvePadding(
  padding: PerAxis | 'same' | 'valid',
  kernel: readonly number[],
  { stride, dilation }: { stride: readonly number[]; dilation: readonly number[] },
): (readonly [number, number])[] {
  if (padding === 'valid') return kernel.map(() => [0, 0] as const)
  if (padding !== 'same') return perAxis(padding, kernel.length, 'padding').map((each) => [each, each] as const)
  if (stride.some((step) => step !== 1)) {
    throw new ArgumentError(
      `padding 'same' keeps the size, which a stride of ${formatSizes(stride)} cannot; use stride 1 or give the padding as numbers.`,
    )
  }
  return kernel.map((size, axis) => {
    const total = at(dilation, axis) * (size - 1)
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const
  })
}

/** Throws ArgumentError unless `groups` divides both numbers of channels. */
export function checkGroups(what: string, groups: number, counts: { input: number; output: number }): void {
  if (Number.isInteger(groups) && groups >= 1 && counts.input % groups === 0 && counts.output % groups === 0) return
  throw new ArgumentError(
    `${what} with groups ${groups} needs numbers of channels that ${groups} divides, given ${counts.input} input and ` +
      `${counts.output} output channels.`,
  )
}

function checkKernelFits(
  what: string,
  x: Tensor,
  { kernel, attributes, exact }: { kernel: readonly number[]; attributes: ConvAttributes; exact: boolean },
): void {
  const sizes = x.shape.slice(2)
  const windows = sizes.map((_, axis) => ({
    kernel: at(kernel, axis),
    stride: at(attributes.stride, axis),
    padding: at(attributes.padding, axis),
    dilation: at(attributes.dilation, axis),
  }))
  if (sizes.every((size, axis) => windowOutputSize(size, at(windows, axis)) >= 1)) {
    if (exact) checkExact(what, sizes, windows)
    return
  }
  const reach = kernel.map((size, axis) => at(attributes.dilation, axis) * (size - 1) + 1)
  const padded = sizes.map((size, axis) => size + at(attributes.padding, axis)[0] + at(attributes.padding, axis)[1])
  throw new ShapeError(
    `${what}: the kernel reaches over ${formatSizes(reach)} elements, more than the padded input of ${formatSizes(padded)} ` +
      `(input ${formatShape(x.shape)}); use a smaller kernel, more padding or a larger input.`,
  )
}

function checkBias(what: string, bias: Tensor | null | undefined, channels: number): void {
  if (!bias || (bias.rank === 1 && bias.size === channels)) return
  throw new ShapeError(
    `${what} needs a bias of shape [${channels}], one number per output channel, given ${formatShape(bias.shape)}.`,
  )
}

function checkWeightRank(what: string, weight: Tensor, rank: number, layout: string): void {
  if (weight.rank === rank + 2) return
  throw new ShapeError(
    `${what} takes a weight ${layout} with ${rank} kernel size(s), given shape ${formatShape(weight.shape)}.`,
  )
}

function attributesOf(options: ConvOptions, kernel: readonly number[]): ConvAttributes {
  const rank = kernel.length
  const stride = perAxis(options.stride ?? 1, rank, 'stride', 1)
  const dilation = perAxis(options.dilation ?? 1, rank, 'dilation', 1)
  const padding = resolvePadding(options.padding ?? 0, kernel, { stride, dilation })
  return { stride, dilation, padding, groups: options.groups ?? 1 }
}

/** Runs `apply` on a batch, made of one when `x` has no batch axis, and adds the bias. */
function batched(x: Tensor, rank: number, bias: Tensor | null | undefined, apply: (x: Tensor) => Tensor): Tensor {
  const single = x.rank === rank + 1
  const result = apply((single ? x.unsqueeze(0) : x).to('float32'))
  const biased = bias ? result.add(bias.reshape(1, -1, ...Array<number>(rank).fill(1))) : result
  return single ? biased.squeeze(0) : biased
}

function convolve(x: Tensor, weight: Tensor, rank: number, options: ConvOptions): Tensor {
  const what = `conv${rank}d`
  checkSpatialRank(x, rank, what)
  checkWeightRank(what, weight, rank, '[out, in / groups, ...kernel]')
  const groups = options.groups ?? 1
  const channels = at(x.shape, x.rank - rank - 1)
  const [outChannels, perGroup] = [at(weight.shape, 0), at(weight.shape, 1)]
  checkGroups(what, groups, { input: perGroup * groups, output: outChannels })
  if (channels !== perGroup * groups) {
    const grouped = groups === 1 ? '' : ` in ${groups} groups`
    throw new ShapeError(
      `${what} with weight ${formatShape(weight.shape)}${grouped} expects ${perGroup * groups} input channels, ` +
        `${imageShape(rank, perGroup * groups)}, given shape ${formatShape(x.shape)} with ${channels}.`,
    )
  }
  checkBias(what, options.bias, outChannels)
  const kernel = weight.shape.slice(2)
  const attributes = attributesOf(options, kernel)
  return batched(x, rank, options.bias, (batch) => {
    checkKernelFits(what, batch, { kernel, attributes, exact: options.exact ?? false })
    return new Tensor(makeNode('conv', [batch.node, weight.node], attributes))
  })
}

/**
 * out[n, o, i] = bias[o] + Σ_{c, k} weight[o, c, k] · x[n, c, i · stride − padding + k · dilation]:
 * `[batch, in, length] → [batch, out, ⌊(length + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1]`; weight
 * `[out, in / groups, kernel]`. Like all libraries of its kind it correlates: the kernel is not flipped.
 * Throws ShapeError when channels or sizes do not fit, ArgumentError when `groups` does not divide the channels.
 *
 * @example
 * import { conv1d, tensor } from 'cognitron'
 * const difference = conv1d(tensor([[[1, 4, 9, 16]]]), tensor([[[-1, 1]]]))
 * console.log(await difference.toArray()) // [[[3, 5, 7]]]
 */
export function conv1d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  return convolve(x, weight, 1, options)
}

/**
 * As `conv1d` over two axes: `[batch, in, height, width] → [batch, out, …, …]`; weight `[out, in / groups, kernel, kernel]`.
 *
 * @example
 * import { conv2d, ones } from 'cognitron'
 * const y = conv2d(ones([1, 3, 8, 8]), ones([4, 3, 3, 3]), { padding: 'same' })
 * console.log(y.shape) // [1, 4, 8, 8]
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  return convolve(x, weight, 2, options)
}

/**
 * As `conv1d` over three axes: `[batch, in, depth, height, width] → [batch, out, …, …, …]`.
 *
 * @example
 * import { conv3d, zeros } from 'cognitron'
 * console.log(conv3d(zeros([1, 2, 8, 8, 8]), zeros([4, 2, 3, 3, 3]), { padding: 1 }).shape) // [1, 4, 8, 8, 8]
 */
export function conv3d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  return convolve(x, weight, 3, options)
}

function transposedSizes(
  x: Tensor,
  kernel: readonly number[],
  attributes: ConvAttributes,
  outputPadding: readonly number[],
): number[] {
  return kernel.map((size, axis) => {
    const [before, after] = at(attributes.padding, axis)
    const span = (at(x.shape, axis + 2) - 1) * at(attributes.stride, axis)
    return span - before - after + at(attributes.dilation, axis) * (size - 1) + 1 + at(outputPadding, axis)
  })
}

function checkOutputPadding(what: string, outputPadding: readonly number[], attributes: ConvAttributes): void {
  const fits = outputPadding.every(
    (extra, axis) => extra < Math.max(at(attributes.stride, axis), at(attributes.dilation, axis)),
  )
  if (fits) return
  throw new ArgumentError(
    `${what}: outputPadding must stay below the stride or the dilation, given ${formatSizes(outputPadding)} with stride ` +
      `${formatSizes(attributes.stride)} and dilation ${formatSizes(attributes.dilation)}.`,
  )
}

function transpose(x: Tensor, weight: Tensor, rank: number, options: ConvTransposeOptions): Tensor {
  const what = `convTranspose${rank}d`
  checkSpatialRank(x, rank, what)
  checkWeightRank(what, weight, rank, '[in, out / groups, ...kernel]')
  const groups = options.groups ?? 1
  const channels = at(x.shape, x.rank - rank - 1)
  const [inChannels, outChannels] = [at(weight.shape, 0), at(weight.shape, 1) * groups]
  checkGroups(what, groups, { input: inChannels, output: outChannels })
  if (channels !== inChannels) {
    throw new ShapeError(
      `${what} with weight ${formatShape(weight.shape)} expects ${inChannels} input channels, ${imageShape(rank, inChannels)}, ` +
        `given shape ${formatShape(x.shape)} with ${channels}.`,
    )
  }
  checkBias(what, options.bias, outChannels)
  const kernel = weight.shape.slice(2)
  const attributes = attributesOf(options, kernel)
  const outputPadding = perAxis(options.outputPadding ?? 0, rank, 'outputPadding')
  checkOutputPadding(what, outputPadding, attributes)
  return batched(x, rank, options.bias, (batch) => {
    const inputSize = transposedSizes(batch, kernel, attributes, outputPadding)
    if (inputSize.some((size) => size < 1)) {
      throw new ShapeError(
        `${what} of an input ${formatShape(x.shape)} would have size ${formatSizes(inputSize)}; use less padding.`,
      )
    }
    return new Tensor(makeNode('convInputGrad', [batch.node, weight.node], { ...attributes, inputSize }))
  })
}

/**
 * Transposed ("fractionally strided") convolution, the adjoint of `conv1d` in its input: every element of x stamps the kernel into
 * the result. `[batch, in, length] → [batch, out, (length − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1]`;
 * weight `[in, out / groups, kernel]`. Throws ShapeError and ArgumentError as `conv1d`.
 *
 * @example
 * import { convTranspose1d, tensor } from 'cognitron'
 * const y = convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 1, 1]]]), { stride: 2 })
 * console.log(await y.toArray()) // [[[1, 1, 3, 2, 2]]]
 */
export function convTranspose1d(x: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return transpose(x, weight, 1, options)
}

/**
 * As `convTranspose1d` over two axes.
 *
 * @example
 * import { convTranspose2d, zeros } from 'cognitron'
 * console.log(convTranspose2d(zeros([1, 4, 7, 7]), zeros([4, 2, 2, 2]), { stride: 2 }).shape) // [1, 2, 14, 14]
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return transpose(x, weight, 2, options)
}

/**
 * As `convTranspose1d` over three axes.
 *
 * @example
 * import { convTranspose3d, zeros } from 'cognitron'
 * console.log(convTranspose3d(zeros([1, 4, 3, 3, 3]), zeros([4, 2, 2, 2, 2]), { stride: 2 }).shape) // [1, 2, 6, 6, 6]
 */
export function convTranspose3d(x: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return transpose(x, weight, 3, options)
}
