/**
 * Rewrites contractions, windows and scatters to the forms that have kernels: padding becomes a node of its own, so that forward
 * pass and weight gradient share one padded copy; the input gradient of a convolution becomes a convolution, and one of every
 * channel by itself a sum of products; bytes are added as int32.
 */
import { at, product, range } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import type { Graph, Node, NodeOf } from '../ir/node.ts'
import * as ops from '../ir/operations.ts'
import type { WindowAxis } from '../shape/shape.ts'
import { rewriteGraph } from './rewrite.ts'

type Pair = readonly [number, number]

/** The graph without padded convolutions and windows, and without input gradients. */
export function decompose(graph: Graph): Graph {
  return rewriteGraph(graph, (node) => {
    switch (node.op) {
      case 'conv':
        return depthwise(node) ?? explicitPadding(node)
      case 'convWeightGrad':
        return explicitPadding(node)
      case 'convInputGrad':
        return inputGradient(node)
      case 'maxPool':
      case 'maxPoolIndices':
      case 'sumPool':
      case 'windowGather':
        return paddedWindow(node)
      case 'windowScatter':
      case 'sumPoolGrad':
        return croppedWindow(node)
      case 'scatterAdd':
        return wideScatter(node)
      default:
        return undefined
    }
  })
}

const isZero = ([before, after]: Pair): boolean => before === 0 && after === 0
const none = (axes: number): Pair[] => range(axes).map(() => [0, 0] as const)

/** Pads or, where negative, crops the trailing axes. */
function padTrailing(x: Node, padding: readonly Pair[], value = 0): Node {
  return ops.pad(x, [...none(x.shape.length - padding.length), ...padding], value)
}

function explicitPadding(node: NodeOf<'conv'> | NodeOf<'convWeightGrad'>): Node | undefined {
  if (node.attributes.padding.every(isZero)) return undefined
  const [x, other] = node.inputs as readonly [Node, Node]
  const padded = padTrailing(x, node.attributes.padding)
  const padding = none(node.attributes.padding.length)
  return node.op === 'conv'
    ? makeNode('conv', [padded, other], { ...node.attributes, padding })
    : makeNode('convWeightGrad', [padded, other], { ...node.attributes, padding })
}

/** Windows of more taps are better read from a packed panel. */
const MAX_DEPTHWISE_TAPS = 25

/** A convolution of every channel by itself has few products for each result: a sum over its taps, element by element. */
function depthwise({ inputs, attributes, shape }: NodeOf<'conv'>): Node | undefined {
  const [x, weight] = inputs as readonly [Node, Node]
  const [outputs, perGroup, ...kernel] = weight.shape
  const { stride, padding, dilation, groups } = attributes
  if (groups === 1 || outputs !== groups || perGroup !== 1 || product(kernel) > MAX_DEPTHWISE_TAPS) return undefined
  const padded = padTrailing(x, padding)
  const taps = range(product(kernel)).map((tap) => {
    const place = kernel.map((size, axis) => Math.floor(tap / product(kernel.slice(axis + 1))) % size)
    const start = place.map((index, axis) => index * at(dilation, axis))
    const factor = ops.slice(weight, [0, 0, ...place], [groups, 1, ...kernel.map(() => 1)])
    const factors = ops.broadcastTo(ops.reshape(factor, [1, groups, ...kernel.map(() => 1)]), shape)
    return ops.mul(ops.slice(padded, [0, 0, ...start], shape, [1, 1, ...stride]), factors)
  })
  return taps.reduce((sum, tap) => ops.add(sum, tap))
}

/**
 * The gradient, spread by the stride and padded, convolved with the kernels turned around and transposed; a kernel of one tap is
 * applied before the spreading, which then has zeros to insert but none to multiply.
 */
function inputGradient(node: NodeOf<'convInputGrad'>): Node {
  const [gradient, weight] = node.inputs as readonly [Node, Node]
  const { stride, padding, dilation, groups, inputSize } = node.attributes
  const kernel = weight.shape.slice(2)
  const outer = inputSize.map((size, axis): Pair => {
    const before = at(dilation, axis) * (at(kernel, axis) - 1) - at(padding, axis)[0]
    const reach = size + at(padding, axis)[0] + before
    const spread = at(gradient.shape, axis + 2) * at(stride, axis)
    return [before, reach - before - spread]
  })
  const attributes = { stride: stride.map(() => 1), padding: none(stride.length), dilation, groups }
  const convolve = (x: Node): Node => makeNode('conv', [x, turnedKernels(weight, groups)], attributes)
  const spread = (x: Node): Node => padTrailing(ops.spread(x, [1, 1, ...stride]), outer)
  return kernel.every((taps) => taps === 1) ? spread(convolve(gradient)) : convolve(spread(gradient))
}

/** `[o, c / g, ...k]` → `[c, o / g, ...k]` with every kernel axis reversed. */
function turnedKernels(weight: Node, groups: number): Node {
  const [outputs = 0, channels = 0, ...kernel] = weight.shape
  const grouped = ops.reshape(weight, [groups, outputs / groups, channels, ...kernel])
  const axes = range(kernel.length).map((axis) => axis + 3)
  const swapped = ops.transpose(ops.flip(grouped, axes), [0, 2, 1, ...axes])
  return ops.reshape(swapped, [groups * channels, outputs / groups, ...kernel])
}

const unpadded = (window: readonly WindowAxis[]): WindowAxis[] =>
  window.map((axis) => ({ ...axis, padding: [0, 0] as const }))

function paddedWindow(
  node: NodeOf<'maxPool'> | NodeOf<'maxPoolIndices'> | NodeOf<'sumPool'> | NodeOf<'windowGather'>,
): Node | undefined {
  const { window } = node.attributes
  if (window.every((axis) => isZero(axis.padding))) return undefined
  const [x, ...rest] = node.inputs as readonly [Node, ...Node[]]
  const border = node.op === 'maxPool' || node.op === 'maxPoolIndices' ? Number.NEGATIVE_INFINITY : 0
  const padded = padTrailing(
    x,
    window.map((axis) => axis.padding),
    border,
  )
  return makeNode(node.op, [padded, ...rest], { window: unpadded(window) })
}

/** Scatters into the padded plane and keeps its inside. */
function croppedWindow(node: NodeOf<'windowScatter'> | NodeOf<'sumPoolGrad'>): Node | undefined {
  const { window, inputSize } = node.attributes
  if (window.every((axis) => isZero(axis.padding))) return undefined
  const whole = inputSize.map((size, axis) => size + at(window, axis).padding[0] + at(window, axis).padding[1])
  const scattered = makeNode(node.op, node.inputs, { window: unpadded(window), inputSize: whole })
  return padTrailing(
    scattered,
    window.map(({ padding: [before, after] }) => [-before, -after] as const),
  )
}

/** Bytes add up in int32: `uint8` wraps, `bool` is "or". */
function wideScatter(node: NodeOf<'scatterAdd'>): Node | undefined {
  if (node.dtype !== 'uint8' && node.dtype !== 'bool') return undefined
  const [updates, indices] = node.inputs as readonly [Node, Node]
  const sum = makeNode('scatterAdd', [ops.cast(updates, 'int32'), indices], node.attributes)
  return ops.cast(node.dtype === 'uint8' ? ops.and(sum, ops.scalarLike(sum, 255)) : sum, node.dtype)
}
