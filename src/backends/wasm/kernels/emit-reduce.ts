/**
 * Reductions. Where the reduced elements are neighbours, vectors run along them and are added up at the end (row); where the kept
 * ones are, each lane gathers its own result (column). The order of additions depends on shapes alone, never on threads.
 */
import { at, range } from '../../../base/arrays.ts'
import type { DType } from '../../../base/dtype.ts'
import type { Expression } from '../../../compile/expression.ts'
import type { ReduceKernel, ReductionOp, Store } from '../../../compile/kernel.ts'
import type { Local, PlainName } from '../assembler/assembler.ts'
import { accessesOf, ExpressionEmitter, splatLane } from './expression-emitter.ts'
import type { KernelFunction } from './kernel-context.ts'
import { joinLoops, overLoops, walkLoops } from './loops.ts'
import { Pointers } from './pointers.ts'

/** Independent sums in flight, to hide the latency of an addition. */
const UNROLL = 4

const combine: Readonly<
  Record<Exclude<ReductionOp, 'argmax'>, { readonly float: PlainName; readonly int: PlainName }>
> = {
  sum: { float: 'f32x4.add', int: 'i32x4.add' },
  max: { float: 'f32x4.max', int: 'i32x4.max_s' },
  min: { float: 'f32x4.min', int: 'i32x4.min_s' },
  product: { float: 'f32x4.mul', int: 'i32x4.mul' },
}

function identity(op: Exclude<ReductionOp, 'argmax'>, dtype: DType): number {
  if (op === 'sum') return 0
  if (op === 'product') return 1
  const lowest = dtype === 'float32' ? Number.NEGATIVE_INFINITY : -(2 ** 31)
  const highest = dtype === 'float32' ? Number.POSITIVE_INFINITY : 2 ** 31 - 1
  return op === 'max' ? lowest : highest
}

/** A reduction over joined loops: kept ones first. */
interface Nest {
  readonly extents: readonly number[]
  readonly kept: number
  readonly op: ReductionOp
  readonly value: Expression
  readonly stores: readonly Store[]
}

export function emitReduce(kernel: KernelFunction, reduce: ReduceKernel): void {
  const nest = joinedNest(reduce)
  const pointers = new Pointers(kernel, accessesOf([nest.value], nest.stores))
  pointers.reset()
  if (runsAlongRows(nest)) emitRows(kernel, nest, pointers)
  else emitColumns(kernel, nest, pointers)
}

function joinedNest(reduce: ReduceKernel): Nest {
  const keptLoops = reduce.extents.length - reduce.reducedAxes
  const { op, value } = at(reduce.reductions, 0)
  // Stores know only the kept loops; over the reduced ones they stand still.
  const stores = reduce.stores
  const loops = reduce.extents.length
  const padded = accessesOf([value], stores).map((access) => ({
    ...access,
    at: { ...access.at, strides: range(loops).map((loop) => access.at.strides[loop] ?? 0) },
  }))
  const still = new Set(accessesOf([], stores).map((access) => access.at))
  const keptAccesses = padded.map((access) => access)
  const joined = joinLoops(reduce.extents, keptAccesses, [keptLoops])
  const over = overLoops(joined)
  const kept = joined.origin.filter((loop) => loop < keptLoops).length
  return {
    extents: joined.extents,
    kept,
    op,
    value: over.expression(value),
    stores: still.size === 0 ? [] : over.stores(stores),
  }
}

/** Rows when the innermost reduced loop is where the loads are contiguous. */
function runsAlongRows({ extents, kept, op, value }: Nest): boolean {
  if (op === 'argmax' || kept === extents.length) return false
  if (kept === 0) return true
  const row = extents.length - 1
  const column = kept - 1
  const score = (loop: number): number =>
    accessesOf([value]).reduce((sum, { at: place }) => {
      const stride = at(place.strides, loop)
      return sum + (stride === 1 ? 2 : stride === 0 ? 1 : 0)
    }, 0)
  const rowScore = score(row)
  const columnScore = score(column)
  if (at(extents, row) < 4) return false
  return rowScore > columnScore || (rowScore === columnScore && at(extents, column) < 4)
}

/** Runs `body` over this thread's share of the kept loops up to `last`; alone on thread 0 when there is none. */
function overKept(
  kernel: KernelFunction,
  pointers: Pointers,
  extents: readonly number[],
  last: number,
  body: () => void,
): void {
  const { f } = kernel
  if (last < 0) {
    f.get(kernel.division.thread)
      .op('i32.eqz')
      .if(() => body())
    return
  }
  const from = f.local('i32')
  const to = f.local('i32')
  kernel.share(at(extents, 0), 1, from, to)
  pointers.advanceBy(0, from)
  f.forRange(from, from, to, 1, () => {
    walkLoops(kernel, pointers, extents, { first: 1, last }, body)
    pointers.advance(0, 1)
  })
}

function emitRows(kernel: KernelFunction, nest: Nest, pointers: Pointers): void {
  const { f } = kernel
  const { extents, kept, value, stores } = nest
  const op = nest.op as Exclude<ReductionOp, 'argmax'>
  const row = extents.length - 1
  const length = at(extents, row)
  const instruction = value.dtype === 'float32' ? combine[op].float : combine[op].int
  const unroll = length >= 4 * UNROLL ? UNROLL : 1
  const sums = range(unroll).map(() => f.local('v128'))
  const tail = f.local('v128')
  const start = (local: Local<'v128'>): void => {
    const first = identity(op, value.dtype)
    if (value.dtype === 'float32') f.hoistedF32x4(first)
    else f.hoistedI32x4(first)
    f.set(local)
  }
  const accumulate = (emitter: ExpressionEmitter, local: Local<'v128'>, mode: 'vector' | 'lane'): void => {
    f.scope(() => {
      emitter.begin([value])
      f.get(local)
      emitter.push(value, mode)
      f.op(instruction).set(local)
    })
    pointers.advance(row, mode === 'vector' ? 4 : 1)
  }
  const walkRow = (): void => {
    const emitter = new ExpressionEmitter(kernel, pointers, { loop: row }).hoist([value])
    f.scope(() => {
      const i = f.local('i32')
      const unrolled = length - (length % (4 * unroll))
      const whole = length - (length % 4)
      f.forRange(i, 0, unrolled, 4 * unroll, () => {
        for (const sum of sums) accumulate(emitter, sum, 'vector')
      })
      if (unrolled < whole) f.forRange(i, unrolled, whole, 4, () => accumulate(emitter, at(sums, 0), 'vector'))
      f.forRange(i, whole, length, 1, () => accumulate(emitter, tail, 'lane'))
    })
    pointers.advance(row, -length)
  }
  overKept(kernel, pointers, extents, kept - 1, () => {
    for (const local of [...sums, tail]) start(local)
    walkLoops(kernel, pointers, extents, { first: kept, last: row - 1 }, walkRow)
    sumLanes(kernel, sums, tail, instruction)
    splatLane(kernel, value.dtype)
    f.set(tail)
    f.scope(() =>
      new ExpressionEmitter(kernel, pointers, { loop: row, accumulators: [tail], inline: false }).store(stores, 'lane'),
    )
  })
}

/** Leaves all vectors and lane 0 of `tail` combined in lane 0 on the stack. */
export function sumLanes(
  { f }: KernelFunction,
  sums: readonly Local<'v128'>[],
  tail: Local<'v128'>,
  instruction: PlainName,
): void {
  const first = at(sums, 0)
  for (let width = sums.length / 2; width >= 1; width /= 2) {
    for (let index = 0; index < width; index++) {
      f.get(at(sums, index))
        .get(at(sums, index + width))
        .op(instruction)
        .set(at(sums, index))
    }
  }
  f.get(first).get(first).get(first).shuffle32(2, 3, 0, 1).op(instruction).set(first)
  f.get(first).get(first).get(first).shuffle32(1, 0, 3, 2).op(instruction)
  f.get(tail).op(instruction)
}

function emitColumns(kernel: KernelFunction, nest: Nest, pointers: Pointers): void {
  const { f } = kernel
  const { extents, kept } = nest
  const column = kept - 1
  if (column < 0) {
    // One result: a column of one.
    overKept(kernel, pointers, extents, -1, () => emitColumnBlock(kernel, nest, pointers, 1, 'lane'))
    return
  }
  const width = at(extents, column)
  const walkColumns = (count: number | Local<'i32'>): void => {
    f.scope(() => {
      const i = f.local('i32')
      const blocks: readonly (readonly [number, 'vector' | 'lane'])[] = [
        [UNROLL, 'vector'],
        [1, 'vector'],
        [1, 'lane'],
      ]
      f.i32(0).set(i)
      for (const [vectors, mode] of blocks) {
        const step = mode === 'vector' ? 4 * vectors : 1
        if (typeof count === 'number' && count < step) continue
        f.block((exit) =>
          f.loop((again) => {
            f.get(i).plus(step)
            if (typeof count === 'number') f.i32(count)
            else f.get(count)
            f.op('i32.gt_s').brIf(exit)
            emitColumnBlock(kernel, nest, pointers, vectors, mode)
            pointers.advance(column, step)
            f.addImmediate(i, step).br(again)
          }),
        )
      }
    })
  }
  if (column === 0) {
    const from = f.local('i32')
    const to = f.local('i32')
    kernel.share(width, 4 * UNROLL, from, to)
    pointers.advanceBy(0, from)
    f.get(to).get(from).op('i32.sub').set(to)
    walkColumns(to)
    return
  }
  overKept(kernel, pointers, extents, column - 1, () => {
    walkColumns(width)
    pointers.advance(column, -width)
  })
}

/** Reduces `vectors` neighbouring vectors of results, or one result, and stores them. */
function emitColumnBlock(
  kernel: KernelFunction,
  nest: Nest,
  pointers: Pointers,
  vectors: number,
  mode: 'vector' | 'lane',
): void {
  const { f } = kernel
  const { extents, kept, value, stores } = nest
  const loop = Math.max(0, kept - 1)
  f.scope(() => {
    const results = range(vectors).map(() => f.local('v128'))
    const step = stepOf(kernel, nest, results)
    step.start()
    walkLoops(kernel, pointers, extents, { first: kept, last: extents.length - 1 }, () => {
      for (const result of results) {
        f.scope(() => {
          const emitter = new ExpressionEmitter(kernel, pointers, { loop, inline: vectors > 1 })
          emitter.begin([value])
          step.accumulate(result, () => emitter.push(value, mode))
        })
        if (vectors > 1) pointers.advance(loop, 4)
      }
      if (vectors > 1) pointers.advance(loop, -4 * vectors)
      step.next()
    })
    for (const result of results) {
      f.scope(() => {
        const accumulators = [step.result(result)]
        new ExpressionEmitter(kernel, pointers, { loop, accumulators, inline: false }).store(stores, mode)
      })
      if (vectors > 1) pointers.advance(loop, 4)
    }
    if (vectors > 1) pointers.advance(loop, -4 * vectors)
  })
}

/** How one more value goes into a result. */
interface Step {
  start(): void
  accumulate(result: Local<'v128'>, push: () => void): void
  /** After every point of the reduced loops. */
  next(): void
  result(best: Local<'v128'>): Local<'v128'>
}

function stepOf(kernel: KernelFunction, nest: Nest, results: readonly Local<'v128'>[]): Step {
  return nest.op === 'argmax' ? argmaxStep(kernel, nest, results) : plainStep(kernel, nest, nest.op, results)
}

function plainStep(
  { f }: KernelFunction,
  { value }: Nest,
  op: Exclude<ReductionOp, 'argmax'>,
  results: readonly Local<'v128'>[],
): Step {
  const instruction = value.dtype === 'float32' ? combine[op].float : combine[op].int
  return {
    start() {
      for (const result of results) {
        const first = identity(op, value.dtype)
        if (value.dtype === 'float32') f.hoistedF32x4(first)
        else f.hoistedI32x4(first)
        f.set(result)
      }
    },
    accumulate(result, push) {
      f.get(result)
      push()
      f.op(instruction).set(result)
    },
    next: () => undefined,
    result: (best) => best,
  }
}

/** Keeps the largest value and where it stood; NaN is larger than all, the first of equals wins. */
function argmaxStep({ f }: KernelFunction, { value }: Nest, results: readonly Local<'v128'>[]): Step {
  const isFloat = value.dtype === 'float32'
  const places = new Map(results.map((result) => [result, f.local('v128')]))
  const count = f.local('v128')
  const candidate = f.local('v128')
  const wins = f.local('v128')
  const placeOf = (result: Local<'v128'>): Local<'v128'> => places.get(result) ?? count
  return {
    start() {
      f.i32x4splat(0).set(count)
      for (const result of results) {
        if (isFloat) f.hoistedF32x4(Number.NEGATIVE_INFINITY)
        else f.hoistedI32x4(-(2 ** 31))
        f.set(result)
        f.i32x4splat(0).set(placeOf(result))
      }
    },
    accumulate(result, push) {
      push()
      f.set(candidate)
      f.get(candidate)
        .get(result)
        .op(isFloat ? 'f32x4.gt' : 'i32x4.gt_s')
      if (isFloat) {
        // A first NaN beats every number, later ones do not.
        f.get(candidate)
          .get(candidate)
          .op('f32x4.ne')
          .get(result)
          .get(result)
          .op('f32x4.eq')
          .op('v128.and')
          .op('v128.or')
      }
      f.set(wins)
      f.get(candidate).get(result).get(wins).op('v128.bitselect').set(result)
      f.get(count).get(placeOf(result)).get(wins).op('v128.bitselect').set(placeOf(result))
    },
    next: () => void f.get(count).hoistedI32x4(1).op('i32x4.add').set(count),
    result: placeOf,
  }
}
