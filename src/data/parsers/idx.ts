/**
 * The IDX format of MNIST and Fashion-MNIST: two zero bytes, an element type, the number of axes, big-endian extents, then the
 * elements, big-endian. Works on bytes, so it runs in the browser too; `.gz` files are unpacked first.
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
 */
import { product, range } from '../../base/arrays.ts'
import { allocate, type DType, type TypedArray } from '../../base/dtype.ts'
import { FormatError } from '../../base/errors.ts'
import { ArrayDataset } from '../array-dataset.ts'
import { gunzipIfNeeded, isGzip } from '../inflate.ts'
import type { Normalization } from '../normalization.ts'

/** An array read from an IDX file, row-major. */
export interface IdxArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: TypedArray
}

interface ElementType {
  readonly name: string
  readonly bytes: number
  readonly dtype: DType
  read(view: DataView, offset: number): number
}

const elementTypes = new Map<number, ElementType>([
  [0x08, { name: 'unsigned byte', bytes: 1, dtype: 'uint8', read: (view, offset) => view.getUint8(offset) }],
  [0x09, { name: 'signed byte', bytes: 1, dtype: 'int32', read: (view, offset) => view.getInt8(offset) }],
  [0x0b, { name: 'short', bytes: 2, dtype: 'int32', read: (view, offset) => view.getInt16(offset) }],
  [0x0c, { name: 'int', bytes: 4, dtype: 'int32', read: (view, offset) => view.getInt32(offset) }],
  [0x0d, { name: 'float', bytes: 4, dtype: 'float32', read: (view, offset) => view.getFloat32(offset) }],
  [0x0e, { name: 'double', bytes: 8, dtype: 'float32', read: (view, offset) => view.getFloat64(offset) }],
])

/**
 * Parses an IDX file that is not compressed; signed bytes and shorts become int32, doubles float32.
 *
 * @throws FormatError for a wrong magic number, a file that is cut short, or bytes after the end; the message names the file.
 * @example
 * import { data } from 'cognitron'
 * const { shape, data: values } = data.parseIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
 * console.log(shape, [...values]) // [2] [7, 9]
 */
export function parseIdx(bytes: Uint8Array, name = 'IDX data'): IdxArray {
  const { type, shape, offset } = parseHeader(bytes, name)
  const count = product(shape)
  const expected = offset + count * type.bytes
  if (bytes.length !== expected) {
    const problem =
      bytes.length < expected
        ? `is cut short: its header promises ${expected} bytes, the file has ${bytes.length}`
        : `has ${bytes.length - expected} bytes after its end: its header promises ${expected} bytes, the file has ${bytes.length}`
    throw new FormatError(`${name} ${problem} (shape ${shape.join(' × ')} of ${type.name}); fetch the file again.`)
  }
  if (type.dtype === 'uint8') return { shape, dtype: 'uint8', data: bytes.slice(offset) }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = allocate(type.dtype, count)
  for (let index = 0; index < count; index++) data[index] = type.read(view, offset + index * type.bytes)
  return { shape, dtype: type.dtype, data }
}

function parseHeader(bytes: Uint8Array, name: string): { type: ElementType; shape: number[]; offset: number } {
  if (isGzip(bytes)) throw new FormatError(`${name} is a gzip file; unpack it first or read it with readIdx.`)
  if (bytes.length < 4) {
    throw new FormatError(`${name} has ${bytes.length} bytes, too few for an IDX header; fetch the file again.`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = view.getUint32(0)
  const type = elementTypes.get((magic >>> 8) & 0xff)
  const rank = magic & 0xff
  if (magic >>> 16 !== 0 || !type || rank === 0) {
    throw new FormatError(
      `${name} is not an IDX file: it starts with the number ${magic}; ` +
        'files of images start with 2051 and files of labels with 2049.',
    )
  }
  const offset = 4 + 4 * rank
  if (bytes.length < offset) {
    throw new FormatError(
      `${name} is cut short inside its header: ${bytes.length} bytes where ${offset} are needed; fetch the file again.`,
    )
  }
  return { type, shape: range(rank).map((axis) => view.getUint32(4 + 4 * axis)), offset }
}

/**
 * Parses an IDX file, plain or gzip.
 *
 * @throws FormatError as `parseIdx`, and for gzip data that is corrupt or cut short.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])
 * console.log((await data.readIdx(bytes, 'labels')).data) // Uint8Array(3) [ 7, 2, 1 ]
 * ```
 */
export async function readIdx(bytes: Uint8Array, name = 'IDX data'): Promise<IdxArray> {
  return parseIdx(await gunzipIfNeeded(bytes, name), name)
}

export interface IdxDatasetOptions {
  readonly name: string
  readonly classNames?: readonly string[]
  /** Names of the two files, for error messages. */
  readonly imagesName: string
  readonly labelsName: string
  /** Default: bytes / 255, so inputs are in [0, 1]. */
  readonly normalize?: Normalization | undefined
}

/**
 * A data set of grey images `[1, height, width]` and their class numbers from two IDX arrays.
 *
 * @throws FormatError when the arrays are not images and labels, or their counts differ.
 * @example
 * import { data } from 'cognitron'
 * const images = data.parseIdx(new Uint8Array([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255]))
 * const labels = data.parseIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 1]))
 * const set = data.idxDataset(images, labels, {
 *   name: 'pairs',
 *   imagesName: 'images',
 *   labelsName: 'labels',
 *   classNames: ['one', 'two'],
 * })
 * console.log(set.length, set.inputShape) // 1 [1, 1, 2]
 */
export function idxDataset(images: IdxArray, labels: IdxArray, options: IdxDatasetOptions): ArrayDataset {
  const { imagesName, labelsName } = options
  const [count, height, width] = images.shape
  if (images.shape.length !== 3 || images.dtype !== 'uint8' || height === undefined || width === undefined) {
    throw new FormatError(
      `${imagesName} holds ${images.dtype} values of shape ${images.shape.join(' × ')}; expected grey images, ` +
        'that is bytes of shape count × height × width (IDX magic 2051).',
    )
  }
  if (labels.shape.length !== 1 || labels.dtype !== 'uint8') {
    throw new FormatError(
      `${labelsName} holds ${labels.dtype} values of shape ${labels.shape.join(' × ')}; expected one byte per image (IDX magic 2049).`,
    )
  }
  if (labels.shape[0] !== count) {
    throw new FormatError(
      `${imagesName} has ${count} images but ${labelsName} has ${labels.shape[0]} labels; ` +
        'the two files must come from the same set.',
    )
  }
  const classes = options.classNames?.length
  const wrong = classes === undefined ? -1 : labels.data.findIndex((label) => label >= classes)
  if (wrong >= 0) {
    throw new FormatError(
      `${labelsName}: label ${wrong} is ${labels.data[wrong]}, but there are ${classes} classes (0 to ${(classes ?? 0) - 1}).`,
    )
  }
  return new ArrayDataset({
    inputs: images.data,
    targets: labels.data,
    inputShape: [1, height, width],
    name: options.name,
    classNames: options.classNames,
    normalize: options.normalize ?? { scale: 1 / 255 },
  })
}
