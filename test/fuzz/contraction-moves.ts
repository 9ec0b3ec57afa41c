/** Random matrix products, convolutions with their gradients, and pooling with its adjoints. */
import { at, product, range } from '../../src/base/arrays.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { ConvAttributes } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { convWindow, windowTaps } from '../../src/ir/primitives.ts'
import { elementCount, type Shape, type WindowAxis, windowOutputSize } from '../../src/shape/shape.ts'
import type { Move } from './elementwise-moves.ts'
import type { Grower } from './grower.ts'
import { asFloat, isExact, isFloat, result, tame, type Value } from './value.ts'

const MAX_TERMS = 4e5

/** A float32 operand of moderate size in this shape. */
function operand(grower: Grower, shape: Shape, limit = 8): Value {
  const found = grower.chance(0.7) ? grower.value((value) => value.node.shape.length > 0 && isFloat(value)) : undefined
  const usable = found && elementCount(found.node.shape) > 0 ? found : grower.input(shape, 'float32')
  return grower.fit(tame(asFloat(usable), limit), shape)
}

/** Σ of `terms` products, `whole` numbers if they are made of such and computed directly. */
function contracted(node: Parameters<typeof result>[0], a: Value, b: Value, terms: number, whole = true): Value {
  const bound = Math.max(1, terms) * a.bound * b.bound
  const error = terms * (a.bound * b.error + b.bound * a.error + a.error * b.error) + Math.sqrt(terms) * 2e-7 * bound
  if (whole && isExact(a) && isExact(b)) return result(node, bound, 0, true)
  return result(node, bound, error)
}

const matmul: Move = (grower) => {
  const empty = !grower.smooth && grower.chance(0.05)
  const [m, n] = [grower.between(1, 20), grower.between(1, 20)]
  const k = empty ? 0 : grower.pick([1, 2, 3, 5, 8, 16, 33])
  const batch = range(grower.pick([0, 0, 0, 1, 1, 2])).map(() => grower.between(1, 3))
  const left = grower.chance(0.4) ? transposed(grower, [...batch, k, m]) : operand(grower, [...batch, m, k])
  const right = grower.chance(0.4) ? transposed(grower, [...batch, n, k]) : operand(grower, [...batch, k, n])
  return contracted(ir.matmul(left.node, right.node), left, right, k)
}

function transposed(grower: Grower, shape: Shape): Value {
  const value = operand(grower, shape)
  return { ...value, node: ir.matrixTranspose(value.node) }
}

function convAttributes(grower: Grower, axes: number): ConvAttributes {
  return {
    stride: range(axes).map(() => grower.pick([1, 1, 2, 3])),
    padding: range(axes).map(() => (grower.chance(0.5) ? [0, 0] : [grower.between(0, 2), grower.between(0, 2)])),
    dilation: range(axes).map(() => grower.pick([1, 1, 1, 2])),
    groups: grower.pick([1, 1, 1, 2, 3]),
  }
}

/** A 3×3 convolution with so many channels that backends may choose another algorithm, which rounds. */
function wideConvolution(grower: Grower) {
  const [inputs, outputs] = [grower.between(15, 19), grower.between(15, 19)]
  const padding = [0, 1].map(() =>
    grower.pick([
      [0, 0],
      [1, 1],
      [0, 2],
    ] as const),
  )
  const space = [grower.between(3, 7), grower.between(3, 7)]
  const output = space.map((size, axis) => size + at(padding, axis)[0] + at(padding, axis)[1] - 2)
  const attributes = { stride: [1, 1], padding, dilation: [1, 1], groups: 1 }
  const x = [grower.between(1, 2), inputs, ...space]
  return {
    attributes,
    x,
    weight: [outputs, inputs, 3, 3],
    y: [at(x, 0), outputs, ...output],
    kernel: [3, 3],
    space,
    whole: false,
  }
}

/** Sizes that belong together: `[n, c, ...s]`, `[o, c / g, ...k]`, `[n, o, ...out]`. */
function convolution(grower: Grower) {
  if (grower.chance(0.12)) return wideConvolution(grower)
  const axes = grower.pick([1, 2, 2, 2, 3])
  const attributes = convAttributes(grower, axes)
  const kernel = range(axes).map(() => grower.between(1, 3))
  const space = range(axes).map(() => grower.between(1, axes === 3 ? 5 : 9))
  const window = convWindow(attributes, kernel)
  const output = space.map((size, axis) => windowOutputSize(size, at(window, axis)))
  const [batch, perGroup, outputs] = [grower.between(1, 3), grower.between(1, 3), grower.between(1, 4)]
  const x = [batch, perGroup * attributes.groups, ...space]
  const weight = [outputs * attributes.groups, perGroup, ...kernel]
  const y = [batch, outputs * attributes.groups, ...output]
  const valid = output.every((size) => size >= 1) && elementCount(y) * product(weight.slice(1)) < MAX_TERMS
  return valid ? { attributes, x, weight, y, kernel, space, whole: true } : undefined
}

const conv: Move = (grower) => {
  const sizes = convolution(grower)
  if (!sizes) return undefined
  const [x, weight] = [operand(grower, sizes.x), operand(grower, sizes.weight)]
  const node = makeNode('conv', [x.node, weight.node], sizes.attributes)
  return contracted(node, x, weight, product(sizes.weight.slice(1)), sizes.whole)
}

const convInputGrad: Move = (grower) => {
  const sizes = convolution(grower)
  if (!sizes) return undefined
  const [gradient, weight] = [operand(grower, sizes.y), operand(grower, sizes.weight)]
  const attributes = { ...sizes.attributes, inputSize: sizes.space }
  const node = makeNode('convInputGrad', [gradient.node, weight.node], attributes)
  return contracted(
    node,
    gradient,
    weight,
    (at(sizes.weight, 0) / attributes.groups) * product(sizes.kernel),
    sizes.whole,
  )
}

const convWeightGrad: Move = (grower) => {
  const sizes = convolution(grower)
  if (!sizes) return undefined
  const [x, gradient] = [operand(grower, sizes.x), operand(grower, sizes.y)]
  const attributes = { ...sizes.attributes, kernelSize: sizes.kernel }
  const node = makeNode('convWeightGrad', [x.node, gradient.node], attributes)
  return contracted(node, x, gradient, at(sizes.y, 0) * product(sizes.y.slice(2)), sizes.whole)
}

function pooling(grower: Grower) {
  const axes = grower.pick([1, 2, 2, 2, 3])
  const window = range(axes).map((): WindowAxis => {
    const kernel = grower.between(1, 3)
    const half = Math.floor(kernel / 2)
    return {
      kernel,
      stride: grower.pick([1, 2, 2, 3]),
      padding: [grower.between(0, half), grower.between(0, half)],
      dilation: grower.pick([1, 1, 1, 2]),
    }
  })
  const space = range(axes).map(() => grower.between(1, axes === 3 ? 5 : 10))
  const lead = grower.pick([[1, 2], [2, 3], [3, 1], [2]])
  const output = space.map((size, axis) => windowOutputSize(size, at(window, axis)))
  if (output.some((size) => size < 1)) return undefined
  // A window that lies in the padding alone has no maximum.
  const covered = window.every(({ kernel, dilation, padding: [before, after] }, axis) => {
    return before <= dilation * (kernel - 1) && before < at(space, axis) + 1 && after <= at(space, axis)
  })
  const inside = window.every(({ dilation, padding }) => dilation === 1 || (padding[0] === 0 && padding[1] === 0))
  return covered && inside ? { window, space, x: [...lead, ...space], y: [...lead, ...output] } : undefined
}

const maxPool: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes || grower.smooth) return undefined
  const x = operand(grower, sizes.x, 1e6)
  return result(makeNode('maxPool', [x.node], { window: sizes.window }), x.bound, x.error, isExact(x))
}

/** Taps of the maxima of whole numbers. */
function taps(grower: Grower, shape: Shape, window: readonly WindowAxis[]): Value {
  const found = grower.value((value) => isFloat(value) && isExact(value) && elementCount(value.node.shape) > 0)
  const x = found && !grower.smooth ? grower.fit(found, shape) : grower.input(shape, 'float32')
  const exact = isExact(x) || grower.smooth ? x : undefined
  const floor = { node: ir.floor(x.node), bound: x.bound, error: 0 }
  return result(makeNode('maxPoolIndices', [(exact ?? floor).node], { window }), windowTaps(window), 0)
}

const maxPoolIndices: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes || grower.smooth) return undefined
  return taps(grower, sizes.x, sizes.window)
}

const windowGather: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes || grower.smooth) return undefined
  const x = operand(grower, sizes.x, 1e6)
  const indices = taps(grower, sizes.x, sizes.window)
  const node = makeNode('windowGather', [x.node, indices.node], { window: sizes.window })
  return result(node, x.bound, x.error, isExact(x))
}

const windowScatter: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes || grower.smooth) return undefined
  const values = operand(grower, sizes.y, 100)
  const indices = taps(grower, sizes.x, sizes.window)
  const attributes = { window: sizes.window, inputSize: sizes.space }
  const node = makeNode('windowScatter', [values.node, indices.node], attributes)
  const count = windowTaps(sizes.window)
  return result(node, count * values.bound, count * values.error, isExact(values))
}

const sumPool: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes) return undefined
  const x = operand(grower, sizes.x, 100)
  const count = windowTaps(sizes.window)
  return result(makeNode('sumPool', [x.node], { window: sizes.window }), count * x.bound, count * x.error, isExact(x))
}

const sumPoolGrad: Move = (grower) => {
  const sizes = pooling(grower)
  if (!sizes) return undefined
  const values = operand(grower, sizes.y, 100)
  const count = windowTaps(sizes.window)
  const node = makeNode('sumPoolGrad', [values.node], { window: sizes.window, inputSize: sizes.space })
  return result(node, count * values.bound, count * values.error, isExact(values))
}

/** A network's usual sequence: convolution, bias, rectifier, pooling. */
const block: Move = (grower) => {
  const sizes = convolution(grower)
  if (!sizes || grower.smooth || sizes.space.length !== 2) return undefined
  const [x, weight] = [operand(grower, sizes.x), operand(grower, sizes.weight)]
  const convolved = makeNode('conv', [x.node, weight.node], sizes.attributes)
  const sum = contracted(convolved, x, weight, product(sizes.weight.slice(1)), sizes.whole)
  const bias = operand(grower, [1, at(sizes.y, 1), 1, 1])
  const biased = ir.add(sum.node, ir.broadcastTo(bias.node, sizes.y))
  const zero = ir.scalarLike(biased, 0)
  const rectified = ir.where(ir.lessEqual(biased, zero), zero, biased)
  const whole = isExact(sum) && isExact(bias)
  const value = result(rectified, sum.bound + bias.bound, sum.error + bias.error, whole)
  if (sizes.y.slice(2).some((size) => size < 2) || grower.chance(0.3)) return value
  const window = range(2).map(() => ({ kernel: 2, stride: 2, padding: [0, 0] as const, dilation: 1 }))
  return { ...value, node: makeNode('maxPool', [rectified], { window }) }
}

export const contractionMoves: readonly Move[] = [
  matmul,
  matmul,
  matmul,
  conv,
  convInputGrad,
  convWeightGrad,
  maxPool,
  maxPoolIndices,
  windowGather,
  windowScatter,
  sumPool,
  sumPoolGrad,
  block,
]
