/** Short ways to build graphs of host data in tests, and to judge values. */
import { expect } from 'vitest'
import { at } from '../../src/base/arrays.ts'
import { type DType, toTypedArray } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node } from '../../src/ir/node.ts'
import { RandomSequence } from '../../src/random/threefry.ts'
import { elementCount, type Shape } from '../../src/shape/shape.ts'

/** An input node that carries `values`; its shape is that of a vector when none is given. */
export function tensorOf(values: readonly number[], shape: Shape = [values.length], dtype: DType = 'float32'): Node {
  return makeNode('input', [], { source: { data: toTypedArray(dtype, values) }, shape, dtype })
}

/** An input node of normal random numbers, the same for the same seed. */
export function normalTensor(shape: Shape, seed: number): Node {
  const random = new RandomSequence(seed)
  return tensorOf(
    Array.from({ length: elementCount(shape) }, () => random.normal()),
    shape,
  )
}

/** Σ aᵢ bᵢ */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i)
  return sum
}

/** Every |actual − expected| ≤ absolute + relative · |expected|; the defaults are those of the PyTorch references. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-5, relative = 1e-4 } = {},
): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + relative * Math.abs(at(expected, i))
    if (Math.abs(at(actual, i) - at(expected, i)) <= allowed) continue
    expect(at(actual, i), `element ${i}, tolerance ${allowed}`).toBe(at(expected, i))
  }
}
