/** Where the indices of pooling lie as bytes. */
import { expect, it } from 'vitest'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import { compileGraph } from './compile-graph.ts'

const input = (shape: number[]): Node => makeNode('input', [], { source: {}, shape, dtype: 'float32' })

function dtypesOf(size: number, kernel: number, keepsIndices: boolean): string[] {
  const window = [{ kernel, stride: kernel, dilation: 1, padding: [0, 0] as const }]
  const indices = makeNode('maxPoolIndices', [input([2, size])], { window })
  const scattered = makeNode('windowScatter', [input([2, size / kernel]), indices], { window, inputSize: [size] })
  const program = compileGraph({ outputs: keepsIndices ? [scattered, indices] : [scattered], updates: [] })
  return program.kernels.flatMap((each) => {
    if (each.kind !== 'window' || each.op !== 'maxPool' || each.indices === undefined) return []
    return [program.buffers[each.indices]?.dtype ?? 'none']
  })
}

it('indices that only the gradient reads are bytes', () => {
  expect(dtypesOf(8, 2, false)).toEqual(['uint8'])
})

it('indices that are a result, or of windows that a byte cannot count, are whole numbers of four', () => {
  expect(dtypesOf(8, 2, true)).toEqual(['int32'])
  expect(dtypesOf(512, 256, false)).toEqual(['uint8'])
  expect(dtypesOf(514, 257, false)).toEqual(['int32'])
})
