/** Loop nests of kernels: fewer and longer loops where the accesses allow, and the code that walks over them. */
import { at } from '../../../base/arrays.ts'
import type { Affine, Expression } from '../../../compile/expression.ts'
import type { Store } from '../../../compile/kernel.ts'
import { mapPositions } from '../../../compile/lowering-context.ts'
import type { Local } from '../assembler/assembler.ts'
import type { KernelFunction } from './kernel-context.ts'
import type { Access, Pointers } from './pointers.ts'

/** Loops after joining, and how positions over the old loops read over the new ones. */
export interface JoinedLoops {
  readonly extents: readonly number[]
  /** For each new loop the last (innermost) old loop that went into it. */
  readonly origin: readonly number[]
}

/**
 * Drops loops of one iteration and joins neighbours that every access runs through as one. Loops are never joined across a boundary
 * in `cuts`: the index of the first loop after it.
 */
export function joinLoops(
  extents: readonly number[],
  accesses: readonly Access[],
  cuts: readonly number[] = [],
): JoinedLoops {
  const joined: { extent: number; origin: number }[] = []
  extents.forEach((extent, loop) => {
    if (extent === 1) return
    const last = joined.at(-1)
    const crosses = cuts.some((cut) => last !== undefined && last.origin < cut && loop >= cut)
    const follows =
      last !== undefined &&
      !crosses &&
      accesses.every(({ at: { strides } }) => at(strides, last.origin) === at(strides, loop) * extent)
    if (last && follows) {
      last.extent *= extent
      last.origin = loop
    } else joined.push({ extent, origin: loop })
  })
  return { extents: joined.map((loop) => loop.extent), origin: joined.map((loop) => loop.origin) }
}

/** Rewrites positions, expressions and stores to joined loops. */
export function overLoops(joined: JoinedLoops): {
  position: (affine: Affine) => Affine
  expression: (value: Expression) => Expression
  stores: (stores: readonly Store[]) => Store[]
} {
  const position = ({ offset, strides }: Affine): Affine => ({
    offset,
    strides: joined.origin.map((loop) => strides[loop] ?? 0),
  })
  const memo = new Map<Expression, Expression>()
  const expression = (value: Expression): Expression => {
    const known = memo.get(value) ?? mapPositions(value, position, memo)
    memo.set(value, known)
    return known
  }
  return {
    position,
    expression,
    stores: (stores) =>
      stores.map(({ buffer, at: place, value }) => ({ buffer, at: position(place), value: expression(value) })),
  }
}

/**
 * Walks over loops `first` … `last` (innermost) and keeps the pointers in step; `body` runs at every point. Afterwards the pointers
 * stand where they stood.
 */
export function walkLoops(
  kernel: KernelFunction,
  pointers: Pointers,
  extents: readonly number[],
  loops: { first: number; last: number },
  body: () => void,
): void {
  if (loops.first > loops.last) {
    body()
    return
  }
  const { f } = kernel
  const extent = at(extents, loops.first)
  f.scope(() => {
    f.forRange(f.local('i32'), 0, extent, 1, () => {
      walkLoops(kernel, pointers, extents, { first: loops.first + 1, last: loops.last }, body)
      pointers.advance(loops.first, 1)
    })
  })
  pointers.advance(loops.first, -extent)
}

/**
 * Walks along one loop from where the pointers stand, `count` points in all: four at a time, then one at a time. Afterwards the
 * pointers stand `count` points further.
 */
export function walkVectors(
  kernel: KernelFunction,
  pointers: Pointers,
  loop: number,
  count: number | Local<'i32'>,
  body: (mode: 'vector' | 'lane') => void,
): void {
  const { f } = kernel
  f.scope(() => {
    const i = f.local('i32')
    const step = (mode: 'vector' | 'lane', width: number) => () => {
      f.scope(() => body(mode))
      pointers.advance(loop, width)
    }
    if (typeof count === 'number') {
      const whole = count - (count % 4)
      f.forRange(i, 0, whole, 4, step('vector', 4))
      f.forRange(i, whole, count, 1, step('lane', 1))
      return
    }
    const whole = f.local('i32')
    f.get(count).i32(-4).op('i32.and').set(whole)
    f.forRange(i, 0, whole, 4, step('vector', 4))
    f.forRange(i, whole, count, 1, step('lane', 1))
  })
}
