/**
 * The safetensors format: eight bytes with the length of a JSON header, the header (name → dtype, shape, data_offsets), then the
 * numbers, little-endian. Works on bytes, so it runs in browsers; `io/files` reads and writes files. The same tensors always give
 * the same bytes. Source: github.com/huggingface/safetensors, README, section "Format".
 */
import { product } from '../base/arrays.ts'
import { checkArrayType } from '../base/dtype.ts'
import { FormatError, ShapeError } from '../base/errors.ts'
import {
  decodeElements,
  type ElementFormatName,
  elementFormats,
  encodeElements,
  type FileArray,
} from './element-formats.ts'
import { findDuplicateKey } from './json-keys.ts'

const formatNames = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  U64: 'uint64',
  I32: 'int32',
  U32: 'uint32',
  I16: 'int16',
  U16: 'uint16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
} satisfies Record<string, ElementFormatName>

type SafetensorsFormat = keyof typeof formatNames

const formatOfDType = { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' } as const

/** The reference implementation's limit. */
const MOST_HEADER_BYTES = 100_000_000

export interface SafetensorsFile {
  /** Tensors by name, in the order of the header. */
  readonly tensors: Map<string, FileArray>
  readonly metadata: Readonly<Record<string, string>>
}

interface Entry {
  readonly name: string
  readonly format: SafetensorsFormat
  readonly shape: number[]
  readonly start: number
  readonly end: number
}

/**
 * Reads all tensors of a safetensors file. F64, F16 and BF16 become float32; I64, U64, I16, U16, I8 and U32 become int32.
 *
 * @throws FormatError for a header or offsets that break the format, duplicate names, or a whole number that does not fit int32;
 * the message names the file and the tensor.
 * @example
 * ```ts
 * import { io } from 'cognitron'
 * const bytes = io.writeSafetensors({ w: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } })
 * console.log(io.readSafetensors(bytes).tensors.get('w')?.data) // Float32Array(2) [ 1, 2 ]
 * ```
 */
export function readSafetensors(bytes: Uint8Array, name = 'safetensors data'): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, name)
  const metadata = readMetadata(header.__metadata__, name)
  const entries = Object.entries(header)
    .filter(([key]) => key !== '__metadata__')
    .map(([key, value]) => readEntry(key, value, name))
  checkLayout(entries, bytes.length - dataStart, name)
  const tensors = new Map<string, FileArray>()
  for (const { name: key, format, shape, start } of entries) {
    const kind = formatNames[format]
    const data = decodeElements(bytes, dataStart + start, product(shape), kind, `${name}, tensor "${key}"`)
    tensors.set(key, { shape, dtype: elementFormats[kind].dtype, data })
  }
  return { tensors, metadata }
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw new FormatError(`${name} is not a safetensors file: it has ${bytes.length} bytes, fewer than the first 8.`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = Number(view.getBigUint64(0, true))
  if (headerBytes > MOST_HEADER_BYTES) {
    throw new FormatError(
      `${name} is not a safetensors file: its first 8 bytes promise a header of ${headerBytes} bytes; at most ${MOST_HEADER_BYTES} are allowed.`,
    )
  }
  const dataStart = 8 + headerBytes
  if (bytes.length < dataStart) {
    throw new FormatError(
      `${name} is cut short: its header should end at byte ${dataStart}, the file has ${bytes.length}; fetch or write it again.`,
    )
  }
  return { header: parseHeader(bytes.subarray(8, dataStart), name), dataStart }
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatError(`${name} has a header that is not JSON (${reason}); fetch or write the file again.`, {
      cause: error,
    })
  }
  if (!text.startsWith('{') || !isRecord(header)) {
    throw new FormatError(`${name} has a header that is not a JSON object; fetch or write the file again.`)
  }
  const duplicate = findDuplicateKey(text)
  if (duplicate !== undefined) {
    throw new FormatError(`${name} names "${duplicate}" twice in its header; every name may occur once.`)
  }
  return header
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readMetadata(value: unknown, name: string): Record<string, string> {
  if (value === undefined) return {}
  const entries = isRecord(value) ? Object.entries(value) : undefined
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw new FormatError(
      `${name} has metadata that is not a list of texts; every value of __metadata__ must be a string.`,
    )
  }
  return Object.fromEntries(entries)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function readEntry(key: string, value: unknown, name: string): Entry {
  const entry = isRecord(value) ? value : {}
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string' || !Object.hasOwn(formatNames, dtype)) {
    throw new FormatError(
      `${name}, tensor "${key}": the number format ${JSON.stringify(dtype)} is unknown; known are ${Object.keys(formatNames).join(', ')}.`,
    )
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new FormatError(`${name}, tensor "${key}": ${JSON.stringify(shape)} is not a shape.`)
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new FormatError(`${name}, tensor "${key}": ${JSON.stringify(offsets)} is not a pair of offsets.`)
  }
  return {
    name: key,
    format: dtype as SafetensorsFormat,
    shape,
    start: offsets[0] as number,
    end: offsets[1] as number,
  }
}

/** Every tensor has its size, and together they cover the data without gap or overlap. */
function checkLayout(entries: readonly Entry[], dataBytes: number, name: string): void {
  let end = 0
  let previous = ''
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const what = `${name}, tensor "${entry.name}"`
    const expected = product(entry.shape) * elementFormats[formatNames[entry.format]].bytes
    if (entry.end - entry.start !== expected) {
      throw new FormatError(
        `${what}: shape [${entry.shape.join(', ')}] of ${entry.format} needs ${expected} bytes, ` +
          `its offsets ${entry.start} to ${entry.end} give ${entry.end - entry.start}.`,
      )
    }
    if (entry.end > dataBytes) {
      throw new FormatError(
        `${what} ends at byte ${entry.end} of the data, but the file has ${dataBytes}; it is cut short, fetch or write it again.`,
      )
    }
    if (entry.start < end)
      throw new FormatError(`${what} overlaps tensor "${previous}" (bytes ${entry.start} to ${end}).`)
    if (entry.start > end) {
      throw new FormatError(
        `${what} leaves a gap: it starts at byte ${entry.start}, the tensor before it ends at ${end}.`,
      )
    }
    end = entry.end
    previous = entry.name
  }
  if (end !== dataBytes) {
    throw new FormatError(`${name} has ${dataBytes - end} bytes after its last tensor; fetch or write the file again.`)
  }
}

export interface WriteSafetensorsOptions {
  readonly metadata?: Readonly<Record<string, string>>
  /** Names in the order given (default) or sorted by code unit. */
  readonly order?: 'given' | 'sorted'
  /** How float32 values are stored; default F32. */
  readonly floatFormat?: 'F32' | 'F16' | 'BF16' | 'F64'
}

/**
 * The bytes of a safetensors file; the same tensors and options give the same bytes. The header is padded with spaces so that the
 * data starts at a multiple of 8 bytes, and wider elements come first, so that every tensor is aligned.
 *
 * @throws ShapeError when the data of a tensor does not fit its shape, DTypeError when it is not of its element type.
 * @example
 * ```ts
 * import { io } from 'cognitron'
 * const bytes = io.writeSafetensors({ w: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } })
 * console.log(bytes.length % 8) // 0
 * ```
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, FileArray>> | ReadonlyMap<string, FileArray>,
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const given: [string, FileArray][] = tensors instanceof Map ? [...tensors] : Object.entries(tensors)
  const entries = options.order === 'sorted' ? given.sort(([a], [b]) => (a < b ? -1 : 1)) : given
  const formatOf = ({ dtype }: FileArray): SafetensorsFormat =>
    dtype === 'float32' ? (options.floatFormat ?? 'F32') : formatOfDType[dtype]
  const bytesOf = (array: FileArray): number => elementFormats[formatNames[formatOf(array)]].bytes
  for (const [name, array] of entries) checkArray(name, array)

  const places = new Map<string, number>()
  let dataBytes = 0
  for (const [name, array] of [...entries].sort(([, a], [, b]) => bytesOf(b) - bytesOf(a))) {
    places.set(name, dataBytes)
    dataBytes += product(array.shape) * bytesOf(array)
  }
  const placeOf = (name: string): number => places.get(name) ?? 0
  const header = new Map<string, unknown>(options.metadata ? [['__metadata__', options.metadata]] : [])
  for (const [name, array] of entries) {
    const start = placeOf(name)
    const offsets = [start, start + product(array.shape) * bytesOf(array)]
    header.set(name, { dtype: formatOf(array), shape: array.shape, data_offsets: offsets })
  }
  const text = new TextEncoder().encode(objectText(header))
  const headerBytes = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + headerBytes + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(0x20, 8, 8 + headerBytes).set(text, 8)
  for (const [name, array] of entries) {
    encodeElements(array.data, formatNames[formatOf(array)], bytes, 8 + headerBytes + placeOf(name))
  }
  return bytes
}

/** JSON text that keeps the order even of names that look like numbers. */
function objectText(members: ReadonlyMap<string, unknown>): string {
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
}

function checkArray(name: string, array: FileArray): void {
  checkArrayType(array.dtype, array.data, `Tensor "${name}"`)
  if (name === '__metadata__') throw new FormatError('A tensor cannot be named "__metadata__"; give it another name.')
  if (product(array.shape) !== array.data.length) {
    throw new ShapeError(
      `Tensor "${name}" has shape [${array.shape.join(', ')}] but ${array.data.length} numbers; ` +
        `expected ${product(array.shape)}.`,
    )
  }
}
