/** Element types, PyTorch's names; how many bytes each takes and which typed array holds it. */
import { DTypeError } from './errors.ts'

export type DType = 'float32' | 'int32' | 'uint8' | 'bool'

/** Host memory that holds the elements of a tensor; `bool` is stored as one byte, 0 or 1. */
export type TypedArray = Float32Array | Int32Array | Uint8Array

export const byteSize = { float32: 4, int32: 4, uint8: 1, bool: 1 } satisfies Record<DType, number>

const constructors = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} satisfies Record<DType, unknown>

/** A zero-filled array of `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  return new constructors[dtype](length)
}

/** Copies `values` into a new array of `dtype`; for `bool` every non-zero value becomes 1. */
export function toTypedArray(dtype: DType, values: ArrayLike<number>): TypedArray {
  if (dtype === 'bool') return Uint8Array.from(values, (value) => (value ? 1 : 0))
  return new constructors[dtype](values)
}

/** Throws unless `array` is the kind of typed array that holds `dtype`. */
export function checkArrayType(dtype: DType, array: TypedArray, what: string): void {
  const expected = constructors[dtype]
  if (array instanceof expected) return
  throw new DTypeError(
    `${what} holds ${dtype}, so its data must be a ${expected.name}; given a ${array.constructor.name}.`,
  )
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32'
}
