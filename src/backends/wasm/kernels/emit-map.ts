/** Element-wise kernels: nested loops, the innermost on vectors; threads share the outermost. */
import { at } from '../../../base/arrays.ts'
import type { MapKernel } from '../../../compile/kernel.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import type { Base, KernelFunction } from './kernel-context.ts'
import { type JoinedLoops, joinLoops, overLoops, walkLoops, walkVectors } from './loops.ts'
import { type Access, Pointers } from './pointers.ts'

/** A thread's share of a single loop is a multiple of this, so that only the last one has a tail. */
const UNIT = 16

export function emitMap(kernel: KernelFunction, map: MapKernel): void {
  const { f } = kernel
  const joined = joinedLoops(map)
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
    emitFillLoop(kernel, fill, pointers.address({ buffer: fill.buffer, at: fill.at }))
  }
  const inner = (count: Parameters<typeof walkVectors>[3]): void => {
    const emitter = new ExpressionEmitter(kernel, pointers, { loop: last }).hoist(values)
    walkVectors(kernel, pointers, last, count, (mode) => emitter.store(stores, mode))
  }
  pointers.reset()
  if (last < 0 || fillLevel === 0) {
    // A single point or a single plane is not worth dividing.
    f.get(kernel.division.thread)
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

/** Where a border is filled, its level is not joined over and at least one loop runs inside it. */
function joinedLoops({ extents, stores, fill }: MapKernel): JoinedLoops {
  if (!fill) return joinLoops(extents, accessesOf([], stores))
  const accesses: Access[] = [...accessesOf([], stores), { buffer: fill.buffer, at: fill.at }]
  const joined = joinLoops(extents, accesses, [fill.level])
  if (joined.origin.some((loop) => loop >= fill.level)) return joined
  return { extents: [...joined.extents, 1], origin: [...joined.origin, extents.length] }
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

/** Fills `length` elements from an address with one value. */
function emitFillLoop(
  { f, context }: KernelFunction,
  fill: NonNullable<MapKernel['fill']>,
  { pointer, offset }: Base,
): void {
  const { dtype } = at(context.program.buffers, fill.buffer)
  const bytes = fill.length * context.elementBytes(fill.buffer)
  if (Object.is(fill.value, 0) || bytes === fill.length) {
    f.get(pointer).plus(offset).i32(fill.value).i32(bytes).op('memory.fill')
    return
  }
  f.scope(() => {
    const i = f.local('i32')
    const whole = bytes - (bytes % 16)
    f.forRange(i, 0, whole, 16, () => {
      f.get(pointer).plus(i)
      if (dtype === 'float32') f.hoistedF32x4(fill.value)
      else f.hoistedI32x4(fill.value)
      f.store('v128.store', offset, 2)
    })
    f.forRange(i, whole, bytes, 4, () => {
      f.get(pointer).plus(i)
      if (dtype === 'float32') f.f32(fill.value).store('f32.store', offset)
      else f.i32(fill.value).store('i32.store', offset)
    })
  })
}
