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
import { relaxedInstructions } from './opcodes-vector.ts'

/** Operands, `>` and results by instruction: i = i32, l = i64, f = f32, d = f64, v = v128. */
const signatures: Readonly<Record<string, string>> = {
  select: 'vvi>v',
  drop: 'v>',
  'i32.eqz': 'i>i',
  'i32.eq': 'ii>i',
  'i32.ne': 'ii>i',
  'i32.lt_s': 'ii>i',
  'i32.lt_u': 'ii>i',
  'i32.gt_s': 'ii>i',
  'i32.le_s': 'ii>i',
  'i32.ge_s': 'ii>i',
  'f64.eq': 'dd>i',
  'f64.ne': 'dd>i',
  'f64.lt': 'dd>i',
  'i32.add': 'ii>i',
  'i32.sub': 'ii>i',
  'i32.mul': 'ii>i',
  'i32.div_s': 'ii>i',
  'i32.div_u': 'ii>i',
  'i32.rem_s': 'ii>i',
  'i32.rem_u': 'ii>i',
  'i32.and': 'ii>i',
  'i32.or': 'ii>i',
  'i32.xor': 'ii>i',
  'i32.shl': 'ii>i',
  'f32.add': 'ff>f',
  'f64.abs': 'd>d',
  'f64.trunc': 'd>d',
  'f64.add': 'dd>d',
  'f64.sub': 'dd>d',
  'f64.mul': 'dd>d',
  'f64.div': 'dd>d',
  'f64.copysign': 'dd>d',
  'f32.demote_f64': 'd>f',
  'f64.promote_f32': 'f>d',
  'memory.fill': 'iii>',
  'i32x4.splat': 'i>v',
  'f32x4.splat': 'f>v',
  'i32x4.eq': 'vv>v',
  'i32x4.ne': 'vv>v',
  'i32x4.lt_s': 'vv>v',
  'i32x4.gt_s': 'vv>v',
  'i32x4.le_s': 'vv>v',
  'i32x4.ge_s': 'vv>v',
  'f32x4.eq': 'vv>v',
  'f32x4.ne': 'vv>v',
  'f32x4.lt': 'vv>v',
  'f32x4.gt': 'vv>v',
  'f32x4.le': 'vv>v',
  'f64x2.ne': 'vv>v',
  'f64x2.lt': 'vv>v',
  'v128.not': 'v>v',
  'v128.and': 'vv>v',
  'v128.andnot': 'vv>v',
  'v128.or': 'vv>v',
  'v128.xor': 'vv>v',
  'v128.bitselect': 'vvv>v',
  'v128.any_true': 'v>i',
  'i8x16.narrow_i16x8_u': 'vv>v',
  'i16x8.narrow_i32x4_s': 'vv>v',
  'i16x8.extend_low_i8x16_u': 'v>v',
  'i32x4.abs': 'v>v',
  'i32x4.neg': 'v>v',
  'i32x4.extend_low_i16x8_u': 'v>v',
  'i32x4.shl': 'vi>v',
  'i32x4.shr_s': 'vi>v',
  'i32x4.shr_u': 'vi>v',
  'i32x4.add': 'vv>v',
  'i32x4.sub': 'vv>v',
  'i32x4.mul': 'vv>v',
  'i32x4.min_s': 'vv>v',
  'i32x4.max_s': 'vv>v',
  'i64x2.shl': 'vi>v',
  'i64x2.shr_u': 'vi>v',
  'i64x2.add': 'vv>v',
  'f32x4.floor': 'v>v',
  'f32x4.nearest': 'v>v',
  'f32x4.abs': 'v>v',
  'f32x4.neg': 'v>v',
  'f32x4.sqrt': 'v>v',
  'f32x4.add': 'vv>v',
  'f32x4.sub': 'vv>v',
  'f32x4.mul': 'vv>v',
  'f32x4.div': 'vv>v',
  'f32x4.min': 'vv>v',
  'f32x4.max': 'vv>v',
  'f32x4.pmin': 'vv>v',
  'f32x4.pmax': 'vv>v',
  'f64x2.add': 'vv>v',
  'f64x2.sub': 'vv>v',
  'f64x2.mul': 'vv>v',
  'f64x2.div': 'vv>v',
  'f64x2.pmin': 'vv>v',
  'f64x2.pmax': 'vv>v',
  'f32x4.demote_f64x2_zero': 'v>v',
  'f64x2.promote_low_f32x4': 'v>v',
  'i32x4.trunc_sat_f32x4_s': 'v>v',
  'f32x4.convert_i32x4_s': 'v>v',
  'f32x4.convert_i32x4_u': 'v>v',
  'f32x4.relaxed_madd': 'vvv>v',
  'i32x4.relaxed_laneselect': 'vvv>v',
  'i32.load': 'i>i',
  'f32.load': 'i>f',
  'i32.load8_u': 'i>i',
  'v128.load': 'i>v',
  'v128.load32_splat': 'i>v',
  'v128.load32_zero': 'i>v',
  'v128.load64_zero': 'i>v',
  'i32.store': 'ii>',
  'f32.store': 'if>',
  'i32.store8': 'ii>',
  'v128.store': 'iv>',
  'memory.atomic.notify': 'ii>i',
  'memory.atomic.wait32': 'iil>i',
  'i32.atomic.load': 'i>i',
  'i32.atomic.store': 'ii>',
  'i32.atomic.rmw.add': 'ii>i',
  'i32.atomic.rmw.sub': 'ii>i',
  'v128.load32_lane': 'iv>v',
  'v128.store32_lane': 'iv>',
  'i32x4.extract_lane': 'v>i',
  'f32x4.extract_lane': 'v>f',
  'f32x4.replace_lane': 'vf>v',
  'i32x4.replace_lane': 'vi>v',
}

const letters: Record<string, ValueType> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' }

function types(text: string): ValueType[] {
  return [...text].map((letter) => letters[letter] ?? 'i32')
}

function probe(name: string, emit: (f: FunctionBuilder) => unknown): boolean {
  const signature = signatures[name] ?? expect.fail(`${name} has no signature here`)
  const [params = '', results = ''] = signature.split('>')
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, max: 1, shared: features.threads })
  module.function('probe', types(params), types(results), (f) => {
    for (const param of f.params) f.get(param)
    emit(f)
  })
  return WebAssembly.validate(module.finish())
}

describe('every instruction validates with its operand types', () => {
  const relaxed = new Set(
    Object.entries(relaxedInstructions).flatMap(([type, names]) => Object.keys(names).map((name) => `${type}.${name}`)),
  )
  it.each(Object.entries(plainTable).filter(([name]) => features.relaxedSimd || !relaxed.has(name)))('%s', (name) => {
    expect(probe(name, (f) => f.op(name as Parameters<FunctionBuilder['op']>[0]))).toBe(true)
  })
  it.each(Object.entries(memoryTable).filter(([name]) => !(name in memoryLaneInstructions)))('%s', (name) => {
    const memoryName = name as Parameters<FunctionBuilder['memory']>[0]
    expect(probe(name, (f) => f.memory(memoryName, 12345))).toBe(true)
  })
  it.each(Object.entries(memoryLaneInstructions))('%s', (name, instruction) => {
    const last = (16 >> instruction[1]) - 1
    expect(probe(name, (f) => f.lane(name as keyof typeof memoryLaneInstructions, 8, last))).toBe(true)
  })
  it.each(Object.entries(laneTable))('%s', (name, instruction) => {
    const last = instruction[1] - 1
    const emit = (f: FunctionBuilder) =>
      name in extractLaneInstructions
        ? f.extractLane(name as Parameters<FunctionBuilder['extractLane']>[0], last)
        : f.replaceLane(name as Parameters<FunctionBuilder['replaceLane']>[0], last)
    expect(probe(name, emit)).toBe(true)
  })
  it('and has a code of its own', () => {
    const codes = [
      ...Object.values(plainTable),
      ...Object.values({ ...memoryTable, ...laneTable }).map(([code]) => code),
    ]
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThan(110)
  })
  it('loads and stores promise at most their own size', () => {
    expect(loadInstructions['v128.load'][1]).toBe(4)
    expect(storeInstructions['f32.store'][1]).toBe(2)
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
