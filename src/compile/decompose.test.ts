/** Contractions and windows in the forms that have kernels: no padding, no input gradients, the same values. */
import { describe, expect, it } from 'vitest'
import { opSamples, sampleInputs } from '../../test/op-samples.ts'
import { tensorOf } from '../../test/support/nodes.ts'
import { evaluateNode } from '../backends/interpreter/index.ts'
import { at } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node, PrimitiveAttributes } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { verify } from '../ir/verify.ts'
import { decompose } from './decompose.ts'

const decomposed = (node: Node): Node => decompose({ outputs: [node], updates: [] }).outputs[0] as Node
const values = (node: Node): number[] => [...evaluateNode(node)]

const line = (
  gradient: Node,
  weight: Node,
  size: number,
  options: { stride?: number; padding?: readonly [number, number]; dilation?: number; groups?: number } = {},
): Node => {
  const { stride = 1, padding = [0, 0], dilation = 1, groups = 1 } = options
  const attributes = { stride: [stride], padding: [padding], dilation: [dilation], groups, inputSize: [size] }
  return makeNode('convInputGrad', [gradient, weight], attributes)
}

describe('the input gradient of a convolution', () => {
  const g = tensorOf([1, 2, 3], [1, 1, 3])
  const w = tensorOf([10, 1], [1, 1, 2])

  it.each<[string, Node, number[]]>([
    // dx[stride · i + dilation · j − padding] += g[i] · w[j]
    ['of stride 1', line(g, w, 4), [10, 21, 32, 3]],
    ['of stride 2', line(g, w, 6, { stride: 2 }), [10, 1, 20, 2, 30, 3]],
    ['of stride 3 with gaps', line(g, w, 9, { stride: 3 }), [10, 1, 0, 20, 2, 0, 30, 3, 0]],
    ['of stride 2 that leaves a rest', line(g, w, 7, { stride: 2 }), [10, 1, 20, 2, 30, 3, 0]],
    ['of dilation 2', line(g, w, 5, { dilation: 2 }), [10, 20, 31, 2, 3]],
    ['with padding before', line(g, w, 3, { padding: [1, 0] }), [21, 32, 3]],
    ['with padding after', line(g, w, 3, { padding: [0, 1] }), [10, 21, 32]],
    [
      'with more padding than the kernel reaches',
      line(tensorOf([7, 1, 2, 3, 7], [1, 1, 5]), tensorOf([10], [1, 1, 1]), 3, { padding: [1, 1] }),
      [10, 20, 30],
    ],
    [
      'in two groups',
      line(tensorOf([1, 2, 3, 4], [1, 2, 2]), tensorOf([10, 100], [2, 1, 1]), 2, { groups: 2 }),
      [10, 20, 300, 400],
    ],
    // Each input channel collects from both outputs: [1, 2] · 10 + [3, 4] · 1000 and [1, 2] · 100 + [3, 4] · 10000.
    [
      'of two outputs and two inputs',
      line(tensorOf([1, 2, 3, 4], [1, 2, 2]), tensorOf([10, 100, 1000, 10000], [2, 2, 1]), 2),
      [3010, 4020, 30100, 40200],
    ],
  ])('%s', (_, node, expected) => {
    expect(values(node)).toEqual(expected)
    expect(values(decomposed(node))).toEqual(expected)
  })
})

/** Attributes that would name padding. */
function paddings(node: Node): number[] {
  const attributes = node.attributes as Partial<PrimitiveAttributes['conv'] & PrimitiveAttributes['maxPool']>
  if (node.op === 'pad') return []
  return [...(attributes.padding ?? []), ...(attributes.window ?? []).map((axis) => axis.padding)].flat()
}

describe('every sample of contraction, window and scatter', () => {
  const kinds = /conv|Pool|window|scatter|Scatter/
  it.each(opSamples.filter(({ name }) => kinds.test(name)).map((sample) => [sample.name, sample] as const))(
    '%s',
    (_, sample) => {
      const before = sample.build(...sampleInputs(sample))
      const graph = decompose({ outputs: [before], updates: [] })
      verify(graph)
      const after = at(graph.outputs, 0)
      const nodes = topologicalOrder([after])
      expect(nodes.filter((node) => node.op === 'convInputGrad')).toEqual([])
      expect(nodes.flatMap(paddings).filter((size) => size !== 0)).toEqual([])
      const [actual, expected] = [evaluateNode(after), evaluateNode(before)]
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 9)
    },
  )
})

it('forward pass and weight gradient share one padded copy', () => {
  const x = tensorOf([1, 2, 3, 4], [1, 1, 4])
  const attributes = { stride: [1], padding: [[1, 1] as const], dilation: [1], groups: 1 }
  const forward = makeNode('conv', [x, tensorOf([1, 2, 3], [1, 1, 3])], attributes)
  const gradient = makeNode('convWeightGrad', [x, forward], { ...attributes, kernelSize: [3] })
  const graph = decompose({ outputs: [forward, gradient], updates: [] })
  expect(topologicalOrder(graph.outputs).filter((node) => node.op === 'pad').length).toBe(1)
})

it('a border of maxima is −∞, of sums 0', () => {
  const window = [{ kernel: 2, stride: 1, padding: [1, 0] as const, dilation: 1 }]
  const x = tensorOf([-5, -7], [1, 1, 2])
  expect(values(decomposed(makeNode('maxPool', [x], { window })))).toEqual([-5, -5])
  expect(values(decomposed(makeNode('sumPool', [x], { window })))).toEqual([-5, -12])
})

it('scatters of bytes add up in int32', () => {
  const indices = tensorOf([0, 0, 1], [3], 'int32')
  const nodes = (node: Node): string[] => topologicalOrder([decomposed(node)]).map(({ op, dtype }) => `${op} ${dtype}`)
  const flags = ir.scatterAdd(tensorOf([1, 1, 0], [3], 'bool'), indices, 0, 2)
  expect(values(decomposed(flags))).toEqual([1, 0])
  expect(nodes(flags)).toContain('scatterAdd int32')
  const bytes = ir.scatterAdd(tensorOf([200, 100, 3], [3], 'uint8'), indices, 0, 2)
  expect(values(decomposed(bytes))).toEqual([44, 3])
  const floats = ir.scatterAdd(tensorOf([1, 1, 0]), indices, 0, 2)
  expect(decomposed(floats)).toBe(floats)
})
