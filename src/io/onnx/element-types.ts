/**
 * Element types of ONNX tensors and what they become here: doubles turn into float32, whole numbers of every width into int32.
 * Halves, complex numbers, strings and the small formats of quantised networks are refused by name.
 */
import { product } from '../../base/arrays.ts'
import { type DType, toTypedArray } from '../../base/dtype.ts'
import { FormatError } from '../../base/errors.ts'
import { decodeElements, type ElementFormatName, elementFormats, type FileArray } from '../element-formats.ts'
import { UnsupportedOnnxError } from './errors.ts'
import type { OnnxTensor } from './messages.ts'

/** ONNX's numbers of element types, by their order. */
const names = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
] as const

type ElementTypeName = (typeof names)[number]

/** Where a file keeps values of a type that are not in `rawData`. */
const lists = {
  float32: 'floatData',
  float64: 'doubleData',
  int64: 'int64Data',
  uint32: 'uint64Data',
  uint64: 'uint64Data',
  int8: 'int32Data',
  int16: 'int32Data',
  int32: 'int32Data',
  uint8: 'int32Data',
  uint16: 'int32Data',
  bool: 'int32Data',
} as const satisfies { [name in ElementFormatName]?: keyof OnnxTensor }

type SupportedName = keyof typeof lists

/** ONNX's number for an element type of this library. */
export const elementTypeOf = { float32: 1, uint8: 2, int32: 6, bool: 9 } as const satisfies Record<DType, number>

export const INT64 = 7

function formatOf(dataType: number, what: string): SupportedName {
  const name: ElementTypeName | undefined = names[dataType]
  if (name !== undefined && name in lists) return name as SupportedName
  throw new UnsupportedOnnxError(
    `${what} has the element type ${name ?? `number ${dataType}`}, which is not supported; convert the model to float32.`,
  )
}

/** The element type here for ONNX's number `dataType`. Throws UnsupportedOnnxError that names `what` for others. */
export function dtypeOfElementType(dataType: number, what: string): DType {
  return elementFormats[formatOf(dataType, what)].dtype
}

/** From here on a whole number means "to the end", as exporters write slices; it becomes the end of int32. */
const BOUNDLESS = 2 ** 62

function clampBoundless(value: number, index: number, what: string): number {
  if (value === (value | 0)) return value
  if (Math.abs(value) >= BOUNDLESS) return value > 0 ? 2 ** 31 - 1 : -(2 ** 31)
  throw new UnsupportedOnnxError(`${what}: element ${index} is ${value}, which does not fit int32.`)
}

/**
 * The values of a tensor of an ONNX file. Throws UnsupportedOnnxError for other element types and whole numbers beyond int32,
 * FormatError when the number of values is not that of the shape.
 *
 * @example
 * import { io } from 'cognitron'
 * const tensor = io.onnx.encodeTensor('x', { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) })
 * console.log([...io.onnx.decodeTensor(tensor).data]) // [1, 2]
 */
export function decodeTensor(tensor: OnnxTensor, what = `tensor '${tensor.name}'`): FileArray {
  const name = formatOf(tensor.dataType, what)
  if (tensor.dataLocation === 1) {
    throw new UnsupportedOnnxError(`${what} keeps its values in another file; save the model as one file.`)
  }
  const { dtype, bytes }: { dtype: DType; bytes: number } = elementFormats[name]
  const shape = [...tensor.dims]
  const count = product(shape)
  const raw = tensor.rawData
  const list = tensor[lists[name]]
  const given = raw && list.length === 0 ? raw.length / bytes : list.length
  if (given !== count) {
    throw new FormatError(
      `${what} of shape [${shape.join(', ')}] needs ${count} values, the file has ${given}; it is damaged, export it again.`,
    )
  }
  if (!raw || list.length > 0) return { shape, dtype, data: fromList(list, dtype, what) }
  if (name === 'int64' || name === 'uint64') {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    const { read } = elementFormats[name]
    const data = Int32Array.from({ length: count }, (_, index) =>
      clampBoundless(Number(read(view, index * 8, true)), index, what),
    )
    return { shape, dtype, data }
  }
  return { shape, dtype, data: decodeElements(raw, 0, count, name, what) }
}

function fromList(list: readonly number[], dtype: DType, what: string): FileArray['data'] {
  if (dtype !== 'int32') return toTypedArray(dtype, list)
  return Int32Array.from(list, (value, index) => clampBoundless(value, index, what))
}

/**
 * A tensor for a file, its values as raw bytes. `int64` widens whole numbers, as shapes and indices want it.
 *
 * @example
 * import { io } from 'cognitron'
 * const tensor = io.onnx.encodeTensor('x', { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) })
 * console.log(tensor.dims) // [2]
 */
export function encodeTensor(name: string, array: FileArray, { int64 = false } = {}): OnnxTensor {
  const { data } = array
  const wide = int64 ? BigInt64Array.from(data, BigInt) : data
  return {
    name,
    dims: array.shape,
    dataType: int64 ? INT64 : elementTypeOf[array.dtype],
    rawData: new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength),
    floatData: [],
    int32Data: [],
    int64Data: [],
    doubleData: [],
    uint64Data: [],
    stringData: [],
  }
}
