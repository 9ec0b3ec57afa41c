import { describe, expect, it } from 'vitest'
import { type KernelBuffer, runKernel } from '../../../../test/support/wasm-kernel.ts'
import { product } from '../../../base/arrays.ts'
import type { DType, TypedArray } from '../../../base/dtype.ts'
import type { Affine, Expression } from '../../../compile/expression.ts'
import { identityMap, linearize } from '../../../compile/index-map.ts'
import type { ScatterKernel } from '../../../compile/kernel.ts'
import { makeNode } from '../../../ir/build.ts'
import type { Node } from '../../../ir/node.ts'
import { RandomSequence } from '../../../random/threefry.ts'
import { evaluateNode } from '../../interpreter/evaluate.ts'
import { emitScatter } from './emit-scatter.ts'

interface Case {
  readonly shape: readonly number[]
  readonly axis: number
  readonly size: number
  readonly dtype?: DType
  /** The index changes along these axes only; all of them when absent. */
  readonly indexed?: readonly number[]
}

const cases: Readonly<Record<string, Case>> = {
  'a histogram': { shape: [50], axis: 0, size: 7 },
  'along rows': { shape: [9, 6], axis: 0, size: 5 },
  'along columns': { shape: [9, 6], axis: 1, size: 11 },
  'along a middle axis': { shape: [3, 7, 5], axis: 1, size: 4 },
  'whole rows of an embedding': { shape: [21, 37], axis: 0, size: 6, indexed: [0] },
  'narrow rows of an embedding': { shape: [21, 5], axis: 0, size: 6, indexed: [0] },
  'rows of a batch of embeddings': { shape: [4, 6, 18], axis: 1, size: 3, indexed: [0, 1] },
  'rows through two axes': { shape: [5, 3, 34], axis: 0, size: 4, indexed: [0, 1] },
  integers: { shape: [9, 20], axis: 0, size: 5, dtype: 'int32' },
  'rows of integers': { shape: [9, 20], axis: 0, size: 5, dtype: 'int32', indexed: [0] },
  'one batch': { shape: [1, 8, 3], axis: 1, size: 5 },
  'no updates': { shape: [0, 20], axis: 0, size: 3 },
}

/** Whole numbers, so that sums are exact; indices run past both ends, where they are clamped. */
function operands({ shape, size, dtype, indexed }: Case) {
  const random = new RandomSequence(5)
  const indexShape = shape.map((extent, axis) => (!indexed || indexed.includes(axis) ? extent : 1))
  const values = Array.from({ length: product(shape) }, () => random.integer(19) - 9)
  return {
    indexShape,
    updates: dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
    indices: Int32Array.from({ length: product(indexShape) }, () => random.integer(size + 4) - 2),
  }
}

function scatterKernel({ shape, axis, size, dtype = 'float32' }: Case, indexShape: readonly number[]): ScatterKernel {
  const target = shape.map((extent, index) => (index === axis ? size : extent))
  const map = identityMap(shape)
  const still = { offset: 0, strides: shape.map(() => 0) }
  const load = (buffer: number, type: DType, at: Affine): Expression => ({ kind: 'load', dtype: type, buffer, at })
  return {
    kind: 'scatter',
    extents: shape,
    buffer: 2,
    length: product(target),
    at: linearize(map.with(axis, still), target, shape.length),
    index: load(1, 'int32', linearize(map, indexShape, shape.length)),
    stride: product(shape.slice(axis + 1)),
    size,
    value: load(0, dtype, linearize(map, shape, shape.length)),
  }
}

const input = (shape: readonly number[], data: TypedArray, dtype: DType): Node =>
  makeNode('input', [], { source: { data }, shape, dtype })

describe.each(Object.entries(cases))('scatter: %s', (_, each) => {
  const { shape, axis, size, dtype = 'float32' } = each
  const { updates, indices, indexShape } = operands(each)
  const kernel = scatterKernel(each, indexShape)
  const spread = makeNode('broadcast', [input(indexShape, indices, 'int32')], { shape })
  const expected = evaluateNode(makeNode('scatterAdd', [input(shape, updates, dtype), spread], { axis, size }))

  it.each([1, 2, 3, 8])('%i threads', (threads) => {
    const buffers: KernelBuffer[] = [
      { dtype, length: updates.length, data: updates },
      { dtype: 'int32', length: indices.length, data: indices },
      { dtype, length: kernel.length },
    ]
    const bytes = runKernel(emitScatter, kernel, buffers, { threads, fma: false }).buffers[2] as ArrayBuffer
    const result = dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes)
    expect(Array.from(result)).toEqual(Array.from(expected))
  })
})

it('scatter adds in the order of the loops, whatever the number of threads', () => {
  const each: Case = { shape: [6, 20], axis: 0, size: 1, indexed: [0] }
  const updates = new Float32Array(120)
  // 2²⁴ + 1 is not a float: only this order gives 1 in the end.
  for (const [row, value] of [2 ** 24, 1, -(2 ** 24), 0, 1, 0].entries()) updates.fill(value, 20 * row, 20 * row + 20)
  const kernel = scatterKernel(each, [6, 1])
  for (const threads of [1, 2, 5]) {
    const buffers: KernelBuffer[] = [
      { dtype: 'float32', length: 120, data: updates },
      { dtype: 'int32', length: 6, data: new Int32Array(6) },
      { dtype: 'float32', length: 20 },
    ]
    const bytes = runKernel(emitScatter, kernel, buffers, { threads, fma: false }).buffers[2] as ArrayBuffer
    expect(Array.from(new Float32Array(bytes))).toEqual(new Array(20).fill(1))
  }
})
