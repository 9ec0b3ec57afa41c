/**
 * A growing byte buffer with the number encodings of the WebAssembly binary format (LEB128, little-endian floats).
 * The assembler writes every section through it; one buffer, doubled when full, keeps assembling at memory speed.
 */
import { fault } from '../../../base/errors.ts'

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

  /** The elements of a typed array, one after the other. */
  elements(values: ArrayBufferView): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
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
