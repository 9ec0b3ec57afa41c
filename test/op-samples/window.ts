/** Samples of pooling and of its adjoints: overlapping, dilated, padded windows, ties, ceil-like overhang. */
import { at } from '../../src/base/arrays.ts'
import { makeNode } from '../../src/ir/build.ts'
import { type WindowAxis, windowOutputSize } from '../../src/shape/shape.ts'
import { distinct, float, integers, listed, type OpSample, smooth, valuesOnly } from './sample.ts'

interface PoolCase {
  readonly name: string
  readonly shape: readonly number[]
  readonly window: readonly WindowAxis[]
}

const axis = (
  kernel: number,
  stride: number,
  padding: readonly [number, number] = [0, 0],
  dilation = 1,
): WindowAxis => ({ kernel, stride, padding, dilation })

const poolCases: readonly PoolCase[] = [
  { name: '2×2', shape: [2, 3, 6, 4], window: [axis(2, 2), axis(2, 2)] },
  { name: '2×2 that leaves a rest', shape: [1, 2, 5, 7], window: [axis(2, 2), axis(2, 2)] },
  { name: '3×3 of stride 2 padded', shape: [2, 2, 7, 8], window: [axis(3, 2, [1, 1]), axis(3, 2, [1, 1])] },
  { name: 'overlapping 3×2', shape: [1, 2, 5, 6], window: [axis(3, 1), axis(2, 1)] },
  { name: 'uneven padding', shape: [1, 3, 6, 5], window: [axis(3, 2, [0, 1]), axis(2, 1, [1, 0])] },
  { name: 'overhanging as with ceil mode', shape: [1, 2, 7, 6], window: [axis(2, 2, [0, 1]), axis(3, 2, [0, 1])] },
  { name: 'dilated', shape: [1, 2, 8, 9], window: [axis(2, 2, [0, 0], 3), axis(3, 1, [1, 1], 2)] },
  { name: 'windows apart', shape: [1, 2, 8, 9], window: [axis(2, 3), axis(2, 4)] },
  { name: 'one axis', shape: [2, 3, 11], window: [axis(3, 2, [1, 1])] },
  { name: 'three axes', shape: [1, 2, 4, 5, 4], window: [axis(2, 2), axis(3, 1, [1, 1]), axis(2, 1)] },
  { name: 'the whole image', shape: [2, 5, 4, 3], window: [axis(4, 1), axis(3, 1)] },
  { name: 'many channels', shape: [2, 17, 8, 8], window: [axis(2, 2), axis(2, 2)] },
]

const poolSamples = poolCases.flatMap(({ name, shape, window }): OpSample[] => {
  const lead = shape.length - window.length
  const inputSize = shape.slice(lead)
  const outputShape = [
    ...shape.slice(0, lead),
    ...inputSize.map((size, index) => windowOutputSize(size, at(window, index))),
  ]
  const x = float(shape, distinct(0.02))
  const values = float(outputShape)
  return [
    smooth(`maxPool, ${name}`, [x], (a) => makeNode('maxPool', [a], { window })),
    valuesOnly(`maxPoolIndices, ${name}`, [x], (a) => makeNode('maxPoolIndices', [a], { window })),
    smooth(`windowGather, ${name}`, [float(shape), x], (a, b) =>
      makeNode('windowGather', [a, makeNode('maxPoolIndices', [b], { window })], { window }),
    ),
    smooth(`windowScatter, ${name}`, [values, x], (a, b) =>
      makeNode('windowScatter', [a, makeNode('maxPoolIndices', [b], { window })], { window, inputSize }),
    ),
    smooth(`sumPool, ${name}`, [float(shape)], (a) => makeNode('sumPool', [a], { window })),
    smooth(`sumPoolGrad, ${name}`, [values], (a) => makeNode('sumPoolGrad', [a], { window, inputSize })),
  ]
})

const two = [axis(2, 2), axis(2, 2)]
const three = [axis(3, 2, [1, 1]), axis(3, 2, [1, 1])]

const specialSamples: OpSample[] = [
  valuesOnly('maxPoolIndices takes the first of equal maxima', [float([1, 2, 6, 6], integers(0, 3))], (x) =>
    makeNode('maxPoolIndices', [x], { window: two }),
  ),
  valuesOnly('maxPool of negative numbers beside padding', [float([1, 1, 5, 5], listed(-5, -7, -6))], (x) =>
    makeNode('maxPool', [x], { window: three }),
  ),
  valuesOnly('maxPool of infinities', [float([1, 1, 4, 4], listed(1, Infinity, -Infinity, 2, -3))], (x) =>
    makeNode('maxPool', [x], { window: two }),
  ),
  valuesOnly('maxPool of an empty batch', [float([0, 2, 4, 4])], (x) => makeNode('maxPool', [x], { window: two })),
  valuesOnly('sumPool of an empty batch', [float([0, 2, 4, 4])], (x) => makeNode('sumPool', [x], { window: two })),
]

export const windowSamples: readonly OpSample[] = [...poolSamples, ...specialSamples]
