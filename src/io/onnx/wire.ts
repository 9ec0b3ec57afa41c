/**
 * Bytes ↔ ONNX messages, by the table in `messages`. The varints and lengths of protobuf are read and written by a protobuf library
 * that the caller hands in (`BinaryReader` and `BinaryWriter` of `@bufbuild/protobuf/wire` fit as they are): the command line and
 * the studio bring one, so that the library itself depends on none.
 */
import { FormatError } from '../../base/errors.ts'
import { type Field, type MessageName, messages, type OnnxFile, type OnnxTensor, type ScalarKind } from './messages.ts'

/** What is asked of a protobuf library to read. */
export interface ProtobufReader {
  readonly len: number
  pos: number
  tag(): [fieldNumber: number, wireType: number]
  skip(wireType: number, fieldNumber?: number): unknown
  uint32(): number
  int32(): number
  int64(): bigint | string
  uint64(): bigint | string
  float(): number
  double(): number
  string(): string
  bytes(): Uint8Array
}

/** What is asked of a protobuf library to write. */
export interface ProtobufWriter {
  tag(fieldNumber: number, wireType: number): unknown
  fork(): unknown
  join(): unknown
  int32(value: number): unknown
  int64(value: number | bigint): unknown
  uint64(value: number | bigint): unknown
  float(value: number): unknown
  double(value: number): unknown
  string(value: string): unknown
  bytes(value: Uint8Array): unknown
  finish(): Uint8Array
}

/** How the kinds lie in the file: as a varint, in 8 or 4 bytes, or with their length before them. */
const wireTypes = { int32: 0, int64: 0, uint64: 0, double: 1, string: 2, bytes: 2, float: 5 } satisfies Record<
  ScalarKind,
  number
>
const LENGTH_DELIMITED = 2

const emptyValues = {
  int32: 0,
  int64: 0,
  uint64: 0,
  float: 0,
  double: 0,
  string: '',
  bytes: new Uint8Array(0),
} satisfies Record<ScalarKind, unknown>

type Message = Record<string, unknown>

const fieldsByNumber = Object.fromEntries(
  Object.entries(messages).map(([name, fields]) => [name, new Map(fields.map((field) => [field.number, field]))]),
) as Record<MessageName, Map<number, Field>>

const isScalar = (kind: Field['kind']): kind is ScalarKind => kind in wireTypes

function readScalar(reader: ProtobufReader, kind: ScalarKind): unknown {
  const value = reader[kind]()
  // Sizes and positions fit a double; what does not fit an element type is judged where tensors are decoded.
  return kind === 'int64' || kind === 'uint64' ? Number(value) : value
}

function emptyMessage(name: MessageName): Message {
  const message: Message = {}
  for (const field of messages[name]) {
    if (field.rule === 'repeated') message[field.name] = []
    else if (field.rule === 'required' && isScalar(field.kind)) message[field.name] = emptyValues[field.kind]
  }
  return message
}

function readMessage(reader: ProtobufReader, name: MessageName, end: number): Message {
  const message = emptyMessage(name)
  while (reader.pos < end) {
    const [number, wireType] = reader.tag()
    const field = fieldsByNumber[name].get(number)
    if (field) readField(reader, field, wireType, message)
    else reader.skip(wireType, number)
  }
  if (reader.pos !== end) throw new FormatError(`a message '${name}' reaches beyond its end`)
  return message
}

function readField(reader: ProtobufReader, field: Field, wireType: number, message: Message): void {
  const { kind, name } = field
  if (!isScalar(kind)) {
    if (wireType !== LENGTH_DELIMITED) throw new FormatError(`field '${name}' is no message`)
    const inner = readMessage(reader, kind, endOf(reader))
    if (field.rule === 'repeated') (message[name] as Message[]).push(inner)
    else message[name] = inner
    return
  }
  const packed = wireType === LENGTH_DELIMITED && wireTypes[kind] !== LENGTH_DELIMITED
  if (!packed && wireType !== wireTypes[kind]) throw new FormatError(`field '${name}' is not of kind ${kind}`)
  if (field.rule !== 'repeated') {
    message[name] = readScalar(reader, kind)
    return
  }
  const list = message[name] as unknown[]
  const end = packed ? endOf(reader) : reader.pos + 1
  while (reader.pos < end) list.push(readScalar(reader, kind))
}

function endOf(reader: ProtobufReader): number {
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > reader.len) throw new FormatError(`${length} bytes are announced where ${reader.len - reader.pos} are left`)
  return end
}

function read(reader: ProtobufReader, message: MessageName, source: string): Message {
  try {
    return readMessage(reader, message, reader.len)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatError(`${source} is not an ONNX file or is damaged: ${reason}; fetch or export it again.`, {
      cause: error,
    })
  }
}

/**
 * The content of an `.onnx` file; `source` names it in messages.
 *
 * @throws FormatError when the bytes are no ONNX model, or cut short.
 * @example
 * import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'
 * import { io } from 'cognitron'
 * const relu = { operator: 'Relu', inputs: ['x'], outputs: ['y'] }
 * const file = io.onnx.makeOnnxFile({ nodes: [relu], inputs: { x: [2] }, outputs: { y: [2] } })
 * const bytes = io.onnx.writeOnnxFile(file, new BinaryWriter())
 * console.log(io.onnx.readOnnxFile(new BinaryReader(bytes)).graph.node.map((node) => node.opType)) // ['Relu']
 */
export function readOnnxFile(reader: ProtobufReader, source = 'this data'): OnnxFile {
  const file = read(reader, 'model', source) as unknown as OnnxFile
  if (file.graph && file.irVersion > 0) return file
  throw new FormatError(`${source} is not an ONNX model: it has no graph; fetch or export it again.`)
}

/**
 * One tensor of an ONNX test (`input_0.pb`). Throws FormatError as `readOnnxFile`.
 *
 * @example
 * import { BinaryReader } from '@bufbuild/protobuf/wire'
 * import { io } from 'cognitron'
 * const bytes = new Uint8Array([8, 2, 16, 1, 34, 8, 0, 0, 128, 63, 0, 0, 0, 64]) // dims [2], float32, 1 and 2
 * console.log([...io.onnx.decodeTensor(io.onnx.readOnnxTensor(new BinaryReader(bytes))).data]) // [1, 2]
 */
export function readOnnxTensor(reader: ProtobufReader, source = 'this data'): OnnxTensor {
  return read(reader, 'tensor', source) as unknown as OnnxTensor
}

function writeMessage(writer: ProtobufWriter, name: MessageName, message: Message): void {
  for (const field of messages[name]) {
    const value = message[field.name]
    if (value === undefined) continue
    if (field.rule !== 'repeated') writeValue(writer, field, value)
    else if (isScalar(field.kind) && wireTypes[field.kind] !== LENGTH_DELIMITED) writePacked(writer, field, value)
    else for (const each of value as readonly unknown[]) writeValue(writer, field, each)
  }
}

function writeValue(writer: ProtobufWriter, { number, kind }: Field, value: unknown): void {
  if (isScalar(kind)) {
    writer.tag(number, wireTypes[kind])
    writeScalar(writer, kind, value)
    return
  }
  writer.tag(number, LENGTH_DELIMITED)
  writer.fork()
  writeMessage(writer, kind, value as Message)
  writer.join()
}

function writePacked(writer: ProtobufWriter, { number, kind }: Field, value: unknown): void {
  const list = value as readonly unknown[]
  if (list.length === 0) return
  writer.tag(number, LENGTH_DELIMITED)
  writer.fork()
  for (const each of list) writeScalar(writer, kind as ScalarKind, each)
  writer.join()
}

function writeScalar(writer: ProtobufWriter, kind: ScalarKind, value: unknown): void {
  const write = writer[kind] as (this: ProtobufWriter, value: unknown) => unknown
  write.call(writer, kind === 'int64' || kind === 'uint64' ? BigInt(value as number) : value)
}

/**
 * The bytes of an `.onnx` file; the same model gives the same bytes.
 *
 * @example
 * import { BinaryWriter } from '@bufbuild/protobuf/wire'
 * import { io } from 'cognitron'
 * const relu = { operator: 'Relu', inputs: ['x'], outputs: ['y'] }
 * const file = io.onnx.makeOnnxFile({ nodes: [relu], inputs: { x: [2] }, outputs: { y: [2] } })
 * console.log(io.onnx.writeOnnxFile(file, new BinaryWriter()).length > 20) // true
 */
export function writeOnnxFile(file: OnnxFile, writer: ProtobufWriter): Uint8Array {
  writeMessage(writer, 'model', file as unknown as Message)
  return writer.finish()
}
