/**
 * Window kernels: maxima, sums and chosen elements of windows; the adjoints are in `emit-window-adjoint.ts`. Four neighbouring
 * windows at a time, or, for sums over wide windows, four neighbouring taps. Threads share the planes.
 */
import { range } from '../../../base/arrays.ts'
import type { BufferId } from '../../../compile/expression.ts'
import type { MaximumKernel, WindowChoiceKernel, WindowKernel, WindowSumKernel } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import { sumLanes } from './emit-reduce.ts'
import { emitSumPoolGrad, emitWindowScatter } from './emit-window-adjoint.ts'
import type { KernelFunction } from './kernel-context.ts'
import { loadStrided, type Mode } from './strided-access.ts'
import { type Tap, WindowWalk } from './window-walk.ts'

/** Choosing among this many loaded taps costs no more than fetching four elements one by one. */
const SELECTED_TAPS = 9

export function emitWindow(kernel: KernelFunction, window: WindowKernel): void {
  if (window.op === 'maxPool') emitMaxPool(kernel, window)
  if (window.op === 'sumPool') emitSumPool(kernel, window)
  if (window.op === 'sumPoolGrad') emitSumPoolGrad(kernel, window)
  if (window.op === 'windowGather') emitWindowGather(kernel, window)
  if (window.op === 'windowScatter') emitWindowScatter(kernel, window)
}

/** Where `mask` is set the first of two vectors on the stack, else the second. */
function select({ f, context }: KernelFunction, mask: Local<'v128'>): void {
  f.get(mask).op(context.fma ? 'i32x4.relaxed_laneselect' : 'v128.bitselect')
}

function emitMaxPool(kernel: KernelFunction, window: MaximumKernel): void {
  const { f } = kernel
  const { target, indices } = window
  const results = [target, indices].filter((buffer) => buffer !== undefined)
  const walk = new WindowWalk(kernel, window, [window.source], results)
  const best = f.local('v128')
  const place = f.local('v128')
  walk.planes(() =>
    walk.rows(() =>
      walk.vectors((mode) => {
        emitMaximum(walk, window, mode, { best, place })
        if (target !== undefined) walk.store(target, mode, best)
        if (indices !== undefined) walk.store(indices, mode, place)
      }),
    ),
  )
}

interface Maximum {
  readonly best: Local<'v128'>
  /** The index of the best tap, where it is wanted. */
  readonly place: Local<'v128'>
}

/**
 * Finds the largest tap and its index; NaN is larger than every number, the first of equals wins. Numbers alone take fewer
 * instructions, so NaN, which shows in the sum of the taps, has code of its own.
 */
function emitMaximum(walk: WindowWalk, window: MaximumKernel, mode: Mode, maximum: Maximum): void {
  const { kernel } = walk
  const { f } = kernel
  const { best, place } = maximum
  const wantsIndices = window.indices !== undefined
  f.scope(() => {
    const candidate = f.local('v128')
    const wins = f.local('v128')
    const sum = f.local('v128')
    const push = tapReader(walk, mode)
    let started = walk.tapsAreLooped
    if (started) startMaximum(kernel, maximum)
    if (started) f.hoistedF32x4(0).set(sum)
    walk.taps(walk.larger(window.source), (tap) => {
      push(tap)
      if (!started) {
        f.tee(best).set(sum)
        if (wantsIndices) f.hoistedI32x4(0).set(place)
        started = true
        return
      }
      f.set(candidate)
      f.get(sum).get(candidate).op('f32x4.add').set(sum)
      if (wantsIndices) {
        f.get(candidate).get(best).op('f32x4.gt').set(wins)
        pushIndex(kernel, tap.index)
        f.get(place)
        select(kernel, wins)
        f.set(place)
      }
      f.get(best).get(candidate).op('f32x4.pmax').set(best)
    })
    f.get(sum).get(sum).op('f32x4.ne').op('v128.any_true')
    f.if(() => f.scope(() => emitMaximumOrNaN(walk, window, mode, maximum)))
  })
}

function startMaximum({ f }: KernelFunction, { best, place }: Maximum): void {
  f.hoistedF32x4(Number.NEGATIVE_INFINITY).set(best)
  f.hoistedI32x4(0).set(place)
}

/** The same where NaN, or infinities of both signs, may be among the taps; short rather than fast. */
function emitMaximumOrNaN(walk: WindowWalk, window: MaximumKernel, mode: Mode, maximum: Maximum): void {
  const { kernel, geometry } = walk
  const { f } = kernel
  const { best, place } = maximum
  const candidate = f.local('v128')
  const wins = f.local('v128')
  startMaximum(kernel, maximum)
  walk.tapLoops(walk.larger(window.source), ({ index, address }) => {
    loadStrided(f, address, geometry.stride[2], mode)
    f.set(candidate)
    // Not smaller and not equal: larger, or one of them NaN; then a NaN that is already there stays.
    f.get(best).get(best).op('f32x4.eq').get(candidate).get(best).op('f32x4.le').op('v128.andnot').set(wins)
    f.get(candidate).get(best)
    select(kernel, wins)
    f.set(best)
    pushIndex(kernel, index)
    f.get(place)
    select(kernel, wins)
    f.set(place)
  })
}

function pushIndex({ f }: KernelFunction, index: Tap['index']): void {
  if (typeof index === 'number') f.hoistedI32x4(index)
  else f.get(index).op('i32x4.splat')
}

function emitSumPool(kernel: KernelFunction, window: WindowSumKernel): void {
  const { f } = kernel
  const { target } = window
  const walk = new WindowWalk(kernel, window, [window.source], [target])
  const sum = f.local('v128')
  const { kernel: size, output, stride, dilation } = walk.geometry
  const alongTaps = size[2] >= 4 && dilation[2] === 1 && (output[2] < 4 || stride[2] > 2)
  const sumTaps = (mode: Mode): void => {
    f.scope(() => {
      const push = tapReader(walk, mode)
      let started = walk.tapsAreLooped
      if (started) f.hoistedF32x4(0).set(sum)
      walk.taps(walk.larger(window.source), (tap) => {
        push(tap)
        if (started) f.get(sum).op('f32x4.add')
        f.set(sum)
        started = true
      })
    })
    walk.store(target, mode, sum)
  }
  walk.planes(() =>
    walk.rows(() => {
      if (alongTaps) walk.each(() => emitSumAlongTaps(walk, window.source, target))
      else walk.vectors(sumTaps)
    }),
  )
}

/** The sum of one wide window, four neighbouring taps at a time. */
function emitSumAlongTaps(walk: WindowWalk, source: BufferId, target: BufferId): void {
  const { kernel, geometry } = walk
  const { f } = kernel
  const width = geometry.kernel[2]
  const unroll = width >= 16 ? 4 : 1
  const block = 4 * unroll
  f.scope(() => {
    const sums = range(unroll).map(() => f.local('v128'))
    const tail = f.local('v128')
    const [first] = sums as [Local<'v128'>]
    for (const sum of [...sums, tail]) f.hoistedF32x4(0).set(sum)
    const add = (sum: Local<'v128'>, push: () => void): void => {
      push()
      f.get(sum).op('f32x4.add').set(sum)
    }
    walk.tapRows(walk.larger(source), 2, ({ pointer: row, offset }) => {
      f.scope(() => {
        const pointer = f.local('i32')
        const i = f.local('i32')
        f.get(row).set(pointer)
        const blocks = width - (width % block)
        f.forRange(i, 0, blocks, block, () => {
          sums.forEach((sum, index) => {
            add(sum, () => f.get(pointer).load('v128.load', offset + 16 * index, 2))
          })
          f.addImmediate(pointer, 4 * block)
        })
        for (let rest = blocks; rest < width; rest += rest + 4 <= width ? 4 : 1) {
          const place = offset + 4 * (rest - blocks)
          if (rest + 4 <= width) add(first, () => f.get(pointer).load('v128.load', place, 2))
          else add(tail, () => f.get(pointer).load('v128.load32_zero', place))
        }
      })
    })
    sumLanes(kernel, sums, tail, 'f32x4.add')
    f.set(tail)
    walk.store(target, 'lane', tail)
  })
}

function emitWindowGather(kernel: KernelFunction, window: WindowChoiceKernel): void {
  const { f } = kernel
  const { target, indices } = window
  const walk = new WindowWalk(kernel, window, [window.source], [target, indices])
  const { taps, stride } = walk.geometry
  const selects = taps <= SELECTED_TAPS && stride[2] <= 2
  const place = f.local('v128')
  const value = f.local('v128')
  const wanted = f.local('v128')
  const selectTap = (mode: Mode): void => {
    const push = tapReader(walk, mode)
    walk.load(indices, mode)
    f.set(place)
    f.hoistedF32x4(0).set(value)
    walk.taps(walk.larger(window.source), (tap) => {
      f.get(place)
      pushIndex(kernel, tap.index)
      f.op('i32x4.eq').set(wanted)
      push(tap)
      f.get(value)
      select(kernel, wanted)
      f.set(value)
    })
    walk.store(target, mode, value)
  }
  walk.planes(() =>
    walk.rows(() => {
      if (selects) walk.vectors((mode) => f.scope(() => selectTap(mode)))
      else walk.each(() => f.scope(() => emitGatherOne(walk, window.source, target, indices)))
    }),
  )
}

/** One element by its address; an index outside the window gives 0. */
function emitGatherOne(walk: WindowWalk, source: BufferId, target: BufferId, indices: BufferId): void {
  const { f } = walk.kernel
  const tap = f.local('i32')
  const from = walk.larger(source)
  const to = walk.smaller(target)
  f.get(to.pointer)
  walk.loadIndex(indices)
  f.tee(tap).i32(walk.geometry.taps).op('i32.lt_u')
  f.if(
    () => {
      f.get(from.pointer)
      walk.pushTapOffset(tap)
      f.op('i32.add').load('f32.load', from.offset)
    },
    () => f.f32(0),
    'f32',
  )
  f.store('f32.store', to.offset)
}

/** Gives a function that pushes a tap of four windows; call it once for every tap, in order. */
function tapReader(walk: WindowWalk, mode: Mode): (tap: Tap) => void {
  const { f } = walk.kernel
  const { kernel, stride, dilation } = walk.geometry
  const pairs = mode === 'vector' && stride[2] === 2 && dilation[2] === 1
  const low = pairs ? f.local('v128') : undefined
  const high = pairs ? f.local('v128') : undefined
  return ({ column, address: { pointer, offset } }) => {
    if (low && high && column !== undefined && column % 2 === 1) {
      f.get(low).get(high).shuffle32(1, 3, 5, 7)
    } else if (low && high && column !== undefined && column + 1 < kernel[2]) {
      f.get(pointer).load('v128.load', offset, 2).tee(low)
      f.get(pointer)
        .load('v128.load', offset + 16, 2)
        .tee(high)
      f.shuffle32(0, 2, 4, 6)
    } else loadStrided(f, { pointer, offset }, stride[2], mode)
  }
}
