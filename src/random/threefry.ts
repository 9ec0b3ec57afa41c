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

/** How many numbers are drawn at a time. */
const BLOCK = 1024
// The two words of the blocks encrypted last: written by one unrolled loop, a draw costs a tenth of a call that returns an array.
const words0 = new Int32Array(BLOCK)
const words1 = new Int32Array(BLOCK)

/** Encrypts the counters (c0, c1), (c0 + 1, c1), … under the key (k0, k1) into the places from `start` to `end`. */
function encrypt(k0: number, k1: number, c0: number, c1: number, start = 0, end = 1): void {
  const k2 = PARITY ^ k0 ^ k1
  for (let place = start; place < end; place++) {
    let x0 = (c0 + place - start + k0) | 0
    let x1 = (c1 + k1) | 0
    let [a, b, c] = [k0, k1, k2]
    // Four rounds, then a part of the key and a number: five times, with the key's parts in turn.
    for (let injection = 1; ; injection += 2) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
      x0 = (x0 + b) | 0
      x1 = (x1 + c + injection) | 0
      if (injection === 5) break
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
      x0 = (x0 + c) | 0
      x1 = (x1 + a + injection + 1) | 0
      const last = c
      c = b
      b = a
      a = last
    }
    words0[place] = x0
    words1[place] = x1
  }
}

/** Threefry-2×32-20: encrypts the counter (c0, c1) under the key (k0, k1); words are signed 32-bit. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  encrypt(k0, k1, c0, c1)
  return [words0[0] as number, words1[0] as number]
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

/** The drawn word at a place as a number in [0, 1). */
function uniformOf(place: number): number {
  return ((words0[place] as number) >>> 8) * 2 ** -24
}

/** The drawn words at a place and the next as a normal number (Box–Muller). */
function normalOf(place: number): number {
  return Math.sqrt(-2 * Math.log(1 - uniformOf(place))) * Math.cos(2 * Math.PI * uniformOf(place + 1))
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

  /** Draws the next `count` ≤ BLOCK numbers into `words0`. */
  #draw(count: number): void {
    const c0 = this.#position % 2 ** 31
    const c1 = Math.floor(this.#position / 2 ** 31)
    const first = Math.min(count, 2 ** 31 - c0)
    encrypt(this.seed, this.stream, c0, c1, 0, first)
    if (first < count) encrypt(this.seed, this.stream, 0, c1 + 1, first, count)
    this.#position += count
  }

  /** The next number, uniform in [0, 1). */
  uniform(): number {
    this.#draw(1)
    return uniformOf(0)
  }

  /** Fills `values` with the next numbers, uniform in [low, high). */
  fillUniform(values: Float32Array, low: number, high: number): void {
    for (let start = 0; start < values.length; start += BLOCK) {
      const count = Math.min(BLOCK, values.length - start)
      this.#draw(count)
      for (let index = 0; index < count; index++) values[start + index] = low + (high - low) * uniformOf(index)
    }
  }

  /** Fills `values` with the next normal numbers. */
  fillNormal(values: Float32Array, mean: number, std: number): void {
    for (let start = 0; start < values.length; start += BLOCK / 2) {
      const count = Math.min(BLOCK / 2, values.length - start)
      this.#draw(2 * count)
      for (let index = 0; index < count; index++) values[start + index] = mean + std * normalOf(2 * index)
    }
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

  /** The next normal number with mean 0 and variance 1, from two draws. */
  normal(): number {
    this.#draw(2)
    return normalOf(0)
  }
}
