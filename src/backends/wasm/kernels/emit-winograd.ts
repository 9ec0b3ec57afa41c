/**
 * Winograd convolution F(4×4, 3×3). For a block of tile panels (8 or 16 tiles each) a thread transforms the input tiles of all channels
 * into its scratch space; then for every few output channels 36 small products and the way back, all in cache. Threads
 * divide the panels. Tiles are found through tables, so rows and images of any size follow one another.
 */
import { at, range } from '../../../base/arrays.ts'
import type { WinogradKernel, WinogradWeights } from '../../../compile/kernel.ts'
import { BLOCK_BYTES, POSITIONS, SPAN, TILE } from '../../../compile/winograd-scheme.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import { type RowTiles, type TileForm, tileForm, tileRows } from './contract-plan.ts'
import { sumUp, tileLocals } from './emit-tile.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { Pointers } from './pointers.ts'
import { turn } from './turn.ts'
import {
  joinParts,
  loadMask,
  loadOffsets,
  loadRow,
  pushEntry,
  SKEW,
  storeVector,
  type Vector,
  WinogradTransforms,
} from './winograd-transforms.ts'

export interface WinogradPlan extends RowTiles, TileForm {
  /** Threads divide the row tiles instead of the panels: each transforms its own kernels, and all tiles. */
  readonly divideRows: boolean
  readonly panels: number
  readonly blockPanels: number
  /** From one position of a panel to the next, and from panel to panel. */
  readonly positionBytes: number
  readonly panelBytes: number
  /** Products of one tile of output channels. */
  readonly productBytes: number
  /** From one position of the transformed kernels to the next. */
  readonly kernelPosition: number
  readonly scratchBytes: number
}

export function planWinograd({ inputs, outputs, grid, weights }: WinogradKernel, wide: boolean): WinogradPlan {
  const { maxRows, panel } = tileForm(wide, grid.tiles)
  const panels = Math.ceil(grid.tiles / panel)
  const positionBytes = inputs * panel * 4 + SKEW
  const panelBytes = POSITIONS * positionBytes
  const blockPanels = Math.max(1, Math.min(panels, Math.floor(BLOCK_BYTES / panelBytes)))
  // Tiles at the edge are read as a whole: the arena must not end before they do.
  const beyond = 4 * SPAN * grid.inputPitch
  const rows = tileRows(outputs, maxRows)
  const productBytes = POSITIONS * rows.rows * panel * 4
  const divideRows = weights.kind === 'taps'
  const kernelPosition = 4 * (divideRows ? rows.rows * inputs : weights.position) + (divideRows ? SKEW : 0)
  const kernelBytes = divideRows ? POSITIONS * kernelPosition : 0
  return {
    divideRows,
    kernelPosition,
    maxRows,
    panel,
    panels,
    blockPanels,
    positionBytes,
    panelBytes,
    productBytes,
    ...rows,
    scratchBytes: Math.max(productBytes + blockPanels * panelBytes + kernelBytes, beyond),
  }
}

export function emitWinograd(kernel: KernelFunction, name: string, winograd: WinogradKernel): void {
  const { f, context } = kernel
  const plan = planWinograd(winograd, context.wide)
  const transform = inputFunction(context, winograd, plan)
  const tall = productFunction(context, winograd, plan, plan.rows)
  const short = plan.tallTiles === plan.tiles ? tall : productFunction(context, winograd, plan, plan.rows - 1)
  const back = outputFunction(context, name, winograd, plan)
  const scratch = kernel.scratch()
  const [from, to, end, panel, row, tile] = f.locals('i32', 'i32', 'i32', 'i32', 'i32', 'i32')
  const weights = kernel.address(winograd.weights.buffer)
  const source = kernel.address(winograd.source)
  const kernels = f.local('i32')
  const pushPanel = (): void => {
    f.get(scratch)
      .plus(plan.productBytes)
      .get(panel)
      .get(from)
      .op('i32.sub')
      .i32(plan.panelBytes)
      .op('i32.mul')
      .op('i32.add')
  }
  const transformPanels = (): void => {
    f.forRange(panel, from, end, 1, () => {
      f.get(panel)
      pushPanel()
      f.get(source.pointer).plus(source.offset).call(transform)
    })
  }
  /** The transformed kernels of the row tile at hand, in `kernels`. */
  const placeKernels = (rows: number): void => {
    if (winograd.weights.kind === 'transformed') {
      f.get(weights.pointer)
        .plus(weights.offset)
        .plus(row, 4 * winograd.inputs)
        .set(kernels)
      return
    }
    const { offset, alongOutputs } = winograd.weights
    f.get(scratch)
      .plus(plan.productBytes + plan.blockPanels * plan.panelBytes)
      .set(kernels)
    f.get(weights.pointer)
      .plus(weights.offset + 4 * offset)
      .plus(row, 4 * alongOutputs)
    f.i32(rows)
      .get(kernels)
      .call(kernelFunction(context, winograd, winograd.weights, plan))
  }
  const runTile = (rows: number, product: FunctionRef): void => {
    placeKernels(rows)
    f.forRange(panel, from, end, 1, () => {
      f.get(kernels)
      pushPanel()
      f.get(scratch).call(product)
      f.get(scratch).get(panel).get(row).i32(rows).call(back)
    })
    f.addImmediate(row, rows)
  }
  if (plan.divideRows) {
    const last = f.local('i32')
    kernel.share(plan.tiles, 1, tile, last)
    f.i32(0).set(from).i32(plan.panels).set(end)
    f.get(tile)
      .get(last)
      .op('i32.lt_s')
      .if(() => {
        transformPanels()
        startRow(f, plan, tile, row)
        f.forRange(tile, tile, last, 1, () => {
          f.get(tile).i32(plan.tallTiles).op('i32.lt_s')
          f.if(
            () => runTile(plan.rows, tall),
            () => runTile(plan.rows - 1, short),
          )
        })
      })
    return
  }
  kernel.share(plan.panels, 1, from, to)
  f.forRange(from, from, to, plan.blockPanels, () => {
    f.get(from).plus(plan.blockPanels).atMost(to).set(end)
    transformPanels()
    f.i32(0).set(row)
    f.forRange(tile, 0, plan.tallTiles, 1, () => runTile(plan.rows, tall))
    f.forRange(tile, plan.tallTiles, plan.tiles, 1, () => runTile(plan.rows - 1, short))
  })
}

/** row = first row of a tile; tall tiles come first. */
function startRow(f: FunctionBuilder, { rows, tallTiles }: RowTiles, tile: Local<'i32'>, row: Local<'i32'>): void {
  f.get(tile).i32(rows).op('i32.mul')
  f.get(tile).i32(tallTiles).op('i32.sub').i32(0).get(tile).i32(tallTiles).op('i32.gt_s').op('select')
  f.op('i32.sub').set(row)
}

/** A function (first kernel, outputs, target): U = G g Gᵀ of the kernels of some outputs, `[36, outputs, inputs]`. */
function kernelFunction(
  context: KernelContext,
  { inputs }: WinogradKernel,
  { alongOutputs, alongInputs, turned }: WinogradWeights & { kind: 'taps' },
  plan: WinogradPlan,
): FunctionRef {
  const name = `winograd.kernel${inputs}x${plan.rows} by ${alongOutputs},${alongInputs}${turned ? ' turned' : ''}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, first, outputs, target) => {
      const transforms = new WinogradTransforms(f, context.fma)
      const [output, input, source, out] = f.locals('i32', 'i32', 'i32', 'i32')
      const step = 4 * context.parts
      // Outputs inside: kernels that stand across have them in one line of the cache.
      f.forRange(input, 0, inputs, step, () => {
        f.get(first).set(source)
        f.get(target).set(out)
        f.forRange(output, 0, outputs, 1, () => {
          f.scope(() => {
            const parts = range(context.parts).map((part) => loadTaps(f, source, 4 * alongInputs, part))
            const taps = joinParts(parts)
            transforms.kernel(turned ? taps.toReversed() : taps, (vector, position) =>
              storeVector(f, out, vector, plan.kernelPosition * position),
            )
          })
          f.addImmediate(source, 4 * alongOutputs).addImmediate(out, 4 * inputs)
        })
        f.addImmediate(first, 4 * step * alongInputs).addImmediate(target, 4 * step)
      })
    }),
  )
}

/** The nine taps of four kernels that lie `step` bytes apart, tap by tap. */
function loadTaps(f: FunctionBuilder, source: Local<'i32'>, step: number, part: number): Local<'v128'>[] {
  const place = (lane: number): number => step * (4 * part + lane)
  const four = (tap: number): Local<'v128'>[] =>
    range(4).map((lane) => {
      const vector = f.local('v128')
      f.get(source)
        .load('v128.load', place(lane) + 4 * tap, 2)
        .set(vector)
      return vector
    })
  const ninth = f.local('v128')
  f.get(source)
    .load('v128.load32_zero', place(0) + 32)
    .set(ninth)
  for (const lane of [1, 2, 3]) {
    f.get(source)
      .get(ninth)
      .lane('v128.load32_lane', place(lane) + 32, lane)
      .set(ninth)
  }
  return [...turn(f, four(0)), ...turn(f, four(4)), ninth]
}

/** A function (panel, target, source): V = Bᵀ d B of a panel's tiles for every input channel, `[36, inputs, panel]`. */
function inputFunction(context: KernelContext, { inputs, grid }: WinogradKernel, plan: WinogradPlan): FunctionRef {
  const { inputOffsets, inputPlane, inputPitch, sizes } = grid
  const name = `winograd.input${plan.panel}x${inputs}x${inputPlane}x${inputPitch}@${inputOffsets},${sizes}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, panel, target, source) => {
      const tables = sizes === undefined ? [inputOffsets] : [inputOffsets, sizes]
      const kernel = new KernelFunction(context, f, tables)
      const transforms = new WinogradTransforms(f, context.fma)
      const [first, group, channel, out] = f.locals('i32', 'i32', 'i32', 'i32')
      const parts = range(context.parts)
      f.get(panel).i32(plan.panel).op('i32.mul').set(first)
      f.forRange(group, 0, plan.panel / (4 * context.parts), 1, () => {
        f.scope(() => {
          const tiles = parts.map((part) => loadOffsets(kernel, inputOffsets, first, 4 * part))
          for (const tile of tiles.flat()) f.get(tile).plus(source).set(tile)
          const masks = parts.map((part) => loadMask(kernel, sizes, first, 'v128.load', SPAN, 4 * part))
          f.get(target).set(out)
          f.forRange(channel, 0, inputs, 1, () => {
            f.scope(() => {
              const row = (y: number): Vector[] =>
                joinParts(
                  parts.map((part) => {
                    const vectors = loadRow(f, SPAN, (lane) => {
                      f.get(at(at(tiles, part), lane))
                      return 4 * y * inputPitch
                    })
                    masks[part]?.apply(vectors, y)
                    return vectors
                  }),
                )
              transforms.input(row, (vector, position) => storeVector(f, out, vector, plan.positionBytes * position))
            })
            for (const tile of tiles.flat()) f.addImmediate(tile, 4 * inputPlane)
            f.addImmediate(out, 4 * plan.panel)
          })
        })
        f.addImmediate(first, 4 * context.parts).addImmediate(target, 16 * context.parts)
      })
    }),
  )
}

/** A function (weights, panel, products): for each position `rows` output channels × a panel of tiles. */
function productFunction(
  context: KernelContext,
  { inputs }: WinogradKernel,
  plan: WinogradPlan,
  rows: number,
): FunctionRef {
  const name = `winograd.product${plan.panel}x${inputs}x${rows}of${plan.rows} by ${plan.kernelPosition}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, weights, panel, products) => {
      const tile = tileLocals(f, rows, plan.panel)
      const [a, b, depth, position] = f.locals('i32', 'i32', 'i32', 'i32')
      f.forRange(position, 0, POSITIONS, 1, () => {
        for (const vector of tile.flat()) f.f32x4splat(0).set(vector)
        f.get(weights).set(a).get(panel).set(b).i32(inputs).set(depth)
        sumUp(f, context.fma, { row: 4 * inputs, depth: 4, b: 4 * plan.panel }, tile, { a, b, outer: depth, depth })
        tile.flat().forEach((vector, index) => {
          f.get(products)
            .get(vector)
            .store('v128.store', 16 * index)
        })
        f.addImmediate(weights, plan.kernelPosition)
        f.addImmediate(panel, plan.positionBytes)
        f.addImmediate(products, 4 * plan.panel * plan.rows)
      })
    }),
  )
}

/** A function (products, panel, first output channel, channels): Aᵀ m A, then the kernel's store for every tile. */
function outputFunction(
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
