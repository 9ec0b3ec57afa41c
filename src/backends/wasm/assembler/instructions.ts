/**
 * All instructions under their text-format names: the closed name types that emitters are checked against, and the
 * tables that the assembler looks codes up in.
 */
import {
  type AccessInstruction,
  atomicInstructions,
  extractLaneInstructions,
  loadInstructions,
  memoryLaneInstructions,
  replaceLaneInstructions,
  storeInstructions,
} from './opcodes-memory.ts'
import { type Instructions, scalarInstructions, stackInstructions } from './opcodes-scalar.ts'
import { relaxedInstructions, VECTOR_PREFIX, vectorInstructions } from './opcodes-vector.ts'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

export const valueTypeCode = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } satisfies Record<
  ValueType,
  number
>

type NamesOf<Table extends Instructions> = {
  [Type in keyof Table & string]: `${Type}.${keyof Table[Type] & string}`
}[keyof Table & string]

/** An instruction without immediates. */
export type PlainName =
  | keyof typeof stackInstructions
  | NamesOf<typeof scalarInstructions>
  | NamesOf<typeof vectorInstructions>
  | NamesOf<typeof relaxedInstructions>

const memoryInstructions = { ...loadInstructions, ...storeInstructions, ...atomicInstructions }
export type LoadName = keyof typeof loadInstructions
export type StoreName = keyof typeof storeInstructions
export type AtomicName = keyof typeof atomicInstructions
export type MemoryName = keyof typeof memoryInstructions
export type MemoryLaneName = keyof typeof memoryLaneInstructions
export type ExtractLaneName = keyof typeof extractLaneInstructions
export type ReplaceLaneName = keyof typeof replaceLaneInstructions

const coded = (instructions: Instructions, prefix = 0): Record<string, number> =>
  Object.fromEntries(
    Object.entries(instructions).flatMap(([type, codes]) =>
      Object.entries(codes).map(([name, code]) => [`${type}.${name}`, prefix + code]),
    ),
  )

/** The code of every instruction without immediates. */
export const plainTable = {
  ...stackInstructions,
  ...coded(scalarInstructions),
  ...coded(vectorInstructions, VECTOR_PREFIX),
  ...coded(relaxedInstructions, VECTOR_PREFIX),
} as Readonly<Record<PlainName, number>>

export const memoryTable: Readonly<Record<MemoryName | MemoryLaneName, AccessInstruction>> = {
  ...memoryInstructions,
  ...memoryLaneInstructions,
}
export const laneTable: Readonly<Record<ExtractLaneName | ReplaceLaneName, AccessInstruction>> = {
  ...extractLaneInstructions,
  ...replaceLaneInstructions,
}
