import { describe, expect, it } from 'vitest'
import { at, product } from '../../../base/arrays.ts'
import type { TypedArray } from '../../../base/dtype.ts'
import { makeNode } from '../../../ir/build.ts'
import { graphLeaves } from '../../../ir/graph.ts'
import type { Node } from '../../../ir/node.ts'
import * as ops from '../../../ir/operations.ts'
import { RandomSequence } from '../../../random/threefry.ts'
import { evaluate } from '../../interpreter/index.ts'
import { WasmBackend } from '../index.ts'

/** [images, inputs, outputs, height, width, padding] */
type Case = readonly [number, number, number, number, number, number]

const cases: Readonly<Record<string, Case>> = {
  'whole tiles': [2, 16, 24, 8, 12, 1],
  'one tile': [3, 16, 16, 4, 4, 1],
  'two rows and two columns left over': [3, 24, 17, 14, 14, 1],
  'one and three left over': [2, 16, 23, 5, 7, 1],
  'three and one left over': [1, 40, 16, 7, 9, 1],
  'less than a tile': [5, 16, 16, 3, 3, 1],
  'without padding': [2, 16, 16, 11, 6, 0],
  'more border than needed': [1, 16, 16, 6, 10, 2],
  'more tiles than a block holds': [9, 64, 64, 14, 14, 1],
}

const attributes = (padding: number) => {
  const border = [padding, padding] as const
  return { stride: [1, 1], padding: [border, border], dilation: [1, 1], groups: 1 }
}

const input = (shape: number[]): Node => makeNode('input', [], { source: {}, shape, dtype: 'float32' })

/** Forward pass with bias, residual and rectifier, input gradient and weight gradient of one convolution. */
function graphOf([images, inputs, outputs, height, width, padding]: Case): Node[] {
  const grown = 2 * padding - 2
  const x = input([images, inputs, height, width])
  const weight = input([outputs, inputs, 3, 3])
  const gradient = input([images, outputs, height + grown, width + grown])
  const bias = input([1, outputs, 1, 1])
  const conv = makeNode('conv', [x, weight], attributes(padding))
  const sum = ops.add(ops.add(conv, ops.broadcastTo(bias, conv.shape)), gradient)
  const zero = ops.scalarLike(sum, 0)
  const inputGrad = makeNode('convInputGrad', [gradient, weight], {
    ...attributes(padding),
    inputSize: [height, width],
  })
  const weightGrad = makeNode('convWeightGrad', [x, gradient], { ...attributes(padding), kernelSize: [3, 3] })
  return [ops.where(ops.lessEqual(sum, zero), zero, sum), inputGrad, weightGrad]
}

function dataFor(outputs: readonly Node[]): Float32Array[] {
  const random = new RandomSequence(7)
  const { inputs } = graphLeaves({ outputs, updates: [] })
  return inputs.map(({ shape }) => Float32Array.from({ length: product(shape) }, () => random.normal()))
}

/** Root mean square of the differences, relative to that of the values. */
function relativeError(actual: TypedArray, expected: ArrayLike<number>): number {
  let [differences, squares] = [0, 0]
  for (let index = 0; index < expected.length; index++) {
    differences += (at(actual as Float32Array, index) - at(expected, index)) ** 2
    squares += at(expected, index) ** 2
  }
  return Math.sqrt(differences / squares)
}

function run(backend: WasmBackend, outputs: readonly Node[], data: readonly Float32Array[]): TypedArray[] {
  const executable = backend.compile({ outputs, updates: [] })
  const results = executable.run(data, []) as TypedArray[]
  executable.release()
  return results
}

describe('3×3 convolutions by transformed tiles', () => {
  const transformed = new WasmBackend({ threads: 1, wide: false })
  const wide = new WasmBackend({ threads: 1, wide: true })
  const direct = new WasmBackend({ threads: 1, winograd: false })

  it.each(Object.entries(cases))('%s', (_, sizes) => {
    const outputs = graphOf(sizes)
    const data = dataFor(outputs)
    const expected = evaluate({ outputs, updates: [] }, { inputs: data, variables: [] }).outputs
    const [byTiles, directly] = [run(transformed, outputs, data), run(direct, outputs, data)]
    expect(run(wide, outputs, data)).toEqual(byTiles)
    for (const [index, values] of expected.entries()) {
      const [error, usual] = [relativeError(at(byTiles, index), values), relativeError(at(directly, index), values)]
      // Measured: 2 to 3 times the rounding of the direct form, which is about 2e-7.
      expect(error).toBeLessThan(1.5e-6)
      expect(error).toBeLessThan(10 * usual)
      // And it is another computation: the switch does something.
      expect(error).not.toBe(usual)
    }
  })

  it('read nothing that lies beyond the edge, not even what is no number', () => {
    const outputs = graphOf([1, 16, 16, 6, 6, 1])
    const data = dataFor(outputs)
    const clean = run(new WasmBackend({ threads: 1 }), outputs, data)
    // Arena and scratch space full of NaN from the run before.
    const backend = new WasmBackend({ threads: 1 })
    run(
      backend,
      outputs,
      data.map((each) => each.map(() => Number.NaN)),
    )
    expect(run(backend, outputs, data)).toEqual(clean)
  })
})
