import { describe, expect, it } from 'vitest'
import { type KernelBuffer, type KernelRun, runKernel } from '../../../../test/support/wasm-kernel.ts'
import { at, product, range } from '../../../base/arrays.ts'
import type { WindowKernel } from '../../../compile/kernel.ts'
import { makeNode } from '../../../ir/build.ts'
import type { Node } from '../../../ir/node.ts'
import { RandomSequence } from '../../../random/threefry.ts'
import { type WindowAxis, windowOutputSize } from '../../../shape/shape.ts'
import { evaluateNode } from '../../interpreter/evaluate.ts'
import { features } from '../assembler/features.ts'
import { emitWindow } from './emit-window.ts'

interface Case {
  readonly planes: number
  readonly size: readonly number[]
  readonly window: readonly WindowAxis[]
}

const axis = (kernel: number, stride: number, dilation = 1): WindowAxis => ({
  kernel,
  stride,
  dilation,
  padding: [0, 0],
})
const square = (kernel: number, stride: number, dilation = 1) => [
  axis(kernel, stride, dilation),
  axis(kernel, stride, dilation),
]

const cases: Readonly<Record<string, Case>> = {
  '2×2 that tile': { planes: 5, size: [6, 28], window: square(2, 2) },
  '2×2 with a row and a column left over': { planes: 3, size: [7, 13], window: square(2, 2) },
  '2×2 in narrow planes': { planes: 3, size: [4, 6], window: square(2, 2) },
  '2×2 of stride 1': { planes: 2, size: [5, 7], window: square(2, 1) },
  '3×3 of stride 2': { planes: 3, size: [9, 17], window: square(3, 2) },
  '3×3 of stride 1': { planes: 2, size: [6, 15], window: square(3, 1) },
  '3×3 of stride 1 in narrow planes': { planes: 2, size: [6, 7], window: square(3, 1) },
  '3×3 of stride 1 in planes of few full windows': { planes: 2, size: [6, 8], window: square(3, 1) },
  '3×3 of stride 3': { planes: 2, size: [6, 15], window: square(3, 3) },
  '4×4 of stride 4': { planes: 2, size: [8, 20], window: square(4, 4) },
  '5×5 of stride 2': { planes: 2, size: [9, 21], window: square(5, 2) },
  '6×6 of stride 6, taps in loops': { planes: 2, size: [12, 31], window: square(6, 6) },
  '7×7 of stride 1, taps in loops': { planes: 2, size: [9, 13], window: square(7, 1) },
  '6×5 of stride 2, taps in loops': { planes: 2, size: [9, 17], window: [axis(6, 2), axis(5, 2)] },
  '9×3 of stride 9 and 3, taps in loops': { planes: 2, size: [19, 12], window: [axis(9, 9), axis(3, 3)] },
  'dilated 3×3 of stride 1': { planes: 2, size: [7, 12], window: square(3, 1, 2) },
  'dilated 2×2 of stride 2': { planes: 2, size: [9, 13], window: square(2, 2, 3) },
  '1×1 of stride 2': { planes: 2, size: [5, 13], window: square(1, 2) },
  '1×1 of stride 1': { planes: 2, size: [3, 5], window: square(1, 1) },
  'stride 3 above 2×2': { planes: 2, size: [8, 19], window: square(2, 3) },
  '3×1 beside stride 1': { planes: 2, size: [6, 9], window: [axis(3, 3), axis(1, 1)] },
  'one row of each plane': { planes: 2, size: [4, 11], window: [axis(1, 1), axis(2, 2)] },
  'the whole plane': { planes: 5, size: [7, 7], window: square(7, 1) },
  'the whole small plane': { planes: 5, size: [2, 2], window: square(2, 2) },
  'whole rows': { planes: 3, size: [7, 5], window: [axis(2, 2), axis(5, 1)] },
  'one axis': { planes: 4, size: [23], window: [axis(3, 2)] },
  'a moving average': { planes: 4, size: [61], window: [axis(25, 1)] },
  'three axes': { planes: 2, size: [4, 5, 10], window: [axis(2, 2), axis(3, 1), axis(2, 2)] },
  'three axes, taps in loops': { planes: 2, size: [6, 5, 9], window: [axis(3, 2), axis(3, 1), axis(4, 3)] },
  'three dilated axes': { planes: 2, size: [5, 6, 11], window: [axis(2, 1, 2), axis(2, 2, 3), axis(3, 2, 2)] },
}

/** Whole numbers of a small range: sums are exact, ties are frequent. */
function integers(count: number, stream: number): Float32Array {
  const random = new RandomSequence(7, { stream })
  return Float32Array.from({ length: count }, () => random.integer(9) - 4)
}

/** As above, with infinities and NaN among them. */
function special(count: number, stream: number): Float32Array {
  const random = new RandomSequence(9, { stream })
  const rare = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return integers(count, stream).map((value) => rare[random.integer(12)] ?? value)
}

const outputSize = ({ size, window }: Case) => size.map((each, index) => windowOutputSize(each, at(window, index)))

function input(shape: readonly number[], data: Float32Array | Int32Array): Node {
  const dtype = data instanceof Int32Array ? 'int32' : 'float32'
  return makeNode('input', [], { source: { data }, shape, dtype })
}

/** With indices as numbers of four bytes, or of one. */
interface WindowRun extends KernelRun {
  readonly bytes: boolean
}

const settings: readonly KernelRun[] = [
  { fma: false },
  { fma: false, threads: 3 },
  { fma: false, threads: 8 },
  ...(features.relaxedSimd ? [{ fma: true, threads: 2 }] : []),
]
const plain: WindowRun = { fma: false, bytes: false }
const runs: readonly WindowRun[] = [
  ...settings.map((each) => ({ ...each, bytes: false })),
  { fma: features.relaxedSimd, threads: 2, bytes: true },
]

/** Runs a kernel over buffers [larger, smaller, indices], of which those without data are results. */
function run(
  op: WindowKernel['op'],
  each: Case,
  data: readonly (Float32Array | Int32Array | undefined)[],
  how: WindowRun,
) {
  const outputs = outputSize(each)
  const lengths = [product(each.size), product(outputs), product(outputs)]
  const buffers = data.map(
    (values, index): KernelBuffer => ({
      dtype: index < 2 ? 'float32' : how.bytes ? 'uint8' : 'int32',
      length: each.planes * at(lengths, index),
      ...(values ? { data: index === 2 && how.bytes ? Uint8Array.from(values) : values } : {}),
    }),
  )
  const scatters = op === 'windowScatter' || op === 'sumPoolGrad'
  const kernel = {
    kind: 'window',
    op,
    planes: each.planes,
    inputSize: each.size,
    outputSize: outputs,
    window: each.window,
    source: scatters ? 1 : 0,
    target: scatters ? 0 : 1,
    ...(data.length > 2 ? { indices: 2 } : {}),
  } as WindowKernel
  return runKernel(emitWindow, kernel, buffers, how).buffers
}

const floats = (bytes: ArrayBuffer | undefined) =>
  Array.from(new Float32Array(bytes ?? new ArrayBuffer(0)), positiveZero)
const whole = (data: ArrayBuffer | undefined, { bytes }: WindowRun) =>
  Array.from(new (bytes ? Uint8Array : Int32Array)(data ?? new ArrayBuffer(0)))
const positiveZero = (value: number): number => value + 0

describe.each(Object.entries(cases))('%s', (_, each) => {
  const { planes, size, window } = each
  const outputs = outputSize(each)
  const [larger, smaller] = [
    [planes, ...size],
    [planes, ...outputs],
  ]
  const taps = product(window.map(({ kernel }) => kernel))
  const gradient = integers(product(smaller), 2)
  const random = new RandomSequence(3)
  const indices = Int32Array.from({ length: gradient.length }, () => random.integer(taps))

  it.each(runs)('maxPool, $threads threads, relaxed $fma, bytes $bytes', (how) => {
    for (const x of [integers(product(larger), 1), special(product(larger), 1)]) {
      const value = Array.from(evaluateNode(makeNode('maxPool', [input(larger, x)], { window })), positiveZero)
      const place = Array.from(evaluateNode(makeNode('maxPoolIndices', [input(larger, x)], { window })))
      const both = run('maxPool', each, [x, undefined, undefined], how)
      expect(floats(both[1])).toEqual(value)
      expect(whole(both[2], how)).toEqual(place)
      expect(floats(run('maxPool', each, [x, undefined], how)[1])).toEqual(value)
    }
  })

  it.each(runs)('sumPool, $threads threads, relaxed $fma, bytes $bytes', (how) => {
    const x = integers(product(larger), 1)
    const expected = evaluateNode(makeNode('sumPool', [input(larger, x)], { window }))
    expect(floats(run('sumPool', each, [x, undefined], how)[1])).toEqual(Array.from(expected, positiveZero))
  })

  it.each(runs)('windowGather, $threads threads, relaxed $fma, bytes $bytes', (how) => {
    const x = integers(product(larger), 1)
    const node = makeNode('windowGather', [input(larger, x), input(smaller, indices)], { window })
    expect(floats(run('windowGather', each, [x, undefined, indices], how)[1])).toEqual(
      Array.from(evaluateNode(node), positiveZero),
    )
  })

  it.each(runs)('windowScatter, $threads threads, relaxed $fma, bytes $bytes', (how) => {
    const attributes = { window, inputSize: size }
    const node = makeNode('windowScatter', [input(smaller, gradient), input(smaller, indices)], attributes)
    expect(floats(run('windowScatter', each, [undefined, gradient, indices], how)[0])).toEqual(
      Array.from(evaluateNode(node), positiveZero),
    )
  })

  it.each(runs)('sumPoolGrad, $threads threads, relaxed $fma, bytes $bytes', (how) => {
    const node = makeNode('sumPoolGrad', [input(smaller, gradient)], { window, inputSize: size })
    expect(floats(run('sumPoolGrad', each, [undefined, gradient], how)[0])).toEqual(
      Array.from(evaluateNode(node), positiveZero),
    )
  })
})

it('maxPool for its indices alone', () => {
  const x = Float32Array.from([1, 5, 2, 0, 3, 5, 9, 9])
  const kernel: WindowKernel = {
    kind: 'window',
    op: 'maxPool',
    planes: 1,
    inputSize: [2, 4],
    outputSize: [1, 2],
    window: square(2, 2),
    source: 0,
    indices: 1,
  }
  const buffers: KernelBuffer[] = [
    { dtype: 'float32', length: 8, data: x },
    { dtype: 'int32', length: 2 },
  ]
  expect(whole(runKernel(emitWindow, kernel, buffers).buffers[1], plain)).toEqual([1, 2])
})

it('a window of −∞ alone has its maximum at tap 0', () => {
  for (const each of [cases['3×3 of stride 2'], cases['6×6 of stride 6, taps in loops']] as Case[]) {
    const x = new Float32Array(each.planes * product(each.size)).fill(Number.NEGATIVE_INFINITY)
    const result = run('maxPool', each, [x, undefined, undefined], plain)
    expect(new Set(floats(result[1]))).toEqual(new Set([Number.NEGATIVE_INFINITY]))
    expect(new Set(whole(result[2], plain))).toEqual(new Set([0]))
  }
})

it('indices outside the window gather 0 and scatter nowhere', () => {
  for (const each of [cases['2×2 that tile'], cases['3×3 of stride 2'], cases['4×4 of stride 4']] as Case[]) {
    const count = each.planes * product(outputSize(each))
    const indices = Int32Array.from(range(count), (index) => (index % 2 === 0 ? -1 : 1_000_000))
    const x = integers(each.planes * product(each.size), 4)
    const values = integers(count, 5)
    expect(new Set(floats(run('windowGather', each, [x, undefined, indices], plain)[1]))).toEqual(new Set([0]))
    expect(new Set(floats(run('windowScatter', each, [undefined, values, indices], plain)[0]))).toEqual(new Set([0]))
  }
})
