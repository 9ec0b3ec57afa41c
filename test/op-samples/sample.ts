/** What a sample is, and how its operands get their values: from their position and a fixed seed alone. */

import { at } from '../../src/base/arrays.ts'
import { type DType, type TypedArray, toTypedArray } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node, NodeOf } from '../../src/ir/node.ts'
import { permutation } from '../../src/random/permutation.ts'
import { RandomSequence } from '../../src/random/threefry.ts'
import { elementCount, type Shape } from '../../src/shape/shape.ts'

/** Makes `count` values. */
export type Values = (count: number, random: RandomSequence) => number[]

export interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  readonly values: Values
}

export interface OpSample {
  /** Unique in the table. */
  readonly name: string
  readonly operands: readonly Operand[]
  readonly build: (...operands: Node[]) => Node
  /** Whether first and second derivatives in all float32 operands exist near the operands' values and are to be checked. */
  readonly differentiable: boolean
}

/** Uniform in [low, high). */
export const uniform =
  (low: number, high: number): Values =>
  (count, random) =>
    Array.from({ length: count }, () => low + (high - low) * random.uniform())

/** Whole numbers from low to high − 1. */
export const integers =
  (low: number, high: number): Values =>
  (count, random) =>
    Array.from({ length: count }, () => low + random.integer(high - low))

/** All different, at least `gap` apart, around 0, in random order: no ties for a finite difference to cross. */
export const distinct =
  (gap = 0.1): Values =>
  (count, random) =>
    Array.from(permutation(random, count), (rank) => gap * (rank - (count - 1) / 2 + 0.25))

/** Uniform in ±[low, high): never near 0. */
export const awayFromZero =
  (low: number, high: number): Values =>
  (count, random) =>
    Array.from({ length: count }, () => (low + (high - low) * random.uniform()) * (random.uniform() < 0.5 ? -1 : 1))

/** The given values over and over. */
export const listed =
  (...values: number[]): Values =>
  (count) =>
    Array.from({ length: count }, (_, index) => at(values, index % values.length))

/** Each of the given values `times` times in a row, over and over; with `listed` it makes all pairs. */
export const repeated =
  (times: number, ...values: number[]): Values =>
  (count) =>
    Array.from({ length: count }, (_, index) => at(values, Math.floor(index / times) % values.length))

const defaultValues: Record<DType, Values> = {
  float32: uniform(-2, 2),
  int32: integers(-9, 10),
  uint8: integers(0, 256),
  bool: integers(0, 2),
}

/** A float32 operand. */
export const float = (shape: Shape, values = defaultValues.float32): Operand => ({ shape, dtype: 'float32', values })
export const int32 = (shape: Shape, values = defaultValues.int32): Operand => ({ shape, dtype: 'int32', values })
export const uint8 = (shape: Shape, values = defaultValues.uint8): Operand => ({ shape, dtype: 'uint8', values })
export const bool = (shape: Shape, values = defaultValues.bool): Operand => ({ shape, dtype: 'bool', values })

/** A sample whose derivatives are checked. */
export const smooth = (name: string, operands: readonly Operand[], build: OpSample['build']): OpSample => ({
  name,
  operands,
  build,
  differentiable: true,
})

/** A sample of values only: integers, special values, kinks. */
export const valuesOnly = (name: string, operands: readonly Operand[], build: OpSample['build']): OpSample => ({
  name,
  operands,
  build,
  differentiable: false,
})

/** The content of operand number `index` of a sample. */
export function operandData(operand: Operand, index: number): TypedArray {
  const random = new RandomSequence(2024, { stream: index })
  return toTypedArray(operand.dtype, operand.values(elementCount(operand.shape), random))
}

/** Input nodes that carry the sample's operands. */
export function sampleInputs(sample: OpSample): NodeOf<'input'>[] {
  return sample.operands.map((operand, index) => {
    const source = { data: operandData(operand, index) }
    return makeNode('input', [], { source, shape: operand.shape, dtype: operand.dtype }) as NodeOf<'input'>
  })
}
