import { describe, expect, it } from 'vitest'
import { type FunctionBuilder, ModuleBuilder, type ValueType } from './assembler.ts'
import { features } from './features.ts'
import { laneTable, memoryTable, plainTable } from './instructions.ts'
import {
  extractLaneInstructions,
  loadInstructions,
  memoryLaneInstructions,
  storeInstructions,
} from './opcodes-memory.ts'
import type { Instruction } from './opcodes-scalar.ts'
import { relaxedInstructions } from './opcodes-vector.ts'

const letters: Record<string, ValueType> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' }

function types(text: string): ValueType[] {
  return [...text].map((letter) => letters[letter] ?? 'i32')
}

function probe(instruction: Instruction, emit: (f: FunctionBuilder) => unknown): boolean {
  const [params = '', results = ''] = instruction[1].split('>')
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, max: 1, shared: features.threads })
  module.function('probe', types(params), types(results), (f) => {
    for (const param of f.params) f.get(param)
    emit(f)
  })
  return WebAssembly.validate(module.finish())
}

describe('every instruction validates with its operand types', () => {
  const relaxed = new Set(Object.keys(relaxedInstructions))
  it.each([...plainTable].filter(([name]) => features.relaxedSimd || !relaxed.has(name)))('%s', (name, instruction) => {
    expect(probe(instruction, (f) => f.op(name as Parameters<FunctionBuilder['op']>[0]))).toBe(true)
  })
  it.each([...memoryTable].filter(([name]) => !(name in memoryLaneInstructions)))('%s', (name, instruction) => {
    const memoryName = name as Parameters<FunctionBuilder['memory']>[0]
    expect(probe(instruction, (f) => f.memory(memoryName, 12345))).toBe(true)
  })
  it.each(Object.entries(memoryLaneInstructions))('%s', (name, instruction) => {
    const last = (16 >> instruction[2]) - 1
    expect(probe(instruction, (f) => f.lane(name as keyof typeof memoryLaneInstructions, 8, last))).toBe(true)
  })
  it.each([...laneTable])('%s', (name, instruction) => {
    const last = (instruction[2] ?? 0) - 1
    const emit = (f: FunctionBuilder) =>
      name in extractLaneInstructions
        ? f.extractLane(name as Parameters<FunctionBuilder['extractLane']>[0], last)
        : f.replaceLane(name as Parameters<FunctionBuilder['replaceLane']>[0], last)
    expect(probe(instruction, emit)).toBe(true)
  })
  it('and has a code of its own', () => {
    const codes = [...plainTable.values(), ...memoryTable.values(), ...laneTable.values()].map((entry) => entry[0])
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThan(120)
  })
  it('loads and stores promise at most their own size', () => {
    expect(loadInstructions['v128.load'][2]).toBe(4)
    expect(storeInstructions['f32.store'][2]).toBe(2)
  })
})

describe('features', () => {
  it('agree with what the engine says about hand-written probes', () => {
    // (func (param v128) (result v128) local.get 0, f32x4.abs), bytes by hand.
    const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b, 3, 2, 1, 0]
    const simd = Uint8Array.from([...head, 10, 9, 1, 7, 0, 0x20, 0, 0xfd, 0xe0, 1, 0x0b])
    expect(features.simd).toBe(WebAssembly.validate(simd))
    const madd = [0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 2, 0x0b]
    const relaxed = Uint8Array.from([...head, 10, 13, 1, 11, 0, ...madd])
    expect(features.relaxedSimd).toBe(WebAssembly.validate(relaxed))
    expect(features.threads).toBe(true)
  })
})
