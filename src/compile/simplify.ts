/**
 * Algebra that makes graphs smaller: known constants, neutral elements, movement that cancels, common subexpressions (through
 * `rewriteGraph`). Rules keep results the same bit for bit, except that constants are computed in double precision.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import type { Graph, Node, NodeOf, PrimitiveName } from '../ir/node.ts'
import * as ops from '../ir/operations.ts'
import { primitives } from '../ir/primitives.ts'
import { operandOf, rewriteGraph, sameShape } from './rewrite.ts'

type Rule<P extends PrimitiveName> = (node: NodeOf<P>) => Node | undefined
type Rules = { readonly [P in PrimitiveName]?: Rule<P> }

/** The graph in fewer and cheaper nodes. */
export function simplify(graph: Graph): Graph {
  return rewriteGraph(graph, (node) => foldConstants(node) ?? pushBelowBroadcast(node) ?? applyRule(node))
}

function applyRule(node: Node): Node | undefined {
  return (rules[node.op] as Rule<never> | undefined)?.(node as never)
}

const unary: { readonly [P in PrimitiveName]?: (x: number) => number } = {
  neg: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  floor: Math.floor,
}

const binary: { readonly [P in PrimitiveName]?: (x: number, y: number) => number } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
}

/** Arithmetic of float constants. */
function foldConstants(node: Node): Node | undefined {
  if (node.dtype !== 'float32' || primitives[node.op].kind !== 'elementwise') return undefined
  const [x, y] = node.inputs.map(ops.constantValue)
  if (x === undefined) return undefined
  const one = unary[node.op]
  if (one && node.inputs.length === 1) return ops.scalar(one(x), node.shape)
  if (node.op === 'cast') return ops.scalar(x, node.shape)
  const two = binary[node.op]
  return two && y !== undefined && node.inputs.length === 2 ? ops.scalar(two(x, y), node.shape) : undefined
}

/** f(broadcast(a), broadcast(b)) = broadcast(f(a, b)) where a and b have one smaller shape. */
function pushBelowBroadcast(node: Node): Node | undefined {
  if (primitives[node.op].kind !== 'elementwise') return undefined
  let small: Node | undefined
  for (const operand of node.inputs) {
    if (ops.constantValue(operand) !== undefined) continue
    if (operand.op !== 'broadcast') return undefined
    const source = operandOf(operand)
    if (small && !sameShape(small, source)) return undefined
    small = source
  }
  if (!small) return undefined
  const { shape } = small
  const operands = node.inputs.map((operand) => {
    const value = ops.constantValue(operand)
    return value === undefined ? operandOf(operand) : ops.scalar(value, shape, operand.dtype)
  })
  return ops.broadcastTo(rebuild(node, operands), node.shape)
}

function rebuild(node: Node, inputs: readonly Node[]): Node {
  return makeNode(node.op, inputs, node.attributes)
}

const isPowerOfTwo = (x: number): boolean => Number.isInteger(Math.log2(Math.abs(x)))

const rules: Rules = {
  add: ({ inputs: [a, b] }) => a && b && neutral(a, b, 0),
  sub: ({ inputs: [a, b] }) => (a && b && ops.constantValue(b) === 0 ? a : undefined),
  mul: ({ inputs: [a, b] }) => a && b && neutral(a, b, 1),
  div({ inputs: [a, b] }) {
    const divisor = b && ops.constantValue(b)
    if (!a || !b || divisor === undefined || a.dtype !== 'float32') return undefined
    if (divisor === 1) return a
    // The reciprocal of a power of two is exact.
    return divisor !== 0 && isPowerOfTwo(divisor) ? ops.mul(a, ops.scalar(1 / divisor, a.shape)) : undefined
  },
  pow({ inputs: [base, exponent] }) {
    const power = exponent && ops.constantValue(exponent)
    if (!base || power === undefined) return undefined
    if (power === 1) return base
    if (power === 2) return ops.mul(base, base)
    return power === 3 ? ops.mul(ops.mul(base, base), base) : undefined
  },
  neg: twice,
  not: twice,
  cast: ({ inputs: [x], attributes }) => (x?.dtype === attributes.dtype ? x : undefined),
  where({ inputs: [condition, a, b] }) {
    if (a && a === b) return a
    const known = condition && ops.constantValue(condition)
    if (known === undefined) return undefined
    return known ? a : b
  },
  reduceSum: singletonAxes,
  reduceMax: singletonAxes,
  reduceMin: singletonAxes,
  reduceProduct: singletonAxes,
  reshape(node) {
    const operand = at(node.inputs, 0)
    if (sameShape(operand, node as Node)) return operand
    return operand.op === 'reshape' ? ops.reshape(operandOf(operand), node.shape) : undefined
  },
  broadcast(node) {
    const operand = at(node.inputs, 0)
    if (sameShape(operand, node as Node)) return operand
    return operand.op === 'broadcast' ? makeNode('broadcast', [operandOf(operand)], node.attributes) : undefined
  },
  transpose(node) {
    const operand = at(node.inputs, 0)
    const { permutation } = node.attributes
    if (sameNumbers(permutation, range(permutation.length))) return operand
    if (operand.op === 'matmul' && swapsLastAxes(permutation)) {
      // (A·B)ᵀ = Bᵀ·Aᵀ: operands are read through strides at no cost, the result is not.
      const [a, b] = operand.inputs as readonly [Node, Node]
      return ops.matmul(ops.transpose(b, permutation), ops.transpose(a, permutation))
    }
    if (operand.op !== 'transpose') return undefined
    const inner = operand.attributes.permutation
    return ops.transpose(
      operandOf(operand),
      permutation.map((axis) => at(inner, axis)),
    )
  },
  slice(node) {
    const operand = at(node.inputs, 0)
    return sameShape(operand, node as Node) ? operand : undefined
  },
  pad: ({ inputs: [x], attributes: { padding } }) =>
    padding.every(([before, after]) => before === 0 && after === 0) ? x : undefined,
  concat: ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined),
}

/** What undoes itself. */
function twice(node: NodeOf<'neg' | 'not'>): Node | undefined {
  const operand = at(node.inputs, 0)
  return operand.op === node.op ? operandOf(operand) : undefined
}

function swapsLastAxes(permutation: readonly number[]): boolean {
  const last = permutation.length - 1
  return sameNumbers(permutation, [...range(last - 1), last, last - 1])
}

function neutral(a: Node, b: Node, value: number): Node | undefined {
  if (ops.constantValue(b) === value) return a
  return ops.constantValue(a) === value ? b : undefined
}

/** Reducing axes of size 1 changes nothing. */
function singletonAxes(node: NodeOf<'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProduct'>): Node | undefined {
  const operand = at(node.inputs, 0)
  return node.attributes.axes.every((axis) => operand.shape[axis] === 1) ? operand : undefined
}
