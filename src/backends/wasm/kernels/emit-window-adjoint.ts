/**
 * The adjoints of pooling: values of windows go back to the elements they came from. Windows that do not touch are written at once,
 * four side by side; where windows overlap, planes are cleared and windows added one after the other, so sums have one order.
 */
import { at, range } from '../../../base/arrays.ts'
import { invariant } from '../../../base/errors.ts'
import type { BufferId } from '../../../compile/expression.ts'
import type { WindowChoiceKernel, WindowSumKernel } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import type { KernelFunction } from './kernel-context.ts'
import { type Mode, storeStrided } from './strided-access.ts'
import { type WindowGeometry, WindowWalk, windowsApart, windowsTile } from './window-walk.ts'

/** Comparing with this many taps costs less than clearing the plane and placing values one by one. */
const COMPARED_TAPS = 16

/** Elements at the ends of a row are written out one by one; there are twice as many as windows reach beyond their first tap. */
const ROW_REACH = 25

export function emitWindowScatter(kernel: KernelFunction, window: WindowChoiceKernel): void {
  const { f } = kernel
  const { target, indices, source } = window
  const walk = new WindowWalk(kernel, window, [target], [source, indices])
  const { geometry } = walk
  const compares = geometry.taps <= COMPARED_TAPS && windowsApart(geometry) && writesRows(geometry)
  const value = f.local('v128')
  const place = f.local('v128')
  walk.planes(() => {
    if (!compares || !windowsTile(geometry)) walk.clearPlane(target)
    walk.rows(() => {
      if (!compares) {
        walk.each(() => f.scope(() => emitScatterOne(walk, source, indices, target)))
        return
      }
      walk.vectors((mode) => {
        walk.load(source, mode)
        f.set(value)
        walk.load(indices, mode)
        f.set(place)
        writeTaps(walk, target, mode, (tap) => f.get(value).get(place).hoistedI32x4(tap).op('i32x4.eq').op('v128.and'))
      })
    })
  })
}

/** Adds one value by its address; an index outside the window adds nothing. */
function emitScatterOne(walk: WindowWalk, source: BufferId, indices: BufferId, target: BufferId): void {
  const { f } = walk.kernel
  const tap = f.local('i32')
  const address = f.local('i32')
  const from = walk.smaller(source)
  const to = walk.larger(target)
  walk.loadIndex(indices)
  f.tee(tap).i32(walk.geometry.taps).op('i32.lt_u')
  f.if(() => {
    f.get(to.pointer)
    walk.pushTapOffset(tap)
    f.op('i32.add').tee(address)
    f.get(address).load('f32.load', to.offset)
    f.get(from.pointer).load('f32.load', from.offset).op('f32.add')
    f.store('f32.store', to.offset)
  })
}

export function emitSumPoolGrad(kernel: KernelFunction, window: WindowSumKernel): void {
  const { f } = kernel
  const { target, source } = window
  const walk = new WindowWalk(kernel, window, [target], [source])
  const { geometry } = walk
  const apart = windowsApart(geometry)
  const runs = apart && geometry.kernel[2] >= 4 && geometry.dilation[2] === 1
  const writes = runs || (apart && !walk.tapsAreLooped)
  const value = f.local('v128')
  const spread = (mode: Mode): void => {
    walk.load(source, mode)
    f.set(value)
    writeTaps(walk, target, mode, () => f.get(value))
  }
  walk.planes(() => {
    if (!writes || !windowsTile(geometry)) walk.clearPlane(target)
    walk.rows(() => {
      if (runs) walk.each(() => f.scope(() => emitRuns(walk, source, target)))
      else if (writes) walk.vectors(spread)
      else if (hasFullRows(geometry)) emitRowSums(walk, source, target)
      else walk.each(() => f.scope(() => emitAddToTaps(walk, source, target)))
    })
  })
}

/** Writes one value to all taps of a wide window, four neighbours at a time; the last four may overlap. */
function emitRuns(walk: WindowWalk, source: BufferId, target: BufferId): void {
  const { f } = walk.kernel
  const width = walk.geometry.kernel[2]
  const value = f.local('v128')
  const from = walk.smaller(source)
  f.get(from.pointer).load('v128.load32_splat', from.offset).set(value)
  walk.tapRows(walk.larger(target), 2, ({ pointer: row, offset }) => {
    f.scope(() => {
      const pointer = f.local('i32')
      const i = f.local('i32')
      const whole = width - (width % 4)
      f.get(row).set(pointer)
      f.forRange(i, 0, whole, 4, () => {
        f.get(pointer).get(value).store('v128.store', offset, 2)
        f.addImmediate(pointer, 16)
      })
      if (whole < width) {
        f.get(row)
          .get(value)
          .store('v128.store', offset + 4 * (width - 4), 2)
      }
    })
  })
}

/** Whether rows of windows of stride 1 are long beside the window, so that most elements belong to a full number of windows. */
function hasFullRows({ kernel, stride, dilation, output }: WindowGeometry): boolean {
  const reach = (kernel[2] - 1) * dilation[2]
  return stride[2] === 1 && reach < ROW_REACH && output[2] >= reach + 4
}

/** Windows of stride 1 along the row: each element takes the values of all windows over it at once. */
function emitRowSums(walk: WindowWalk, source: BufferId, target: BufferId): void {
  const { f } = walk.kernel
  const { kernel, dilation, output } = walk.geometry
  const width = output[2]
  const shifts = range(kernel[2]).map((tap) => tap * dilation[2])
  const reach = (kernel[2] - 1) * dilation[2]
  const whole = reach + 4 * Math.floor((width - reach) / 4)
  const from = walk.smaller(source)
  walk.tapRows(walk.larger(target), 2, (row) => {
    // Element x lies in the windows that begin at x − shift.
    const addTo = (x: number, read: Local<'i32'>, write: Local<'i32'>, type: 'f32' | 'f32x4'): void => {
      const load = type === 'f32' ? 'f32.load' : 'v128.load'
      const place = row.offset + 4 * x
      f.get(write).get(write).load(load, place, 2)
      for (const shift of shifts) {
        if (x < shift || x - shift >= width) continue
        f.get(read)
          .load(load, from.offset + 4 * (x - shift), 2)
          .op(`${type}.add`)
      }
      f.store(type === 'f32' ? 'f32.store' : 'v128.store', place, 2)
    }
    for (const x of [...range(reach), ...range(width - whole + reach).map((each) => whole + each)]) {
      addTo(x, from.pointer, row.pointer, 'f32')
    }
    f.scope(() => {
      const [read, write, i] = [f.local('i32'), f.local('i32'), f.local('i32')]
      f.get(from.pointer).set(read).get(row.pointer).set(write)
      f.forRange(i, reach, whole, 4, () => {
        addTo(reach, read, write, 'f32x4')
        f.addImmediate(read, 16).addImmediate(write, 16)
      })
    })
  })
}

function emitAddToTaps(walk: WindowWalk, source: BufferId, target: BufferId): void {
  const { f } = walk.kernel
  const value = f.local('f32')
  const from = walk.smaller(source)
  f.get(from.pointer).load('f32.load', from.offset).set(value)
  walk.taps(walk.larger(target), ({ address: { pointer, offset } }) => {
    f.get(pointer).get(pointer).load('f32.load', offset).get(value).op('f32.add').store('f32.store', offset)
  })
}

/** Whether four windows side by side fill whole vectors. */
function writesRows({ kernel, stride, dilation }: WindowGeometry): boolean {
  return kernel[2] === stride[2] && kernel[2] <= 2 && dilation[2] === 1
}

/** Writes every tap of four windows, or of one; windows must not touch. */
function writeTaps(walk: WindowWalk, target: BufferId, mode: Mode, push: (tap: number) => void): void {
  const { kernel, geometry } = walk
  const { f } = kernel
  const pairs = mode === 'vector' && writesRows(geometry) && geometry.kernel[2] === 2
  f.scope(() => {
    const even = f.local('v128')
    const odd = f.local('v128')
    walk.taps(walk.larger(target), ({ index, column, address: { pointer, offset } }) => {
      invariant(typeof index === 'number', 'too many taps')
      push(index)
      if (!pairs) {
        f.set(even)
        storeStrided(f, { pointer, offset }, at(geometry.stride, 2), mode, even)
      } else if (column === 0) f.set(even)
      else {
        const start = offset - 4
        f.set(odd)
        f.get(pointer).get(even).get(odd).shuffle32(0, 4, 1, 5).store('v128.store', start, 2)
        f.get(pointer)
          .get(even)
          .get(odd)
          .shuffle32(2, 6, 3, 7)
          .store('v128.store', start + 16, 2)
      }
    })
  })
}
