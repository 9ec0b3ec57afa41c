/**
 * The gradient of every primitive, written in primitives, so that gradients of gradients need nothing new.
 * `gradients.ts` applies the rules; simplification is left to the compiler. Ties and edge cases follow PyTorch.
 * Source: reverse accumulation as in Baydin, Pearlmutter, Radul, Siskind: "Automatic differentiation in machine learning: a
 * survey", JMLR 18 (2018); the adjoints themselves are textbook calculus.
 */
import { at, product, range } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import type { ConvAttributes, Node, NodeOf, PrimitiveName } from '../ir/node.ts'
import {
  add,
  and,
  broadcastTo,
  cast,
  constantValue,
  cos,
  div,
  equal,
  exp,
  flip,
  floor,
  gather,
  less,
  lessEqual,
  log,
  matmul,
  matrixTranspose,
  mul,
  neg,
  pad,
  pow,
  reduceSum,
  reshape,
  scalarLike,
  scale,
  scatterAdd,
  sin,
  slice,
  sliceAxis,
  spread,
  sub,
  sumTo,
  transpose,
  where,
} from '../ir/operations.ts'

/**
 * From a node and the gradient with respect to it, the gradient with respect to each operand; undefined for operands that
 * have none (indices, conditions).
 */
export type GradientRule<P extends PrimitiveName> = (node: NodeOf<P>, upstream: Node) => readonly (Node | undefined)[]

/** The operands of a node that is known to have them. */
const one = (node: { readonly inputs: readonly Node[] }): Node => at(node.inputs, 0)
const two = (node: { readonly inputs: readonly Node[] }): readonly [Node, Node] => [
  at(node.inputs, 0),
  at(node.inputs, 1),
]

/** The gradient of the greater operand: all of it, half of it at ties (PyTorch's `maximum`). */
const winnerGradient = (wins: { readonly loses: Node; readonly ties: Node }, upstream: Node): Node =>
  where(wins.loses, scalarLike(upstream, 0), where(wins.ties, scale(upstream, 0.5), upstream))

/** y · x^(y − 1), where 0 · 0^(−1) counts as 0. */
function powBaseGradient(base: Node, exponent: Node, upstream: Node): Node | undefined {
  const known = constantValue(exponent)
  if (known === 0) return undefined
  if (known === 1) return upstream
  if (known === 2) return mul(upstream, scale(base, 2))
  if (known !== undefined) return mul(upstream, scale(pow(base, scalarLike(base, known - 1)), known))
  const zero = scalarLike(base, 0)
  const undefinedPower = and(equal(base, zero), equal(exponent, zero))
  const safeBase = where(undefinedPower, scalarLike(base, 1), base)
  return mul(upstream, mul(exponent, pow(safeBase, sub(exponent, scalarLike(exponent, 1)))))
}

/** x^y · log x, where 0^y · log 0 counts as 0 for y ≥ 0; the guarded operand keeps higher derivatives free of NaN. */
function powExponentGradient(node: Node, upstream: Node): Node {
  const [base, exponent] = two(node)
  const zero = scalarLike(base, 0)
  const vanishes = and(equal(base, zero), lessEqual(zero, exponent))
  return mul(upstream, mul(node, log(where(vanishes, scalarLike(base, 1), base))))
}

/** Splits the gradient evenly among the elements that equal the extremum (PyTorch's `amax` and `amin`). */
function extremumGradient(node: NodeOf<'reduceMax'> | NodeOf<'reduceMin'>, upstream: Node): readonly [Node] {
  const x = one(node)
  const selected = equal(x, broadcastTo(node, x.shape))
  const count = reduceSum(cast(selected, 'float32'), node.attributes.axes)
  return [where(selected, broadcastTo(div(upstream, count), x.shape), scalarLike(x, 0))]
}

/**
 * The product of all elements of the last axis before (or after) each element, by doubling: after step d every element holds
 * the product of its 2d nearest predecessors.
 */
function exclusiveProduct(x: Node, direction: 'before' | 'after'): Node {
  const axis = x.shape.length - 1
  const size = at(x.shape, axis)
  const shift = (y: Node, by: number): Node => {
    const kept = sliceAxis(y, axis, direction === 'before' ? 0 : by, size - by)
    const padding = range(axis + 1).map((): [number, number] => [0, 0])
    padding[axis] = direction === 'before' ? [by, 0] : [0, by]
    return pad(kept, padding, 1)
  }
  let products = shift(x, 1)
  for (let distance = 1; distance < size; distance *= 2) products = mul(products, shift(products, distance))
  return products
}

/**
 * Each element's gradient is the product of all the others. It is made from exclusive products of both sides instead of by
 * division, so that it and its own derivatives are exact whatever the number of zeros.
 */
function productGradient(node: NodeOf<'reduceProduct'>, upstream: Node): readonly [Node] {
  const x = one(node)
  const { axes } = node.attributes
  const size = product(axes.map((axis) => at(x.shape, axis)))
  if (size <= 1) return [broadcastTo(upstream, x.shape)]
  const kept = range(x.shape.length).filter((axis) => !axes.includes(axis))
  const permutation = [...kept, ...axes]
  const moved = transpose(x, permutation)
  const rows = reshape(moved, [...kept.map((axis) => at(x.shape, axis)), size])
  const others = mul(exclusiveProduct(rows, 'before'), exclusiveProduct(rows, 'after'))
  const restored = transpose(reshape(others, moved.shape), inversePermutation(permutation))
  return [mul(broadcastTo(upstream, x.shape), restored)]
}

function inversePermutation(permutation: readonly number[]): number[] {
  return range(permutation.length).map((axis) => permutation.indexOf(axis))
}

/** Puts the gradient back where the slice took it from; steps become zeros between the elements. */
function sliceGradient(node: NodeOf<'slice'>, upstream: Node): readonly [Node] {
  const { shape } = one(node)
  const { start, size, step } = node.attributes
  const origin = size.map(() => 0)
  const room = shape.map((total, axis) => total - Math.min(at(start, axis), total))
  const reach = size.map((count, axis) => Math.min(count * at(step, axis), at(room, axis)))
  const spaced = step.every((distance, axis) => distance === 1 || at(size, axis) <= 1)
    ? upstream
    : slice(spread(upstream, step), origin, reach)
  const padding = shape.map((total, axis): [number, number] => {
    const before = total - at(room, axis)
    return [before, total - before - at(spaced.shape, axis)]
  })
  return [pad(spaced, padding)]
}

function concatGradient(node: NodeOf<'concat'>, upstream: Node): Node[] {
  const { axis } = node.attributes
  let start = 0
  return node.inputs.map((input) => {
    const count = at(input.shape, axis)
    start += count
    return sliceAxis(upstream, axis, start - count, count)
  })
}

/** The attributes that the three convolutions share. */
const convAttributes = ({ stride, padding, dilation, groups }: ConvAttributes): ConvAttributes => ({
  stride,
  padding,
  dilation,
  groups,
})

// The three convolutions are the three partial adjoints of one trilinear form, so each is differentiated by the other two.
const conv = (x: Node, weight: Node, attributes: ConvAttributes): Node =>
  makeNode('conv', [x, weight], convAttributes(attributes))
const convInputGrad = (gradient: Node, weight: Node, attributes: ConvAttributes, x: Node): Node =>
  makeNode('convInputGrad', [gradient, weight], { ...convAttributes(attributes), inputSize: x.shape.slice(2) })
const convWeightGrad = (x: Node, gradient: Node, attributes: ConvAttributes, weight: Node): Node =>
  makeNode('convWeightGrad', [x, gradient], { ...convAttributes(attributes), kernelSize: weight.shape.slice(2) })

/** The sizes of the axes that a window walks over. */
const windowedSizes = (x: Node, window: readonly unknown[]): number[] => x.shape.slice(x.shape.length - window.length)

/** One rule for each primitive; no gradient flows through those marked `notDifferentiable`. */
export const gradientRules: { readonly [P in PrimitiveName]: GradientRule<P> | 'notDifferentiable' } = {
  constant: 'notDifferentiable',
  input: 'notDifferentiable',
  variable: 'notDifferentiable',
  iota: 'notDifferentiable',
  random: 'notDifferentiable',

  neg: (_, g) => [neg(g)],
  // 0 at 0.
  abs(node, g) {
    const x = one(node)
    const zero = scalarLike(x, 0)
    return [where(less(zero, x), g, where(less(x, zero), neg(g), zero))]
  },
  exp: (node, g) => [mul(g, node)],
  log: (node, g) => [div(g, one(node))],
  sqrt: (node, g) => [div(g, scale(node, 2))],
  sin: (node, g) => [mul(g, cos(one(node)))],
  cos: (node, g) => [neg(mul(g, sin(one(node))))],
  tanh: (node, g) => [mul(g, sub(scalarLike(node, 1), mul(node, node)))],
  sigmoid: (node, g) => [mul(g, mul(node, sub(scalarLike(node, 1), node)))],
  erf(node, g) {
    const x = one(node)
    return [mul(g, scale(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))]
  },
  floor: 'notDifferentiable',
  round: 'notDifferentiable',
  not: 'notDifferentiable',
  // Reached between float types alone: gradients.ts lets nothing flow from or to the others.
  cast: (node, g) => [cast(g, one(node).dtype)],

  add: (_, g) => [g, g],
  sub: (_, g) => [g, neg(g)],
  mul(node, g) {
    const [a, b] = two(node)
    return a === b ? [mul(g, scale(a, 2)), undefined] : [mul(g, b), mul(g, a)]
  },
  div(node, g) {
    const quotient = div(g, two(node)[1])
    return [quotient, neg(mul(quotient, node))]
  },
  max(node, g) {
    const [a, b] = two(node)
    const ties = equal(a, b)
    return [winnerGradient({ loses: less(a, b), ties }, g), winnerGradient({ loses: less(b, a), ties }, g)]
  },
  min(node, g) {
    const [a, b] = two(node)
    const ties = equal(a, b)
    return [winnerGradient({ loses: less(b, a), ties }, g), winnerGradient({ loses: less(a, b), ties }, g)]
  },
  pow(node, g) {
    const [base, exponent] = two(node)
    return [powBaseGradient(base, exponent, g), powExponentGradient(node, g)]
  },
  mod(node, g) {
    const [a, b] = two(node)
    return [g, neg(mul(g, floor(div(a, b))))]
  },
  and: 'notDifferentiable',
  or: 'notDifferentiable',
  equal: 'notDifferentiable',
  less: 'notDifferentiable',
  lessEqual: 'notDifferentiable',
  where(node, g) {
    const zero = scalarLike(g, 0)
    return [undefined, where(one(node), g, zero), where(one(node), zero, g)]
  },

  reduceSum: (node, g) => [broadcastTo(g, one(node).shape)],
  reduceMax: extremumGradient,
  reduceMin: extremumGradient,
  reduceProduct: productGradient,
  argmax: 'notDifferentiable',

  reshape: (node, g) => [reshape(g, one(node).shape)],
  transpose: (node, g) => [transpose(g, inversePermutation(node.attributes.permutation))],
  broadcast: (node, g) => [sumTo(g, one(node).shape)],
  pad: (node, g) => [
    slice(
      g,
      node.attributes.padding.map(([before]) => before),
      one(node).shape,
    ),
  ],
  slice: sliceGradient,
  concat: concatGradient,
  flip: (node, g) => [flip(g, node.attributes.axes)],
  gather(node, g) {
    const [x, indices] = two(node)
    const { axis } = node.attributes
    return [scatterAdd(g, indices, axis, at(x.shape, axis)), undefined]
  },
  scatterAdd: (node, g) => [gather(g, two(node)[1], node.attributes.axis), undefined],

  matmul(node, g) {
    const [a, b] = two(node)
    return [matmul(g, matrixTranspose(b)), matmul(matrixTranspose(a), g)]
  },
  conv(node, g) {
    const [x, weight] = two(node)
    return [convInputGrad(g, weight, node.attributes, x), convWeightGrad(x, g, node.attributes, weight)]
  },
  convInputGrad(node, g) {
    const [gradient, weight] = two(node)
    return [conv(g, weight, node.attributes), convWeightGrad(g, gradient, node.attributes, weight)]
  },
  convWeightGrad(node, g) {
    const [x, gradient] = two(node)
    return [convInputGrad(gradient, g, node.attributes, x), conv(x, g, node.attributes)]
  },

  maxPool(node, g) {
    const x = one(node)
    const { window } = node.attributes
    const indices = makeNode('maxPoolIndices', [x], { window })
    return [makeNode('windowScatter', [g, indices], { window, inputSize: windowedSizes(x, window) })]
  },
  maxPoolIndices: 'notDifferentiable',
  windowGather(node, g) {
    const [x, indices] = two(node)
    const { window } = node.attributes
    return [makeNode('windowScatter', [g, indices], { window, inputSize: windowedSizes(x, window) }), undefined]
  },
  windowScatter(node, g) {
    const { window } = node.attributes
    return [makeNode('windowGather', [g, two(node)[1]], { window }), undefined]
  },
  sumPool(node, g) {
    const { window } = node.attributes
    return [makeNode('sumPoolGrad', [g], { window, inputSize: windowedSizes(one(node), window) })]
  },
  sumPoolGrad: (node, g) => [makeNode('sumPool', [g], { window: node.attributes.window })],
}

/** The sum of two gradients of one node. */
export const accumulate = (sum: Node | undefined, more: Node): Node => (sum ? add(sum, more) : more)
