/**
 * The register tile: some rows × one panel of a product in twelve registers, summed over one pass, then either set aside or handed
 * to the kernel's stores. One function per height and width; everything about strides is a constant in its instructions.
 */
import { at, range } from '../../../base/arrays.ts'
import { buffersRead, buffersWritten, type ContractKernel } from '../../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import type { ContractPlan, RowTiles } from './contract-plan.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { Pointers } from './pointers.ts'
import { emitMultiplyAdd } from './vector-math.ts'

const UNROLL = 4

export interface TileShape {
  readonly rows: number
  /** Those of a panel, or what is left in the last. */
  readonly columns: number
}

/**
 * A function (a, b, sums, outer steps, depth, flags, row, column, ...batch indices). `a` and `b` are addresses of the first elements;
 * flag 1: this is the first pass, flag 2: the last. `sums` is where unfinished tiles wait between passes.
 */
export function tileFunction(
  context: KernelContext,
  name: string,
  kernel: ContractKernel,
  plan: ContractPlan,
  shape: TileShape,
): FunctionRef {
  const params = [
    'i32',
    'i32',
    'i32',
    'i32',
    'i32',
    'i32',
    'i32',
    'i32',
    ...kernel.batch.map(() => 'i32' as const),
  ] as const
  return context.module.function(`${name}.tile${shape.rows}x${shape.columns}`, params, [], (f, ...locals) => {
    const [a, b, sums, outer, depth, flags, row, column, ...batch] = locals as Local<'i32'>[] as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      ...Local<'i32'>[],
    ]
    const tile = tileLocals(f, shape.rows, shape.columns)
    if (plan.passes > 1) {
      f.get(flags)
        .i32(1)
        .op('i32.and')
        .op('i32.eqz')
        .if(() => moveSums(f, tile, sums, 'load'))
    }
    sumUp(f, context.fma, stridesOf(kernel, plan), tile, { a, b, outer, depth })
    const finish = (): void => finishTile(context, f, kernel, shape, tile, [...batch, row, column])
    if (plan.passes === 1) finish()
    else
      f.get(flags)
        .i32(2)
        .op('i32.and')
        .if(finish, () => moveSums(f, tile, sums, 'store'))
  })
}

/** Pushes the first row of a tile; tall tiles come first. */
export function pushFirstRow(f: FunctionBuilder, { rows, tiles, tallTiles }: RowTiles, tile: Local<'i32'>): void {
  f.get(tile).i32(rows).op('i32.mul')
  if (tallTiles === tiles) return
  f.get(tile).i32(tallTiles).op('i32.sub').i32(0).get(tile).i32(tallTiles).op('i32.gt_s').op('select').op('i32.sub')
}

/** The sums of a tile, zero at the function's entry. */
export function tileLocals(f: FunctionBuilder, rows: number, columns: number): Local<'v128'>[][] {
  return range(rows).map(() => range(Math.ceil(columns / 4)).map(() => f.local('v128')))
}

function moveSums(
  f: FunctionBuilder,
  tile: readonly (readonly Local<'v128'>[])[],
  sums: Local<'i32'>,
  direction: 'load' | 'store',
): void {
  tile.flat().forEach((vector, index) => {
    if (direction === 'load')
      f.get(sums)
        .load('v128.load', 16 * index)
        .set(vector)
    else
      f.get(sums)
        .get(vector)
        .store('v128.store', 16 * index)
  })
}

/** Addresses of the first elements and how far to go; the walk changes all of them. */
export interface Walk {
  readonly a: Local<'i32'>
  readonly b: Local<'i32'>
  readonly outer: Local<'i32'>
  readonly depth: Local<'i32'>
}

/** Strides of the operands of a tile, in bytes. */
export interface TileStrides {
  readonly row: number
  readonly depth: number
  readonly b: number
  /** From one outer step to the next; absent when there is one. */
  readonly outer?: { readonly a: number; readonly b: number | undefined }
}

function stridesOf(kernel: ContractKernel, plan: ContractPlan): TileStrides {
  const { rows } = kernel.b
  const strides = {
    row: 4 * kernel.a.strideM,
    depth: 4 * kernel.a.strideK,
    b: plan.direct && rows.kind === 'stride' ? 4 * rows.stride : 4 * plan.panel,
  }
  if (kernel.outer === 1) return strides
  return { ...strides, outer: { a: 4 * kernel.a.outerStride, b: plan.direct ? 4 * kernel.b.outerStride : undefined } }
}

/** tile += A · B over the depth, and over the outer steps where there are several. */
export function sumUp(
  f: FunctionBuilder,
  fma: boolean,
  strides: TileStrides,
  tile: readonly (readonly Local<'v128'>[])[],
  { a, b, outer, depth }: Walk,
): void {
  const bStep = strides.b
  const vectors = (tile[0] ?? []).map(() => f.local('v128'))
  const splat = f.local('v128')
  const left = f.local('i32')
  const aStart = f.local('i32')
  const bStart = f.local('i32')
  const steps = (count: number): void => {
    for (let step = 0; step < count; step++) {
      for (const [index, vector] of vectors.entries()) {
        f.get(b)
          .load('v128.load', step * bStep + 16 * index, 2)
          .set(vector)
      }
      tile.forEach((sums, row) => {
        f.get(a)
          .load('v128.load32_splat', row * strides.row + step * strides.depth)
          .set(splat)
        sums.forEach((sum, index) => {
          f.get(splat)
          emitMultiplyAdd(
            f,
            fma,
            () => f.get(at(vectors, index)),
            () => f.get(sum),
          )
          f.set(sum)
        })
      })
    }
    f.addImmediate(a, count * strides.depth).addImmediate(b, count * bStep)
  }
  const repeat = (count: number): void => {
    f.get(left)
      .i32(count)
      .op('i32.ge_s')
      .if(() =>
        f.loop((again) => {
          steps(count)
          f.get(left).i32(count).op('i32.sub').tee(left).i32(count).op('i32.ge_s').brIf(again)
        }),
      )
  }
  const walkDepth = (): void => {
    f.get(depth).set(left)
    repeat(UNROLL)
    repeat(1)
  }
  const { outer: outerStrides } = strides
  if (!outerStrides) {
    walkDepth()
    return
  }
  f.loop((again) => {
    f.get(a).set(aStart).get(b).set(bStart)
    walkDepth()
    f.get(aStart).plus(outerStrides.a).set(a)
    if (outerStrides.b !== undefined) f.get(bStart).plus(outerStrides.b).set(b)
    f.get(outer).i32(1).op('i32.sub').tee(outer).brIf(again)
  })
}

/** Runs the kernel's stores on every vector of the tile. */
function finishTile(
  context: KernelContext,
  f: FunctionBuilder,
  contract: ContractKernel,
  shape: TileShape,
  tile: readonly (readonly Local<'v128'>[])[],
  indices: readonly Local<'i32'>[],
): void {
  const touched = new Set(buffersWritten(contract))
  buffersRead(contract, (buffer) => touched.add(buffer))
  const kernel = new KernelFunction(context, f, touched)
  const pointers = new Pointers(kernel, accessesOf([], contract.stores))
  pointers.reset()
  for (const [loop, index] of indices.entries()) pointers.advanceBy(loop, index)
  const columnLoop = indices.length - 1
  const values = contract.stores.map((store) => store.value)
  for (const sums of tile) {
    const plain = new ExpressionEmitter(kernel, pointers, { loop: columnLoop, inline: false }).hoist(values)
    for (let done = 0; done < sums.length; ) {
      const [first, second] = sums.slice(done, done + 2).map((sum) => plain.withAccumulators([sum]))
      const rest = shape.columns - 4 * done
      const joined = context.wide && rest >= 8
      pointers.ahead(columnLoop, 4 * done, () => {
        f.scope(() => {
          if (joined) first?.storePair(contract.stores, second)
          else if (rest >= 4) first?.store(contract.stores, 'vector')
          else storeSingly(f, pointers, plain, contract, at(sums, done), rest, columnLoop)
        })
      })
      done += joined ? 2 : 1
    }
    pointers.advance(columnLoop - 1, 1)
  }
}

/** The first `count` lanes one by one. */
function storeSingly(
  f: FunctionBuilder,
  pointers: Pointers,
  emitter: ExpressionEmitter,
  contract: ContractKernel,
  sum: Local<'v128'>,
  count: number,
  loop: number,
): void {
  const lane = f.local('v128')
  for (let index = 0; index < count; index++) {
    f.get(sum).extractLane('f32x4.extract_lane', index).op('f32x4.splat').set(lane)
    f.scope(() => emitter.withAccumulators([lane]).store(contract.stores, 'lane'))
    pointers.advance(loop, 1)
  }
  pointers.advance(loop, -count)
}
