/** The way out of a Winograd convolution: products transformed back, the kernel's store for every element that lies inside. */
import { at, range } from '../../../base/arrays.ts'
import type { WinogradKernel } from '../../../compile/kernel.ts'
import { TILE } from '../../../compile/winograd-scheme.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { Pointers } from './pointers.ts'
import { turn } from './turn.ts'
import type { WinogradPlan } from './winograd-plan.ts'
import { loadOffsets, pushEntry, type Vector, WinogradTransforms } from './winograd-transforms.ts'

/** A function (products, panel, first output channel, channels): Aᵀ m A, then the kernel's store for every tile. */
export function outputFunction(
  context: KernelContext,
  name: string,
  winograd: WinogradKernel,
  plan: WinogradPlan,
): FunctionRef {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  return context.module.function(`${name}.output`, params, [], (f, products, panel, row, rows) => {
    const writer = new OutputWriter(context, f, winograd)
    const transforms = new WinogradTransforms(f, context.fma)
    const [first, half, index, product] = f.locals('i32', 'i32', 'i32', 'i32')
    f.get(panel).i32(plan.panel).op('i32.mul').set(first)
    f.forRange(half, 0, plan.panel / 4, 1, () => {
      writer.placeTiles(first, row)
      f.get(products).set(product)
      f.forRange(index, 0, rows, 1, () => {
        f.scope(() => {
          const load = (position: number): Vector => {
            const vector = f.local('v128')
            f.get(product)
              .load('v128.load', 4 * plan.panel * plan.rows * position)
              .set(vector)
            return [vector]
          }
          transforms.output(load, (values, y) => writer.storeRow(values.flat(), y))
        })
        writer.nextChannel()
        f.addImmediate(product, 4 * plan.panel)
      })
      f.addImmediate(products, 16).addImmediate(first, 4)
    })
  })
}

/** Stores rows of four tiles, wherever each tile lies and as much of it as counts. */
class OutputWriter {
  readonly #f: FunctionBuilder
  readonly #kernel: KernelFunction
  readonly #winograd: WinogradKernel
  readonly #pointers: Pointers
  /** Byte offsets of the four tiles, channel included, and their sizes where they differ. */
  readonly #tiles: Local<'i32'>[]
  readonly #sizes: Local<'i32'>[]

  constructor(context: KernelContext, f: FunctionBuilder, winograd: WinogradKernel) {
    this.#f = f
    this.#winograd = winograd
    const { outputOffsets, sizes } = winograd.grid
    const accesses = accessesOf([], [winograd.store])
    const buffers = [outputOffsets, sizes, ...accesses.map(({ buffer }) => buffer)].filter((id) => id !== undefined)
    this.#kernel = new KernelFunction(context, f, buffers)
    this.#pointers = new Pointers(this.#kernel, accesses)
    this.#tiles = range(4).map(() => f.local('i32'))
    this.#sizes = sizes === undefined ? [] : range(4).map(() => f.local('i32'))
  }

  /** Looks up four tiles and goes to an output channel. */
  placeTiles(first: Local<'i32'>, channel: Local<'i32'>): void {
    const f = this.#f
    const { outputOffsets, outputPlane, sizes } = this.#winograd.grid
    f.scope(() => {
      loadOffsets(this.#kernel, outputOffsets, first).forEach((offset, lane) => {
        f.get(offset)
          .plus(channel, 4 * outputPlane)
          .set(at(this.#tiles, lane))
      })
    })
    this.#sizes.forEach((size, lane) => {
      const offset = pushEntry(this.#kernel, sizes ?? 0, first)
      f.load('i32.load', offset + 4 * lane).set(size)
    })
    this.#pointers.reset()
    this.#pointers.advanceBy(1, channel)
  }

  nextChannel(): void {
    for (const tile of this.#tiles) this.#f.addImmediate(tile, 4 * this.#winograd.grid.outputPlane)
    this.#pointers.advance(1, 1)
  }

  /** Row `y` of the tiles, element by element. */
  storeRow(values: readonly Local<'v128'>[], y: number): void {
    const rowBytes = 4 * y * this.#winograd.grid.outputPitch
    turn(this.#f, values).forEach((value, lane) => {
      this.#f.scope(() => {
        const tile = at(this.#tiles, lane)
        this.#finish(value, tile, rowBytes)
        const size = this.#sizes[lane]
        if (size === undefined) this.#store(value, tile, rowBytes)
        else this.#storeInside(value, tile, rowBytes, size, y)
      })
    })
  }

  #store(value: Local<'v128'>, tile: Local<'i32'>, rowBytes: number): void {
    const { pointer, offset } = this.#kernel.address(this.#winograd.store.buffer)
    this.#f
      .get(pointer)
      .plus(tile)
      .get(value)
      .store('v128.store', offset + rowBytes, 2)
  }

  /** Stores what of row `y` lies inside, where `size` is rows + 256 · columns. */
  #storeInside(value: Local<'v128'>, tile: Local<'i32'>, rowBytes: number, size: Local<'i32'>, y: number): void {
    const f = this.#f
    const { pointer, offset } = this.#kernel.address(this.#winograd.store.buffer)
    const ifMoreColumns = (than: number, then: () => void, otherwise?: () => void): void => {
      f.get(size)
        .i32(256 * than + 255)
        .op('i32.gt_s')
        .if(then, otherwise)
    }
    const storePart = (): void => {
      for (const x of range(TILE - 1)) {
        ifMoreColumns(x, () => {
          f.get(pointer)
            .plus(tile)
            .get(value)
            .lane('v128.store32_lane', offset + rowBytes + 4 * x, x)
        })
      }
    }
    f.get(size).i32(255).op('i32.and').i32(y).op('i32.gt_s')
    f.if(() => ifMoreColumns(TILE - 1, () => this.#store(value, tile, rowBytes), storePart))
  }

  /** Runs the store's expression on four neighbours of a tile. */
  #finish(value: Local<'v128'>, tile: Local<'i32'>, rowBytes: number): void {
    const f = this.#f
    const root = this.#winograd.store.value
    if (root.kind === 'accumulator') return
    const emitter = new ExpressionEmitter(this.#kernel, this.#pointers, {
      loop: 0,
      accumulators: [value],
      inline: false,
      load: ({ buffer, at: { strides } }) => {
        // Per channel: the usual load of one element for all lanes.
        if (strides.every((stride, axis) => axis === 1 || stride === 0)) return false
        const { pointer, offset } = this.#kernel.address(buffer)
        f.get(pointer)
          .plus(tile)
          .load('v128.load', offset + rowBytes, 2)
        return true
      },
    })
    emitter.begin([root])
    emitter.push(root, 'lane')
    f.set(value)
  }
}
