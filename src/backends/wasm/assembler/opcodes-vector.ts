/**
 * The 128-bit vector instructions without immediates: binary codes, as in `opcodes-scalar.ts`.
 * Source: WebAssembly core specification 3.0 (SIMD and relaxed SIMD).
 */
import type { Instruction } from './opcodes-scalar.ts'

export const vectorInstructions = {
  // splat and swizzle
  'i32x4.splat': [0xfd0011],
  'f32x4.splat': [0xfd0013],
  // comparisons: all ones or all zeros in each lane
  'i32x4.eq': [0xfd0037],
  'i32x4.ne': [0xfd0038],
  'i32x4.lt_s': [0xfd0039],
  'i32x4.gt_s': [0xfd003b],
  'i32x4.le_s': [0xfd003d],
  'i32x4.ge_s': [0xfd003f],
  'f32x4.eq': [0xfd0041],
  'f32x4.ne': [0xfd0042],
  'f32x4.lt': [0xfd0043],
  'f32x4.gt': [0xfd0044],
  'f32x4.le': [0xfd0045],
  'f64x2.ne': [0xfd0048],
  'f64x2.lt': [0xfd0049],
  // bits
  'v128.not': [0xfd004d],
  'v128.and': [0xfd004e],
  'v128.andnot': [0xfd004f],
  'v128.or': [0xfd0050],
  'v128.xor': [0xfd0051],
  'v128.bitselect': [0xfd0052],
  'v128.any_true': [0xfd0053],
  // integer lanes
  'i8x16.narrow_i16x8_u': [0xfd0066],
  'i16x8.narrow_i32x4_s': [0xfd0085],
  'i16x8.extend_low_i8x16_u': [0xfd0089],
  'i32x4.abs': [0xfd00a0],
  'i32x4.neg': [0xfd00a1],
  'i32x4.extend_low_i16x8_u': [0xfd00a9],
  'i32x4.shl': [0xfd00ab],
  'i32x4.shr_s': [0xfd00ac],
  'i32x4.shr_u': [0xfd00ad],
  'i32x4.add': [0xfd00ae],
  'i32x4.sub': [0xfd00b1],
  'i32x4.mul': [0xfd00b5],
  'i32x4.min_s': [0xfd00b6],
  'i32x4.max_s': [0xfd00b8],
  'i64x2.shl': [0xfd00cb],
  'i64x2.shr_u': [0xfd00cd],
  'i64x2.add': [0xfd00ce],
  // float lanes; pmin(a, b) is b < a ? b : a, one machine instruction where min takes several
  'f32x4.floor': [0xfd0068],
  'f32x4.nearest': [0xfd006a],
  'f32x4.abs': [0xfd00e0],
  'f32x4.neg': [0xfd00e1],
  'f32x4.sqrt': [0xfd00e3],
  'f32x4.add': [0xfd00e4],
  'f32x4.sub': [0xfd00e5],
  'f32x4.mul': [0xfd00e6],
  'f32x4.div': [0xfd00e7],
  'f32x4.min': [0xfd00e8],
  'f32x4.max': [0xfd00e9],
  'f32x4.pmin': [0xfd00ea],
  'f32x4.pmax': [0xfd00eb],
  'f64x2.add': [0xfd00f0],
  'f64x2.sub': [0xfd00f1],
  'f64x2.mul': [0xfd00f2],
  'f64x2.div': [0xfd00f3],
  'f64x2.pmin': [0xfd00f6],
  'f64x2.pmax': [0xfd00f7],
  // conversions
  'f32x4.demote_f64x2_zero': [0xfd005e],
  'f64x2.promote_low_f32x4': [0xfd005f],
  'i32x4.trunc_sat_f32x4_s': [0xfd00f8],
  'f32x4.convert_i32x4_s': [0xfd00fa],
  'f32x4.convert_i32x4_u': [0xfd00fb],
} as const satisfies Record<string, Instruction>

/** Results may differ between machines in the ways that the relaxed SIMD proposal lists; need `features.relaxedSimd`. */
export const relaxedInstructions = {
  'f32x4.relaxed_madd': [0xfd0105],
  'i32x4.relaxed_laneselect': [0xfd010b],
} as const satisfies Record<string, Instruction>
