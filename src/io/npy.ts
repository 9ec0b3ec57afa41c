/**
 * NumPy's `.npy` format, versions 1 to 3: a magic string, a header that is a Python dictionary (descr, fortran_order, shape), then
 * the numbers in either byte order. Works on bytes, so it runs in browsers. Structured and object arrays are refused on purpose:
 * the latter would need Python's pickle. Source: numpy.lib.format, "Format Version 1.0" and following.
 */
import { product } from '../base/arrays.ts'
import { allocate, checkArrayType, type TypedArray } from '../base/dtype.ts'
import { FormatError, ShapeError } from '../base/errors.ts'
import {
  decodeElements,
  type ElementFormatName,
  elementFormats,
  encodeElements,
  type FileArray,
} from './element-formats.ts'

export type NpyArray = FileArray

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

const formatOfDescription: Readonly<Record<string, ElementFormatName>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
}

const descriptionOfDType = { float32: '<f4', int32: '<i4', uint8: '|u1', bool: '|b1' } as const

interface NpyHeader {
  readonly format: ElementFormatName
  readonly littleEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: number[]
}

/**
 * Reads a `.npy` file into row-major order. Doubles and halves become float32, whole numbers of other widths int32.
 *
 * @throws FormatError for a file that is no `.npy` file, is cut short, or holds objects; the message names the file.
 * @example
 * ```ts
 * import { io } from 'cognitron'
 * const bytes = io.writeNpy({ shape: [2], dtype: 'int32', data: Int32Array.of(3, 4) })
 * console.log(io.readNpy(bytes).data) // Int32Array(2) [ 3, 4 ]
 * ```
 */
export function readNpy(bytes: Uint8Array, name = '.npy data'): NpyArray {
  const { text, dataStart } = headerText(bytes, name)
  const { format, littleEndian, fortranOrder, shape } = parseHeader(text, name)
  const count = product(shape)
  const expected = dataStart + count * elementFormats[format].bytes
  if (bytes.length !== expected) {
    throw new FormatError(
      `${name} ${bytes.length < expected ? 'is cut short' : 'has bytes after its end'}: shape (${shape.join(', ')}) needs ` +
        `${expected} bytes, the file has ${bytes.length}; fetch or write it again.`,
    )
  }
  const data = decodeElements(bytes, dataStart, count, format, name, littleEndian)
  const { dtype } = elementFormats[format]
  return { shape, dtype, data: fortranOrder && shape.length > 1 ? fromFortranOrder(data, shape) : data }
}

function headerText(bytes: Uint8Array, name: string): { text: string; dataStart: number } {
  if (bytes.length < 10 || !MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new FormatError(`${name} is not a .npy file: it does not start with "\\x93NUMPY".`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(6)
  if (version < 1 || version > 3) {
    throw new FormatError(`${name} has version ${version} of the .npy format; versions 1 to 3 are known.`)
  }
  const lengthBytes = version === 1 ? 2 : 4
  const start = 8 + lengthBytes
  const length = bytes.length < start ? 0 : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (bytes.length < start + length) {
    throw new FormatError(`${name} is cut short inside its header; fetch or write it again.`)
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length))
  return { text, dataStart: start + length }
}

/** Reads the three entries of the dictionary literal; NumPy writes no others. */
function parseHeader(text: string, name: string): NpyHeader {
  const description = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(text)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)
  const format = description?.[2] === undefined ? undefined : formatOfDescription[description[2]]
  if (!description || !format) {
    const found = /'descr'\s*:\s*([^,}]*)/.exec(text)?.[1] ?? 'nothing'
    throw new FormatError(
      `${name} holds elements of the type ${found}; known are booleans, integers and floats. ` +
        'In NumPy, convert with array.astype("float32") before saving.',
    )
  }
  if (!order || !shape) throw new FormatError(`${name} has a broken header: ${text.trim()}`)
  const extents = (shape[1] ?? '').split(',').map((part) => part.trim().replace(/L$/, ''))
  return {
    format,
    littleEndian: description[1] !== '>',
    fortranOrder: order[1] === 'True',
    shape: extents.filter((part) => part !== '').map(Number),
  }
}

/** Column-major to row-major. */
function fromFortranOrder(data: TypedArray, shape: readonly number[]): TypedArray {
  const result = data.slice()
  const index = shape.map(() => 0)
  const strides: number[] = []
  shape.reduce((stride, extent) => {
    strides.push(stride)
    return stride * extent
  }, 1)
  let source = 0
  for (let place = 0; place < result.length; place++) {
    result[place] = data[source] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number
      const next = (index[axis] as number) + 1
      if (next < (shape[axis] as number)) {
        index[axis] = next
        source += stride
        break
      }
      index[axis] = 0
      source -= stride * (next - 1)
    }
  }
  return result
}

/**
 * The bytes of a `.npy` file, version 1.0, row-major and little-endian; the data starts at a multiple of 64 bytes as NumPy's does.
 *
 * @throws ShapeError when the data does not fit the shape, DTypeError when it is not of its element type.
 * @example
 * import { io } from 'cognitron'
 * const bytes = io.writeNpy({ shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) })
 * console.log(bytes.length, io.readNpy(bytes).shape) // 136 [2]
 */
export function writeNpy(array: FileArray): Uint8Array {
  const { shape, dtype, data } = array
  checkArrayType(dtype, data, 'The array')
  if (product(shape) !== data.length) {
    throw new ShapeError(
      `The array has shape [${shape.join(', ')}] but ${data.length} numbers; expected ${product(shape)}.`,
    )
  }
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dictionary = `{'descr': '${descriptionOfDType[dtype]}', 'fortran_order': False, 'shape': (${extents}), }`
  const headerBytes = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10
  const header = new TextEncoder().encode(`${dictionary.padEnd(headerBytes - 1)}\n`)
  const contiguous = allocate(dtype, 0).BYTES_PER_ELEMENT * data.length
  const bytes = new Uint8Array(10 + headerBytes + contiguous)
  bytes.set(MAGIC)
  bytes.set([1, 0, headerBytes & 255, headerBytes >>> 8], 6)
  bytes.set(header, 10)
  encodeElements(data, dtype, bytes, 10 + headerBytes)
  return bytes
}
