/** Steps that the forward pass and the weight gradient of Winograd convolutions share. */
import { at, range } from '../../base/arrays.ts'
import type { FunctionBuilder, Local } from './assembler.ts'
import type { KernelFunction } from './kernel-context.ts'

/**
 * Bytes between the 16 positions of transformed tiles beyond their size: sixteen stores a power of two apart would all fall into one
 * set of the cache and push each other out.
 */
export const SKEW = 64

/** Byte offsets of four tiles from a table. */
export function loadOffsets(kernel: KernelFunction, table: number, first: Local<'i32'>): Local<'i32'>[] {
  const { f } = kernel
  const { pointer, offset } = kernel.address(table)
  return range(4).map((lane) => {
    const local = f.local('i32')
    f.get(pointer)
      .get(first)
      .i32(2)
      .op('i32.shl')
      .op('i32.add')
      .load('i32.load', offset + 4 * lane)
    f.i32(2).op('i32.shl').set(local)
    return local
  })
}

/** Bᵀ d B with Bᵀ of F(2, 3): rows d₀ − d₂, d₁ + d₂, d₂ − d₁, d₁ − d₃. */
export function transformInput(f: FunctionBuilder, d: Local<'v128'>[][]): Local<'v128'>[][] {
  const along = (four: readonly Local<'v128'>[]): Local<'v128'>[] => {
    const [d0, d1, d2, d3] = four as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>]
    const sum = f.local('v128')
    f.get(d0).get(d2).op('f32x4.sub').set(d0)
    f.get(d1).get(d2).op('f32x4.add').set(sum)
    f.get(d1).get(d3).op('f32x4.sub').set(d3)
    f.get(d2).get(d1).op('f32x4.sub').set(d2)
    return [d0, sum, d2, d3]
  }
  const columns = range(4).map((x) => along(range(4).map((y) => at(at(d, y), x))))
  return range(4).map((y) => along(range(4).map((x) => at(at(columns, x), y))))
}
