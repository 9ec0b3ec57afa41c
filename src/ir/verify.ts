/**
 * Checks that a graph keeps the promises of the intermediate representation; run between compiler passes in tests.
 * Every complaint is an internal error: people's mistakes are caught earlier, where their words are known.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import { invariant } from '../base/errors.ts'
import { type WindowAxis, windowOutputSize } from '../shape/shape.ts'
import { graphRoots, topologicalOrder } from './graph.ts'
import type { ConvAttributes, Graph, Node, NodeOf, PrimitiveName, Update, VariableRef } from './node.ts'
import { convWindow, primitives, type Type } from './primitives.ts'
import { printType } from './print.ts'

/**
 * Throws an internal error that names the node when a node's type is not what the table of primitives infers, when its
 * attributes are out of range, when operands do not come before their users, or when an update does not fit its variable.
 */
export function verify(graph: Graph): void {
  const seen = new Set<Node>()
  for (const node of topologicalOrder(graphRoots(graph))) {
    try {
      for (const operand of node.inputs) {
        invariant(seen.has(operand), `operand ${operand.op} ${operand.id} depends on this node`)
      }
      verifyNode(node)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.replace('internal error: ', '') : String(cause)
      throw new Error(`internal error: ${node.op} ${node.id} : ${printType(node)}: ${reason}`, { cause })
    }
    seen.add(node)
  }
  verifyUpdates(graph.updates)
}

function verifyUpdates(updates: readonly Update[]): void {
  const updated = new Set<VariableRef>()
  for (const { variable, value } of updates) {
    const what = `the update of variable ${variable.id} by ${value.op} ${value.id}`
    invariant(!updated.has(variable), `${what}: the variable is updated twice`)
    invariant(sameType(variable, value), `${what}: ${printType(variable)} becomes ${printType(value)}`)
    updated.add(variable)
  }
}

function verifyNode(node: Node): void {
  invariant(Object.hasOwn(primitives, node.op), 'this is no primitive')
  const { arity, infer } = primitives[node.op] as {
    arity: number
    infer: (inputs: readonly Node[], a: unknown) => Type
  }
  const expected = arity < 0 ? node.inputs.length > 0 : node.inputs.length === arity
  invariant(expected, `it has ${node.inputs.length} operand(s)`)
  invariant(node.shape.every(isCount), 'its sizes must be whole numbers from 0 on')
  const check = attributeChecks[node.op] as (node: Node) => void
  check(node)
  const inferred = infer(node.inputs, node.attributes)
  invariant(sameType(inferred, node), `its operands and attributes give ${printType(inferred)}`)
}

const sameType = (a: Type, b: Type): boolean => a.dtype === b.dtype && sameNumbers(a.shape, b.shape)
const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0
const isPositive = (value: number): boolean => Number.isInteger(value) && value >= 1
const rankOf = (node: Node): number => at(node.inputs, 0).shape.length

function checkAxes(axes: readonly number[], rank: number): void {
  for (const axis of axes) invariant(isCount(axis) && axis < rank, `axis ${axis} is outside a tensor of rank ${rank}`)
  invariant(new Set(axes).size === axes.length, `axes [${axes.join(', ')}] name one axis twice`)
}

function checkLengths(rank: number, lists: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [name, list] of Object.entries(lists)) {
    invariant(list.length === rank, `${name} has ${list.length} entries for ${rank} axes`)
  }
}

const isPadding = ([before, after]: readonly [number, number]): boolean => isCount(before) && isCount(after)

function checkWindow(window: readonly WindowAxis[]): void {
  for (const { kernel, stride, dilation, padding } of window) {
    invariant(
      [kernel, stride, dilation].every(isPositive),
      'kernel, stride and dilation must be positive whole numbers',
    )
    invariant(isPadding(padding), 'padding must be whole numbers from 0 on')
  }
}

/** The trailing sizes of `output` must be the numbers of window positions over those of `input`. */
function checkPositions(input: readonly number[], output: readonly number[], window: readonly WindowAxis[]): void {
  invariant(window.length > 0 && window.length <= input.length, `a window of rank ${window.length} does not fit`)
  checkWindow(window)
  const spatial = input.slice(input.length - window.length)
  const positions = window.map((axis, index) => windowOutputSize(at(spatial, index), axis))
  const given = output.slice(output.length - window.length)
  invariant(
    sameNumbers(positions, given),
    `the window has [${positions.join(', ')}] positions, not [${given.join(', ')}]`,
  )
}

function checkConvolution(
  x: readonly number[],
  weight: readonly number[],
  output: readonly number[],
  attributes: ConvAttributes,
): void {
  const { stride, padding, dilation, groups } = attributes
  checkLengths(x.length - 2, { stride, padding, dilation })
  invariant(weight.length === x.length && output.length === x.length, 'input, weight and output differ in rank')
  invariant(isPositive(groups), `groups is ${groups}`)
  invariant(at(weight, 0) % groups === 0, `${groups} group(s) do not divide ${weight[0]} output channels`)
  invariant(
    x[1] === at(weight, 1) * groups,
    `a weight of ${weight[1]} channels in ${groups} group(s) meets ${x[1]} channels`,
  )
  checkPositions(x, output, convWindow(attributes, weight.slice(2)))
}

const shapes = (node: Node): (readonly number[])[] => node.inputs.map((input) => input.shape)
const nothingMore = (): void => {}
const reducesAxes = (
  node: NodeOf<'reduceSum'> | NodeOf<'reduceMax'> | NodeOf<'reduceMin'> | NodeOf<'reduceProduct'>,
): void => checkAxes(node.attributes.axes, rankOf(node))
const oneAxis = (node: NodeOf<'argmax'> | NodeOf<'concat'> | NodeOf<'gather'> | NodeOf<'scatterAdd'>): void =>
  checkAxes([node.attributes.axis], rankOf(node))
const pools = (node: NodeOf<'maxPool'> | NodeOf<'maxPoolIndices'> | NodeOf<'sumPool'>): void =>
  checkPositions(at(shapes(node), 0), node.shape, node.attributes.window)

/** What the inference rules take for granted about attributes and operands. */
const attributeChecks: { readonly [P in PrimitiveName]: (node: NodeOf<P>) => void } = {
  constant({ attributes: { value, dtype } }) {
    const ranges = { int32: [-(2 ** 31), 2 ** 31 - 1], uint8: [0, 255], bool: [0, 1] } as const
    if (dtype === 'float32') return
    const [low, high] = ranges[dtype]
    invariant(Number.isInteger(value) && value >= low && value <= high, `${value} is not a value of ${dtype}`)
  },
  input: nothingMore,
  variable: nothingMore,
  iota: (node) => checkAxes([node.attributes.axis], node.shape.length),
  random({ inputs, attributes }) {
    invariant(sameType(at(inputs, 0), { dtype: 'int32', shape: [2] }), 'the counter must be int32[2]')
    invariant(Number.isInteger(attributes.stream), `stream ${attributes.stream} is not a whole number`)
  },
  neg: nothingMore,
  abs: nothingMore,
  exp: nothingMore,
  log: nothingMore,
  sqrt: nothingMore,
  sin: nothingMore,
  cos: nothingMore,
  tanh: nothingMore,
  sigmoid: nothingMore,
  erf: nothingMore,
  floor: nothingMore,
  round: nothingMore,
  not: nothingMore,
  cast: nothingMore,
  add: nothingMore,
  sub: nothingMore,
  mul: nothingMore,
  div: nothingMore,
  max: nothingMore,
  min: nothingMore,
  pow: nothingMore,
  mod: nothingMore,
  and: nothingMore,
  or: nothingMore,
  equal: nothingMore,
  less: nothingMore,
  lessEqual: nothingMore,
  where: nothingMore,
  reduceSum: reducesAxes,
  reduceMax: reducesAxes,
  reduceMin: reducesAxes,
  reduceProduct: reducesAxes,
  argmax: oneAxis,
  reshape: nothingMore,
  transpose(node) {
    checkAxes(node.attributes.permutation, rankOf(node))
    checkLengths(rankOf(node), { permutation: node.attributes.permutation })
  },
  broadcast: nothingMore,
  pad(node) {
    checkLengths(rankOf(node), { padding: node.attributes.padding })
    invariant(node.attributes.padding.every(isPadding), 'padding must be whole numbers from 0 on')
  },
  slice(node) {
    const { start, size, step } = node.attributes
    checkLengths(rankOf(node), { start, size, step })
    invariant(start.every(isCount) && size.every(isCount), 'start and size must be whole numbers from 0 on')
    invariant(step.every(isPositive), 'steps must be positive whole numbers')
  },
  concat: oneAxis,
  flip: (node) => checkAxes(node.attributes.axes, rankOf(node)),
  gather: oneAxis,
  scatterAdd(node) {
    oneAxis(node)
    invariant(isCount(node.attributes.size), `size is ${node.attributes.size}`)
  },
  matmul: nothingMore,
  conv(node) {
    const [x, weight] = shapes(node)
    checkFloats(node)
    checkConvolution(x ?? [], weight ?? [], node.shape, node.attributes)
  },
  convInputGrad(node) {
    const [gradient, weight] = shapes(node)
    checkFloats(node)
    checkLengths(node.shape.length - 2, { inputSize: node.attributes.inputSize })
    checkConvolution(node.shape, weight ?? [], gradient ?? [], node.attributes)
    invariant(gradient?.[1] === weight?.[0], 'gradient and weight differ in channels')
  },
  convWeightGrad(node) {
    const [x, gradient] = shapes(node)
    checkFloats(node)
    checkLengths(node.shape.length - 2, { kernelSize: node.attributes.kernelSize })
    checkConvolution(x ?? [], node.shape, gradient ?? [], node.attributes)
    invariant(x?.[0] === gradient?.[0], 'input and gradient differ in batch size')
  },
  maxPool: pools,
  maxPoolIndices: pools,
  windowGather(node) {
    const [x, indices] = shapes(node)
    checkTaps(node, x ?? [], indices ?? [])
  },
  windowScatter(node) {
    const [, indices] = shapes(node)
    checkTaps(node, node.shape, indices ?? [])
  },
  sumPool: pools,
  sumPoolGrad(node) {
    checkLengths(node.attributes.window.length, { inputSize: node.attributes.inputSize })
    checkPositions(node.shape, at(shapes(node), 0), node.attributes.window)
  },
}

function checkFloats({ inputs }: Node): void {
  for (const { dtype } of inputs) invariant(dtype === 'float32', `a convolution takes float32, given ${dtype}`)
}

/** Indices of taps must be int32, one for each window over `input`. */
function checkTaps(
  { inputs, attributes }: NodeOf<'windowGather'> | NodeOf<'windowScatter'>,
  input: readonly number[],
  indices: readonly number[],
): void {
  const { dtype } = at(inputs, 1)
  invariant(dtype === 'int32', `indices of taps are int32, given ${dtype}`)
  checkPositions(input, indices, attributes.window)
  const lead = range(input.length - attributes.window.length)
  invariant(
    input.length === indices.length && lead.every((axis) => input[axis] === indices[axis]),
    'the windows of input and indices differ off the window axes',
  )
}
