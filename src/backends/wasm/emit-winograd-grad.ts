/**
 * The weight gradient of a Winograd convolution. For a block of tiles a thread transforms the gradient of all output channels and
 * its share of the input channels, then adds sixteen products to the sums. Threads divide the input channels, so each sum grows
 * in one order.
 */
import { at, range } from '../../base/arrays.ts'
import type { WinogradGradKernel } from '../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from './assembler.ts'
import { PANEL, type RowTiles, tileRows } from './contract-plan.ts'
import { sumUp } from './emit-tile.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { turn } from './turn.ts'
import { loadOffsets, SKEW, transformInput } from './winograd-transforms.ts'

/** Transformed tiles of a block stay in the second-level cache. */
const BLOCK_BYTES = 512 * 1024
/** Shorter sums would spend their time on loading and storing. */
const MIN_BLOCK_TILES = 64

export interface WinogradGradPlan extends RowTiles {
  readonly panels: number
  /** Tiles of a block, a multiple of four. */
  readonly blockTiles: number
  /** Transformed gradients, then transformed inputs. */
  readonly gradientBytes: number
  /** From one of the 16 positions to the next, in both. */
  readonly gradientPosition: number
  readonly inputPosition: number
  readonly scratchBytes: number
}

export function planWinogradGrad({ inputs, outputs, tiles }: WinogradGradKernel): WinogradGradPlan {
  const perTile = 16 * 4 * (inputs + outputs)
  const fitting = Math.max(MIN_BLOCK_TILES, Math.floor(BLOCK_BYTES / perTile / 8) * 8)
  const blockTiles = Math.min(256, fitting, Math.ceil(tiles / 4) * 4)
  const gradientPosition = 4 * outputs * blockTiles + SKEW
  const inputPosition = 4 * inputs * blockTiles + SKEW
  return {
    panels: inputs / PANEL,
    blockTiles,
    ...tileRows(outputs),
    gradientBytes: 16 * gradientPosition,
    gradientPosition,
    inputPosition,
    scratchBytes: 16 * (gradientPosition + inputPosition),
  }
}

export function emitWinogradGrad(kernel: KernelFunction, name: string, winograd: WinogradGradKernel): void {
  const { f, context } = kernel
  const plan = planWinogradGrad(winograd)
  const { blockTiles, panels, rows, tiles, tallTiles } = plan
  const gradientOf = gradientFunction(context, name, winograd, plan)
  const inputOf = inputFunction(context, name, winograd, plan)
  const tall = productFunction(context, winograd, plan, rows)
  const short = tallTiles === tiles ? tall : productFunction(context, winograd, plan, rows - 1)
  const [scratch, from, to, first, count] = f.locals('i32', 'i32', 'i32', 'i32', 'i32')
  const [position, panel, tile, row] = f.locals('i32', 'i32', 'i32', 'i32')
  f.get(kernel.base).get(kernel.thread).i32(context.scratchBytes).op('i32.mul').op('i32.add')
  f.i32(context.scratchStart).op('i32.add').set(scratch)
  kernel.share(panels, 1, from, to)
  const sums = kernel.address(winograd.sums)
  const pushArguments = (): void => {
    // Gradients of this position and row, inputs of this position and panel, the sums they go to.
    f.get(scratch).get(position).i32(plan.gradientPosition).op('i32.mul').op('i32.add')
    f.get(row)
      .i32(4 * blockTiles)
      .op('i32.mul')
      .op('i32.add')
    f.get(scratch).i32(plan.gradientBytes).op('i32.add')
    f.get(position).i32(plan.inputPosition).op('i32.mul').op('i32.add')
    f.get(panel)
      .i32(4 * PANEL * blockTiles)
      .op('i32.mul')
      .op('i32.add')
    f.get(sums.pointer).i32(sums.offset).op('i32.add')
    f.get(position)
      .i32(winograd.outputs)
      .op('i32.mul')
      .get(row)
      .op('i32.add')
      .i32(4 * winograd.inputs)
      .op('i32.mul')
      .op('i32.add')
    f.get(panel)
      .i32(4 * PANEL)
      .op('i32.mul')
      .op('i32.add')
    f.get(count).get(first).op('i32.eqz')
  }
  const runTiles = (begin: number, end: number, height: number, product: FunctionRef): void => {
    f.forRange(tile, begin, end, 1, () => {
      pushArguments()
      f.call(product)
      f.addImmediate(row, height)
    })
  }
  f.get(from)
    .get(to)
    .op('i32.lt_s')
    .if(() => {
      f.forRange(first, 0, winograd.tiles, blockTiles, () => {
        f.i32(winograd.tiles).get(first).op('i32.sub').tee(count).i32(blockTiles).get(count).i32(blockTiles)
        f.op('i32.lt_s').op('select').set(count)
        f.get(first).get(count).get(scratch).call(gradientOf)
        f.get(first).get(count).get(scratch).i32(plan.gradientBytes).op('i32.add').get(from).get(to).call(inputOf)
        f.forRange(position, 0, 16, 1, () => {
          f.forRange(panel, from, to, 1, () => {
            f.i32(0).set(row)
            runTiles(0, tallTiles, rows, tall)
            runTiles(tallTiles, tiles, rows - 1, short)
          })
        })
      })
    })
}

/** A function (first tile, tiles, target): A g Aᵀ of the tiles for every output channel, `[16, outputs, block tiles]`. */
function gradientFunction(
  context: KernelContext,
  name: string,
  { outputs, gradient, plane, pitch, targetOffsets }: WinogradGradKernel,
  plan: WinogradGradPlan,
): FunctionRef {
  return context.module.function(`${name}.gradient`, ['i32', 'i32', 'i32'], [], (f, first, count, target) => {
    const zero = f.local('i32')
    const kernel = new KernelFunction(context, f, { thread: zero, threads: zero }, [gradient, targetOffsets])
    const { pointer, offset } = kernel.address(gradient)
    const [tile, channel, source, out, group] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    f.forRange(tile, 0, count, 4, () => {
      f.get(first).get(tile).op('i32.add').set(group)
      const tiles = loadOffsets(kernel, targetOffsets, group)
      f.get(pointer).set(source)
      f.get(target).get(tile).i32(2).op('i32.shl').op('i32.add').set(out)
      f.forRange(channel, 0, outputs, 1, () => {
        f.scope(() => {
          const pixels = [0, 1].map((y) => loadPairs(f, source, tiles, offset + 4 * y * pitch))
          transformGradient(f, pixels).forEach((vector, position) => {
            f.get(out)
              .get(vector)
              .store('v128.store', plan.gradientPosition * position, 2)
          })
        })
        f.addImmediate(source, 4 * plane).addImmediate(out, 4 * plan.blockTiles)
      })
    })
  })
}

/** The left and right pixels of a row of four tiles. */
function loadPairs(
  f: FunctionBuilder,
  source: Local<'i32'>,
  tiles: readonly Local<'i32'>[],
  offset: number,
): [Local<'v128'>, Local<'v128'>] {
  const [low, high] = [0, 2].map((tile) => {
    const vector = f.local('v128')
    f.get(source)
      .get(at(tiles, tile + 1))
      .op('i32.add')
    f.get(source).get(at(tiles, tile)).op('i32.add').load('v128.load64_zero', offset, 2)
    f.lane('v128.load64_lane', offset, 1).set(vector)
    return vector
  }) as [Local<'v128'>, Local<'v128'>]
  const [left, right] = f.locals('v128', 'v128')
  f.get(low).get(high).shuffle32(0, 2, 4, 6).set(left)
  f.get(low).get(high).shuffle32(1, 3, 5, 7).set(right)
  return [left, right]
}

/** A g Aᵀ with A of F(2, 3): rows g₀, g₀ + g₁, g₀ − g₁, −g₁; position by position. */
function transformGradient(
  f: FunctionBuilder,
  pixels: readonly (readonly [Local<'v128'>, Local<'v128'>])[],
): Local<'v128'>[] {
  const along = (g0: Local<'v128'>, g1: Local<'v128'>): Local<'v128'>[] => {
    const [sum, difference, negative] = f.locals('v128', 'v128', 'v128')
    f.get(g0).get(g1).op('f32x4.add').set(sum)
    f.get(g0).get(g1).op('f32x4.sub').set(difference)
    f.get(g1).op('f32x4.neg').set(negative)
    return [g0, sum, difference, negative]
  }
  const [top, bottom] = pixels as readonly [
    readonly [Local<'v128'>, Local<'v128'>],
    readonly [Local<'v128'>, Local<'v128'>],
  ]
  const left = along(top[0], bottom[0])
  const right = along(top[1], bottom[1])
  return range(4).flatMap((xi) => along(at(left, xi), at(right, xi)))
}

/** A function (first tile, tiles, target, first panel, last panel): Bᵀ x B for eight input channels at a time, `[16, panels, block tiles, 8]`. */
function inputFunction(
  context: KernelContext,
  name: string,
  { source, sourcePlane, sourcePitch, sourceOffsets }: WinogradGradKernel,
  plan: WinogradGradPlan,
): FunctionRef {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return context.module.function(`${name}.input`, params, [], (f, first, count, target, from, to) => {
    const zero = f.local('i32')
    const kernel = new KernelFunction(context, f, { thread: zero, threads: zero }, [source, sourceOffsets])
    const { pointer, offset } = kernel.address(source)
    const table = kernel.address(sourceOffsets)
    const [panel, tile, half, address, out] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    f.forRange(panel, from, to, 1, () => {
      f.forRange(tile, 0, count, 1, () => {
        f.get(table.pointer)
          .get(first)
          .get(tile)
          .op('i32.add')
          .i32(2)
          .op('i32.shl')
          .op('i32.add')
          .load('i32.load', table.offset)
        f.i32(2).op('i32.shl').get(pointer).op('i32.add')
        f.get(panel)
          .i32(4 * PANEL * sourcePlane)
          .op('i32.mul')
          .op('i32.add')
          .set(address)
        f.get(target)
          .get(panel)
          .i32(plan.blockTiles)
          .op('i32.mul')
          .get(tile)
          .op('i32.add')
          .i32(4 * PANEL)
          .op('i32.mul')
          .op('i32.add')
          .set(out)
        f.forRange(half, 0, 2, 1, () => {
          f.scope(() => {
            const rows = range(4).map((y) => {
              const channels = range(4).map((channel) => {
                const vector = f.local('v128')
                f.get(address)
                  .load('v128.load', offset + 4 * (channel * sourcePlane + y * sourcePitch), 2)
                  .set(vector)
                return vector
              })
              return turn(f, channels)
            })
            transformInput(f, rows)
              .flat()
              .forEach((vector, position) => {
                f.get(out)
                  .get(vector)
                  .store('v128.store', plan.inputPosition * position, 2)
              })
          })
          f.addImmediate(address, 16 * sourcePlane).addImmediate(out, 16)
        })
      })
    })
  })
}

/** A function (gradients, inputs, sums, tiles, first): sums += gradients · inputs, or = when `first`. */
function productFunction(
  context: KernelContext,
  { inputs, outputs }: WinogradGradKernel,
  { blockTiles }: WinogradGradPlan,
  rows: number,
): FunctionRef {
  const name = `winograd.sum${inputs}x${outputs}x${blockTiles}x${rows}`
  return context.shared(name, () =>
    context.module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32'], [], (f, a, b, sums, depth, first) => {
      const tile = range(rows).map(() => [f.local('v128'), f.local('v128')])
      const place = (row: number, column: number): number => 4 * row * inputs + 16 * column
      f.get(first)
        .op('i32.eqz')
        .if(() => {
          tile.forEach((vectors, row) => {
            vectors.forEach((vector, column) => {
              f.get(sums).load('v128.load', place(row, column), 2).set(vector)
            })
          })
        })
      sumUp(f, context.fma, { row: 4 * blockTiles, depth: 4, b: 4 * PANEL }, tile, { a, b, outer: depth, depth })
      tile.forEach((vectors, row) => {
        vectors.forEach((vector, column) => {
          f.get(sums).get(vector).store('v128.store', place(row, column), 2)
        })
      })
    }),
  )
}
