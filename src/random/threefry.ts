/**
 * Counter-based random numbers: Threefry-2×32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). Number `index` of a draw depends on (seed, stream, offset, index) alone, so every backend gives the same
 * stream in any order and on any number of threads, and a run resumes to the bit from two integers.
 */

const PARITY = 0x1bd11bda
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const

/** The rotation of round `round`; backends that emit code unroll over it. */
export function threefryRotation(round: number): number {
  return ROTATIONS[(round % 8) as 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7]
}

export const THREEFRY_ROUNDS = 20
export const THREEFRY_PARITY = PARITY

// The words of the last block: without an array for the result, and unrolled, a draw is ten times faster.
let word0 = 0
let word1 = 0

function encrypt(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = PARITY ^ k0 ^ k1
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 2) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k0) | 0
  x1 = (x1 + k1 + 3) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 4) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 5) | 0
  word0 = x0
  word1 = x1
}

/** Threefry-2×32-20: encrypts the counter (c0, c1) under the key (k0, k1); words are signed 32-bit. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  encrypt(k0, k1, c0, c1)
  return [word0, word1]
}

/**
 * Uniform number `index` in [0, 1), a multiple of 2⁻²⁴: `stream` tells draws of one step apart, `offset` tells steps apart.
 * Of eight neighbours the first four take word 0 and the last four word 1 of four blocks, which suits 4-lane vectors:
 * block = ⌊index / 8⌋ · 4 + index mod 4, word = ⌊index / 4⌋ mod 2.
 */
export function uniformAt(seed: number, stream: number, offset: number, index: number): number {
  const block = ((index >>> 3) << 2) | (index & 3)
  const words = threefry2x32(seed, stream, block, offset)
  return (words[((index >>> 2) & 1) as 0 | 1] >>> 8) * 2 ** -24
}

/** A sequence of random numbers for host code (shuffles, splits, generated data); never for a network's own draws. */
export class RandomSequence {
  readonly seed: number
  readonly stream: number
  #position: number

  constructor(seed: number, options: { stream?: number; position?: number } = {}) {
    this.seed = seed | 0
    this.stream = (options.stream ?? 0) | 0
    this.#position = options.position ?? 0
  }

  /** How many numbers were drawn; give it to a new sequence to go on from here. */
  get position(): number {
    return this.#position
  }

  /** The next number, uniform in [0, 1). */
  uniform(): number {
    encrypt(this.seed, this.stream, this.#position & 0x7fffffff, Math.floor(this.#position / 2 ** 31))
    this.#position += 1
    return (word0 >>> 8) * 2 ** -24
  }

  /** Moves on by `count` numbers; the result, called at any time, gives a sequence that starts with them. */
  reserve(count: number): () => RandomSequence {
    const { seed, stream } = this
    const position = this.#position
    this.#position += count
    return () => new RandomSequence(seed, { stream, position })
  }

  /** The next whole number, uniform in [0, limit). */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit)
  }

  /** The next normal number with mean 0 and variance 1 (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** 0 … count − 1 in random order (Fisher–Yates). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, index) => index)
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      const held = order[last] as number
      order[last] = order[other] as number
      order[other] = held
    }
    return order
  }
}
