/**
 * The register tile: some rows × one panel of a product in twelve registers, summed over one pass, then either set aside or handed
 * to the kernel's stores. One function per height and width; everything about strides is a constant in its instructions.
 */
import { at, range } from '../../../base/arrays.ts'
import { visitExpressions } from '../../../compile/expression.ts'
import { buffersRead, buffersWritten, type ContractKernel, type Store } from '../../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import type { ContractPlan, RowTiles } from './contract-plan.ts'
import { accessesOf, ExpressionEmitter, isRepeatable } from './expression-emitter.ts'
import { type Base, type KernelContext, KernelFunction } from './kernel-context.ts'
import { Pointers } from './pointers.ts'
import { emitMultiplyAdd } from './vector-math.ts'
import { mathOps } from './vector-ops.ts'

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
    const touched = new Set(buffersWritten(kernel))
    buffersRead(kernel, (buffer) => touched.add(buffer))
    const body = new KernelFunction(context, f, touched)
    const tile = tileLocals(f, shape.rows, 4 * vectorsFor(shape.columns, context.wide))
    if (plan.passes > 1) {
      f.get(flags)
        .i32(1)
        .op('i32.and')
        .op('i32.eqz')
        .if(() => moveSums(f, tile, sums, 'load'))
    }
    sumUp(f, context.fma, stridesOf(body, kernel, plan), tile, { a, b, outer, depth })
    const finish = (): void => finishTile(body, kernel, shape, { tile, sums }, [...batch, row, column])
    if (plan.passes === 1) finish()
    else
      f.get(flags)
        .i32(2)
        .op('i32.and')
        .if(finish, () => moveSums(f, tile, sums, 'store'))
  })
}

/** Vectors in a row of a tile: an even number where they can be joined. */
function vectorsFor(columns: number, wide: boolean): number {
  return wide && columns > 4 ? 2 * Math.ceil(columns / 8) : Math.ceil(columns / 4)
}

/** Pushes the first row of a tile; tall tiles come first. */
export function pushFirstRow(f: FunctionBuilder, { rows, tiles, tallTiles }: RowTiles, tile: Local<'i32'>): void {
  f.get(tile).i32(rows).op('i32.mul')
  if (tallTiles === tiles) return
  f.get(tile).i32(tallTiles).op('i32.sub').i32(0).get(tile).i32(tallTiles).op('i32.gt_s').op('select').op('i32.sub')
}

/** Runs `body` for a tall tile or for a short one, whichever `tile` is. */
export function byHeight(
  f: FunctionBuilder,
  { tiles, tallTiles }: RowTiles,
  tile: Local<'i32'>,
  body: (tall: boolean) => void,
): void {
  if (tallTiles === tiles) {
    body(true)
    return
  }
  f.get(tile).i32(tallTiles).op('i32.lt_s')
  f.if(
    () => body(true),
    () => body(false),
  )
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
  /** Where runs of rows of B begin, `b` apart within a run; the walk takes all of them, whatever the depth. */
  readonly runs?: { readonly table: Base; readonly length: number; readonly count: number }
}

function stridesOf(body: KernelFunction, kernel: ContractKernel, plan: ContractPlan): TileStrides {
  const { rows } = kernel.b
  const { runs } = plan
  const strides = {
    row: 4 * kernel.a.strideM,
    depth: 4 * kernel.a.strideK,
    b: runs ? 4 * runs.stride : plan.direct && rows.kind === 'stride' ? 4 * rows.stride : 4 * plan.panel,
    ...(runs && { runs: { table: body.address(runs.table), length: runs.length, count: kernel.k / runs.length } }),
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
  const vectors = (tile[0] ?? []).map(() => f.local('v128'))
  const splat = f.local('v128')
  const left = f.local('i32')
  const aStart = f.local('i32')
  const bStart = f.local('i32')
  /** `count` steps of the depth from the addresses `a`, `first` steps of A ahead, and `rows`. */
  const steps = (rows: Local<'i32'>, count: number, first = 0): void => {
    for (let step = 0; step < count; step++) {
      for (const [index, vector] of vectors.entries()) {
        f.get(rows)
          .load('v128.load', step * strides.b + 16 * index, 2)
          .set(vector)
      }
      tile.forEach((sums, row) => {
        f.get(a)
          .load('v128.load32_splat', row * strides.row + (first + step) * strides.depth)
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
  }
  const repeat = (count: number, body: (count: number) => void): void => {
    f.get(left)
      .i32(count)
      .op('i32.ge_s')
      .if(() =>
        f.loop((again) => {
          body(count)
          f.get(left).i32(count).op('i32.sub').tee(left).i32(count).op('i32.ge_s').brIf(again)
        }),
      )
  }
  const walkDepth = (): void => {
    const walk = (count: number): void => {
      steps(b, count)
      f.addImmediate(a, count * strides.depth).addImmediate(b, count * strides.b)
    }
    f.get(depth).set(left)
    repeat(UNROLL, walk)
    repeat(1, walk)
  }
  const walkRuns = ({ table, length, count }: NonNullable<TileStrides['runs']>): void => {
    const [entry, rows] = f.locals('i32', 'i32')
    const walk = (runs: number): void => {
      for (let run = 0; run < runs; run++) {
        f.get(entry).load('i32.load', table.offset + 4 * length * run)
        f.i32(2).op('i32.shl').plus(b).set(rows)
        steps(rows, length, run * length)
      }
      f.addImmediate(a, runs * length * strides.depth).addImmediate(entry, 4 * runs * length)
    }
    f.get(table.pointer).set(entry)
    f.i32(count).set(left)
    const unroll = Math.min(count, Math.ceil(UNROLL / length))
    repeat(unroll, walk)
    if (count % unroll !== 0) repeat(1, walk)
  }
  const walkOnce = (): void => (strides.runs ? walkRuns(strides.runs) : walkDepth())
  const { outer: outerStrides } = strides
  if (!outerStrides) {
    walkOnce()
    return
  }
  f.loop((again) => {
    f.get(a).set(aStart).get(b).set(bStart)
    walkOnce()
    f.get(aStart).plus(outerStrides.a).set(a)
    if (outerStrides.b !== undefined) f.get(bStart).plus(outerStrides.b).set(b)
    f.get(outer).i32(1).op('i32.sub').tee(outer).brIf(again)
  })
}

/**
 * Runs the kernel's stores on the tile. Where they take long to write, or a row does not fill its vectors, the sums are set aside first
 * and a loop reads them back row by row.
 */
function finishTile(
  kernel: KernelFunction,
  contract: ContractKernel,
  { columns }: TileShape,
  { tile, sums }: { tile: readonly (readonly Local<'v128'>[])[]; sums: Local<'i32'> },
  indices: readonly Local<'i32'>[],
): void {
  const { f, context } = kernel
  const { stores } = contract
  const loop = indices.length - 1
  const pointers = new Pointers(kernel, accessesOf([], stores))
  pointers.reset()
  for (const [each, index] of indices.entries()) pointers.advanceBy(each, index)
  const isPartial = columns > 4 && columns % (context.wide ? 8 : 4) !== 0
  const setAside = isPartial || hasMath(stores)
  const pieces = piecesOf(columns, context.wide, setAside && isRepeatable(stores))
  const storeRow = (pushSums: (column: number, single: boolean) => void): void => {
    const plain = new ExpressionEmitter(kernel, pointers, { loop, inline: setAside })
    const hoisted = plain.hoist(stores.map((store) => store.value))
    const emitterAt = (column: number, single: boolean): ExpressionEmitter => {
      const vector = f.local('v128')
      pushSums(column, single)
      f.set(vector)
      return hoisted.withAccumulators([vector])
    }
    for (const { column, width } of pieces) {
      pointers.ahead(loop, column, () => {
        f.scope(() => {
          const first = emitterAt(column, width === 1)
          if (width === 8) first.storePair(stores, emitterAt(column + 4, false))
          else first.store(stores, width === 4 ? 'vector' : 'lane')
        })
      })
    }
    pointers.advance(loop - 1, 1)
  }
  if (!setAside) {
    for (const vectors of tile) {
      storeRow((column, single) => {
        f.get(at(vectors, Math.floor(column / 4)))
        if (single) f.extractLane('f32x4.extract_lane', column % 4).op('f32x4.splat')
      })
    }
    return
  }
  moveSums(f, tile, sums, 'store')
  const row = f.local('i32')
  f.forRange(row, 0, tile.length, 1, () => {
    f.scope(() => {
      storeRow((column, single) => f.get(sums).load(single ? 'v128.load32_splat' : 'v128.load', 4 * column, 2))
    })
    f.addImmediate(sums, 16 * (tile[0] ?? []).length)
  })
}

/** Whether stores compute functions that take many instructions. */
function hasMath(stores: readonly Store[]): boolean {
  let found = false
  visitExpressions(
    stores.map((store) => store.value),
    (expression) => {
      found ||= expression.kind === 'op' && mathOps.has(expression.op)
    },
  )
  return found
}

/** How the columns of a tile are stored: pairs of vectors, vectors, then one by one where vectors may not overlap. */
function piecesOf(columns: number, wide: boolean, overlap: boolean): { column: number; width: 1 | 4 | 8 }[] {
  const pieces: { column: number; width: 1 | 4 | 8 }[] = []
  let column = 0
  const take = (width: 1 | 4 | 8): void => {
    for (; column + width <= columns; column += width) pieces.push({ column, width })
  }
  if (wide) take(8)
  if (wide && overlap && columns > 8 && columns - column > 4) {
    pieces.push({ column: columns - 8, width: 8 })
    return pieces
  }
  take(4)
  if (overlap && columns > 4 && column < columns) pieces.push({ column: columns - 4, width: 4 })
  else take(1)
  return pieces
}
