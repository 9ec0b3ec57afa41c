/**
 * The theoretical receptive field: which part of the input one element of a later value can depend on. An interval of positions for
 * each axis is carried backwards through the graph, without regard to the borders of the picture. What depends on the data (gather by
 * computed indices) counts as depending on everything. Source: Araujo, Norris, Sim, "Computing receptive fields of convolutional neural
 * networks" (Distill 2019), here from the graph instead of a list of layers.
 */
import { at, product, range } from '../base/arrays.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node, NodeOf, PrimitiveName } from '../ir/node.ts'
import { convWindow } from '../ir/primitives.ts'
import type { Shape, WindowAxis } from '../shape/shape.ts'

/** First and last position along an axis; everything is −∞ to ∞. */
type Interval = readonly [first: number, last: number]
type Box = readonly Interval[]

const everything: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
const first: Interval = [0, 0]

/** What each operand contributes to the elements of `box`; undefined for nothing. */
type Rule<P extends PrimitiveName> = (node: NodeOf<P>, box: Box) => readonly (Box | undefined)[]

/**
 * How many positions of each axis of `input` the middle position of `output` `[batch, channels, ...spatial]` depends on, all its
 * channels together; Infinity for all, 0 for none. Both are nodes of one graph, `input` below `output`.
 *
 * @example
 * import { explain, nn, zeros } from 'cognitron'
 * const x = zeros([1, 1, 16, 16])
 * const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.Conv2d(2, 2, 3))
 * console.log(explain.receptiveField(net.forward(x).node, x.node)) // [1, Infinity, 5, 5]
 */
export function receptiveField(output: Node, input: Node): number[] {
  const middle = output.shape.slice(2).map((size) => size >> 1)
  return receptiveBox(output, input, middle).map(([low, high]) => high - low + 1)
}

/**
 * First and last position of each axis of `input` on which the element of `output` `[batch, channels, ...spatial]` at `place` depends,
 * all its channels together; positions may lie outside the picture, in its padding. Nothing is first 1 to last 0.
 */
export function receptiveBox(output: Node, input: Node, place: readonly number[]): (readonly [number, number])[] {
  const isPicture = output.shape.length > 2
  const wanted: Box = output.shape.map((size, axis): Interval => {
    const position = place[axis - 2] ?? size >> 1
    return axis === 1 && isPicture ? everything : [position, position]
  })
  const boxes = new Map<Node, Box>([[output, wanted]])
  for (const node of topologicalOrder([output], (each) => each === input).reverse()) {
    const box = boxes.get(node)
    if (box === undefined) continue
    reach(node, box).forEach((part, index) => {
      const operand = node.inputs[index]
      if (part && operand) boxes.set(operand, hull(boxes.get(operand), part))
    })
  }
  const found = boxes.get(input)
  return input.shape.map((_, axis) => found?.[axis] ?? [1, 0])
}

function hull(a: Box | undefined, b: Box): Box {
  return b.map(([low, high], axis): Interval => {
    const [otherLow, otherHigh] = a?.[axis] ?? [low, high]
    return [Math.min(low, otherLow), Math.max(high, otherHigh)]
  })
}

function reach(node: Node, box: Box): readonly (Box | undefined)[] {
  const rule = rules[node.op] as Rule<PrimitiveName> | undefined
  return rule ? rule(node, box) : node.inputs.map(() => box)
}

/** Axes in `axes` are needed as a whole, the others as they are. */
function whole(box: Box, axes: readonly number[]): Box {
  return box.map((interval, axis) => (axes.includes(axis) ? everything : interval))
}

/** Positions that windows at [low, high] look at. */
function underWindow([low, high]: Interval, { kernel, stride, padding, dilation }: WindowAxis): Interval {
  return [low * stride - padding[0], high * stride - padding[0] + dilation * (kernel - 1)]
}

/** Windows that look at positions [low, high]. */
function windowsOver([low, high]: Interval, { kernel, stride, padding, dilation }: WindowAxis): Interval {
  const before = Math.ceil((low + padding[0] - dilation * (kernel - 1)) / stride)
  return [before, Math.max(before, Math.floor((high + padding[0]) / stride))]
}

function overWindows(box: Box, window: readonly WindowAxis[], map: typeof underWindow): Box {
  const lead = box.length - window.length
  return box.map((interval, axis) => (axis < lead ? interval : map(interval, at(window, axis - lead))))
}

const pooled = (node: NodeOf<'maxPool' | 'sumPool' | 'maxPoolIndices'>, box: Box): Box[] => [
  overWindows(box, node.attributes.window, underWindow),
]

const reduced = (node: NodeOf<'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProduct'>, box: Box): Box[] => [
  whole(box, node.attributes.axes),
]

const isAlong = (box: Box, axis: number): Box[] => [whole(box, [axis]), whole(box, [axis])]

/** Primitives that are not element-wise; leaves have no operands that matter. */
const rules: { readonly [P in PrimitiveName]?: Rule<P> } = {
  random: () => [undefined],
  broadcast: ({ inputs }, box) => [box.map((interval, axis) => (at(inputs, 0).shape[axis] === 1 ? first : interval))],
  reshape: ({ inputs, shape }, box) => [throughReshape(at(inputs, 0).shape, shape, box)],
  transpose: ({ attributes: { permutation } }, box) => [
    permutation.map((_, axis) => at(box, permutation.indexOf(axis))),
  ],
  pad: ({ attributes: { padding } }, box) => [
    box.map(([low, high], axis): Interval => [low - at(padding, axis)[0], high - at(padding, axis)[0]]),
  ],
  slice: ({ attributes: { start, step } }, box) => [
    box.map(([low, high], axis): Interval => {
      const move = (position: number) => at(start, axis) + position * at(step, axis)
      return [Math.min(move(low), move(high)), Math.max(move(low), move(high))]
    }),
  ],
  concat: (node, box) => throughConcat(node, box),
  flip: ({ shape, attributes: { axes } }, box) => [
    box.map(
      ([low, high], axis): Interval =>
        axes.includes(axis) ? [at(shape, axis) - 1 - high, at(shape, axis) - 1 - low] : [low, high],
    ),
  ],
  gather: ({ attributes: { axis } }, box) => [whole(box, [axis]), box],
  scatterAdd: ({ attributes: { axis } }, box) => isAlong(box, axis),
  reduceSum: reduced,
  reduceMax: reduced,
  reduceMin: reduced,
  reduceProduct: reduced,
  argmax: ({ attributes: { axis } }, box) => [whole(box, [axis])],
  matmul: (_, box) => [whole(box, [box.length - 1]), whole(box, [box.length - 2])],
  conv: (node, box) => {
    const weight = at(node.inputs, 1).shape
    const reached = overWindows(box, convWindow(node.attributes, weight.slice(2)), underWindow)
    return [whole(reached, [1]), weight.map(() => everything)]
  },
  convInputGrad: (node, box) => {
    const weight = at(node.inputs, 1).shape
    const reached = overWindows(box, convWindow(node.attributes, weight.slice(2)), windowsOver)
    return [whole(reached, [1]), weight.map(() => everything)]
  },
  convWeightGrad: ({ inputs }) => inputs.map((input) => input.shape.map(() => everything)),
  maxPool: pooled,
  sumPool: pooled,
  maxPoolIndices: pooled,
  windowGather: ({ attributes: { window } }, box) => [overWindows(box, window, underWindow), box],
  windowScatter: ({ attributes: { window } }, box) => {
    const windows = overWindows(box, window, windowsOver)
    return [windows, windows]
  },
  sumPoolGrad: ({ attributes: { window } }, box) => [overWindows(box, window, windowsOver)],
}

/** The part of each operand that lies in the box. */
function throughConcat({ inputs, attributes: { axis } }: NodeOf<'concat'>, box: Box): (Box | undefined)[] {
  let start = 0
  return inputs.map(({ shape }) => {
    const offset = start
    start += at(shape, axis)
    const [low, high] = at(box, axis)
    if (high < offset || low >= start) return undefined
    return box.map((interval, index): Interval => (index === axis ? [low - offset, high - offset] : interval))
  })
}

/**
 * Groups of axes that hold the same elements before and after; a group with one axis of more than one element on both sides keeps its
 * interval, any other is needed as a whole.
 */
function throughReshape(from: Shape, to: Shape, box: Box): Box {
  const result: Interval[] = from.map(() => first)
  let [a, b] = [0, 0]
  while (a < from.length || b < to.length) {
    let [endA, endB] = [Math.min(a + 1, from.length), Math.min(b + 1, to.length)]
    const size = (shape: Shape, begin: number, end: number) => product(shape.slice(begin, end))
    while (size(from, a, endA) !== size(to, b, endB)) {
      if (size(from, a, endA) < size(to, b, endB) ? endA < from.length : endB >= to.length) endA += 1
      else endB += 1
    }
    const longA = range(endA - a)
      .map((index) => a + index)
      .filter((axis) => at(from, axis) !== 1)
    const longB = range(endB - b)
      .map((index) => b + index)
      .filter((axis) => at(to, axis) !== 1)
    const [only] = longA
    if (only !== undefined && longA.length === 1 && longB.length === 1) result[only] = at(box, at(longB, 0))
    else for (const axis of longA) result[axis] = everything
    a = endA
    b = endB
  }
  return result
}
