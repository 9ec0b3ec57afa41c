/**
 * The instructions with immediates: loads, stores, atomics (offset and alignment) and lane access (lane index).
 * Tables as in `opcodes-scalar.ts`; the third entry is the natural alignment as a power of two, or the lane count.
 * Source: WebAssembly core specification 3.0 and the threads proposal.
 */
import type { Instruction } from './opcodes-scalar.ts'

/** Address → value. */
export const loadInstructions = {
  'i32.load': [0x28, 'i>i', 2],
  'f32.load': [0x2a, 'i>f', 2],
  'i32.load8_u': [0x2d, 'i>i', 0],
  'v128.load': [0xfd0000, 'i>v', 4],
  'v128.load8x8_u': [0xfd0002, 'i>v', 3],
  'v128.load32_splat': [0xfd0009, 'i>v', 2],
  'v128.load32_zero': [0xfd005c, 'i>v', 2],
  'v128.load64_zero': [0xfd005d, 'i>v', 3],
} as const satisfies Record<string, Instruction>

/** Address and value → nothing. */
export const storeInstructions = {
  'i32.store': [0x36, 'ii>', 2],
  'f32.store': [0x38, 'if>', 2],
  'i32.store8': [0x3a, 'ii>', 0],
  'v128.store': [0xfd000b, 'iv>', 4],
} as const satisfies Record<string, Instruction>

/** Sequentially consistent access; the alignment must be the natural one. Needs `features.threads` to be of use. */
export const atomicInstructions = {
  'memory.atomic.notify': [0xfe0000, 'ii>i', 2],
  'memory.atomic.wait32': [0xfe0001, 'iil>i', 2],
  'i32.atomic.load': [0xfe0010, 'i>i', 2],
  'i32.atomic.store': [0xfe0017, 'ii>', 2],
  'i32.atomic.rmw.add': [0xfe001e, 'ii>i', 2],
  'i32.atomic.rmw.sub': [0xfe0025, 'ii>i', 2],
  'i32.atomic.rmw.cmpxchg': [0xfe0048, 'iii>i', 2],
} as const satisfies Record<string, Instruction>

/** Address and vector: one lane from or to memory; the third entry is the alignment. */
export const memoryLaneInstructions = {
  'v128.load32_lane': [0xfd0056, 'iv>v', 2],
  'v128.load64_lane': [0xfd0057, 'iv>v', 3],
  'v128.store32_lane': [0xfd005a, 'iv>', 2],
  'v128.store64_lane': [0xfd005b, 'iv>', 3],
} as const satisfies Record<string, Instruction>

/** One lane as a scalar; the third entry is the lane count. */
export const extractLaneInstructions = {
  'i8x16.extract_lane_u': [0xfd0016, 'v>i', 16],
  'i32x4.extract_lane': [0xfd001b, 'v>i', 4],
  'f32x4.extract_lane': [0xfd001f, 'v>f', 4],
  'f64x2.extract_lane': [0xfd0021, 'v>d', 2],
} as const satisfies Record<string, Instruction>

/** The vector with one lane replaced; the third entry is the lane count. */
export const replaceLaneInstructions = {
  'i32x4.replace_lane': [0xfd001c, 'vi>v', 4],
  'f32x4.replace_lane': [0xfd0020, 'vf>v', 4],
  'f64x2.replace_lane': [0xfd0022, 'vd>v', 2],
} as const satisfies Record<string, Instruction>
