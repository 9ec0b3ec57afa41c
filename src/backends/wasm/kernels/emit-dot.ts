/**
 * Products of few rows with a B whose columns lie in memory as rows: a layer's weights and a single sample. Vectors run along the
 * columns, several at a time so that additions need not wait for one another; nothing is packed. Each sum falls into eight parts,
 * whatever the width of vectors. Threads divide the columns.
 */
import { at, product, range } from '../../../base/arrays.ts'
import type { ContractKernel } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import { DOT_COLUMNS } from './contract-plan.ts'
import { accessesOf, ExpressionEmitter } from './expression-emitter.ts'
import type { KernelFunction } from './kernel-context.ts'
import { pushOperand, splitItem } from './operands.ts'
import { Pointers } from './pointers.ts'
import { turn } from './turn.ts'
import { emitMultiplyAdd } from './vector-math.ts'

export function emitDot(kernel: KernelFunction, contract: ContractKernel): void {
  const { f, context } = kernel
  const { batch, m, n, stores } = contract
  const count = context.wide ? DOT_COLUMNS : DOT_COLUMNS / 2
  const sizes = [...batch, Math.ceil(n / count)]
  const indices = sizes.map(() => f.local('i32'))
  const column = at(indices, batch.length)
  const [from, to, row, a, b] = f.locals('i32', 'i32', 'i32', 'i32', 'i32')
  const pointers = new Pointers(kernel, accessesOf([], stores))
  const loop = batch.length + 1
  const scratch = kernel.scratch()
  kernel.share(product(sizes), 1, from, to)
  f.forRange(from, from, to, 1, () => {
    splitItem(f, from, sizes, indices)
    // The last columns are taken together with some before them, which are computed again.
    f.get(column)
      .i32(count)
      .op('i32.mul')
      .atMost(n - count)
      .set(column)
    f.forRange(row, 0, m, 1, () => {
      pushOperand(kernel, contract.a, indices)
      f.plus(row, 4 * contract.a.strideM).set(a)
      pushOperand(kernel, contract.b, indices)
      f.plus(column, columnBytes(contract)).set(b)
      const results = sumColumns(kernel, contract, { count, a, b, scratch })
      pointers.reset()
      for (const [each, index] of [...indices.slice(0, -1), row, column].entries()) pointers.advanceBy(each, index)
      results.forEach((result, group) => {
        pointers.ahead(loop, 4 * group, () =>
          f.scope(() =>
            new ExpressionEmitter(kernel, pointers, { loop, accumulators: [result] }).store(stores, 'vector'),
          ),
        )
      })
    })
  })
}

function columnBytes({ b: { columns } }: ContractKernel): number {
  return columns.kind === 'stride' ? 4 * columns.stride : 0
}

/** The sums of `count` columns from `b` on, four to a vector. */
function sumColumns(
  { f, context }: KernelFunction,
  contract: ContractKernel,
  { count, a, b, scratch }: { count: number; a: Local<'i32'>; b: Local<'i32'>; scratch: Local<'i32'> },
): Local<'v128'>[] {
  const step = columnBytes(contract)
  const left = contract.k % 8
  const sums = range(count).map(() => [f.local('v128'), f.local('v128')] as const)
  const multiplyAdd = (sum: Local<'v128'>, pushA: () => void, pushB: () => void): void => {
    pushA()
    emitMultiplyAdd(f, context.fma, pushB, () => f.get(sum))
    f.set(sum)
  }
  for (const sum of sums.flat()) f.hoistedF32x4(0).set(sum)
  if (contract.k >= 8) {
    const [end, first, second] = f.locals('i32', 'v128', 'v128')
    f.get(a)
      .plus(4 * (contract.k - left))
      .set(end)
    f.loop((again) => {
      f.get(a).load('v128.load', 0, 2).set(first).get(a).load('v128.load', 16, 2).set(second)
      sums.forEach((parts, index) => {
        parts.forEach((sum, half) => {
          const pushB = () => f.get(b).load('v128.load', index * step + 16 * half, 2)
          multiplyAdd(sum, () => f.get(half === 0 ? first : second), pushB)
        })
      })
      f.addImmediate(a, 32).addImmediate(b, 32)
      f.get(a).get(end).op('i32.lt_u').brIf(again)
    })
  }
  // By way of memory: engines join vectors from their stores on.
  sums.flat().forEach((sum, index) => {
    f.get(scratch)
      .get(sum)
      .store('v128.store', 16 * index)
  })
  const totals = sums.map((parts, index) => {
    parts.forEach((sum, half) => {
      f.get(scratch)
        .load('v128.load', 32 * index + 16 * half)
        .set(sum)
      const lanes = range(4).map((lane) => (4 * half + lane < left ? -1 : 0)) as [number, number, number, number]
      if (lanes[0] === 0) return
      const masked = (pointer: Local<'i32'>, offset: number) => () =>
        f
          .get(pointer)
          .load('v128.load', offset + 16 * half, 2)
          .i32x4(...lanes)
          .op('v128.and')
      multiplyAdd(sum, masked(a, 0), masked(b, index * step))
    })
    f.get(parts[0]).get(parts[1]).op('f32x4.add').set(parts[0])
    return parts[0]
  })
  return range(count / 4).map((group) => {
    const [first, second, third, fourth] = turn(f, totals.slice(4 * group, 4 * group + 4)) as [
      Local<'v128'>,
      Local<'v128'>,
      Local<'v128'>,
      Local<'v128'>,
    ]
    const result = f.local('v128')
    f.get(first).get(second).op('f32x4.add').get(third).get(fourth).op('f32x4.add').op('f32x4.add').set(result)
    return result
  })
}
