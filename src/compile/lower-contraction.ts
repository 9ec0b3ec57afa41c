/**
 * Matrix products and convolutions as one shape of kernel. A convolution is a product whose right side is read through two tables
 * of offsets, one for the taps of the kernel and one for the positions it is put at; no patch matrix is ever written.
 * Padding was made explicit before (see `decompose`).
 */
import { at, product, range } from '../base/arrays.ts'
import { invariant } from '../base/errors.ts'
import type { Node, NodeOf } from '../ir/node.ts'
import { contiguousStrides, type Shape } from '../shape/shape.ts'
import type { Affine } from './expression.ts'
import { NotFusible } from './expression-builder.ts'
import { identityMap, linearize } from './index-map.ts'
import type { ContractKernel, Steps, Store } from './kernel.ts'
import { lowerWinograd, lowerWinogradGrad, suitsWinograd, suitsWinogradGrad } from './lower-winograd.ts'
import { type BufferView, type LoweringContext, mapPositions } from './lowering-context.ts'

/** Up to this many rows of A a convolution may read its windows where they lie; for more it pays to gather them. */
export const MAX_IN_PLACE_ROWS = 64
/** Rows times what is left empty in vectors, in parts of what is filled: where gathering costs as much as that. */
const MAX_EMPTY = 4

/**
 * Whether a contraction with `m` rows whose columns fall into runs of `width` neighbours is better computed run by run, each read
 * where it lies: nothing has to be gathered then, but vectors are filled by one run alone.
 */
function paysByRun(m: number, width: number): boolean {
  const empty = (Math.ceil(width / 8) * 8) / width - 1
  return m <= MAX_IN_PLACE_ROWS && m * empty <= MAX_EMPTY
}

/** Pushes the kernel of a contraction; `stores` range over the extents of the node. */
export function lowerContraction(context: LoweringContext, node: Node, stores: readonly Store[]): void {
  if (node.op === 'matmul') context.kernels.push(matmulKernel(context, node, stores))
  else if (node.op === 'conv') {
    if (context.winograd && suitsWinograd(context, node)) lowerWinograd(context, node, stores)
    else context.kernels.push(convKernel(context, node, stores))
  } else {
    invariant(node.op === 'convWeightGrad', `${node.op} is no contraction with a kernel`)
    const [store, ...more] = stores
    if (
      context.winograd &&
      suitsWinogradGrad(context, node) &&
      store?.value.kind === 'accumulator' &&
      more.length === 0
    ) {
      lowerWinogradGrad(context, node, store.buffer)
      return
    }
    context.kernels.push(weightGradKernel(context, node, stores))
  }
}

function matmulKernel(context: LoweringContext, node: NodeOf<'matmul'>, stores: readonly Store[]): ContractKernel {
  const [left, right] = node.inputs as readonly [Node, Node]
  const rank = node.shape.length
  const a = forwardView(context, left)
  const b = forwardView(context, right)
  return {
    kind: 'contract',
    batch: node.shape.slice(0, -2),
    m: at(node.shape, rank - 2),
    n: at(node.shape, rank - 1),
    k: at(left.shape, rank - 1),
    outer: 1,
    a: {
      buffer: a.buffer,
      offset: a.at.offset,
      batchStrides: a.at.strides.slice(0, -2),
      outerStride: 0,
      strideM: at(a.at.strides, rank - 2),
      strideK: at(a.at.strides, rank - 1),
    },
    b: {
      buffer: b.buffer,
      offset: b.at.offset,
      batchStrides: b.at.strides.slice(0, -2),
      outerStride: 0,
      rows: { kind: 'stride', stride: at(b.at.strides, rank - 2) },
      columns: { kind: 'stride', stride: at(b.at.strides, rank - 1) },
    },
    stores,
  }
}

/** A view whose matrix axes run forwards: their strides become constants in instructions. */
function forwardView(context: LoweringContext, node: Node): BufferView {
  const view = context.view(node)
  if (view.at.strides.slice(-2).every((stride) => stride >= 0)) return view
  const map = identityMap(node.shape)
  return { buffer: context.materialize(node), at: linearize(map, node.shape, map.length) }
}

/** The points of a grid, row-major, with a distance of `strides` elements along each axis. */
function gridSteps(context: LoweringContext, extents: readonly number[], strides: readonly number[]): Steps {
  const real = range(extents.length).filter((axis) => extents[axis] !== 1)
  const isLine = real.every((axis, index) => {
    const next = real[index + 1]
    return next === undefined || at(strides, axis) === at(strides, next) * at(extents, next)
  })
  const last = real.at(-1)
  if (isLine) return { kind: 'stride', stride: last === undefined ? 1 : at(strides, last) }
  const { buffer, offsets } = context.table(`grid ${extents} by ${strides}`, () => {
    const weights = contiguousStrides(extents)
    return Int32Array.from({ length: product(extents) }, (_, index) =>
      extents.reduce((sum, size, axis) => sum + (Math.floor(index / at(weights, axis)) % size) * at(strides, axis), 0),
    )
  })
  return { kind: 'table', buffer, offsets }
}

/** Taps (channel, then kernel axes) and positions of a convolution over an unpadded input. */
function convSteps(
  context: LoweringContext,
  input: Shape,
  kernel: Shape,
  output: Shape,
  attributes: { stride: readonly number[]; dilation: readonly number[] },
  channels: number,
): { taps: Steps; positions: Steps } {
  const plane = contiguousStrides(input)
  const tapStrides = plane.map((stride, axis) => stride * at(attributes.dilation, axis))
  return {
    taps: gridSteps(context, [channels, ...kernel], [product(input), ...tapStrides]),
    positions: gridSteps(
      context,
      output,
      plane.map((stride, axis) => stride * at(attributes.stride, axis)),
    ),
  }
}

function convKernel(context: LoweringContext, node: NodeOf<'conv'>, stores: readonly Store[]): ContractKernel {
  const [x, weight] = node.inputs as readonly [Node, Node]
  const { groups } = node.attributes
  const channels = at(weight.shape, 1)
  const perGroup = at(weight.shape, 0) / groups
  const taps = product(weight.shape.slice(1))
  const plane = product(x.shape.slice(2))
  const steps = convSteps(
    context,
    x.shape.slice(2),
    weight.shape.slice(2),
    node.shape.slice(2),
    node.attributes,
    channels,
  )
  const space = node.shape.slice(2)
  const byRow =
    steps.positions.kind === 'table' &&
    node.attributes.stride.at(-1) === 1 &&
    paysByRun(perGroup, at(space, space.length - 1))
  // Rows of the output are one more batch, or its positions are one loop.
  const outer = byRow ? space.slice(0, -1) : []
  const outerStrides = outer.map((_, axis) => at(node.attributes.stride, axis) * product(x.shape.slice(axis + 3)))
  const regroup = regroupConv(node.shape, groups, outer.length)
  return {
    kind: 'contract',
    batch: [at(x.shape, 0), groups, ...outer],
    m: perGroup,
    n: product(space.slice(outer.length)),
    k: taps,
    outer: 1,
    a: {
      buffer: context.materialize(weight),
      offset: 0,
      batchStrides: [0, perGroup * taps, ...outer.map(() => 0)],
      outerStride: 0,
      strideM: taps,
      strideK: 1,
    },
    b: {
      buffer: context.materialize(x),
      offset: 0,
      batchStrides: [at(x.shape, 1) * plane, channels * plane, ...outerStrides],
      outerStride: 0,
      rows: steps.taps,
      columns: byRow ? { kind: 'stride', stride: 1 } : steps.positions,
    },
    stores: stores.map((store) => regroupStore(store, regroup)),
  }
}

function weightGradKernel(
  context: LoweringContext,
  node: NodeOf<'convWeightGrad'>,
  stores: readonly Store[],
): ContractKernel {
  const [x, gradient] = node.inputs as readonly [Node, Node]
  const { groups, kernelSize } = node.attributes
  const channels = at(node.shape, 1)
  const perGroup = at(node.shape, 0) / groups
  const plane = product(x.shape.slice(2))
  const positions = product(gradient.shape.slice(2))
  const steps = convSteps(context, x.shape.slice(2), kernelSize, gradient.shape.slice(2), node.attributes, channels)
  const byRow =
    steps.taps.kind === 'table' &&
    node.attributes.dilation.at(-1) === 1 &&
    paysByRun(perGroup, at(kernelSize, kernelSize.length - 1))
  // Rows of the kernel are one more batch, or its taps are one loop.
  const outer = byRow ? node.shape.slice(1, -1) : []
  const inner = node.shape.slice(1 + outer.length)
  const planeStrides = contiguousStrides(x.shape.slice(2)).map(
    (stride, axis) => stride * at(node.attributes.dilation, axis),
  )
  const regroup = ({ offset, strides }: Affine): Affine => {
    const channel = at(strides, 0)
    const loops = strides.slice(1, 1 + outer.length)
    return {
      offset,
      strides: [0, channel * perGroup, ...loops, channel, mergeLoops(strides.slice(1 + outer.length), inner)],
    }
  }
  return {
    kind: 'contract',
    batch: [1, groups, ...outer],
    m: perGroup,
    n: product(inner),
    k: positions,
    outer: at(x.shape, 0),
    a: {
      buffer: context.materialize(gradient),
      offset: 0,
      batchStrides: [0, perGroup * positions, ...outer.map(() => 0)],
      outerStride: at(gradient.shape, 1) * positions,
      strideM: positions,
      strideK: 1,
    },
    b: {
      buffer: context.materialize(x),
      offset: 0,
      batchStrides: [0, channels * plane, ...[plane, ...planeStrides].slice(0, outer.length)],
      outerStride: at(x.shape, 1) * plane,
      rows: steps.positions,
      columns: byRow ? { kind: 'stride', stride: 1 } : steps.taps,
    },
    stores: stores.map((store) => regroupStore(store, regroup)),
  }
}

function regroupStore(store: Store, regroup: (affine: Affine) => Affine): Store {
  return { buffer: store.buffer, at: regroup(store.at), value: mapPositions(store.value, regroup) }
}

/** From loops [batch, channel, ...space] to [batch, group, `outer` axes of space, channel in group, position in the others]. */
function regroupConv(shape: Shape, groups: number, outer = 0): (affine: Affine) => Affine {
  const perGroup = at(shape, 1) / groups
  return ({ offset, strides }) => {
    const [batch, channel] = [at(strides, 0), at(strides, 1)]
    const space = mergeLoops(strides.slice(2 + outer), shape.slice(2 + outer))
    return { offset, strides: [batch, channel * perGroup, ...strides.slice(2, 2 + outer), channel, space] }
  }
}

/** The stride of several loops run as one. Throws NotFusible when they do not follow one another. */
function mergeLoops(strides: readonly number[], extents: Shape): number {
  const real = range(extents.length).filter((axis) => extents[axis] !== 1)
  const last = real.at(-1)
  if (last === undefined) return 0
  for (let index = real.length - 2; index >= 0; index--) {
    const [outer, inner] = [at(real, index), at(real, index + 1)]
    if (at(strides, outer) !== at(strides, inner) * at(extents, inner)) throw new NotFusible()
  }
  return at(strides, last)
}
