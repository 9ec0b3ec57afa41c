/** Threefry-2×32 on four lanes: the same numbers as `uniformAt` in `random/threefry.ts`, bit for bit. */
import type { BufferId } from '../../../compile/expression.ts'
import { THREEFRY_PARITY, THREEFRY_ROUNDS, threefryRotation } from '../../../random/threefry.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import type { KernelContext, KernelFunction } from './kernel-context.ts'

/** Takes int32 indices from the stack, leaves uniform numbers in [0, 1). */
export function emitUniform(kernel: KernelFunction, counter: BufferId, stream: number): void {
  const { f, context } = kernel
  const { pointer, offset } = kernel.address(counter)
  f.get(pointer).load('i32.load', offset)
  f.i32(stream)
  f.get(pointer).load('i32.load', offset + 4)
  f.call(uniformFunction(context))
}

/**
 * (indices, seed, stream, offset) → uniform numbers. A block holds the numbers of two neighbouring vectors: those of the second are
 * kept in globals, because most often it is asked for next.
 */
function uniformFunction(context: KernelContext): FunctionRef {
  const { module } = context
  return context.shared('random.uniform', () => {
    const keptWords = module.global('v128')
    const keptIndices = module.global('v128')
    const keptDraw = module.global('v128')
    return module.function(
      'random.uniform',
      ['v128', 'i32', 'i32', 'i32'],
      ['v128'],
      (f, index, seed, stream, offset) => {
        const [draw, x0, x1] = f.locals('v128', 'v128', 'v128')
        // All zeros, the state at the start, names no draw: the last lane is 1.
        f.i32x4(0, 0, 0, 1).get(seed).replaceLane('i32x4.replace_lane', 0).get(stream)
        f.replaceLane('i32x4.replace_lane', 1).get(offset).replaceLane('i32x4.replace_lane', 2).set(draw)
        f.globalGet(keptIndices).get(index).op('v128.xor').globalGet(keptDraw).get(draw).op('v128.xor').op('v128.or')
        f.op('v128.any_true').if(
          () => {
            const keys = [f.local('v128'), f.local('v128'), f.local('v128')] as const
            f.get(seed).op('i32x4.splat').set(keys[0])
            f.get(stream).op('i32x4.splat').set(keys[1])
            f.i32(THREEFRY_PARITY).get(seed).op('i32.xor').get(stream).op('i32.xor').op('i32x4.splat').set(keys[2])
            // Block number ⌊index / 8⌋ · 4 + index mod 4.
            f.get(index).i32(3).op('i32x4.shr_u').i32(2).op('i32x4.shl')
            f.get(index).i32x4splat(3).op('v128.and').op('v128.or').get(keys[0]).op('i32x4.add').set(x0)
            f.get(offset).op('i32x4.splat').get(keys[1]).op('i32x4.add').set(x1)
            for (let round = 0; round < THREEFRY_ROUNDS; round++) emitRound(f, x0, x1, keys, round)
            f.get(x1).globalSet(keptWords).get(draw).globalSet(keptDraw)
            f.get(index).i32x4splat(4).op('v128.or').globalSet(keptIndices)
            // Word ⌊index / 4⌋ mod 2.
            f.get(x1).get(x0).get(index).i32(29).op('i32x4.shl').i32(31).op('i32x4.shr_s').op('v128.bitselect')
          },
          () => f.globalGet(keptWords),
          'v128',
        )
        f.i32(8)
          .op('i32x4.shr_u')
          .op('f32x4.convert_i32x4_u')
          .f32x4splat(2 ** -24)
          .op('f32x4.mul')
      },
    )
  })
}

function emitRound(
  f: FunctionBuilder,
  x0: Local<'v128'>,
  x1: Local<'v128'>,
  keys: readonly [Local<'v128'>, Local<'v128'>, Local<'v128'>],
  round: number,
): void {
  const rotation = threefryRotation(round)
  f.get(x0).get(x1).op('i32x4.add').set(x0)
  f.get(x1)
    .i32(rotation)
    .op('i32x4.shl')
    .get(x1)
    .i32(32 - rotation)
    .op('i32x4.shr_u')
    .op('v128.or')
  f.get(x0).op('v128.xor').set(x1)
  if (round % 4 !== 3) return
  const injection = (round + 1) / 4
  f.get(x0)
    .get(keys[(injection % 3) as 0 | 1 | 2])
    .op('i32x4.add')
    .set(x0)
  f.get(x1)
    .get(keys[((injection + 1) % 3) as 0 | 1 | 2])
    .op('i32x4.add')
    .i32x4splat(injection)
    .op('i32x4.add')
    .set(x1)
}
