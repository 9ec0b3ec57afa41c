/**
 * All instructions under their text-format names: the closed name types that emitters are checked against, and the
 * tables that the assembler looks codes up in.
 */
import { fault } from '../../../base/errors.ts'
import {
  atomicInstructions,
  extractLaneInstructions,
  loadInstructions,
  memoryLaneInstructions,
  replaceLaneInstructions,
  storeInstructions,
} from './opcodes-memory.ts'
import { type Instruction, scalarInstructions } from './opcodes-scalar.ts'
import { relaxedInstructions, vectorInstructions } from './opcodes-vector.ts'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

export const valueTypeCode = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } satisfies Record<
  ValueType,
  number
>

const plainInstructions = { ...scalarInstructions, ...vectorInstructions, ...relaxedInstructions }
const memoryInstructions = { ...loadInstructions, ...storeInstructions, ...atomicInstructions }

/** An instruction without immediates. */
export type PlainName = keyof typeof plainInstructions
export type LoadName = keyof typeof loadInstructions
export type StoreName = keyof typeof storeInstructions
export type AtomicName = keyof typeof atomicInstructions
export type MemoryName = keyof typeof memoryInstructions
export type MemoryLaneName = keyof typeof memoryLaneInstructions
export type ExtractLaneName = keyof typeof extractLaneInstructions
export type ReplaceLaneName = keyof typeof replaceLaneInstructions

const tableOf = (instructions: Readonly<Record<string, Instruction>>): ReadonlyMap<string, Instruction> =>
  new Map(Object.entries(instructions))

export const plainTable = tableOf(plainInstructions)
export const memoryTable = tableOf({ ...memoryInstructions, ...memoryLaneInstructions })
export const laneTable = tableOf({ ...extractLaneInstructions, ...replaceLaneInstructions })

/** The code of an instruction. */
export function lookUp(table: ReadonlyMap<string, Instruction>, name: string): Instruction {
  const instruction = table.get(name)
  if (instruction === undefined) fault(`unknown instruction ${name}`)
  return instruction
}
