/** Element-wise kernels: nested loops, the innermost on vectors; threads share the outermost. */
import { at } from '../../base/arrays.ts'
import type { MapKernel } from '../../compile/kernel.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import type { KernelFunction } from './kernel-context.ts'
import { joinLoops, overLoops, walkLoops, walkVectors } from './loops.ts'
import { type Access, Pointers } from './pointers.ts'

/** A thread's share of a single loop is a multiple of this, so that only the last one has a tail. */
const UNIT = 16

export function emitMap(kernel: KernelFunction, map: MapKernel): void {
  const { f } = kernel
  const fillAccess: Access[] = map.fill ? [{ buffer: map.fill.buffer, at: map.fill.at }] : []
  const joined = joinLoops(
    map.extents,
    [...accessesOf([], map.stores), ...fillAccess],
    map.fill ? [map.fill.level] : [],
  )
  const over = overLoops(joined)
  const stores = over.stores(map.stores)
  const values = stores.map((store) => store.value)
  const fill = map.fill && { ...map.fill, at: over.position(map.fill.at) }
  const fillLevel = map.fill ? joined.origin.filter((loop) => loop < (map.fill?.level ?? 0)).length : -1
  const { extents } = joined
  const last = extents.length - 1
  const pointers = new Pointers(kernel, [
    ...accessesOf([], stores),
    ...(fill ? [{ buffer: fill.buffer, at: fill.at }] : []),
  ])
  const emitFill = (): void => {
    if (!fill) return
    const { pointer, offset } = pointers.address({ buffer: fill.buffer, at: fill.at })
    emitFillLoop(kernel, pointer, offset, fill.length, fill.value)
  }
  const inner = (count: Parameters<typeof walkVectors>[3]): void => {
    const emitter = new ExpressionEmitter(kernel, pointers, { loop: last }).hoist(values)
    walkVectors(kernel, pointers, last, count, (mode) => emitter.store(stores, mode))
  }
  pointers.reset()
  if (last < 0 || fillLevel === 0) {
    // A single point or a single plane is not worth dividing.
    f.get(kernel.thread)
      .op('i32.eqz')
      .if(() => {
        emitFill()
        if (last < 0) new ExpressionEmitter(kernel, pointers, { loop: 0 }).store(stores, 'lane')
        else
          walkLoops(kernel, pointers, extents, { first: 0, last: last - 1 }, () =>
            innerAndBack(inner, pointers, last, at(extents, last)),
          )
      })
    return
  }
  const from = f.local('i32')
  const to = f.local('i32')
  kernel.share(at(extents, 0), last === 0 ? UNIT : 1, from, to)
  pointers.advanceBy(0, from)
  if (last === 0) {
    f.get(to).get(from).op('i32.sub').set(to)
    inner(to)
    return
  }
  f.forRange(from, from, to, 1, () => {
    walkToFill(kernel, pointers, extents, fillLevel, emitFill, () =>
      innerAndBack(inner, pointers, last, at(extents, last)),
    )
    pointers.advance(0, 1)
  })
}

/** The loops inside the outermost, with the border filled at its level. */
function walkToFill(
  kernel: KernelFunction,
  pointers: Pointers,
  extents: readonly number[],
  fillLevel: number,
  emitFill: () => void,
  inner: () => void,
): void {
  const last = extents.length - 1
  if (fillLevel < 1) {
    walkLoops(kernel, pointers, extents, { first: 1, last: last - 1 }, inner)
    return
  }
  walkLoops(kernel, pointers, extents, { first: 1, last: fillLevel - 1 }, () => {
    emitFill()
    walkLoops(kernel, pointers, extents, { first: fillLevel, last: last - 1 }, inner)
  })
}

function innerAndBack(inner: (count: number) => void, pointers: Pointers, loop: number, count: number): void {
  inner(count)
  pointers.advance(loop, -count)
}

/** Fills `length` floats or words from an address. */
function emitFillLoop(
  { f }: KernelFunction,
  pointer: Parameters<typeof f.get>[0],
  offset: number,
  length: number,
  value: number,
): void {
  if (Object.is(value, 0)) {
    f.get(pointer)
      .i32(offset)
      .op('i32.add')
      .i32(0)
      .i32(4 * length)
      .op('memory.fill')
    return
  }
  f.scope(() => {
    const i = f.local('i32')
    const vectors = 16 * Math.floor(length / 4)
    f.forRange(i, 0, vectors, 16, () => {
      f.get(pointer).get(i).op('i32.add').hoistedF32x4(value).store('v128.store', offset, 2)
    })
    f.forRange(i, vectors, 4 * length, 4, () => {
      f.get(pointer).get(i).op('i32.add').f32(value).store('f32.store', offset)
    })
  })
}
