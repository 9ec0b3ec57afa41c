/**
 * Number formats of files and how they become the library's element types: halves and doubles become float32, whole numbers of
 * other widths int32. Shared by safetensors and .npy; works on bytes, in either byte order.
 */
import { allocate, type DType, type TypedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'

/** An array as files hold it: row-major, with the library's element types. */
export interface FileArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: TypedArray
}

export interface ElementFormat {
  readonly bytes: number
  readonly dtype: DType
  read(view: DataView, offset: number, littleEndian: boolean): number | bigint
  write(view: DataView, offset: number, value: number): void
}

function wholeNumber(bytes: number, read: ElementFormat['read'], write: ElementFormat['write']): ElementFormat {
  return { bytes, dtype: 'int32', read, write }
}

/** Every format that is read; `write` is little-endian. */
export const elementFormats = {
  float64: {
    bytes: 8,
    dtype: 'float32',
    read: (view, offset, little) => view.getFloat64(offset, little),
    write: (view, offset, value) => view.setFloat64(offset, value, true),
  },
  float32: {
    bytes: 4,
    dtype: 'float32',
    read: (view, offset, little) => view.getFloat32(offset, little),
    write: (view, offset, value) => view.setFloat32(offset, value, true),
  },
  float16: {
    bytes: 2,
    dtype: 'float32',
    read: (view, offset, little) => halfToNumber(view.getUint16(offset, little)),
    write: (view, offset, value) => view.setUint16(offset, numberToHalf(value), true),
  },
  bfloat16: {
    bytes: 2,
    dtype: 'float32',
    read: (view, offset, little) => bitsToFloat(view.getUint16(offset, little) << 16),
    write: (view, offset, value) => view.setUint16(offset, numberToBrainHalf(value), true),
  },
  int64: wholeNumber(
    8,
    (view, offset, little) => view.getBigInt64(offset, little),
    (view, offset, value) => view.setBigInt64(offset, BigInt(value), true),
  ),
  uint64: wholeNumber(
    8,
    (view, offset, little) => view.getBigUint64(offset, little),
    (view, offset, value) => view.setBigUint64(offset, BigInt(value), true),
  ),
  int32: wholeNumber(
    4,
    (view, offset, little) => view.getInt32(offset, little),
    (view, offset, value) => view.setInt32(offset, value, true),
  ),
  uint32: wholeNumber(
    4,
    (view, offset, little) => view.getUint32(offset, little),
    (view, offset, value) => view.setUint32(offset, value, true),
  ),
  int16: wholeNumber(
    2,
    (view, offset, little) => view.getInt16(offset, little),
    (view, offset, value) => view.setInt16(offset, value, true),
  ),
  uint16: wholeNumber(
    2,
    (view, offset, little) => view.getUint16(offset, little),
    (view, offset, value) => view.setUint16(offset, value, true),
  ),
  int8: wholeNumber(
    1,
    (view, offset) => view.getInt8(offset),
    (view, offset, value) => view.setInt8(offset, value),
  ),
  uint8: {
    bytes: 1,
    dtype: 'uint8',
    read: (view, offset) => view.getUint8(offset),
    write: (view, offset, value) => view.setUint8(offset, value),
  },
  bool: {
    bytes: 1,
    dtype: 'bool',
    read: (view, offset) => (view.getUint8(offset) ? 1 : 0),
    write: (view, offset, value) => view.setUint8(offset, value ? 1 : 0),
  },
} satisfies Record<string, ElementFormat>

export type ElementFormatName = keyof typeof elementFormats

/** `count` elements at `offset`; `what` names the array in messages. */
export function decodeElements(
  bytes: Uint8Array,
  offset: number,
  count: number,
  format: ElementFormatName,
  what: string,
  littleEndian = true,
): TypedArray {
  const { bytes: size, dtype, read }: ElementFormat = elementFormats[format]
  const result = allocate(dtype, count)
  // Same layout as in memory: one copy, since every engine that runs this is little-endian.
  if (format === dtype && dtype !== 'bool' && littleEndian) {
    new Uint8Array(result.buffer).set(bytes.subarray(offset, offset + count * size))
    return result
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let index = 0; index < count; index++) {
    const value = Number(read(view, offset + index * size, littleEndian))
    if (dtype === 'int32' && (value | 0) !== value) {
      throw new FormatError(
        `${what}: element ${index} is ${value}, which does not fit int32 (−2147483648 to 2147483647); ` +
          'store it as a float or in a smaller range.',
      )
    }
    result[index] = value
  }
  return result
}

/** Writes all elements of `data` to `bytes` at `offset`, little-endian. */
export function encodeElements(data: TypedArray, format: ElementFormatName, bytes: Uint8Array, offset: number): void {
  const { bytes: size, dtype, write }: ElementFormat = elementFormats[format]
  if (format === dtype && data.byteLength === data.length * size && dtype !== 'bool') {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    return
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let index = 0; index < data.length; index++) write(view, offset + index * size, data[index] as number)
}

const floatView = new Float32Array(1)
const bitsView = new Uint32Array(floatView.buffer)

function bitsToFloat(bits: number): number {
  bitsView[0] = bits
  return floatView[0] as number
}

function floatToBits(value: number): number {
  floatView[0] = value
  return bitsView[0] as number
}

/** The value of an IEEE half: 1 sign, 5 exponent and 10 fraction bits. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The nearest half, ties to even; too large values become infinite. */
function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= 65520) return sign | 0x7c00
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24)
  const exponent = Math.floor(Math.log2(size))
  const scaled = roundToEven(size * 2 ** (10 - exponent))
  // A fraction that rounds up to 2048 carries into the exponent by plain addition.
  return sign + ((exponent + 15) << 10) + (scaled - 1024)
}

function roundToEven(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  if (rest !== 0.5) return Math.round(value)
  return low % 2 === 0 ? low : low + 1
}

/** The nearest bfloat16 (the upper half of a float32), ties to even. */
function numberToBrainHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  const bits = floatToBits(value)
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}
