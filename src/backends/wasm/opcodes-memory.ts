/**
 * The instructions with immediates: loads, stores, atomics (offset and alignment) and lane access (lane index).
 * Tables as in `opcodes-scalar.ts`; the third entry is the natural alignment as a power of two, or the lane count.
 * Source: WebAssembly core specification 3.0 and the threads proposal.
 */
import type { Instruction } from './opcodes-scalar.ts'

/** Address → value. */
export const loadInstructions = {
  'i32.load': [0x28, 'i>i', 2],
  'i64.load': [0x29, 'i>l', 3],
  'f32.load': [0x2a, 'i>f', 2],
  'f64.load': [0x2b, 'i>d', 3],
  'i32.load8_s': [0x2c, 'i>i', 0],
  'i32.load8_u': [0x2d, 'i>i', 0],
  'i32.load16_s': [0x2e, 'i>i', 1],
  'i32.load16_u': [0x2f, 'i>i', 1],
  'i64.load8_s': [0x30, 'i>l', 0],
  'i64.load8_u': [0x31, 'i>l', 0],
  'i64.load16_s': [0x32, 'i>l', 1],
  'i64.load16_u': [0x33, 'i>l', 1],
  'i64.load32_s': [0x34, 'i>l', 2],
  'i64.load32_u': [0x35, 'i>l', 2],
  'v128.load': [0xfd0000, 'i>v', 4],
  'v128.load8x8_s': [0xfd0001, 'i>v', 3],
  'v128.load8x8_u': [0xfd0002, 'i>v', 3],
  'v128.load16x4_s': [0xfd0003, 'i>v', 3],
  'v128.load16x4_u': [0xfd0004, 'i>v', 3],
  'v128.load32x2_s': [0xfd0005, 'i>v', 3],
  'v128.load32x2_u': [0xfd0006, 'i>v', 3],
  'v128.load8_splat': [0xfd0007, 'i>v', 0],
  'v128.load16_splat': [0xfd0008, 'i>v', 1],
  'v128.load32_splat': [0xfd0009, 'i>v', 2],
  'v128.load64_splat': [0xfd000a, 'i>v', 3],
  'v128.load32_zero': [0xfd005c, 'i>v', 2],
  'v128.load64_zero': [0xfd005d, 'i>v', 3],
} as const satisfies Record<string, Instruction>

/** Address and value → nothing. */
export const storeInstructions = {
  'i32.store': [0x36, 'ii>', 2],
  'i64.store': [0x37, 'il>', 3],
  'f32.store': [0x38, 'if>', 2],
  'f64.store': [0x39, 'id>', 3],
  'i32.store8': [0x3a, 'ii>', 0],
  'i32.store16': [0x3b, 'ii>', 1],
  'i64.store8': [0x3c, 'il>', 0],
  'i64.store16': [0x3d, 'il>', 1],
  'i64.store32': [0x3e, 'il>', 2],
  'v128.store': [0xfd000b, 'iv>', 4],
} as const satisfies Record<string, Instruction>

/** Sequentially consistent access; the alignment must be the natural one. Needs `features.threads` to be of use. */
export const atomicInstructions = {
  'memory.atomic.notify': [0xfe0000, 'ii>i', 2],
  'memory.atomic.wait32': [0xfe0001, 'iil>i', 2],
  'memory.atomic.wait64': [0xfe0002, 'ill>i', 3],
  'i32.atomic.load': [0xfe0010, 'i>i', 2],
  'i64.atomic.load': [0xfe0011, 'i>l', 3],
  'i32.atomic.store': [0xfe0017, 'ii>', 2],
  'i64.atomic.store': [0xfe0018, 'il>', 3],
  'i32.atomic.rmw.add': [0xfe001e, 'ii>i', 2],
  'i64.atomic.rmw.add': [0xfe001f, 'il>l', 3],
  'i32.atomic.rmw.sub': [0xfe0025, 'ii>i', 2],
  'i64.atomic.rmw.sub': [0xfe0026, 'il>l', 3],
  'i32.atomic.rmw.and': [0xfe002c, 'ii>i', 2],
  'i64.atomic.rmw.and': [0xfe002d, 'il>l', 3],
  'i32.atomic.rmw.or': [0xfe0033, 'ii>i', 2],
  'i64.atomic.rmw.or': [0xfe0034, 'il>l', 3],
  'i32.atomic.rmw.xor': [0xfe003a, 'ii>i', 2],
  'i64.atomic.rmw.xor': [0xfe003b, 'il>l', 3],
  'i32.atomic.rmw.xchg': [0xfe0041, 'ii>i', 2],
  'i64.atomic.rmw.xchg': [0xfe0042, 'il>l', 3],
  'i32.atomic.rmw.cmpxchg': [0xfe0048, 'iii>i', 2],
  'i64.atomic.rmw.cmpxchg': [0xfe0049, 'ill>l', 3],
} as const satisfies Record<string, Instruction>

/** Address and vector: one lane from or to memory; the third entry is the alignment. */
export const memoryLaneInstructions = {
  'v128.load8_lane': [0xfd0054, 'iv>v', 0],
  'v128.load16_lane': [0xfd0055, 'iv>v', 1],
  'v128.load32_lane': [0xfd0056, 'iv>v', 2],
  'v128.load64_lane': [0xfd0057, 'iv>v', 3],
  'v128.store8_lane': [0xfd0058, 'iv>', 0],
  'v128.store16_lane': [0xfd0059, 'iv>', 1],
  'v128.store32_lane': [0xfd005a, 'iv>', 2],
  'v128.store64_lane': [0xfd005b, 'iv>', 3],
} as const satisfies Record<string, Instruction>

/** One lane as a scalar; the third entry is the lane count. */
export const extractLaneInstructions = {
  'i8x16.extract_lane_s': [0xfd0015, 'v>i', 16],
  'i8x16.extract_lane_u': [0xfd0016, 'v>i', 16],
  'i16x8.extract_lane_s': [0xfd0018, 'v>i', 8],
  'i16x8.extract_lane_u': [0xfd0019, 'v>i', 8],
  'i32x4.extract_lane': [0xfd001b, 'v>i', 4],
  'i64x2.extract_lane': [0xfd001d, 'v>l', 2],
  'f32x4.extract_lane': [0xfd001f, 'v>f', 4],
  'f64x2.extract_lane': [0xfd0021, 'v>d', 2],
} as const satisfies Record<string, Instruction>

/** The vector with one lane replaced; the third entry is the lane count. */
export const replaceLaneInstructions = {
  'i8x16.replace_lane': [0xfd0017, 'vi>v', 16],
  'i16x8.replace_lane': [0xfd001a, 'vi>v', 8],
  'i32x4.replace_lane': [0xfd001c, 'vi>v', 4],
  'i64x2.replace_lane': [0xfd001e, 'vl>v', 2],
  'f32x4.replace_lane': [0xfd0020, 'vf>v', 4],
  'f64x2.replace_lane': [0xfd0022, 'vd>v', 2],
} as const satisfies Record<string, Instruction>
