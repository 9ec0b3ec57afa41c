/**
 * Winograd convolution F(2×2, 3×3). For a block of tile panels (8 tiles each) a thread transforms the input tiles of all channels
 * into its scratch space; then for every six output channels sixteen small products and the way back, all in cache. Threads
 * divide the panels. Tiles are found through tables, so rows and images of any size follow one another.
 */
import { at, range } from '../../base/arrays.ts'
import type { WinogradKernel } from '../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from './assembler.ts'
import { MAX_ROWS, PANEL, type RowTiles, tileRows } from './contract-plan.ts'
import { sumUp } from './emit-tile.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { Pointers } from './pointers.ts'
import { turn } from './turn.ts'
import { loadOffsets, SKEW, transformInput } from './winograd-transforms.ts'

/** Transformed input tiles of a block stay in the second-level cache. */
const BLOCK_BYTES = 1024 * 1024
/** Products of one tile of output channels: 16 positions × 6 rows × 8 tiles. */
const PRODUCT_BYTES = 16 * MAX_ROWS * PANEL * 4

export interface WinogradPlan extends RowTiles {
  readonly panels: number
  readonly blockPanels: number
  /** From one of the 16 positions of a panel to the next, and from panel to panel. */
  readonly positionBytes: number
  readonly panelBytes: number
  readonly scratchBytes: number
}

export function planWinograd({ inputs, outputs, tiles }: WinogradKernel): WinogradPlan {
  const panels = Math.ceil(tiles / PANEL)
  const positionBytes = inputs * PANEL * 4 + SKEW
  const panelBytes = 16 * positionBytes
  const blockPanels = Math.max(1, Math.min(panels, Math.floor(BLOCK_BYTES / panelBytes)))
  return {
    panels,
    blockPanels,
    positionBytes,
    panelBytes,
    ...tileRows(outputs),
    scratchBytes: PRODUCT_BYTES + blockPanels * panelBytes,
  }
}

export function emitWinograd(kernel: KernelFunction, name: string, winograd: WinogradKernel): void {
  const { f, context } = kernel
  const plan = planWinograd(winograd)
  const transform = inputFunction(context, winograd, plan)
  const tall = productFunction(context, winograd, plan, plan.rows)
  const short = plan.tallTiles === plan.tiles ? tall : productFunction(context, winograd, plan, plan.rows - 1)
  const back = outputFunction(context, name, winograd, plan)
  const [scratch, from, to, end, panel, row, tile] = f.locals('i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32')
  f.get(kernel.base).get(kernel.thread).i32(context.scratchBytes).op('i32.mul').op('i32.add')
  f.i32(context.scratchStart).op('i32.add').set(scratch)
  const weights = kernel.address(winograd.weights.buffer)
  const source = kernel.address(winograd.source)
  const pushPanel = (): void => {
    f.get(scratch)
      .i32(PRODUCT_BYTES)
      .op('i32.add')
      .get(panel)
      .get(from)
      .op('i32.sub')
      .i32(plan.panelBytes)
      .op('i32.mul')
      .op('i32.add')
  }
  const runTile = (rows: number, product: FunctionRef): void => {
    f.forRange(panel, from, end, 1, () => {
      f.get(weights.pointer)
        .i32(weights.offset)
        .op('i32.add')
        .get(row)
        .i32(4 * winograd.weights.row)
        .op('i32.mul')
        .op('i32.add')
      pushPanel()
      f.get(scratch).call(product)
      f.get(scratch).get(panel).get(row).i32(rows).call(back)
    })
    f.addImmediate(row, rows)
  }
  kernel.share(plan.panels, 1, from, to)
  f.forRange(from, from, to, plan.blockPanels, () => {
    f.get(from)
      .i32(plan.blockPanels)
      .op('i32.add')
      .tee(end)
      .get(to)
      .get(end)
      .get(to)
      .op('i32.lt_s')
      .op('select')
      .set(end)
    f.forRange(panel, from, end, 1, () => {
      f.get(panel)
      pushPanel()
      f.get(source.pointer).i32(source.offset).op('i32.add').call(transform)
    })
    f.i32(0).set(row)
    f.forRange(tile, 0, plan.tallTiles, 1, () => runTile(plan.rows, tall))
    f.forRange(tile, plan.tallTiles, plan.tiles, 1, () => runTile(plan.rows - 1, short))
  })
}

/** A function (panel, target, source): V = Bᵀ d B of eight tiles for every input channel, `[16, inputs, 8]`. */
function inputFunction(context: KernelContext, winograd: WinogradKernel, plan: WinogradPlan): FunctionRef {
  const { inputs, sourcePlane, sourcePitch, sourceOffsets, weights } = winograd
  const name = `winograd.input${inputs}x${sourcePlane}x${sourcePitch}@${sourceOffsets}${weights.turned ? ' turned' : ''}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, panel, target, source) => {
      const zero = f.local('i32')
      const kernel = new KernelFunction(context, f, { thread: zero, threads: zero }, [sourceOffsets])
      const [first, address, channel, out] = f.locals('i32', 'i32', 'i32', 'i32')
      for (const half of [0, 1]) {
        f.get(panel)
          .i32(3)
          .op('i32.shl')
          .i32(4 * half)
          .op('i32.add')
          .set(first)
        const tiles = loadOffsets(kernel, sourceOffsets, first)
        f.get(source).set(address)
        f.get(target)
          .i32(16 * half)
          .op('i32.add')
          .set(out)
        const eachChannel = (load: () => Local<'v128'>[][]): void => {
          f.forRange(channel, 0, inputs, 1, () => {
            f.scope(() => {
              const transformed = transformInput(f, load())
              transformed.flat().forEach((vector, position) => {
                f.get(out)
                  .get(vector)
                  .store('v128.store', plan.positionBytes * placeOf(position, weights.turned), 2)
              })
            })
            f.addImmediate(address, 4 * sourcePlane).addImmediate(out, 4 * PANEL)
          })
        }
        f.get(at(tiles, 3))
          .get(at(tiles, 0))
          .op('i32.sub')
          .i32(24)
          .op('i32.eq')
          .if(
            () => eachChannel(() => loadNeighbours(f, address, at(tiles, 0), sourcePitch)),
            () => eachChannel(() => loadApart(f, address, tiles, sourcePitch)),
          )
      }
    }),
  )
}

/** The 4×4 input elements of four tiles that stand side by side, element [y][x] of all four in one vector. */
function loadNeighbours(
  f: FunctionBuilder,
  source: Local<'i32'>,
  tile: Local<'i32'>,
  pitch: number,
): Local<'v128'>[][] {
  const address = f.local('i32')
  f.get(source).get(tile).op('i32.add').set(address)
  return range(4).map((y) => {
    const [a, b, c] = f.locals('v128', 'v128', 'v128')
    f.get(address)
      .load('v128.load', 4 * y * pitch, 2)
      .set(a)
    f.get(address)
      .load('v128.load', 4 * y * pitch + 16, 2)
      .set(b)
    f.get(address)
      .load('v128.load64_zero', 4 * y * pitch + 32, 2)
      .set(c)
    const [even, odd] = f.locals('v128', 'v128')
    f.get(a).get(b).shuffle32(0, 2, 4, 6).set(even)
    f.get(a).get(b).shuffle32(1, 3, 5, 7).set(odd)
    f.get(even).get(c).shuffle32(1, 2, 3, 4).set(a)
    f.get(odd).get(c).shuffle32(1, 2, 3, 5).set(b)
    return [even, odd, a, b]
  })
}

/** The same for four tiles anywhere. */
function loadApart(
  f: FunctionBuilder,
  source: Local<'i32'>,
  tiles: readonly Local<'i32'>[],
  pitch: number,
): Local<'v128'>[][] {
  const addresses = tiles.map((tile) => {
    const address = f.local('i32')
    f.get(source).get(tile).op('i32.add').set(address)
    return address
  })
  return range(4).map((y) => {
    // One row of each tile, then turned.
    const rows = addresses.map((address) => {
      const vector = f.local('v128')
      f.get(address)
        .load('v128.load', 4 * y * pitch, 2)
        .set(vector)
      return vector
    })
    return turn(f, rows)
  })
}

/** Where position 4ξ + ν of a tile is kept: turned kernels stand at 3 − ξ for the outer ξ, likewise for ν. */
function placeOf(position: number, turned: boolean): number {
  if (!turned) return position
  const other = (index: number): number => (index === 0 || index === 3 ? 3 - index : index)
  return 4 * other(position >> 2) + other(position & 3)
}

/** A function (weights, panel, products): for each of the 16 positions `rows` output channels × 8 tiles. */
function productFunction(
  context: KernelContext,
  { inputs, outputs, weights: { row, depth: step } }: WinogradKernel,
  plan: WinogradPlan,
  rows: number,
): FunctionRef {
  const name = `winograd.product${inputs}x${outputs}x${rows} by ${row},${step}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, weights, panel, products) => {
      const tile = range(rows).map(() => [f.local('v128'), f.local('v128')])
      const [a, b, depth, position] = f.locals('i32', 'i32', 'i32', 'i32')
      f.forRange(position, 0, 16, 1, () => {
        for (const vector of tile.flat()) f.f32x4splat(0).set(vector)
        f.get(weights).set(a).get(panel).set(b).i32(inputs).set(depth)
        sumUp(f, context.fma, { row: 4 * row, depth: 4 * step, b: 4 * PANEL }, tile, { a, b, outer: depth, depth })
        tile.flat().forEach((vector, index) => {
          f.get(products)
            .get(vector)
            .store('v128.store', 16 * index)
        })
        f.addImmediate(weights, 4 * outputs * inputs)
        f.addImmediate(panel, plan.positionBytes)
        f.addImmediate(products, 4 * PANEL * plan.rows)
      })
    }),
  )
}

/** A function (products, panel, first output channel, channels): Aᵀ m A, then the kernel's store for every 2×2 tile. */
function outputFunction(
  context: KernelContext,
  name: string,
  winograd: WinogradKernel,
  plan: WinogradPlan,
): FunctionRef {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  return context.module.function(`${name}.output`, params, [], (f, products, panel, row, rows) => {
    const writer = new OutputWriter(context, f, winograd)
    const [first, half, index, product] = f.locals('i32', 'i32', 'i32', 'i32')
    f.get(panel).i32(3).op('i32.shl').set(first)
    f.forRange(half, 0, 2, 1, () => {
      writer.placeTiles(first, row)
      f.get(products).set(product)
      f.forRange(index, 0, rows, 1, () => {
        f.scope(() => {
          const load = (position: number): Local<'v128'> => {
            const vector = f.local('v128')
            f.get(product)
              .load('v128.load', 4 * PANEL * plan.rows * placeOf(position, winograd.weights.turned))
              .set(vector)
            return vector
          }
          transformBack(f, load).forEach((pair, y) => {
            writer.storeRow(pair, y)
          })
        })
        writer.nextChannel()
        f.addImmediate(product, 4 * PANEL)
      })
      f.addImmediate(products, 16).addImmediate(first, 4)
    })
  })
}

/** Aᵀ m A with Aᵀ of F(2, 3): rows m₀ + m₁ + m₂, m₁ − m₂ − m₃. */
function transformBack(
  f: FunctionBuilder,
  load: (position: number) => Local<'v128'>,
): (readonly [Local<'v128'>, Local<'v128'>])[] {
  const along = (m: readonly Local<'v128'>[]): readonly [Local<'v128'>, Local<'v128'>] => {
    const [m0, m1, m2, m3] = m as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>]
    f.get(m0).get(m1).op('f32x4.add').get(m2).op('f32x4.add').set(m0)
    f.get(m1).get(m2).op('f32x4.sub').get(m3).op('f32x4.sub').set(m1)
    return [m0, m1]
  }
  const columns = range(4).map((nu) => along(range(4).map((xi) => load(4 * xi + nu))))
  return [0, 1].map((y) => along(columns.map((column) => column[y] as Local<'v128'>)))
}

/** Stores rows of four tiles: two neighbours of each tile at a time, wherever the tile lies. */
class OutputWriter {
  readonly #f: FunctionBuilder
  readonly #kernel: KernelFunction
  readonly #winograd: WinogradKernel
  readonly #pointers: Pointers
  /** Byte offsets of the four tiles, channel included. */
  readonly #tiles: Local<'i32'>[]

  constructor(context: KernelContext, f: FunctionBuilder, winograd: WinogradKernel) {
    this.#f = f
    this.#winograd = winograd
    const zero = f.local('i32')
    const accesses = accessesOf([], [winograd.store])
    const buffers = [
      winograd.targetOffsets,
      ...accesses.flatMap(({ buffer }) => (buffer === undefined ? [] : [buffer])),
    ]
    this.#kernel = new KernelFunction(context, f, { thread: zero, threads: zero }, buffers)
    this.#pointers = new Pointers(this.#kernel, accesses)
    this.#tiles = range(4).map(() => f.local('i32'))
  }

  /** Looks up four tiles and goes to an output channel. */
  placeTiles(first: Local<'i32'>, channel: Local<'i32'>): void {
    const f = this.#f
    f.scope(() => {
      loadOffsets(this.#kernel, this.#winograd.targetOffsets, first).forEach((offset, lane) => {
        f.get(offset)
          .get(channel)
          .i32(4 * this.#winograd.plane)
          .op('i32.mul')
          .op('i32.add')
          .set(at(this.#tiles, lane))
      })
    })
    this.#pointers.reset()
    this.#pointers.advanceBy(1, channel)
  }

  nextChannel(): void {
    for (const tile of this.#tiles) this.#f.addImmediate(tile, 4 * this.#winograd.plane)
    this.#pointers.advance(1, 1)
  }

  /** Row `y` of the tiles: `pair` holds their left and right elements. */
  storeRow(pair: readonly [Local<'v128'>, Local<'v128'>], y: number): void {
    const f = this.#f
    const [left, right] = pair
    const rowBytes = 4 * y * this.#winograd.pitch
    for (const tiles of [0, 2]) {
      f.scope(() => {
        const value = f.local('v128')
        if (tiles === 0) f.get(left).get(right).shuffle32(0, 4, 1, 5)
        else f.get(left).get(right).shuffle32(2, 6, 3, 7)
        f.set(value)
        const [one, two] = [at(this.#tiles, tiles), at(this.#tiles, tiles + 1)]
        this.#finish(value, one, two, rowBytes)
        const target = this.#kernel.address(this.#winograd.store.buffer)
        const place = target.offset + rowBytes
        f.get(target.pointer).get(one).op('i32.add').get(value).lane('v128.store64_lane', place, 0)
        f.get(target.pointer).get(two).op('i32.add').get(value).lane('v128.store64_lane', place, 1)
      })
    }
  }

  /** Runs the store's expression on the four elements of two tiles. */
  #finish(value: Local<'v128'>, one: Local<'i32'>, two: Local<'i32'>, rowBytes: number): void {
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
        f.get(pointer).get(two).op('i32.add')
        f.get(pointer)
          .get(one)
          .op('i32.add')
          .load('v128.load64_zero', offset + rowBytes)
        f.lane('v128.load64_lane', offset + rowBytes, 1)
        return true
      },
    })
    emitter.begin([root])
    emitter.push(root, 'lane')
    f.set(value)
  }
}
