/** Where a contraction's operands begin for one item of its batch. */
import { at } from '../../../base/arrays.ts'
import type { ContractKernel } from '../../../compile/kernel.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import type { KernelFunction } from './kernel-context.ts'

/** Turns a number over a grid of these sizes into indices. */
export function splitItem(
  f: FunctionBuilder,
  item: Local<'i32'>,
  sizes: readonly number[],
  indices: readonly Local<'i32'>[],
): void {
  f.scope(() => {
    const rest = f.local('i32')
    f.get(item).set(rest)
    for (let index = sizes.length - 1; index >= 0; index--) {
      f.get(rest).i32(at(sizes, index)).op('i32.rem_u').set(at(indices, index))
      f.get(rest).i32(at(sizes, index)).op('i32.div_u').set(rest)
    }
  })
}

/** Pushes the address of an operand's item; `indices` begin with those of the batch. */
export function pushOperand(
  kernel: KernelFunction,
  operand: ContractKernel['a'] | ContractKernel['b'],
  indices: readonly Local<'i32'>[],
): void {
  const { f } = kernel
  const { pointer, offset } = kernel.address(operand.buffer)
  f.get(pointer).plus(offset + 4 * operand.offset)
  operand.batchStrides.forEach((stride, index) => {
    if (stride !== 0) f.plus(at(indices, index), 4 * stride)
  })
}
