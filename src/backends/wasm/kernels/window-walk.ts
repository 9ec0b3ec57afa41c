/**
 * How window kernels move over their planes: the geometry brought to three axes, pointers on both sides, the taps of a window.
 * The emitters of pooling and of its adjoints fill in what happens at each place; padding was made explicit by the compiler.
 */
import { at, range } from '../../../base/arrays.ts'
import { invariant } from '../../../base/errors.ts'
import type { Affine, BufferId } from '../../../compile/expression.ts'
import type { WindowKernel } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import type { Base, KernelFunction } from './kernel-context.ts'
import { walkLoops } from './loops.ts'
import { Pointers } from './pointers.ts'
import { loadStrided, type Mode, storeStrided } from './strided-access.ts'

/** Depth, height, width. */
type Triple = readonly [number, number, number]

export interface WindowGeometry {
  readonly planes: number
  readonly input: Triple
  readonly output: Triple
  readonly kernel: Triple
  readonly stride: Triple
  readonly dilation: Triple
  readonly taps: number
  /** Bytes from one tap to the next along each axis. */
  readonly tapBytes: Triple
}

interface Axis {
  readonly input: number
  readonly output: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
}

const single: Axis = { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1 }

/** Windows with up to this many taps are written out; more become loops. */
const UNROLLED = 25

export function windowGeometry(window: WindowKernel): WindowGeometry {
  const axes = window.window.map((axis, index): Axis => {
    const { kernel, stride, dilation } = axis
    const sizes = { input: at(window.inputSize, index), output: at(window.outputSize, index) }
    return { ...sizes, kernel, stride, dilation: kernel === 1 ? 1 : dilation }
  })
  let { planes } = window
  while (axes.length > 1 && at(axes, 0).kernel === 1 && at(axes, 0).stride === 1) {
    planes *= at(axes, 0).input
    axes.shift()
  }
  joinWholeRows(axes)
  invariant(axes.length <= 3, `windows over ${axes.length} axes`)
  while (axes.length < 3) axes.unshift(single)
  const triple = (key: keyof Axis): Triple => [at(axes, 0)[key], at(axes, 1)[key], at(axes, 2)[key]]
  const [, height, width] = triple('input')
  const kernel = triple('kernel')
  const dilation = triple('dilation')
  return {
    planes,
    input: triple('input'),
    output: triple('output'),
    kernel,
    stride: triple('stride'),
    dilation,
    taps: kernel[0] * kernel[1] * kernel[2],
    tapBytes: [4 * dilation[0] * height * width, 4 * dilation[1] * width, 4 * dilation[2]],
  }
}

/** Where windows are as wide as the plane, their rows lie one behind the other and become one row. */
function joinWholeRows(axes: Axis[]): void {
  while (axes.length > 1) {
    const [outer, inner] = axes.slice(-2) as [Axis, Axis]
    const whole = inner.kernel === inner.input && inner.output === 1
    if (!whole || inner.dilation !== 1 || outer.dilation !== 1) return
    axes.splice(-2, 2, {
      input: outer.input * inner.input,
      output: outer.output,
      kernel: outer.kernel * inner.kernel,
      stride: outer.stride * inner.input,
      dilation: 1,
    })
  }
}

/** Whether no element belongs to two windows. */
export function windowsApart({ kernel, stride, dilation }: WindowGeometry): boolean {
  return kernel.every((size, axis) => at(stride, axis) > (size - 1) * at(dilation, axis))
}

/** Whether every element belongs to exactly one window. */
export function windowsTile({ input, output, kernel, stride, dilation }: WindowGeometry): boolean {
  return kernel.every(
    (size, axis) =>
      size === at(stride, axis) && at(dilation, axis) === 1 && at(output, axis) * size === at(input, axis),
  )
}

/** One element of a window, at which `address` points for the window where the pointers stand. */
export interface Tap {
  /** Row-major in the window: a number where taps are written out, else a local. */
  readonly index: number | Local<'i32'>
  /** Along the width, where taps are written out. */
  readonly column?: number
  readonly address: Base
}

/** Pointers into the larger side, at the first tap of a window, and into the smaller one, at the window's element. */
export class WindowWalk {
  readonly kernel: KernelFunction
  readonly geometry: WindowGeometry
  readonly #pointers: Pointers
  readonly #extents: readonly number[]
  readonly #larger: Affine
  readonly #smaller: Affine

  constructor(kernel: KernelFunction, window: WindowKernel, larger: readonly BufferId[], smaller: readonly BufferId[]) {
    this.kernel = kernel
    this.geometry = windowGeometry(window)
    const { planes, input, output, stride } = this.geometry
    const plane = input[1] * input[2]
    this.#extents = [planes, ...output]
    this.#larger = {
      offset: 0,
      strides: [input[0] * plane, stride[0] * plane, stride[1] * input[2], stride[2]],
    }
    this.#smaller = {
      offset: 0,
      strides: [output[0] * output[1] * output[2], output[1] * output[2], output[2], 1],
    }
    this.#pointers = new Pointers(kernel, [
      ...larger.map((buffer) => ({ buffer, at: this.#larger })),
      ...smaller.map((buffer) => ({ buffer, at: this.#smaller })),
    ])
  }

  /** The first tap of the window that the walk stands at. */
  larger(buffer: BufferId): Base {
    return this.#pointers.address({ buffer, at: this.#larger })
  }

  /** The element of the window that the walk stands at. */
  smaller(buffer: BufferId): Base {
    return this.#pointers.address({ buffer, at: this.#smaller })
  }

  /** Pushes the elements of four windows, or of one. */
  load(buffer: BufferId, mode: Mode): void {
    const { f } = this.kernel
    const place = this.smaller(buffer)
    if (!this.#isBytes(buffer)) loadStrided(f, place, 1, mode)
    else if (mode === 'lane') f.get(place.pointer).load('i32.load8_u', place.offset).op('i32x4.splat')
    else {
      f.get(place.pointer).load('v128.load32_zero', place.offset, 0)
      f.op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u')
    }
  }

  /** Writes the elements of four windows, or of one. */
  store(buffer: BufferId, mode: Mode, value: Local<'v128'>): void {
    const { f } = this.kernel
    const place = this.smaller(buffer)
    if (!this.#isBytes(buffer)) {
      storeStrided(f, place, 1, mode, value)
      return
    }
    f.get(place.pointer).get(value)
    if (mode === 'lane') f.extractLane('i32x4.extract_lane', 0).store('i32.store8', place.offset)
    else {
      f.get(value).op('i16x8.narrow_i32x4_s').hoistedI32x4(0).op('i8x16.narrow_i16x8_u')
      f.lane('v128.store32_lane', place.offset, 0)
    }
  }

  /** Pushes the index of the window where the walk stands. */
  loadIndex(buffer: BufferId): void {
    const { pointer, offset } = this.smaller(buffer)
    this.kernel.f.get(pointer).load(this.#isBytes(buffer) ? 'i32.load8_u' : 'i32.load', offset)
  }

  #isBytes(buffer: BufferId): boolean {
    return this.kernel.context.elementBytes(buffer) === 1
  }

  /** This thread's planes. */
  planes(body: () => void): void {
    const { f } = this.kernel
    const from = f.local('i32')
    const to = f.local('i32')
    this.#pointers.reset()
    this.kernel.share(this.geometry.planes, 1, from, to)
    this.#pointers.advanceBy(0, from)
    f.forRange(from, from, to, 1, () => {
      body()
      this.#pointers.advance(0, 1)
    })
  }

  /** All rows of windows in the plane. */
  rows(body: () => void): void {
    walkLoops(this.kernel, this.#pointers, this.#extents, { first: 1, last: 2 }, body)
  }

  /** The windows of a row, one by one. */
  each(body: () => void): void {
    walkLoops(this.kernel, this.#pointers, this.#extents, { first: 3, last: 3 }, body)
  }

  /**
   * The windows of a row, four at a time. The last four may overlap those before them, so `body` must not depend on how often it
   * meets a window; rows of fewer than four go one by one.
   */
  vectors(body: (mode: Mode) => void): void {
    const { f } = this.kernel
    const width = this.geometry.output[2]
    if (width < 4) {
      this.each(() => body('lane'))
      return
    }
    const whole = width - (width % 4)
    f.scope(() => {
      f.forRange(f.local('i32'), 0, whole, 4, () => {
        body('vector')
        this.#pointers.advance(3, 4)
      })
    })
    if (whole < width) {
      this.#pointers.advance(3, width - 4 - whole)
      body('vector')
      this.#pointers.advance(3, 4)
    }
    this.#pointers.advance(3, -width)
  }

  /** Whether taps come in a loop, with their indices in a local. */
  get tapsAreLooped(): boolean {
    return this.geometry.taps > UNROLLED
  }

  /** All taps of the window in row-major order, at most 25 of them written out. */
  taps(base: Base, visit: (tap: Tap) => void): void {
    const { kernel, taps, tapBytes } = this.geometry
    if (this.tapsAreLooped) {
      this.tapLoops(base, visit)
      return
    }
    for (const index of range(taps)) {
      const column = index % kernel[2]
      const row = Math.floor(index / kernel[2]) % kernel[1]
      const depth = Math.floor(index / (kernel[1] * kernel[2]))
      const offset = base.offset + depth * tapBytes[0] + row * tapBytes[1] + column * tapBytes[2]
      visit({ index, column, address: { pointer: base.pointer, offset } })
    }
  }

  /** All taps of the window, always in loops. */
  tapLoops(base: Base, visit: (tap: Tap) => void): void {
    const { f } = this.kernel
    const index = f.local('i32')
    f.i32(0).set(index)
    this.tapRows(base, 3, (address) => {
      visit({ index, address })
      f.addImmediate(index, 1)
    })
  }

  /** Loops over the taps along the first `axes` axes; with 2, `body` meets the first tap of each row. */
  tapRows(base: Base, axes: 2 | 3, body: (address: Base) => void): void {
    const { f } = this.kernel
    const { kernel, tapBytes } = this.geometry
    const pointer = f.local('i32')
    f.get(base.pointer).set(pointer)
    const loop = (axis: number): void => {
      if (axis === axes) {
        body({ pointer, offset: base.offset })
        return
      }
      const size = at(kernel, axis)
      if (size === 1) {
        loop(axis + 1)
        return
      }
      f.scope(() => {
        f.forRange(f.local('i32'), 0, size, 1, () => {
          loop(axis + 1)
          f.addImmediate(pointer, at(tapBytes, axis))
        })
      })
      f.addImmediate(pointer, -size * at(tapBytes, axis))
    }
    loop(0)
  }

  /** Pushes how many bytes lie between the first tap of a window and tap number `tap`. */
  pushTapOffset(tap: Local<'i32'>): void {
    const { f } = this.kernel
    const { kernel, tapBytes } = this.geometry
    f.get(tap).i32(tapBytes[2]).op('i32.mul')
    if (kernel[0] * kernel[1] === 1) return
    const row = f.local('i32')
    f.get(tap).i32(kernel[2]).op('i32.div_u').tee(row)
    f.i32(tapBytes[1] - kernel[2] * tapBytes[2])
      .op('i32.mul')
      .op('i32.add')
    if (kernel[0] === 1) return
    f.get(row).i32(kernel[1]).op('i32.div_u')
    f.i32(tapBytes[0] - kernel[1] * tapBytes[1])
      .op('i32.mul')
      .op('i32.add')
  }

  /** Sets the larger side's plane to zero. */
  clearPlane(buffer: BufferId): void {
    const { pointer, offset } = this.larger(buffer)
    const [depth, height, width] = this.geometry.input
    this.kernel.f
      .get(pointer)
      .plus(offset)
      .i32(0)
      .i32(4 * depth * height * width)
      .op('memory.fill')
  }
}
