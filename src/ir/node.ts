/**
 * The expression graph. A node is one primitive applied to other nodes; it is immutable and knows its shape and element type.
 * Tensor operations build nodes, `grad` builds more of them, `compile` and the interpreter read them.
 */
import type { DType, TypedArray } from '../base/dtype.ts'
import type { Shape, WindowAxis } from '../shape/shape.ts'

/** Storage that outlives a program and that programs may update: a parameter, an optimizer slot, the random counter. */
export interface VariableRef {
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
}

/** What feeds an `input` node: an argument of a traced function (no data) or a host array. */
export interface InputSource {
  readonly data?: TypedArray
}

/** Strided windows over the trailing axes of `[batch, channels, ...spatial]`. */
export interface WindowAttributes {
  readonly window: readonly WindowAxis[]
}

/** Convolution over the trailing axes; kernel sizes come from the weight `[out, in / groups, ...kernel]`. */
export interface ConvAttributes {
  readonly stride: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly dilation: readonly number[]
  readonly groups: number
}

type None = Readonly<Record<never, never>>

/** The attributes of every primitive; the keys are the closed list of primitives. */
export interface PrimitiveAttributes {
  // leaves
  constant: { readonly value: number; readonly dtype: DType }
  input: { readonly source: InputSource; readonly shape: Shape; readonly dtype: DType }
  variable: { readonly variable: VariableRef }
  iota: { readonly shape: Shape; readonly axis: number }
  random: { readonly shape: Shape; readonly stream: number }
  // element-wise, one operand
  neg: None
  abs: None
  exp: None
  log: None
  sqrt: None
  sin: None
  cos: None
  tanh: None
  sigmoid: None
  erf: None
  floor: None
  round: None
  not: None
  cast: { readonly dtype: DType }
  // element-wise, two operands
  add: None
  sub: None
  mul: None
  div: None
  max: None
  min: None
  pow: None
  mod: None
  and: None
  or: None
  equal: None
  less: None
  lessEqual: None
  // element-wise, three operands
  where: None
  // reductions; reduced axes stay, with size 1
  reduceSum: { readonly axes: readonly number[] }
  reduceMax: { readonly axes: readonly number[] }
  reduceMin: { readonly axes: readonly number[] }
  reduceProduct: { readonly axes: readonly number[] }
  argmax: { readonly axis: number }
  // movement
  reshape: { readonly shape: Shape }
  transpose: { readonly permutation: readonly number[] }
  broadcast: { readonly shape: Shape }
  pad: { readonly padding: readonly (readonly [number, number])[]; readonly value: number }
  slice: { readonly start: readonly number[]; readonly size: readonly number[]; readonly step: readonly number[] }
  concat: { readonly axis: number }
  flip: { readonly axes: readonly number[] }
  gather: { readonly axis: number }
  scatterAdd: { readonly axis: number; readonly size: number }
  // contraction
  matmul: None
  conv: ConvAttributes
  convInputGrad: ConvAttributes & { readonly inputSize: readonly number[] }
  convWeightGrad: ConvAttributes & { readonly kernelSize: readonly number[] }
  // window
  maxPool: WindowAttributes
  maxPoolIndices: WindowAttributes
  windowGather: WindowAttributes
  windowScatter: WindowAttributes & { readonly inputSize: readonly number[] }
  sumPool: WindowAttributes
  sumPoolGrad: WindowAttributes & { readonly inputSize: readonly number[] }
}

export type PrimitiveName = keyof PrimitiveAttributes

export interface NodeOf<P extends PrimitiveName> {
  readonly id: number
  readonly op: P
  readonly inputs: readonly Node[]
  readonly attributes: PrimitiveAttributes[P]
  readonly shape: Shape
  readonly dtype: DType
}

/** A node of any primitive; test `op` to narrow its attributes. */
export type Node = { [P in PrimitiveName]: NodeOf<P> }[PrimitiveName]

/** A variable and the value that it takes when the program ends; all updates read the old values. */
export interface Update {
  readonly variable: VariableRef
  readonly value: Node
}

/** What a program computes: results to hand back, and updates of variables. */
export interface Graph {
  readonly outputs: readonly Node[]
  readonly updates: readonly Update[]
}
