/**
 * NumPy's `.npz` format: a zip archive of `.npy` files, stored or deflated. Works on bytes, so it runs in browsers. Archives of
 * more than 4 GiB, encrypted ones and other compressions are left out. Source: PKWARE, APPNOTE.TXT, sections 4.3 and 4.4.
 */
import { FormatError } from '../base/errors.ts'
import { deflateRaw, inflateRaw } from '../data/inflate.ts'
import { crc32 } from './crc32.ts'
import type { FileArray } from './element-formats.ts'
import { type NpyArray, readNpy, writeNpy } from './npy.ts'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const STORED = 0
const DEFLATED = 8

/** 1 January 1980, the first date of the format, so that the same arrays give the same bytes. */
const DATE = 0x0021

interface Member {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly plainBytes: number
  readonly offset: number
}

/**
 * Reads the arrays of a `.npz` file by name (without `.npy`), in the order of the archive.
 *
 * @throws FormatError for an archive that is broken, cut short or fails its checksum; the message names file and array.
 * @example
 * ```ts
 * import { io } from 'cognitron'
 * const bytes = await io.writeNpz({ x: { shape: [1], dtype: 'float32', data: Float32Array.of(7) } })
 * console.log((await io.readNpz(bytes)).get('x')?.data) // Float32Array(1) [ 7 ]
 * ```
 */
export async function readNpz(bytes: Uint8Array, name = '.npz data'): Promise<Map<string, NpyArray>> {
  const arrays = new Map<string, NpyArray>()
  for (const member of listMembers(bytes, name)) {
    if (!member.name.endsWith('.npy')) continue
    const what = `${name}, ${member.name}`
    arrays.set(member.name.slice(0, -4), readNpy(await unpack(bytes, member, what), what))
  }
  return arrays
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The members of the archive, from the central directory at its end. */
function listMembers(bytes: Uint8Array, name: string): Member[] {
  const view = viewOf(bytes)
  const end = findEnd(view)
  if (end === undefined) {
    throw new FormatError(
      `${name} is not a zip archive, or it is cut short: it has no end record; fetch or write it again.`,
    )
  }
  const count = view.getUint16(end + 10, true)
  let place = view.getUint32(end + 16, true)
  if (count === 0xffff || place === 0xffffffff) {
    throw new FormatError(`${name} is a zip64 archive (over 4 GiB), which is not read; split it into smaller files.`)
  }
  const members: Member[] = []
  for (let index = 0; index < count; index++) {
    if (place + 46 > end || view.getUint32(place, true) !== CENTRAL) {
      throw new FormatError(`${name} has a broken directory at entry ${index} of ${count}; fetch or write it again.`)
    }
    const nameBytes = view.getUint16(place + 28, true)
    members.push({
      name: new TextDecoder().decode(bytes.subarray(place + 46, place + 46 + nameBytes)),
      method: view.getUint16(place + 10, true),
      crc: view.getUint32(place + 16, true),
      packedBytes: view.getUint32(place + 20, true),
      plainBytes: view.getUint32(place + 24, true),
      offset: view.getUint32(place + 42, true),
    })
    place += 46 + nameBytes + view.getUint16(place + 30, true) + view.getUint16(place + 32, true)
  }
  return members
}

/** The end record is the last 22 bytes, unless a comment of up to 65,535 bytes follows. */
function findEnd(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - 22 - 0xffff)
  for (let place = view.byteLength - 22; place >= first; place--) {
    if (view.getUint32(place, true) === END) return place
  }
  return undefined
}

async function unpack(bytes: Uint8Array, member: Member, what: string): Promise<Uint8Array> {
  const view = viewOf(bytes)
  const { offset } = member
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL) {
    throw new FormatError(`${what}: its data is not where the directory says; fetch or write the file again.`)
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  const packed = bytes.subarray(start, start + member.packedBytes)
  if (packed.length !== member.packedBytes) {
    throw new FormatError(`${what} is cut short; fetch or write the file again.`)
  }
  if (member.method !== STORED && member.method !== DEFLATED) {
    throw new FormatError(`${what} uses zip method ${member.method}; stored (0) and deflated (8) are read.`)
  }
  const plain = member.method === DEFLATED ? await inflateRaw(packed, what) : packed
  if (plain.length !== member.plainBytes || crc32(plain) !== member.crc) {
    throw new FormatError(`${what} fails its checksum: the data is corrupt; fetch or write the file again.`)
  }
  return plain
}

export interface WriteNpzOptions {
  /** Deflate the arrays as `numpy.savez_compressed` does; default false. */
  readonly compress?: boolean
}

/**
 * The bytes of a `.npz` file; the same arrays give the same bytes (compressed ones within the same engine).
 *
 * @throws FormatError beyond 4 GiB or 65,534 arrays.
 * @example
 * import { io } from 'cognitron'
 * const bytes = await io.writeNpz({ x: { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) } })
 * console.log([...(await io.readNpz(bytes)).keys()]) // ['x']
 */
export async function writeNpz(
  arrays: Readonly<Record<string, FileArray>> | ReadonlyMap<string, FileArray>,
  options: WriteNpzOptions = {},
): Promise<Uint8Array> {
  const entries: [string, FileArray][] = arrays instanceof Map ? [...arrays] : Object.entries(arrays)
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [name, array] of entries) {
    const plain = writeNpy(array)
    const packed = options.compress ? await deflateRaw(plain) : plain
    const member: Member = {
      name: `${name}.npy`,
      method: options.compress ? DEFLATED : STORED,
      crc: crc32(plain),
      packedBytes: packed.length,
      plainBytes: plain.length,
      offset,
    }
    const local = memberRecord(member, 'local')
    parts.push(local, packed)
    directory.push(memberRecord(member, 'central'))
    offset += local.length + packed.length
  }
  const directoryBytes = directory.reduce((sum, record) => sum + record.length, 0)
  if (offset + directoryBytes > 0xffffffff || entries.length >= 0xffff) {
    throw new FormatError('A .npz file holds at most 4 GiB and 65,534 arrays; write several files.')
  }
  return join([...parts, ...directory, endRecord(entries.length, directoryBytes, offset)])
}

/** A local header, or the same in the form of the directory. */
function memberRecord(member: Member, kind: 'local' | 'central'): Uint8Array {
  const name = new TextEncoder().encode(member.name)
  const central = kind === 'central'
  const fixed = central ? 46 : 30
  const record = new Uint8Array(fixed + name.length)
  const view = viewOf(record)
  view.setUint32(0, central ? CENTRAL : LOCAL, true)
  // The directory's form has one field more before the shared ones: the version that made it.
  const shared = central ? 6 : 4
  if (central) view.setUint16(4, 20, true)
  view.setUint16(shared, 20, true)
  view.setUint16(shared + 2, 0x0800, true)
  view.setUint16(shared + 4, member.method, true)
  view.setUint16(shared + 8, DATE, true)
  view.setUint32(shared + 10, member.crc, true)
  view.setUint32(shared + 14, member.packedBytes, true)
  view.setUint32(shared + 18, member.plainBytes, true)
  view.setUint16(shared + 22, name.length, true)
  if (central) view.setUint32(42, member.offset, true)
  record.set(name, fixed)
  return record
}

function endRecord(count: number, directoryBytes: number, directoryOffset: number): Uint8Array {
  const record = new Uint8Array(22)
  const view = viewOf(record)
  view.setUint32(0, END, true)
  view.setUint16(8, count, true)
  view.setUint16(10, count, true)
  view.setUint32(12, directoryBytes, true)
  view.setUint32(16, directoryOffset, true)
  return record
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let place = 0
  for (const part of parts) {
    result.set(part, place)
    place += part.length
  }
  return result
}
