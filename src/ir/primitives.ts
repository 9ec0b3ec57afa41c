/**
 * The closed table of primitives: for each the number of operands, its kind and the rule that gives shape and element type.
 * Everything else in the library is composed of these. Adding a primitive makes the compiler list every table that lacks it.
 * Operands of element-wise primitives have equal shapes; `tensor` inserts broadcasts and casts.
 */
import { at, sameNumbers } from '../base/arrays.ts'
import type { DType } from '../base/dtype.ts'
import { DTypeError, invariant, ShapeError } from '../base/errors.ts'
import { elementCount, formatShape, keepAxes, type Shape, type WindowAxis, windowOutputSize } from '../shape/shape.ts'
import type { ConvAttributes, Node, PrimitiveAttributes, PrimitiveName } from './node.ts'

export type PrimitiveKind = 'leaf' | 'elementwise' | 'reduction' | 'movement' | 'indexing' | 'contraction' | 'window'

export interface Type {
  readonly shape: Shape
  readonly dtype: DType
}

interface Primitive<Attributes> {
  readonly kind: PrimitiveKind
  /** How many operands; −1 for one or more. */
  readonly arity: number
  readonly infer: (inputs: readonly Node[], attributes: Attributes) => Type
}

const sameTypes = (inputs: readonly Node[]): Type => {
  const first = at(inputs, 0)
  for (const input of inputs) {
    if (!sameNumbers(input.shape, first.shape)) {
      throw new ShapeError(`element-wise operands differ: ${formatShape(first.shape)} and ${formatShape(input.shape)}.`)
    }
    if (input.dtype !== first.dtype) {
      throw new DTypeError(`element-wise operands differ: ${first.dtype} and ${input.dtype}; cast one of them.`)
    }
  }
  return first
}

const requireDType = (node: Node, ...allowed: DType[]): void => {
  if (!allowed.includes(node.dtype)) {
    throw new DTypeError(`this operation takes ${allowed.join(' or ')}, given ${node.dtype}; cast the tensor first.`)
  }
}

/** Operands of one shape and, where only some serve, of an `allowed` element type; the result has `dtype`, or that of the operands. */
const elementwise = (arity: number, allowed?: readonly DType[], dtype?: DType): Primitive<object> => ({
  kind: 'elementwise',
  arity,
  infer(inputs) {
    if (allowed) requireDType(at(inputs, 0), ...allowed)
    const type = sameTypes(inputs)
    return { shape: type.shape, dtype: dtype ?? type.dtype }
  },
})

/** A primitive of one operand. */
const unary = <Attributes>(
  kind: PrimitiveKind,
  infer: (x: Node, attributes: Attributes) => Type,
): Primitive<Attributes> => ({ kind, arity: 1, infer: (inputs, attributes) => infer(at(inputs, 0), attributes) })

/** A primitive of two operands. */
const binary = <Attributes>(
  kind: PrimitiveKind,
  infer: (a: Node, b: Node, attributes: Attributes) => Type,
): Primitive<Attributes> => ({
  kind,
  arity: 2,
  infer: (inputs, attributes) => infer(at(inputs, 0), at(inputs, 1), attributes),
})

const numericUnary = elementwise(1, ['float32', 'int32'])
const floatUnary = elementwise(1, ['float32'])
const numeric = elementwise(2, ['float32', 'int32'])
const floatBinary = elementwise(2, ['float32'])
const logical = elementwise(2, ['bool', 'int32'])
const comparison = elementwise(2, undefined, 'bool')

const reduction = unary<PrimitiveAttributes['reduceSum']>('reduction', (x, { axes }) => {
  requireDType(x, 'float32', 'int32')
  return { shape: keepAxes(x.shape, axes), dtype: x.dtype }
})

const spatialOutput = (spatial: Shape, window: readonly WindowAxis[]): number[] =>
  window.map((axis, index) => {
    const size = windowOutputSize(at(spatial, index), axis)
    if (size >= 1) return size
    throw new ShapeError(
      `a window of size ${axis.kernel} with dilation ${axis.dilation} does not fit an input of size ${at(spatial, index)} ` +
        `padded by ${axis.padding.join(' and ')}; make the input or the padding larger, or the kernel smaller.`,
    )
  })

/** The window axes of a convolution with the given kernel sizes. */
export function convWindow(attributes: ConvAttributes, kernelSize: readonly number[]): WindowAxis[] {
  return kernelSize.map((kernel, axis) => ({
    kernel,
    stride: at(attributes.stride, axis),
    padding: at(attributes.padding, axis),
    dilation: at(attributes.dilation, axis),
  }))
}

/** How many positions a window has. */
export function windowTaps(window: readonly WindowAxis[]): number {
  return window.reduce((taps, axis) => taps * axis.kernel, 1)
}

const pooling = unary<PrimitiveAttributes['maxPool']>('window', (x, { window }) => {
  requireDType(x, 'float32')
  const lead = x.shape.slice(0, x.shape.length - window.length)
  return { shape: [...lead, ...spatialOutput(x.shape.slice(lead.length), window)], dtype: 'float32' }
})

const checkChannels = (x: Node, weight: Node, groups: number): void => {
  const channels = at(x.shape, 1)
  if (channels !== at(weight.shape, 1) * groups) {
    throw new ShapeError(
      `a convolution with weight ${formatShape(weight.shape)} and ${groups} group(s) expects ${at(weight.shape, 1) * groups} input ` +
        `channels, given an input of shape ${formatShape(x.shape)} with ${channels}.`,
    )
  }
}

export const primitives: { readonly [P in PrimitiveName]: Primitive<PrimitiveAttributes[P]> } = {
  constant: { kind: 'leaf', arity: 0, infer: (_, { dtype }) => ({ shape: [], dtype }) },
  input: { kind: 'leaf', arity: 0, infer: (_, { shape, dtype }) => ({ shape, dtype }) },
  variable: { kind: 'leaf', arity: 0, infer: (_, { variable }) => ({ shape: variable.shape, dtype: variable.dtype }) },
  iota: { kind: 'leaf', arity: 0, infer: (_, { shape }) => ({ shape, dtype: 'int32' }) },
  // The operand is the int32 counter [seed, offset].
  random: { kind: 'leaf', arity: 1, infer: (_, { shape }) => ({ shape, dtype: 'float32' }) },

  neg: numericUnary,
  abs: numericUnary,
  exp: floatUnary,
  log: floatUnary,
  sqrt: floatUnary,
  sin: floatUnary,
  cos: floatUnary,
  tanh: floatUnary,
  sigmoid: floatUnary,
  erf: floatUnary,
  floor: floatUnary,
  // Half to even, as IEEE 754 and PyTorch do.
  round: floatUnary,
  not: elementwise(1, ['bool', 'int32']),
  cast: unary('elementwise', (x, { dtype }) => ({ shape: x.shape, dtype })),

  add: numeric,
  sub: numeric,
  mul: numeric,
  // Integer division truncates toward zero; x / 0 is 0 for integers.
  div: numeric,
  // NaN in either operand gives NaN.
  max: numeric,
  min: numeric,
  pow: floatBinary,
  // The sign of the divisor, as Python's %: x − y · ⌊x / y⌋.
  mod: numeric,
  and: logical,
  or: logical,
  equal: comparison,
  less: comparison,
  lessEqual: comparison,

  where: {
    kind: 'elementwise',
    arity: 3,
    infer(inputs) {
      const condition = at(inputs, 0)
      requireDType(condition, 'bool')
      const { shape, dtype } = sameTypes(inputs.slice(1))
      if (!sameNumbers(condition.shape, shape)) {
        throw new ShapeError(`condition ${formatShape(condition.shape)} and branches ${formatShape(shape)} differ.`)
      }
      return { shape, dtype }
    },
  },

  reduceSum: reduction,
  reduceMax: reduction,
  reduceMin: reduction,
  reduceProduct: reduction,
  // The first of equal maxima; NaN counts as the largest.
  argmax: unary('reduction', (x, { axis }) => ({ shape: keepAxes(x.shape, [axis]), dtype: 'int32' })),

  reshape: unary('movement', (x, { shape }) => {
    invariant(elementCount(x.shape) === elementCount(shape), 'reshape changes the number of elements')
    return { shape, dtype: x.dtype }
  }),
  transpose: unary('movement', (x, { permutation }) => {
    invariant(permutation.length === x.shape.length, 'permutation of another rank')
    return { shape: permutation.map((axis) => at(x.shape, axis)), dtype: x.dtype }
  }),
  // Equal rank; sizes of 1 are repeated.
  broadcast: unary('movement', (x, { shape }) => {
    invariant(x.shape.length === shape.length, 'broadcast changes the rank')
    invariant(
      x.shape.every((size, axis) => size === 1 || size === shape[axis]),
      'broadcast does not fit',
    )
    return { shape, dtype: x.dtype }
  }),
  pad: unary('movement', (x, { padding }) => {
    invariant(padding.length === x.shape.length, 'padding of another rank')
    return { shape: x.shape.map((size, axis) => size + at(padding, axis)[0] + at(padding, axis)[1]), dtype: x.dtype }
  }),
  slice: unary('movement', (x, { start, size, step }) => {
    invariant(start.length === x.shape.length, 'slice of another rank')
    size.forEach((count, axis) => {
      const last = at(start, axis) + (count - 1) * at(step, axis)
      invariant(count === 0 || (at(start, axis) >= 0 && last < at(x.shape, axis)), 'slice outside the tensor')
    })
    return { shape: size, dtype: x.dtype }
  }),
  concat: {
    kind: 'movement',
    arity: -1,
    infer(inputs, { axis }) {
      const first = at(inputs, 0)
      const total = inputs.reduce((sum, input) => sum + at(input.shape, axis), 0)
      const shape = first.shape.map((size, index) => (index === axis ? total : size))
      for (const input of inputs) {
        const fits = input.shape.every((size, index) => index === axis || size === first.shape[index])
        if (!fits || input.shape.length !== first.shape.length) {
          throw new ShapeError(
            `tensors of shapes ${formatShape(first.shape)} and ${formatShape(input.shape)} cannot be joined along axis ${axis}; ` +
              'all other sizes must be equal.',
          )
        }
        if (input.dtype !== first.dtype) {
          throw new DTypeError(`cannot join ${first.dtype} and ${input.dtype}; cast one of them.`)
        }
      }
      return { shape, dtype: first.dtype }
    },
  },
  flip: unary('movement', ({ shape, dtype }) => ({ shape, dtype })),

  // out[…, i, …] = x[…, indices[…, i, …], …] along `axis`; other sizes equal; indices are clamped into range.
  gather: binary('indexing', (x, indices, { axis }) => {
    invariant(x.shape.length === indices.shape.length, 'gather operands of different rank')
    requireDType(indices, 'int32')
    invariant(
      x.shape.every((size, index) => index === axis || size === indices.shape[index]),
      'gather operands differ off the axis',
    )
    return { shape: indices.shape, dtype: x.dtype }
  }),
  // The adjoint of gather: out[…, indices[…, i, …], …] += updates[…, i, …].
  scatterAdd: binary('indexing', (updates, indices, { axis, size }) => {
    invariant(sameNumbers(updates.shape, indices.shape), 'scatter shapes differ')
    requireDType(indices, 'int32')
    return { shape: updates.shape.map((n, index) => (index === axis ? size : n)), dtype: updates.dtype }
  }),

  // [...batch, m, k] · [...batch, k, n] → [...batch, m, n]
  matmul: binary('contraction', (a, b) => {
    invariant(a.shape.length === b.shape.length && a.shape.length >= 2, 'matmul operands of different rank')
    requireDType(a, 'float32')
    requireDType(b, 'float32')
    const rank = a.shape.length
    invariant(
      a.shape.every((size, axis) => axis >= rank - 2 || size === b.shape[axis]) &&
        a.shape[rank - 1] === b.shape[rank - 2],
      `matmul operands ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit`,
    )
    return { shape: [...a.shape.slice(0, -1), at(b.shape, rank - 1)], dtype: 'float32' }
  }),
  // x [n, c, ...s], weight [o, c / groups, ...k] → [n, o, ...out]
  conv: binary('contraction', (x, weight, attributes) => {
    checkChannels(x, weight, attributes.groups)
    const window = convWindow(attributes, weight.shape.slice(2))
    return {
      shape: [at(x.shape, 0), at(weight.shape, 0), ...spatialOutput(x.shape.slice(2), window)],
      dtype: 'float32',
    }
  }),
  // gradient [n, o, ...out], weight [o, c / groups, ...k] → [n, c, ...inputSize]; the adjoint of conv in x
  convInputGrad: binary('contraction', (gradient, weight, { groups, inputSize }) => {
    invariant(gradient.shape[1] === weight.shape[0], 'gradient and weight differ in channels')
    return { shape: [at(gradient.shape, 0), at(weight.shape, 1) * groups, ...inputSize], dtype: 'float32' }
  }),
  // x [n, c, ...s], gradient [n, o, ...out] → [o, c / groups, ...kernelSize]; the adjoint of conv in weight
  convWeightGrad: binary('contraction', (x, gradient, { groups, kernelSize }) => {
    invariant(x.shape[0] === gradient.shape[0], 'input and gradient differ in batch size')
    return { shape: [at(gradient.shape, 1), at(x.shape, 1) / groups, ...kernelSize], dtype: 'float32' }
  }),

  // Padding never wins.
  maxPool: pooling,
  // The tap of the maximum, row-major within the window; the first of equal ones.
  maxPoolIndices: {
    ...pooling,
    infer: (inputs, attributes) => ({ ...pooling.infer(inputs, attributes), dtype: 'int32' }),
  },
  // out[…, o] = x[…, position of tap indices[…, o] in window o]
  windowGather: binary('window', ({ dtype }, { shape }) => ({ shape, dtype })),
  // The adjoint of windowGather: out[…, position of tap indices[…, o] in window o] += values[…, o].
  windowScatter: binary('window', (values, indices, { inputSize }) => {
    invariant(sameNumbers(values.shape, indices.shape), 'scatter shapes differ')
    return { shape: [...values.shape.slice(0, -inputSize.length), ...inputSize], dtype: values.dtype }
  }),
  sumPool: pooling,
  // The adjoint of sumPool.
  sumPoolGrad: unary('window', (gradient, { inputSize }) => {
    return { shape: [...gradient.shape.slice(0, -inputSize.length), ...inputSize], dtype: 'float32' }
  }),
}
