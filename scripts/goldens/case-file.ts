/** Reference files and the comparison that all golden cases share. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Shape } from '../../src/shape/shape.ts'

/** What became of one reference file. */
export interface CaseResult {
  readonly name: string
  readonly status: 'pass' | 'fail' | 'unsupported'
  readonly detail: string
}

export interface CaseTensor {
  readonly shape: Shape
  readonly values: readonly number[]
}

/** A reference file: what PyTorch ran, and the tensors by name. */
export interface CaseFile {
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  /** The version of PyTorch, such as 1.13. */
  readonly torchVersion: number
  readonly tensors: ReadonlyMap<string, CaseTensor>
  /** The tensor `key`. Throws when the file lacks it. */
  tensor(key: string): CaseTensor
}

interface Entry {
  readonly dtype: keyof typeof readers
  readonly shape: number[]
  readonly data_offsets: readonly [number, number]
}

const each = (view: DataView, size: number, read: (offset: number) => number): number[] =>
  Array.from({ length: view.byteLength / size }, (_, index) => read(index * size))

const readers = {
  F32: (view: DataView) => each(view, 4, (offset) => view.getFloat32(offset, true)),
  F64: (view: DataView) => each(view, 8, (offset) => view.getFloat64(offset, true)),
  I32: (view: DataView) => each(view, 4, (offset) => view.getInt32(offset, true)),
  I64: (view: DataView) => each(view, 8, (offset) => Number(view.getBigInt64(offset, true))),
  BOOL: (view: DataView) => each(view, 1, (offset) => view.getUint8(offset)),
}

/** Reads a safetensors reference whose metadata holds the `spec`; 64-bit integers become numbers. */
export function readCase(path: string): CaseFile {
  const file = readFileSync(path)
  const end = 8 + Number(file.readBigUInt64LE(0))
  const { __metadata__: metadata, ...entries } = JSON.parse(file.toString('utf8', 8, end)) as Record<string, Entry> & {
    __metadata__: { spec: string; torch?: string }
  }
  const tensors = new Map<string, CaseTensor>()
  for (const [
    key,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(entries)) {
    const view = new DataView(file.buffer, file.byteOffset + end + from, to - from)
    tensors.set(key, { shape, values: readers[dtype](view) })
  }
  const name = caseName(path)
  const tensor = (key: string): CaseTensor => {
    const found = tensors.get(key)
    if (!found) throw new Error(`${name} holds no tensor "${key}"`)
    return found
  }
  const spec = JSON.parse(metadata.spec) as Record<string, unknown>
  return { name, spec, torchVersion: Number.parseFloat(metadata.torch ?? '2'), tensors, tensor }
}

/** The name of a case: its file without folder and ending. */
export function caseName(path: string): string {
  return basename(path).replace(/\.(?:safetensors|json)$/, '')
}

/** `label_smoothing` → `labelSmoothing`, `T_max` → `tMax`: PyTorch's keyword arguments as our options. */
export function toOptions(kwargs: unknown): Record<string, unknown> {
  const rename = (key: string): string =>
    key.replace(/^[A-Z]+/, (head) => head.toLowerCase()).replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(kwargs ?? {}).map(([key, value]) => [rename(key), value]))
}

/** By how much the worst element exceeds absolute + relative · |expected|, as text; undefined when all are within. */
export function difference(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: { absolute: number; relative: number },
): string | undefined {
  if (actual.length !== expected.length) {
    return `${what}: ${actual.length} values, expected ${expected.length}`
  }
  let worst = 0
  let text: string | undefined
  for (let index = 0; index < actual.length; index++) {
    const [ours, theirs] = [actual[index] as number, expected[index] as number]
    if (Object.is(ours, theirs) || (Number.isNaN(ours) && Number.isNaN(theirs))) continue
    const error = Math.abs(ours - theirs)
    const excess = error / (tolerance.absolute + tolerance.relative * Math.abs(theirs))
    if (excess <= 1 || (text !== undefined && !(excess > worst))) continue
    worst = excess
    text = `${what}[${index}]: ${ours}, expected ${theirs}`
  }
  return text
}

/** The largest |actual − expected|, for the line of a case that passes. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0
  for (let index = 0; index < expected.length; index++) {
    largest = Math.max(largest, Math.abs((actual[index] as number) - (expected[index] as number)))
  }
  return largest
}
