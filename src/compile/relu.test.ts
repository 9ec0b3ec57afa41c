/** Rectifiers: their gradient looks at the result, they move behind pooling, and NaN, ties and other users come out right. */
import { describe, expect, it } from 'vitest'
import { normalTensor, tensorOf } from '../../test/support/nodes.ts'
import { graphOf, programLines } from '../../test/support/programs.ts'
import { evaluateNode } from '../backends/interpreter/index.ts'
import { gradients } from '../grad/gradients.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { poolBeforeRectifying, rectified, testRectified } from './relu.ts'
import { simplify } from './simplify.ts'

const relu = (x: Node): Node => ir.where(ir.lessEqual(x, ir.scalarLike(x, 0)), ir.scalarLike(x, 0), x)
const window = [2, 2].map((kernel) => ({ kernel, stride: 2, padding: [0, 0] as const, dilation: 1 }))
const pool = (x: Node): Node => makeNode('maxPool', [x], { window })
const taps = (x: Node): Node => makeNode('maxPoolIndices', [x], { window })
const scatter = (values: Node, indices: Node, x: Node): Node =>
  makeNode('windowScatter', [values, indices], { window, inputSize: x.shape.slice(2) })

/** The rectifiers of a graph and what comes directly after the node that each looks at. */
const operationsOf = (graph: Graph): string[] => topologicalOrder(graph.outputs).map((node) => node.op)
const pass = (rewrite: (graph: Graph) => Graph, ...outputs: Node[]): Graph => rewrite(simplify(graphOf(outputs)))

const expectSame = (rewrite: (graph: Graph) => Graph, ...outputs: Node[]): Graph => {
  const graph = pass(rewrite, ...outputs)
  graph.outputs.forEach((node, index) => {
    expect([...evaluateNode(node)]).toEqual([...evaluateNode(outputs[index] as Node)])
  })
  return graph
}

const special = (): Node =>
  tensorOf([Number.NaN, -1, 0, -0, 3, -Infinity, Infinity, 2, -2, -1, -4, -3, 5, 5, Number.NaN, 1], [1, 1, 4, 4])

describe('rectified', () => {
  const x = tensorOf([1, -1])
  const zero = ir.scalarLike(x, 0)

  it('finds where(x ≤ 0, 0, x)', () => {
    expect(rectified(relu(x))).toBe(x)
  })

  it.each<[string, Node]>([
    ['another comparison', ir.where(ir.less(x, zero), zero, x)],
    ['another bound', ir.where(ir.lessEqual(x, ir.scalarLike(x, 1)), zero, x)],
    ['another value', ir.where(ir.lessEqual(x, zero), ir.scalarLike(x, 2), x)],
    ['another operand', ir.where(ir.lessEqual(x, zero), zero, ir.neg(x))],
    ['a maximum', ir.max(x, zero)],
  ])('does not take %s for one', (_, node) => {
    expect(rectified(node)).toBeUndefined()
  })
})

describe('testRectified', () => {
  it('asks the result, where it is computed anyway', () => {
    const x = ir.scale(normalTensor([2, 3], 1), 2)
    const y = relu(x)
    const [gradient] = gradients([y], [normalTensor([2, 3], 2)], [x])
    const graph = expectSame(testRectified, y, gradient as Node)
    const [first, second] = graph.outputs as readonly [Node, Node]
    // The gradient's condition reads y, the rectifier itself still x.
    expect((second.inputs[0] as Node).inputs[0]).toBe(first)
    expect(rectified(first)?.op).toBe('mul')
  })

  it('leaves a condition alone whose rectifier nobody computes', () => {
    const x = normalTensor([3], 1)
    const mask = ir.where(ir.lessEqual(x, ir.scalarLike(x, 0)), ir.scalarLike(x, 5), x)
    expect(pass(testRectified, mask).outputs[0]).toBe(mask)
  })

  it('keeps NaN: it is not ≤ 0, before and after', () => {
    const x = special()
    const y = relu(x)
    const [gradient] = gradients([y], [ir.scalarLike(y, 7)], [x])
    expectSame(testRectified, y, gradient as Node)
    expect(evaluateNode(gradient as Node)[0]).toBe(7)
  })
})

describe('poolBeforeRectifying', () => {
  it('moves the rectifier behind the pooling', () => {
    const x = normalTensor([1, 2, 4, 4], 3)
    const graph = expectSame(poolBeforeRectifying, pool(relu(x)))
    const [result] = graph.outputs as readonly [Node]
    expect(rectified(result)?.op).toBe('maxPool')
    expect(rectified(result)?.inputs[0]).toBe(x)
  })

  it('keeps NaN and infinities', () => {
    expectSame(poolBeforeRectifying, pool(relu(special())))
  })

  it('moves the gradient’s mask before the scatter', () => {
    const x = normalTensor([2, 3, 4, 6], 4)
    const y = relu(x)
    const upstream = normalTensor([2, 3, 2, 3], 5)
    const [gradient] = gradients([pool(y)], [upstream], [x])
    const graph = expectSame(poolBeforeRectifying, pool(y), gradient as Node)
    expect(graph.outputs[1]?.op).toBe('windowScatter')
    // No rectifier of the large plane is left.
    const large = topologicalOrder(graph.outputs).filter((node) => node.op === 'where' && node.shape[2] === 4)
    expect(large).toEqual([])
  })

  it('gives the same gradient for ties, windows without positive numbers, NaN and infinities', () => {
    const x = special()
    const [gradient] = gradients([pool(relu(x))], [tensorOf([1, 2, 3, 4], [1, 1, 2, 2])], [x])
    expectSame(poolBeforeRectifying, gradient as Node)
    const ties = tensorOf([0, 0, -1, -1, 2, 2, -1, -2, 0, -1, 3, 1, -1, 0, 3, 3], [1, 1, 4, 4])
    const [second] = gradients([pool(relu(ties))], [tensorOf([1, 2, 3, 4], [1, 1, 2, 2])], [ties])
    expectSame(poolBeforeRectifying, second as Node)
  })

  it('leaves indices that something else uses as they were', () => {
    // Rectified, the first of equal zeros wins; unrectified it would be the −1 at tap 1.
    const x = tensorOf([-2, -1, -3, -4], [1, 1, 2, 2])
    const y = relu(x)
    const indices = taps(y)
    const upstream = tensorOf([5], [1, 1, 1, 1])
    const unpooled = scatter(upstream, indices, x)
    const graph = expectSame(poolBeforeRectifying, indices, unpooled, pool(y))
    expect([...evaluateNode(graph.outputs[0] as Node)]).toEqual([0])
    expect([...evaluateNode(graph.outputs[1] as Node)]).toEqual([5, 0, 0, 0])
  })

  it('does not take another mask for the rectifier’s', () => {
    const [x, z] = [normalTensor([1, 1, 4, 4], 6), normalTensor([1, 1, 4, 4], 7)]
    const scattered = scatter(normalTensor([1, 1, 2, 2], 8), taps(relu(x)), x)
    const zero = ir.scalarLike(z, 0)
    const masked = ir.where(ir.lessEqual(z, zero), zero, scattered)
    expect(operationsOf(expectSame(poolBeforeRectifying, masked)).at(-1)).toBe('where')
  })
})

it('a convolution with bias, rectifier and pooling takes a border, a contraction, pooling and a map', () => {
  const attributes = { stride: [1, 1], padding: [[1, 1] as const, [1, 1] as const], dilation: [1, 1], groups: 1 }
  const convolved = makeNode('conv', [normalTensor([1, 2, 6, 6], 1), normalTensor([3, 2, 3, 3], 2)], attributes)
  const biased = ir.add(convolved, ir.broadcastTo(normalTensor([1, 3, 1, 1], 3), convolved.shape))
  const lines = programLines(graphOf([pool(relu(biased))]))
  expect(lines.filter((line) => !line.startsWith(' ')).map((line) => line.split(' ')[0])).toEqual([
    'map',
    'contract',
    'window',
    'map',
    'return',
  ])
})
