/**
 * Winograd convolution F(4×4, 3×3). For a block of tile panels (8 or 16 tiles each) a thread transforms the input tiles of all
 * channels into its scratch space; then for every few output channels 36 small products and the way back, all in cache. Threads
 * divide the panels or, where kernels outweigh the tiles, the output channels. Tiles are found through tables, so rows and images of
 * any size follow one another.
 */
import { at, range } from '../../../base/arrays.ts'
import type { WinogradKernel, WinogradWeights } from '../../../compile/kernel.ts'
import { POSITIONS, SPAN } from '../../../compile/winograd-scheme.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import { byHeight, pushFirstRow, sumUp, tileLocals } from './emit-tile.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { turn } from './turn.ts'
import { outputFunction } from './winograd-output.ts'
import { planWinograd, type WinogradPlan } from './winograd-plan.ts'
import {
  joinParts,
  loadMask,
  loadOffsets,
  loadRow,
  storeVector,
  type Vector,
  WinogradTransforms,
} from './winograd-transforms.ts'

export function emitWinograd(kernel: KernelFunction, name: string, winograd: WinogradKernel): void {
  const plan = planWinograd(winograd, kernel.context.wide)
  const emitter = new WinogradEmitter(kernel, winograd, plan, name)
  if (plan.divideRows) emitter.emitByRows()
  else emitter.emitByPanels()
}

class WinogradEmitter {
  readonly #kernel: KernelFunction
  readonly #f: FunctionBuilder
  readonly #winograd: WinogradKernel
  readonly #plan: WinogradPlan
  /** (panel, target, source), and (products, panel, row, rows). */
  readonly #transform: FunctionRef
  readonly #back: FunctionRef
  /** (kernels, panel, products), for tiles of as many rows and of one less. */
  readonly #tall: FunctionRef
  readonly #short: FunctionRef
  readonly #scratch: Local<'i32'>
  /** Panels of the block at hand, and the one being worked on. */
  readonly #from: Local<'i32'>
  readonly #end: Local<'i32'>
  readonly #panel: Local<'i32'>
  readonly #row: Local<'i32'>
  readonly #kernels: Local<'i32'>

  constructor(kernel: KernelFunction, winograd: WinogradKernel, plan: WinogradPlan, name: string) {
    const { f, context } = kernel
    this.#kernel = kernel
    this.#f = f
    this.#winograd = winograd
    this.#plan = plan
    this.#transform = inputFunction(context, winograd, plan)
    this.#tall = productFunction(context, winograd, plan, plan.rows)
    this.#short = plan.tallTiles === plan.tiles ? this.#tall : productFunction(context, winograd, plan, plan.rows - 1)
    this.#back = outputFunction(context, name, winograd, plan)
    this.#scratch = kernel.scratch()
    ;[this.#from, this.#end, this.#panel, this.#row, this.#kernels] = f.locals('i32', 'i32', 'i32', 'i32', 'i32')
  }

  /** Each thread has its share of the panels, and all output channels for them. */
  emitByPanels(): void {
    const f = this.#f
    const { panels, blockPanels, tallTiles, tiles } = this.#plan
    const [to, tile] = f.locals('i32', 'i32')
    this.#kernel.share(panels, 1, this.#from, to)
    f.forRange(this.#from, this.#from, to, blockPanels, () => {
      f.get(this.#from).plus(blockPanels).atMost(to).set(this.#end)
      this.#transformPanels()
      f.i32(0).set(this.#row)
      f.forRange(tile, 0, tallTiles, 1, () => this.#runTile(true))
      f.forRange(tile, tallTiles, tiles, 1, () => this.#runTile(false))
    })
  }

  /** Each thread has its share of the output channels, whose kernels it transforms; all transform the few panels. */
  emitByRows(): void {
    const f = this.#f
    const { panels, tiles } = this.#plan
    const [tile, last] = f.locals('i32', 'i32')
    this.#kernel.share(tiles, 1, tile, last)
    f.i32(0).set(this.#from).i32(panels).set(this.#end)
    f.get(tile)
      .get(last)
      .op('i32.lt_s')
      .if(() => {
        this.#transformPanels()
        pushFirstRow(f, this.#plan, tile)
        f.set(this.#row)
        f.forRange(tile, tile, last, 1, () => byHeight(f, this.#plan, tile, (tall) => this.#runTile(tall)))
      })
  }

  #transformPanels(): void {
    const f = this.#f
    const { pointer, offset } = this.#kernel.address(this.#winograd.source)
    f.forRange(this.#panel, this.#from, this.#end, 1, () => {
      f.get(this.#panel)
      this.#pushPanel()
      f.get(pointer).plus(offset).call(this.#transform)
    })
  }

  /** Where the transformed tiles of the panel lie. */
  #pushPanel(): void {
    const { productBytes, panelBytes } = this.#plan
    this.#f.get(this.#scratch).plus(productBytes).get(this.#panel).get(this.#from).op('i32.sub')
    this.#f.i32(panelBytes).op('i32.mul').op('i32.add')
  }

  /** All panels of the block for the output channels from the row on, and on to the next row. */
  #runTile(tall: boolean): void {
    const f = this.#f
    const rows = tall ? this.#plan.rows : this.#plan.rows - 1
    this.#placeKernels(rows)
    f.forRange(this.#panel, this.#from, this.#end, 1, () => {
      f.get(this.#kernels)
      this.#pushPanel()
      f.get(this.#scratch).call(tall ? this.#tall : this.#short)
      f.get(this.#scratch).get(this.#panel).get(this.#row).i32(rows).call(this.#back)
    })
    f.addImmediate(this.#row, rows)
  }

  /** Finds the transformed kernels of the rows, or makes them. */
  #placeKernels(rows: number): void {
    const f = this.#f
    const { inputs, weights } = this.#winograd
    const { productBytes, blockPanels, panelBytes } = this.#plan
    const { pointer, offset } = this.#kernel.address(weights.buffer)
    if (weights.kind === 'transformed') {
      f.get(pointer)
        .plus(offset)
        .plus(this.#row, 4 * inputs)
        .set(this.#kernels)
      return
    }
    f.get(this.#scratch)
      .plus(productBytes + blockPanels * panelBytes)
      .set(this.#kernels)
    f.get(pointer)
      .plus(offset + 4 * weights.offset)
      .plus(this.#row, 4 * weights.alongOutputs)
    f.i32(rows)
      .get(this.#kernels)
      .call(kernelFunction(this.#kernel.context, this.#winograd, weights, this.#plan))
  }
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
