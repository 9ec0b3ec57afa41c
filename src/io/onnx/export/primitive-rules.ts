/**
 * How every primitive of the IR is written in ONNX, operator set 18. Larger operations that were composed of primitives are
 * recognised before (`templates`, `lifts`); these rules are what remains.
 */
import { at, product, range, sameNumbers } from '../../../base/arrays.ts'
import { allocate, type DType } from '../../../base/dtype.ts'
import type { Node, NodeOf, PrimitiveName } from '../../../ir/node.ts'
import { contiguousStrides, type WindowAxis } from '../../../shape/shape.ts'
import { elementTypeOf } from '../element-types.ts'
import { UnsupportedOnnxError } from '../errors.ts'
import type { Attributes, GraphBuilder } from './graph-builder.ts'
import { broadcastOperands, type ExportPlan, withoutRepeats } from './plan.ts'

export const EXPORT_OPSET = 18

export type ExportRule<P extends PrimitiveName> = (node: NodeOf<P>) => ExportPlan

/** One operator on the operands as they are. */
const direct =
  (operator: string): ((node: { readonly inputs: readonly Node[] }) => ExportPlan) =>
  ({ inputs }) => ({ inputs, emit: (graph, names) => graph.add(operator, names) })

/** One element-wise operator; ONNX repeats its operands by itself. */
const broadcasting =
  (operator: string, attributes: Attributes = {}): ((node: Node) => ExportPlan) =>
  (node) => ({
    inputs: broadcastOperands(node),
    emit: (graph, names) => graph.add(operator, names, attributes),
  })

const cast = (graph: GraphBuilder, name: string, dtype: DType): string =>
  graph.add('Cast', [name], { to: elementTypeOf[dtype] })

/** Comparisons of ONNX Runtime do not take booleans and bytes everywhere: those are widened. */
const comparison =
  (operator: string): ((node: Node) => ExportPlan) =>
  (node) => {
    const inputs = broadcastOperands(node)
    const narrow = inputs.some(({ dtype }) => dtype === 'bool' || dtype === 'uint8')
    return {
      inputs,
      emit: (graph, names) => graph.add(operator, narrow ? names.map((name) => cast(graph, name, 'int32')) : names),
    }
  }

/** Booleans by their own operator, whole numbers bit by bit. */
const logical =
  (operator: string): ((node: Node) => ExportPlan) =>
  (node) =>
    broadcasting(node.dtype === 'bool' ? operator : `Bitwise${operator}`)(node)

interface Reduction {
  readonly inputs: readonly Node[]
  readonly attributes: { readonly axes: readonly number[] }
}

const reduction =
  (operator: string): ((node: Reduction) => ExportPlan) =>
  ({ inputs, attributes: { axes } }) => ({
    inputs,
    emit: (graph, names) => graph.add(operator, [at(names, 0), graph.ints(axes)], { keepdims: 1 }),
  })

/** The remainder with the sign of the divisor; for floats ONNX has only C's. */
function mod(node: NodeOf<'mod'>): ExportPlan {
  const inputs = broadcastOperands(node)
  return {
    inputs,
    emit: (graph, [a = '', b = '']) => {
      if (node.dtype !== 'float32') return graph.add('Mod', [a, b])
      const quotient = graph.add('Floor', [graph.add('Div', [a, b])])
      return graph.add('Sub', [a, graph.add('Mul', [quotient, b])])
    },
  }
}

function refused(what: string): () => never {
  return () => {
    throw new UnsupportedOnnxError(`${what} cannot be exported to ONNX; export the network in evaluation mode.`)
  }
}

export function reshapeTo(graph: GraphBuilder, name: string, from: readonly number[], to: readonly number[]): string {
  // 0 copies the size of the input, which leaves the batch open.
  const open = from.length > 0 && to.length > 0 && from[0] === to[0] && !from.includes(0) && !to.includes(0)
  return graph.add('Reshape', [name, graph.ints(open ? [0, ...to.slice(1)] : to)])
}

function slice(node: NodeOf<'slice'>): ExportPlan {
  const { start, size, step } = node.attributes
  const source = at(node.inputs, 0)
  const axes = range(size.length).filter((axis) => size[axis] !== source.shape[axis] || at(step, axis) !== 1)
  const ends = axes.map(
    (axis) => at(start, axis) + Math.max(0, at(size, axis) - 1) * at(step, axis) + (size[axis] ? 1 : 0),
  )
  return {
    inputs: node.inputs,
    emit: (graph, names) => {
      const steps = axes.map((axis) => at(step, axis))
      const starts = axes.map((axis) => at(start, axis))
      return graph.add('Slice', [at(names, 0), ...[starts, ends, axes, steps].map((list) => graph.ints(list))])
    },
  }
}

function flip({ inputs, attributes: { axes } }: NodeOf<'flip'>): ExportPlan {
  const { shape } = at(inputs, 0)
  const ends = axes.map((axis) => -at(shape, axis) - 1)
  const backwards = axes.map(() => -1)
  return {
    inputs,
    emit: (graph, names) =>
      graph.add('Slice', [at(names, 0), ...[backwards, ends, axes, backwards].map((list) => graph.ints(list))]),
  }
}

/** Numbers picked by one list for all rows become Gather; others GatherElements. Numbers are kept in range as here. */
function gather(node: NodeOf<'gather'>): ExportPlan {
  const [x, indices] = [at(node.inputs, 0), at(node.inputs, 1)]
  const { axis } = node.attributes
  const list = withoutRepeats(indices)
  const rank = indices.shape.length
  const listAxis = axis - (rank - list.shape.length)
  const isList = listAxis >= 0 && list.shape.every((size, index) => index === listAxis || size === 1)
  const clamped = (graph: GraphBuilder, name: string): string => {
    const raised = graph.add('Max', [name, graph.scalar(0, 'int32')])
    return graph.add('Min', [raised, graph.scalar(at(x.shape, axis) - 1, 'int32')])
  }
  if (!isList || list.shape[listAxis] !== indices.shape[axis]) {
    return {
      inputs: [x, indices],
      emit: (graph, [values = '', names = '']) =>
        graph.add('GatherElements', [values, clamped(graph, names)], { axis }),
    }
  }
  return {
    inputs: [x, list],
    emit: (graph, [values = '', names = '']) => {
      const flat = graph.add('Reshape', [names, graph.ints([-1])])
      return graph.add('Gather', [values, clamped(graph, flat)], { axis })
    },
  }
}

function scatterAdd(node: NodeOf<'scatterAdd'>): ExportPlan {
  return {
    inputs: node.inputs,
    emit: (graph, [updates = '', indices = '']) => {
      const zeros = graph.add('ConstantOfShape', [graph.ints(node.shape)], {
        value: { tensor: { shape: [1], dtype: node.dtype, data: allocate(node.dtype, 1) } },
      })
      return graph.add('ScatterElements', [zeros, indices, updates], { axis: node.attributes.axis, reduction: 'add' })
    },
  }
}

const padsOf = (padding: readonly (readonly [number, number])[]): number[] => [
  ...padding.map(([before]) => before),
  ...padding.map(([, after]) => after),
]

export function convAttributes(node: NodeOf<'conv'>): Attributes {
  const { stride, padding, dilation, groups } = node.attributes
  return {
    kernel_shape: at(node.inputs, 1).shape.slice(2),
    strides: stride,
    pads: padsOf(padding),
    dilations: dilation,
    group: groups,
  }
}

export function convTransposeAttributes(node: NodeOf<'convInputGrad'>): Attributes {
  const { stride, padding, dilation, groups, inputSize } = node.attributes
  const [gradient, weight] = [at(node.inputs, 0), at(node.inputs, 1)]
  const kernel = weight.shape.slice(2)
  const extra = inputSize.map((size, axis) => {
    const [before, after] = at(padding, axis)
    const reach = at(dilation, axis) * (at(kernel, axis) - 1) + 1
    return size - ((at(gradient.shape, axis + 2) - 1) * at(stride, axis) + reach - before - after)
  })
  return {
    kernel_shape: kernel,
    strides: stride,
    pads: padsOf(padding),
    dilations: dilation,
    group: groups,
    ...(extra.some((each) => each !== 0) ? { output_padding: extra } : {}),
  }
}

function windowAttributes(window: readonly WindowAxis[]): Attributes {
  return {
    kernel_shape: window.map(({ kernel }) => kernel),
    strides: window.map(({ stride }) => stride),
    pads: padsOf(window.map(({ padding }) => padding)),
    ...(window.some(({ dilation }) => dilation !== 1) ? { dilations: window.map(({ dilation }) => dilation) } : {}),
  }
}

/** Applies a pooling of [batch, channels, ...spatial] to a tensor whose last axes are the window's. */
export function pooled(
  node: Node & { readonly attributes: { readonly window: readonly WindowAxis[] } },
  apply: (graph: GraphBuilder, image: string, attributes: Attributes) => string,
): ExportPlan {
  const source = at(node.inputs, 0)
  const { window } = node.attributes
  const spatial = source.shape.slice(-window.length)
  const image = [product(source.shape.slice(0, -window.length)), 1, ...spatial]
  const fits = source.shape.length === window.length + 2
  return {
    inputs: [source],
    emit: (graph, [name = '']) => {
      const shaped = fits ? name : reshapeTo(graph, name, source.shape, image)
      const result = apply(graph, shaped, windowAttributes(window))
      const imageOut = [...image.slice(0, 2), ...node.shape.slice(-window.length)]
      return fits ? result : reshapeTo(graph, result, imageOut, node.shape)
    },
  }
}

function sumPool(node: NodeOf<'sumPool'>): ExportPlan {
  const { window } = node.attributes
  const taps = product(window.map(({ kernel }) => kernel))
  if (window.some(({ dilation }) => dilation !== 1)) {
    throw new UnsupportedOnnxError('an average over a dilated window cannot be exported to ONNX; use dilation 1.')
  }
  return pooled(node, (graph, image, attributes) => {
    const mean = graph.add('AveragePool', [image], { ...attributes, count_include_pad: 1 })
    return graph.add('Mul', [mean, graph.scalar(taps, 'float32')])
  })
}

/** ONNX counts maxima through the whole tensor; the number of the tap in its window is found from that. */
function maxPoolIndices(node: NodeOf<'maxPoolIndices'>): ExportPlan {
  const { window } = node.attributes
  const source = at(node.inputs, 0)
  const sizes = source.shape.slice(-window.length)
  const outputs = node.shape.slice(-window.length)
  const strides = contiguousStrides(sizes)
  const tapStrides = contiguousStrides(window.map(({ kernel }) => kernel))
  return pooled(node, (graph, image, attributes) => {
    const places = graph.add('MaxPool', [image], attributes, 1)
    const whole = (value: number): string =>
      graph.constant({ shape: [], dtype: 'int32', data: Int32Array.of(value) }, { int64: true })
    const inPlane = graph.add('Mod', [places, whole(product(sizes))])
    const taps = window.map((axis, index) => {
      const steps = graph.add('Div', [inPlane, whole(at(strides, index))])
      const coordinate = graph.add('Mod', [steps, whole(at(sizes, index))])
      const shape = outputs.map((size, other) => (other === index ? size : 1))
      const firsts = Int32Array.from(
        { length: at(outputs, index) },
        (_, place) => place * axis.stride - axis.padding[0],
      )
      const start = graph.constant({ shape, dtype: 'int32', data: firsts }, { int64: true })
      const tap = graph.add('Div', [graph.add('Sub', [coordinate, start]), whole(axis.dilation)])
      return graph.add('Mul', [tap, whole(at(tapStrides, index))])
    })
    return cast(
      graph,
      taps.reduce((sum, tap) => graph.add('Add', [sum, tap])),
      'int32',
    )
  })
}

/** 0, 1, 2, … along one axis, repeated by Expand over the others. */
function iota(node: NodeOf<'iota'>): ExportPlan {
  const { shape, axis } = node.attributes
  const length = at(shape, axis)
  return {
    inputs: [],
    emit: (graph) => {
      const aligned = shape.map((_, index) => (index === axis ? length : 1))
      const numbers = graph.constant({ shape: aligned, dtype: 'int32', data: Int32Array.from(range(length)) })
      return product(shape) === length ? numbers : graph.add('Expand', [numbers, graph.ints(shape)])
    },
  }
}

/** The rule of every primitive; inputs and variables are named by the exporter itself. */
export const primitiveRules: { readonly [P in Exclude<PrimitiveName, 'input' | 'variable'>]: ExportRule<P> } = {
  constant: ({ attributes: { value, dtype } }) => ({ inputs: [], emit: (graph) => graph.scalar(value, dtype) }),
  iota,
  random: refused('a network that draws random numbers'),
  neg: direct('Neg'),
  abs: direct('Abs'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  sin: direct('Sin'),
  cos: direct('Cos'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  erf: direct('Erf'),
  floor: direct('Floor'),
  round: direct('Round'),
  not: (node) => direct(node.dtype === 'bool' ? 'Not' : 'BitwiseNot')(node),
  cast: ({ inputs, attributes: { dtype } }) => ({
    inputs,
    emit: (graph, names) => cast(graph, at(names, 0), dtype),
  }),
  add: (node) => broadcasting('Add')(node),
  sub: (node) => broadcasting('Sub')(node),
  mul: (node) => broadcasting('Mul')(node),
  div: (node) => broadcasting('Div')(node),
  max: (node) => broadcasting('Max')(node),
  min: (node) => broadcasting('Min')(node),
  pow: (node) => broadcasting('Pow')(node),
  mod,
  and: (node) => logical('And')(node),
  or: (node) => logical('Or')(node),
  equal: (node) => comparison('Equal')(node),
  less: (node) => comparison('Less')(node),
  lessEqual: (node) => comparison('LessOrEqual')(node),
  where: (node) => broadcasting('Where')(node),
  reduceSum: reduction('ReduceSum'),
  reduceMax: reduction('ReduceMax'),
  reduceMin: reduction('ReduceMin'),
  reduceProduct: reduction('ReduceProd'),
  argmax: ({ inputs, attributes: { axis } }) => ({
    inputs,
    emit: (graph, names) => cast(graph, graph.add('ArgMax', names, { axis, keepdims: 1 }), 'int32'),
  }),
  reshape: ({ inputs, shape }) => ({
    inputs,
    emit: (graph, names) => {
      const from = at(inputs, 0).shape
      return sameNumbers(from, shape) ? at(names, 0) : reshapeTo(graph, at(names, 0), from, shape)
    },
  }),
  transpose: ({ inputs, attributes: { permutation } }) => ({
    inputs,
    emit: (graph, names) => graph.add('Transpose', names, { perm: permutation }),
  }),
  broadcast: (node) => ({
    inputs: [withoutRepeats(at(node.inputs, 0))],
    emit: (graph, names) => graph.add('Expand', [at(names, 0), graph.ints(node.shape)]),
  }),
  pad: ({ inputs, dtype, attributes: { padding, value } }) => ({
    inputs,
    emit: (graph, names) => graph.add('Pad', [at(names, 0), graph.ints(padsOf(padding)), graph.scalar(value, dtype)]),
  }),
  slice,
  concat: ({ inputs, attributes: { axis } }) => ({
    inputs,
    emit: (graph, names) => graph.add('Concat', names, { axis }),
  }),
  flip,
  gather,
  scatterAdd,
  matmul: direct('MatMul'),
  conv: (node) => ({
    inputs: node.inputs,
    emit: (graph, names) => graph.add('Conv', names, convAttributes(node)),
  }),
  convInputGrad: (node) => ({
    inputs: node.inputs,
    emit: (graph, names) => graph.add('ConvTranspose', names, convTransposeAttributes(node)),
  }),
  convWeightGrad: refused('the gradient of a convolution in its weight'),
  maxPool: (node) => pooled(node, (graph, image, attributes) => graph.add('MaxPool', [image], attributes)),
  maxPoolIndices,
  windowGather: refused('the gradient of a gradient of pooling'),
  windowScatter: refused('the gradient of pooling'),
  sumPool,
  sumPoolGrad: refused('the gradient of average pooling'),
}
