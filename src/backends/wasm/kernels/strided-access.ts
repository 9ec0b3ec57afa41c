/** Vectors of 32-bit elements from and to memory, where neighbours in a vector lie some way apart. */
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import type { Base } from './kernel-context.ts'

/** Four neighbouring points of a loop at once, or one, in lane 0. */
export type Mode = 'vector' | 'lane'

/** Pushes four elements that lie `stride` apart, or one in lane 0; never reads past the last of them. */
export function loadStrided(f: FunctionBuilder, { pointer, offset }: Base, stride: number, mode: Mode): void {
  if (mode === 'lane') {
    f.get(pointer).load('v128.load32_zero', offset)
    return
  }
  f.get(pointer)
  if (stride === 1) f.load('v128.load', offset, 2)
  else if (stride === 2) {
    f.load('v128.load', offset, 2)
    f.get(pointer)
      .load('v128.load', offset + 12, 2)
      .shuffle32(0, 2, 5, 7)
  } else {
    f.scope(() => {
      const vector = f.local('v128')
      f.load('v128.load32_zero', offset).set(vector)
      for (let lane = 1; lane < 4; lane++) {
        f.get(pointer)
          .get(vector)
          .lane('v128.load32_lane', offset + 4 * stride * lane, lane)
          .set(vector)
      }
      f.get(vector)
    })
  }
}

/** Writes four elements that lie `stride` apart, or one from lane 0. */
export function storeStrided(
  f: FunctionBuilder,
  { pointer, offset }: Base,
  stride: number,
  mode: Mode,
  value: Local<'v128'>,
): void {
  if (mode === 'vector' && stride === 1) {
    f.get(pointer).get(value).store('v128.store', offset, 2)
    return
  }
  for (let lane = 0; lane < (mode === 'lane' ? 1 : 4); lane++) {
    f.get(pointer)
      .get(value)
      .lane('v128.store32_lane', offset + 4 * stride * lane, lane)
  }
}
