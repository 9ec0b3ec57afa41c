/**
 * Scatter kernels: the target is cleared, then each value is added where its index points. Values for one element are added in the
 * order of the loops, whatever the number of threads: threads divide the target, never the values of one element.
 */
import { at } from '../../../base/arrays.ts'
import { affineOf, type Expression, visitExpressions } from '../../../compile/expression.ts'
import type { ScatterKernel } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import type { KernelFunction } from './kernel-context.ts'
import { walkLoops, walkVectors } from './loops.ts'
import { type Access, Pointers } from './pointers.ts'
import { loadStrided, type Mode, storeStrided } from './strided-access.ts'

/** A thread's share of a row of the target is a multiple of this. */
const UNIT = 16

export function emitScatter(kernel: KernelFunction, scatter: ScatterKernel): void {
  new ScatterEmitter(kernel, scatter).emit()
}

class ScatterEmitter {
  readonly #kernel: KernelFunction
  readonly #scatter: ScatterKernel
  readonly #target: Access & { readonly buffer: number }
  readonly #pointers: Pointers
  /** The innermost loop. */
  readonly #last: number
  /** Whether neighbours along the innermost loop go to neighbours in the target. */
  readonly #addsRows: boolean

  constructor(kernel: KernelFunction, scatter: ScatterKernel) {
    this.#kernel = kernel
    this.#scatter = scatter
    this.#target = { buffer: scatter.buffer, at: scatter.at }
    this.#pointers = new Pointers(kernel, [...accessesOf([scatter.index, scatter.value]), this.#target])
    this.#last = scatter.extents.length - 1
    this.#addsRows = at(scatter.at.strides, this.#last) === 1 && !varies(scatter.index, this.#last)
  }

  emit(): void {
    const { f } = this.#kernel
    this.#pointers.reset()
    if (this.#last > 0 && at(this.#scatter.at.strides, 0) !== 0) this.#divideSlices()
    else if (this.#addsRows && at(this.#scatter.extents, this.#last) > UNIT) this.#divideColumns()
    else {
      f.get(this.#kernel.division.thread)
        .op('i32.eqz')
        .if(() => {
          this.#clear(4 * this.#scatter.length)
          this.#walk(0)
        })
    }
  }

  /** The first loop runs over separate slices of the target. */
  #divideSlices(): void {
    const { f } = this.#kernel
    const slice = at(this.#scatter.at.strides, 0)
    const from = f.local('i32')
    const to = f.local('i32')
    this.#kernel.share(at(this.#scatter.extents, 0), 1, from, to)
    this.#pointers.advanceBy(0, from)
    f.forRange(from, from, to, 1, () => {
      this.#clear(4 * slice)
      this.#walk(1)
      this.#pointers.advance(0, 1)
    })
  }

  /** Each thread adds its own columns of every row. */
  #divideColumns(): void {
    const { f } = this.#kernel
    const width = at(this.#scatter.extents, this.#last)
    const from = f.local('i32')
    const count = f.local('i32')
    this.#kernel.share(width, UNIT, from, count)
    f.get(count).get(from).op('i32.sub').set(count)
    this.#pointers.advanceBy(this.#last, from)
    // With more threads than units of columns some have none.
    f.get(count).if(() => {
      this.#clearColumns(width, count)
      walkLoops(this.#kernel, this.#pointers, this.#scatter.extents, { first: 0, last: this.#last - 1 }, () => {
        this.#addRow(count)
        f.i32(0).get(count).op('i32.sub').set(from)
        this.#pointers.advanceBy(this.#last, from)
      })
    })
  }

  #clearColumns(width: number, count: Local<'i32'>): void {
    const { f } = this.#kernel
    const { pointer, offset } = this.#pointers.address(this.#target)
    f.scope(() => {
      const row = f.local('i32')
      f.forRange(row, 0, 4 * this.#scatter.length, 4 * width, () => {
        f.get(pointer).plus(row).plus(offset)
        f.i32(0).get(count).i32(2).op('i32.shl').op('memory.fill')
      })
    })
  }

  /** Clears bytes of the target from where its pointer stands. */
  #clear(bytes: number): void {
    const { pointer, offset } = this.#pointers.address(this.#target)
    this.#kernel.f.get(pointer).plus(offset).i32(0).i32(bytes).op('memory.fill')
  }

  #walk(first: number): void {
    const { extents } = this.#scatter
    const end = this.#addsRows ? this.#last - 1 : this.#last
    walkLoops(this.#kernel, this.#pointers, extents, { first, last: end }, () => {
      if (!this.#addsRows) {
        this.#kernel.f.scope(() => this.#addOne())
        return
      }
      this.#addRow(at(extents, this.#last))
      this.#pointers.advance(this.#last, -at(extents, this.#last))
    })
  }

  #addOne(): void {
    const { f } = this.#kernel
    const { index, value } = this.#scatter
    const emitter = new ExpressionEmitter(this.#kernel, this.#pointers, { loop: this.#last, inline: false })
    const shift = f.local('i32')
    emitter.begin([index, value])
    this.#pushShift(emitter)
    f.set(shift)
    this.#add(emitter, shift, 'lane')
  }

  /** One index for a whole row of values; the pointers end up behind it. */
  #addRow(count: number | Local<'i32'>): void {
    const { f } = this.#kernel
    const { index, value } = this.#scatter
    f.scope(() => {
      const shift = f.local('i32')
      const outer = new ExpressionEmitter(this.#kernel, this.#pointers, { loop: this.#last, inline: false })
      outer.begin([index])
      this.#pushShift(outer)
      f.set(shift)
      const emitter = new ExpressionEmitter(this.#kernel, this.#pointers, { loop: this.#last }).hoist([value])
      walkVectors(this.#kernel, this.#pointers, this.#last, count, (mode) => {
        emitter.begin([value])
        this.#add(emitter, shift, mode)
      })
    })
  }

  /** Pushes the bytes from the target's pointer to the element that the index names. */
  #pushShift(emitter: ExpressionEmitter): void {
    const { f } = this.#kernel
    const { index, size, stride } = this.#scatter
    emitter.push(index, 'lane')
    f.hoistedI32x4(0)
      .op('i32x4.max_s')
      .hoistedI32x4(size - 1)
      .op('i32x4.min_s')
    f.extractLane('i32x4.extract_lane', 0)
      .i32(4 * stride)
      .op('i32.mul')
  }

  #add(emitter: ExpressionEmitter, shift: Local<'i32'>, mode: Mode): void {
    const { f } = this.#kernel
    const { value } = this.#scatter
    const { pointer, offset } = this.#pointers.address(this.#target)
    const place = { pointer: f.local('i32'), offset }
    const sum = f.local('v128')
    f.get(pointer).plus(shift).set(place.pointer)
    loadStrided(f, place, 1, mode)
    emitter.push(value, mode)
    f.op(value.dtype === 'float32' ? 'f32x4.add' : 'i32x4.add').set(sum)
    storeStrided(f, place, 1, mode, sum)
  }
}

/** Whether an expression changes along a loop. */
function varies(expression: Expression, loop: number): boolean {
  let result = false
  visitExpressions([expression], (part) => {
    if ((affineOf(part)?.strides[loop] ?? 0) !== 0) result = true
  })
  return result
}
