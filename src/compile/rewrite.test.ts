/** Rebuilding graphs: equal nodes become one object, rules see what rules made, deep graphs need no stack. */
import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../test/support/nodes.ts'
import { range } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { print } from '../ir/print.ts'
import { rewriteGraph } from './rewrite.ts'

const nothing = (): undefined => undefined
const graphOf = (...outputs: Node[]): Graph => ({ outputs, updates: [] })
const operations = (graph: Graph): string[] => topologicalOrder(graph.outputs).map((node) => node.op)

describe('rewriteGraph', () => {
  it('makes one object of equal nodes, at any depth', () => {
    const x = tensorOf([1, 2])
    const graph = rewriteGraph(graphOf(ir.add(ir.exp(ir.neg(x)), ir.exp(ir.neg(x)))), nothing)
    expect(operations(graph)).toEqual(['input', 'neg', 'exp', 'add'])
    const [sum] = graph.outputs
    expect(sum?.inputs[0]).toBe(sum?.inputs[1])
  })

  it('keeps inputs and variables apart, whatever they hold', () => {
    const graph = rewriteGraph(graphOf(ir.add(tensorOf([1, 2]), tensorOf([1, 2]))), nothing)
    expect(operations(graph)).toEqual(['input', 'input', 'add'])
  })

  it('keeps attributes apart, also those that JSON confuses', () => {
    const x = tensorOf([1, 2])
    const border = (value: number): Node => makeNode('pad', [x], { padding: [[1, 0]], value })
    const values = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const graph = rewriteGraph(graphOf(...values.map(border), ...values.map(border)), nothing)
    expect(new Set(graph.outputs).size).toBe(values.length)
    expect(graph.outputs.slice(0, 5)).toEqual(graph.outputs.slice(5))
  })

  it('leaves a graph without repetitions as it is', () => {
    const y = ir.mul(ir.exp(tensorOf([1])), tensorOf([2]))
    expect(rewriteGraph(graphOf(y), nothing).outputs[0]).toBe(y)
  })

  it('applies the rule to what the rule made, until nothing changes', () => {
    const chain: { readonly [op: string]: (x: Node) => Node } = { exp: ir.log, log: ir.sin, sin: ir.cos }
    const rule = (node: Node): Node | undefined => chain[node.op]?.(node.inputs[0] as Node)
    expect(operations(rewriteGraph(graphOf(ir.exp(tensorOf([1]))), rule))).toEqual(['input', 'cos'])
  })

  it('rewrites new nodes below a replacement', () => {
    const rule = (node: Node): Node | undefined => {
      if (node.op === 'tanh') return ir.neg(ir.exp(node.inputs[0] as Node))
      return node.op === 'exp' ? ir.abs(node.inputs[0] as Node) : undefined
    }
    expect(operations(rewriteGraph(graphOf(ir.tanh(tensorOf([1]))), rule))).toEqual(['input', 'abs', 'neg'])
  })

  it('lets a rule put the node itself below its replacement', () => {
    const rule = (node: Node): Node | undefined => (node.op === 'exp' ? ir.neg(node) : undefined)
    const graph = rewriteGraph(graphOf(ir.log(ir.exp(tensorOf([1])))), rule)
    expect(operations(graph)).toEqual(['input', 'exp', 'neg', 'log'])
  })

  it('rewrites the values of updates, and shares nodes between outputs and updates', () => {
    const variable = { id: 1, shape: [2], dtype: 'float32' as const }
    const x = makeNode('variable', [], { variable })
    const graph = rewriteGraph({ outputs: [ir.exp(x)], updates: [{ variable, value: ir.exp(x) }] }, nothing)
    expect(graph.updates[0]?.value).toBe(graph.outputs[0])
    expect(graph.updates[0]?.variable).toBe(variable)
  })

  it('walks graphs deeper than the stack', () => {
    let y: Node = tensorOf([1])
    for (const _ of range(30_000)) y = ir.sin(y)
    const graph = rewriteGraph(graphOf(y), (node) => (node.op === 'sin' ? ir.cos(node.inputs[0] as Node) : undefined))
    expect(topologicalOrder(graph.outputs).length).toBe(30_001)
    expect(graph.outputs[0]?.op).toBe('cos')
  })

  it('is stable: twice is once', () => {
    const x = tensorOf([1, 2, 3])
    const rule = (node: Node): Node | undefined => (node.op === 'tanh' ? ir.sigmoid(node.inputs[0] as Node) : undefined)
    const once = rewriteGraph(graphOf(ir.add(ir.tanh(x), ir.tanh(ir.neg(x)))), rule)
    expect(print(rewriteGraph(once, rule))).toBe(print(once))
  })
})
