/**
 * A growing byte buffer with the number encodings of the WebAssembly binary format (LEB128, little-endian floats).
 * The assembler writes every section through it; one buffer, doubled when full, keeps assembling at memory speed.
 */
import { fault } from '../../../base/errors.ts'

const scratch = new DataView(new ArrayBuffer(8))
const encoder = new TextEncoder()

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** The written bytes; a view that later writes may outdate. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length++] = value
  }

  bytes(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
  }

  /** Unsigned LEB128 of a value in [0, 2³²). */
  unsigned(value: number): void {
    if (!(value >= 0 && value <= 0xffffffff && Number.isInteger(value))) {
      fault(`${value} is not an unsigned 32-bit integer`)
    }
    let rest = value
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed LEB128 of a value in [−2³¹, 2³²); values from 2³¹ wrap to negative ones. */
  signed32(value: number): void {
    if (!(value >= -0x80000000 && value <= 0xffffffff && Number.isInteger(value))) {
      fault(`${value} is not a 32-bit integer`)
    }
    let rest = value | 0
    while (rest > 0x3f || rest < -0x40) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  /** Signed LEB128 of a 64-bit value. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    while (rest > 0x3fn || rest < -0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest & 0x7fn))
  }

  float32(value: number): void {
    scratch.setFloat32(0, value, true)
    for (let index = 0; index < 4; index++) this.byte(scratch.getUint8(index))
  }

  float64(value: number): void {
    scratch.setFloat64(0, value, true)
    for (let index = 0; index < 8; index++) this.byte(scratch.getUint8(index))
  }

  /** UTF-8 text after its length. */
  text(value: string): void {
    this.block(encoder.encode(value))
  }

  /** Bytes after their length. */
  block(values: ArrayLike<number>): void {
    this.unsigned(values.length)
    this.bytes(values)
  }

  /** An instruction code: one byte, or a prefix byte and a LEB128 number. */
  code(value: number): void {
    if (value <= 0xff) {
      this.byte(value)
      return
    }
    this.byte(value >>> 16)
    this.unsigned(value & 0xffff)
  }

  #grow(extra: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + extra))
    grown.set(this.view())
    this.#bytes = grown
  }
}

const quad = new DataView(new ArrayBuffer(16))
const quadBytes = new Uint8Array(quad.buffer)

/** The 16 bytes of four floats; valid until the next call of a function of this kind. */
export function floatLanes(a: number, b: number, c: number, d: number): Uint8Array {
  quad.setFloat32(0, a, true)
  quad.setFloat32(4, b, true)
  quad.setFloat32(8, c, true)
  quad.setFloat32(12, d, true)
  return quadBytes
}

/** The 16 bytes of four 32-bit integers; valid until the next call of a function of this kind. */
export function integerLanes(a: number, b: number, c: number, d: number): Uint8Array {
  quad.setInt32(0, a, true)
  quad.setInt32(4, b, true)
  quad.setInt32(8, c, true)
  quad.setInt32(12, d, true)
  return quadBytes
}

/** The 16 bytes of two doubles; valid until the next call of a function of this kind. */
export function doubleLanes(a: number, b: number): Uint8Array {
  quad.setFloat64(0, a, true)
  quad.setFloat64(8, b, true)
  return quadBytes
}
