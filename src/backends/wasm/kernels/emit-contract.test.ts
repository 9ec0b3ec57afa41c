/** Convolutions and products of all widths against their formulas in double precision, on narrow and wide vectors and two threads. */
import { describe, expect, it } from 'vitest'
import { at, product, range } from '../../../base/arrays.ts'
import type { TypedArray } from '../../../base/dtype.ts'
import { makeNode } from '../../../ir/build.ts'
import type { Node } from '../../../ir/node.ts'
import * as ops from '../../../ir/operations.ts'
import { RandomSequence } from '../../../random/threefry.ts'
import { WasmBackend } from '../index.ts'

const narrow = new WasmBackend({ threads: 1, wide: false })
const wide = new WasmBackend({ threads: 1, wide: true })
const shared = new WasmBackend({ threads: 2, wide: true, sharedWork: 0 })
const random = new RandomSequence(3)

const input = (shape: readonly number[]): Node => makeNode('input', [], { source: {}, shape, dtype: 'float32' })
const normal = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: product(shape) }, () => random.normal())

/** The results of a graph, the same to the bit on every backend. */
async function run(outputs: readonly Node[], data: readonly Float32Array[]): Promise<TypedArray[]> {
  await shared.whenReady()
  const [first, ...others] = [narrow, wide, shared].map((backend) => {
    const executable = backend.compile({ outputs, updates: [] })
    // NaN where results, padding and scratch space will lie.
    executable.run(
      data.map((each) => each.map(() => Number.NaN)),
      [],
    )
    const results = executable.run(data, [])
    executable.release()
    return results
  })
  for (const other of others) expect(other).toEqual(first)
  return first ?? []
}

/** All indices of a grid. */
function grid(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => range(size).map((each) => [...index, each])),
    [[]],
  )
}

const place = (shape: readonly number[], index: readonly number[]): number =>
  index.reduce((sum, each, axis) => sum * at(shape, axis) + each, 0)

interface Conv {
  readonly x: readonly number[]
  readonly weight: readonly number[]
  readonly groups?: number
  readonly padding?: number
  readonly stride?: readonly number[]
  readonly dilation?: readonly number[]
}

/** Forward pass with bias and rectifier, the same with tanh, and the weight gradient, each beside its formula. */
async function checkConv({ x, weight, groups = 1, padding = 0, ...given }: Conv): Promise<void> {
  const axes = x.length - 2
  const { stride = range(axes).map(() => 1), dilation = range(axes).map(() => 1) } = given
  const attributes = { stride, dilation, groups, padding: range(axes).map(() => [padding, padding] as const) }
  const [images, weights] = [input(x), input(weight)]
  const conv = makeNode('conv', [images, weights], attributes)
  const bias = input([1, at(weight, 0), ...range(axes).map(() => 1)])
  const gradient = input(conv.shape)
  const sum = ops.add(conv, ops.broadcastTo(bias, conv.shape))
  const zero = ops.scalarLike(sum, 0)
  const weightGrad = makeNode('convWeightGrad', [images, gradient], { ...attributes, kernelSize: weight.slice(2) })
  const rectified = ops.where(ops.lessEqual(sum, zero), zero, sum)
  const data = [x, weight, bias.shape, conv.shape].map(normal)
  const [xs, ws, bs, gs] = data as [Float32Array, Float32Array, Float32Array, Float32Array]
  const sums = new Float64Array(product(conv.shape))
  const grads = new Float64Array(ws.length)
  const perGroup = at(weight, 0) / groups
  for (const [image = 0, channel = 0, ...position] of grid(conv.shape)) {
    const out = place(conv.shape, [image, channel, ...position])
    sums[out] = at(bs, channel)
    for (const [part = 0, ...tap] of grid(weight.slice(1))) {
      const from = position.map((p, axis) => p * at(stride, axis) + at(tap, axis) * at(dilation, axis) - padding)
      if (!from.every((each, axis) => each >= 0 && each < at(x, axis + 2))) continue
      const source = Math.floor(channel / perGroup) * at(weight, 1) + part
      const [value, tapped] = [at(xs, place(x, [image, source, ...from])), place(weight, [channel, part, ...tap])]
      sums[out] = at(sums, out) + value * at(ws, tapped)
      grads[tapped] = at(grads, tapped) + value * at(gs, out)
    }
  }
  const [relu, fromGrad] = await run([rectified, weightGrad], data)
  const [tanh] = await run([ops.tanh(sum)], data.slice(0, 3))
  expectClose(
    relu,
    sums.map((each) => Math.max(0, each)),
  )
  expectClose(tanh, sums.map(Math.tanh), largest(sums))
  expectClose(fromGrad, grads)
}

/** Close as for sums of this size, by default as large as the largest. */
function expectClose(actual: TypedArray | undefined, expected: Float64Array, size = largest(expected)): void {
  expect(actual?.length).toBe(expected.length)
  expect(Math.max(...expected.map((each, index) => Math.abs(each - at(actual ?? [], index))))).toBeLessThan(2e-6 * size)
}

function largest(values: Float64Array): number {
  return Math.max(1, ...values.map(Math.abs))
}

describe('convolutions', () => {
  it.each(range(33).map((index) => index + 1))('%i wide', (width) =>
    checkConv({ x: [2, 2, 3, width + 2], weight: [5, 2, 2, 3] }),
  )

  it.each<[string, Conv]>([
    ['one channel, windows of five', { x: [2, 1, 9, 28], weight: [6, 1, 5, 5], padding: 2 }],
    ['more rows than a tile', { x: [1, 3, 4, 16], weight: [23, 3, 3, 3], padding: 1 }],
    ['more rows than pay in place', { x: [1, 2, 4, 16], weight: [67, 2, 3, 3], padding: 1 }],
    ['groups', { x: [2, 6, 5, 11], weight: [9, 2, 3, 3], groups: 3, padding: 1 }],
    ['a channel each', { x: [2, 5, 6, 14], weight: [5, 1, 3, 3], groups: 5, padding: 1 }],
    ['dilated', { x: [1, 2, 11, 19], weight: [3, 2, 3, 3], dilation: [3, 2] }],
    ['strides from row to row', { x: [1, 3, 9, 12], weight: [4, 3, 3, 3], stride: [2, 1] }],
    ['strides in a row', { x: [1, 3, 9, 12], weight: [4, 3, 3, 3], stride: [1, 2] }],
    ['windows one wide', { x: [2, 3, 9, 13], weight: [4, 3, 5, 1] }],
    ['windows one high', { x: [2, 3, 5, 21], weight: [4, 3, 1, 13] }],
    ['single points', { x: [2, 5, 4, 6], weight: [3, 5, 1, 1] }],
    ['of sequences', { x: [2, 3, 37], weight: [4, 3, 5], padding: 1 }],
    ['of volumes', { x: [2, 2, 4, 5, 14], weight: [3, 2, 2, 3, 5], padding: 1 }],
    ['of volumes, dilated between planes', { x: [1, 2, 7, 5, 9], weight: [2, 2, 3, 3, 3], dilation: [2, 1, 1] }],
  ])('%s', (_, conv) => checkConv(conv))
})

/** [m, k, n], with weights as layers keep them: [n, k]. */
type Product = readonly [number, number, number]

describe('products with rows of weights', () => {
  it.each<Product>([
    [1, 1003, 45],
    [1, 8, 8],
    [1, 5, 11],
    [1, 31, 9],
    [2, 40, 23],
    [2, 100, 16],
    [3, 33, 13],
    [1, 17, 7],
    [7, 65, 30],
    [9, 65, 30],
  ])('%i by %i to %i', async (m, k, n) => {
    const shapes = [[3, m, k], [3, n, k], [n]]
    const [a, weight, bias] = shapes.map(input) as [Node, Node, Node]
    const sum = ops.add(
      makeNode('matmul', [a, makeNode('transpose', [weight], { permutation: [0, 2, 1] })], {}),
      ops.broadcastTo(makeNode('reshape', [bias], { shape: [1, 1, n] }), [3, m, n]),
    )
    const data = shapes.map(normal)
    const [as, ws, bs] = data as [Float32Array, Float32Array, Float32Array]
    const sums = Float64Array.from(grid([3, m, n]), ([batch = 0, row = 0, column = 0]) =>
      range(k).reduce(
        (all, each) => all + at(as, (batch * m + row) * k + each) * at(ws, (batch * n + column) * k + each),
        at(bs, column),
      ),
    )
    const [result, tanh] = await run([sum, ops.tanh(sum)], data)
    expectClose(result, sums)
    expectClose(tanh, sums.map(Math.tanh), largest(sums))
  })
})
