/** Orders drawn at random, for shuffles and splits. */
import type { RandomSequence } from './threefry.ts'

/** 0 … count − 1 in random order (Fisher–Yates). */
export function permutation(random: RandomSequence, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1)
    const held = order[last] as number
    order[last] = order[other] as number
    order[other] = held
  }
  return order
}
