/**
 * The weight gradient of a Winograd convolution. For a block of tiles a thread transforms the gradient of all output channels and
 * its share of the input channels, then adds 36 products to the sums; with the last block the sums are transformed back. Threads
 * divide the input channels, so each sum grows in one order.
 */
import { at, range } from '../../../base/arrays.ts'
import type { WinogradGradKernel } from '../../../compile/kernel.ts'
import { BLOCK_BYTES, GRAD_BLOCK, POSITIONS, SPAN, TILE } from '../../../compile/winograd-scheme.ts'
import type { FunctionRef } from '../assembler/assembler.ts'
import { type RowTiles, type TileForm, tileForm, tileRows } from './contract-plan.ts'
import { sumUp, tileLocals } from './emit-tile.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
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

const MAX_BLOCK = 256

export interface WinogradGradPlan extends RowTiles, TileForm {
  readonly panels: number
  /** Tiles of a block, a multiple of eight. */
  readonly blockTiles: number
  /** Transformed gradients, then transformed inputs, then the sums where one block is all. */
  readonly gradientBytes: number
  readonly inputBytes: number
  /** From one position to the next, in both. */
  readonly gradientPosition: number
  readonly inputPosition: number
  readonly scratchBytes: number
}

export function planWinogradGrad({ inputs, outputs, grid }: WinogradGradKernel, wide: boolean): WinogradGradPlan {
  const { maxRows, panel } = tileForm(wide, inputs % 16 === 0 && inputs > 16 ? inputs : 8)
  const rows = tileRows(outputs, maxRows)
  const fitting = Math.floor(BLOCK_BYTES / (POSITIONS * 4 * (inputs + outputs)) / 8) * 8
  const blockTiles = Math.min(MAX_BLOCK, Math.max(GRAD_BLOCK, fitting), Math.ceil(grid.tiles / 8) * 8)
  const gradientPosition = 4 * outputs * blockTiles + SKEW
  const inputPosition = 4 * panel * blockTiles + SKEW
  const gradientBytes = POSITIONS * gradientPosition
  const inputBytes = (inputs / panel) * POSITIONS * inputPosition
  return {
    maxRows,
    panel,
    panels: inputs / panel,
    blockTiles,
    ...rows,
    gradientBytes,
    inputBytes,
    gradientPosition,
    inputPosition,
    scratchBytes: Math.max(gradientBytes + inputBytes + 4 * POSITIONS * rows.rows * panel, 4 * SPAN * grid.inputPitch),
  }
}

export function emitWinogradGrad(kernel: KernelFunction, name: string, winograd: WinogradGradKernel): void {
  const { f, context } = kernel
  const { grid, inputs, outputs } = winograd
  const plan = planWinogradGrad(winograd, context.wide)
  const gradientOf = gradientFunction(context, name, winograd, plan)
  const inputOf = inputFunction(context, name, winograd, plan)
  const tall = productFunction(context, plan, plan.rows)
  const short = plan.tallTiles === plan.tiles ? tall : productFunction(context, plan, plan.rows - 1)
  const back = backFunction(context, winograd, plan)
  const scratch = kernel.scratch()
  const [from, to, first, count] = f.locals('i32', 'i32', 'i32', 'i32')
  const [panel, tile, row, sums] = f.locals('i32', 'i32', 'i32', 'i32')
  kernel.share(plan.panels, 1, from, to)
  const target = kernel.address(winograd.target)
  /** Where the sums of this panel and row begin. */
  const setSums = (): void => {
    if (winograd.sums === undefined) {
      f.get(scratch)
        .plus(plan.gradientBytes + plan.inputBytes)
        .set(sums)
      return
    }
    const { pointer, offset } = kernel.address(winograd.sums)
    f.get(panel).i32(outputs).op('i32.mul').plus(row)
    f.i32(4 * POSITIONS * plan.panel)
      .op('i32.mul')
      .plus(pointer)
      .plus(offset)
      .set(sums)
  }
  const runTiles = (begin: number, end: number, rows: number, product: FunctionRef): void => {
    f.forRange(tile, begin, end, 1, () => {
      setSums()
      f.get(scratch).plus(row, 4 * plan.blockTiles)
      f.get(scratch)
        .plus(panel, POSITIONS * plan.inputPosition)
        .plus(plan.gradientBytes)
      f.get(sums).get(count).get(first).op('i32.eqz').call(product)
      f.get(first).plus(count).i32(grid.tiles).op('i32.ge_s')
      f.if(() => {
        f.get(sums).i32(rows)
        f.get(target.pointer).get(row).i32(inputs).op('i32.mul')
        f.get(panel).i32(plan.panel).op('i32.mul').op('i32.add').i32(36).op('i32.mul')
        f.op('i32.add').plus(target.offset).call(back)
      })
      f.addImmediate(row, rows)
    })
  }
  f.get(from)
    .get(to)
    .op('i32.lt_s')
    .if(() => {
      f.forRange(first, 0, grid.tiles, plan.blockTiles, () => {
        f.i32(grid.tiles).get(first).op('i32.sub').atMost(plan.blockTiles).set(count)
        f.get(first).get(count).get(scratch).call(gradientOf)
        f.get(first).get(count).get(scratch).plus(plan.gradientBytes).get(from).get(to).call(inputOf)
        f.forRange(panel, from, to, 1, () => {
          f.i32(0).set(row)
          runTiles(0, plan.tallTiles, plan.rows, tall)
          runTiles(plan.tallTiles, plan.tiles, plan.rows - 1, short)
        })
      })
    })
}

/** A function (first tile, tiles, target): A g Aᵀ of the tiles for every output channel, `[36, outputs, block tiles]`. */
function gradientFunction(
  context: KernelContext,
  name: string,
  { outputs, gradient, grid: { outputOffsets, outputPlane, outputPitch, sizes } }: WinogradGradKernel,
  plan: WinogradGradPlan,
): FunctionRef {
  return context.module.function(`${name}.gradient`, ['i32', 'i32', 'i32'], [], (f, first, count, target) => {
    const touched = [gradient, outputOffsets, ...(sizes === undefined ? [] : [sizes])]
    const kernel = new KernelFunction(context, f, touched)
    const transforms = new WinogradTransforms(f, context.fma)
    const { pointer, offset } = kernel.address(gradient)
    const [tile, channel, out, group] = f.locals('i32', 'i32', 'i32', 'i32')
    const parts = range(context.parts)
    f.forRange(tile, 0, count, 4 * context.parts, () => {
      f.scope(() => {
        f.get(first).plus(tile).set(group)
        const tiles = parts.map((part) => loadOffsets(kernel, outputOffsets, group, 4 * part))
        for (const each of tiles.flat()) f.get(each).plus(pointer).set(each)
        const masks = parts.map((part) => loadMask(kernel, sizes, group, 'v128.load', TILE, 4 * part))
        f.get(target).plus(tile, 4).set(out)
        f.forRange(channel, 0, outputs, 1, () => {
          f.scope(() => {
            const row = (y: number): Vector[] =>
              joinParts(
                parts.map((part) => {
                  const vectors = loadRow(f, TILE, (lane) => {
                    f.get(at(at(tiles, part), lane))
                    return offset + 4 * y * outputPitch
                  })
                  masks[part]?.apply(vectors, y)
                  return vectors
                }),
              )
            transforms.gradient(row, (vector, position) =>
              storeVector(f, out, vector, plan.gradientPosition * position),
            )
          })
          for (const each of tiles.flat()) f.addImmediate(each, 4 * outputPlane)
          f.addImmediate(out, 4 * plan.blockTiles)
        })
      })
    })
  })
}

/** A function (first tile, tiles, target, first panel, last panel): Bᵀ x B of the tiles, `[panels, 36, block tiles, panel]`. */
function inputFunction(
  context: KernelContext,
  name: string,
  { source, grid: { inputOffsets, inputPlane, inputPitch, sizes } }: WinogradGradKernel,
  plan: WinogradGradPlan,
): FunctionRef {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return context.module.function(`${name}.input`, params, [], (f, first, count, target, from, to) => {
    const touched = [source, inputOffsets, ...(sizes === undefined ? [] : [sizes])]
    const kernel = new KernelFunction(context, f, touched)
    const transforms = new WinogradTransforms(f, context.fma)
    const { pointer, offset } = kernel.address(source)
    const [panel, tile, group, address, out, index] = f.locals('i32', 'i32', 'i32', 'i32', 'i32', 'i32')
    f.forRange(panel, from, to, 1, () => {
      f.forRange(tile, 0, count, 1, () => {
        f.get(first).plus(tile).set(index)
        const entry = pushEntry(kernel, inputOffsets, index)
        f.load('i32.load', entry).i32(2).op('i32.shl').plus(pointer)
        f.plus(panel, 4 * plan.panel * inputPlane).set(address)
        f.get(panel)
          .i32(POSITIONS * plan.inputPosition)
          .op('i32.mul')
        f.plus(tile, 4 * plan.panel)
          .plus(target)
          .set(out)
        f.scope(() => {
          const mask = loadMask(kernel, sizes, index, 'v128.load32_splat', SPAN)
          f.forRange(group, 0, plan.panel / (4 * context.parts), 1, () => {
            f.scope(() => {
              const row = (y: number): Vector[] =>
                joinParts(
                  range(context.parts).map((part) => {
                    const vectors = loadRow(f, SPAN, (lane) => {
                      f.get(address)
                      return offset + 4 * ((4 * part + lane) * inputPlane + y * inputPitch)
                    })
                    mask?.apply(vectors, y)
                    return vectors
                  }),
                )
              transforms.input(row, (vector, position) => storeVector(f, out, vector, plan.inputPosition * position))
            })
            f.addImmediate(address, 16 * context.parts * inputPlane).addImmediate(out, 16 * context.parts)
          })
        })
      })
    })
  })
}

/** A function (sums, gradients, inputs, sums, tiles, first): for each position sums += gradients · inputs, or = when `first`. */
function productFunction(context: KernelContext, plan: WinogradGradPlan, rows: number): FunctionRef {
  const { blockTiles, gradientPosition, inputPosition, panel } = plan
  const name = `winograd.sum${panel}x${blockTiles}x${gradientPosition}x${inputPosition}x${rows}`
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return context.shared(name, () =>
    context.module.function(name, params, [], (f, gradients, inputs, sums, count, first) => {
      const tile = tileLocals(f, rows, panel)
      const [a, b, depth, position] = f.locals('i32', 'i32', 'i32', 'i32')
      f.forRange(position, 0, POSITIONS, 1, () => {
        f.get(first).if(
          () => {
            for (const vector of tile.flat()) f.f32x4splat(0).set(vector)
          },
          () => {
            tile.flat().forEach((vector, index) => {
              f.get(sums)
                .load('v128.load', 16 * index)
                .set(vector)
            })
          },
        )
        f.get(gradients).set(a).get(inputs).set(b).get(count).set(depth)
        sumUp(f, context.fma, { row: 4 * blockTiles, depth: 4, b: 4 * panel }, tile, { a, b, outer: depth, depth })
        tile.flat().forEach((vector, index) => {
          f.get(sums)
            .get(vector)
            .store('v128.store', 16 * index)
        })
        f.addImmediate(gradients, gradientPosition).addImmediate(inputs, inputPosition)
        f.addImmediate(sums, 4 * panel * rows)
      })
    }),
  )
}

/** A function (sums, rows, target): Gᵀ s G for a panel of input channels of each row, stored as `[rows, inputs, 3, 3]`. */
function backFunction(
  context: KernelContext,
  { inputs }: WinogradGradKernel,
  { panel }: WinogradGradPlan,
): FunctionRef {
  const name = `winograd.back${panel}x${inputs}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32'], [], (f, sums, rows, target) => {
      const transforms = new WinogradTransforms(f, context.fma)
      const [row, step, half, source, out] = f.locals('i32', 'i32', 'i32', 'i32', 'i32')
      f.get(rows)
        .i32(4 * panel)
        .op('i32.mul')
        .set(step)
      f.forRange(row, 0, rows, 1, () => {
        f.get(target).set(out)
        f.forRange(half, 0, panel / 4, 1, () => {
          f.get(sums).get(half).i32(4).op('i32.shl').op('i32.add').set(source)
          f.scope(() => {
            // Positions are a variable number of rows apart: read in order.
            const loaded = range(POSITIONS).map(() => {
              const vector = f.local('v128')
              f.get(source).load('v128.load', 0).set(vector).get(source).plus(step).set(source)
              return vector
            })
            const taps = transforms.kernelGradient((position) => [at(loaded, position)]).flat()
            for (const begin of [0, 4]) {
              turn(f, taps.slice(begin, begin + 4)).forEach((vector, channel) => {
                f.get(out)
                  .get(vector)
                  .store('v128.store', 36 * channel + 4 * begin, 2)
              })
            }
            for (const channel of range(4))
              f.get(out)
                .get(at(taps, 8))
                .lane('v128.store32_lane', 36 * channel + 32, channel)
          })
          f.addImmediate(out, 4 * 36)
        })
        f.addImmediate(sums, 4 * panel).addImmediate(target, 36 * inputs)
      })
    }),
  )
}
