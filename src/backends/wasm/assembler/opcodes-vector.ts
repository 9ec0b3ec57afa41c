/**
 * The 128-bit vector instructions without immediates: binary code and operand types, as in `opcodes-scalar.ts`.
 * Source: WebAssembly core specification 3.0 (SIMD and relaxed SIMD).
 */
import type { Instruction } from './opcodes-scalar.ts'

export const vectorInstructions = {
  // splat and swizzle
  'i32x4.splat': [0xfd0011, 'i>v'],
  'f32x4.splat': [0xfd0013, 'f>v'],
  'f64x2.splat': [0xfd0014, 'd>v'],
  // comparisons: all ones or all zeros in each lane
  'i32x4.eq': [0xfd0037, 'vv>v'],
  'i32x4.ne': [0xfd0038, 'vv>v'],
  'i32x4.lt_s': [0xfd0039, 'vv>v'],
  'i32x4.gt_s': [0xfd003b, 'vv>v'],
  'i32x4.le_s': [0xfd003d, 'vv>v'],
  'i32x4.ge_s': [0xfd003f, 'vv>v'],
  'f32x4.eq': [0xfd0041, 'vv>v'],
  'f32x4.ne': [0xfd0042, 'vv>v'],
  'f32x4.lt': [0xfd0043, 'vv>v'],
  'f32x4.gt': [0xfd0044, 'vv>v'],
  'f32x4.le': [0xfd0045, 'vv>v'],
  'f64x2.ne': [0xfd0048, 'vv>v'],
  'f64x2.lt': [0xfd0049, 'vv>v'],
  // bits
  'v128.not': [0xfd004d, 'v>v'],
  'v128.and': [0xfd004e, 'vv>v'],
  'v128.andnot': [0xfd004f, 'vv>v'],
  'v128.or': [0xfd0050, 'vv>v'],
  'v128.xor': [0xfd0051, 'vv>v'],
  'v128.bitselect': [0xfd0052, 'vvv>v'],
  'v128.any_true': [0xfd0053, 'v>i'],
  // integer lanes
  'i8x16.narrow_i16x8_u': [0xfd0066, 'vv>v'],
  'i16x8.narrow_i32x4_s': [0xfd0085, 'vv>v'],
  'i16x8.extend_low_i8x16_u': [0xfd0089, 'v>v'],
  'i32x4.abs': [0xfd00a0, 'v>v'],
  'i32x4.neg': [0xfd00a1, 'v>v'],
  'i32x4.extend_low_i16x8_u': [0xfd00a9, 'v>v'],
  'i32x4.shl': [0xfd00ab, 'vi>v'],
  'i32x4.shr_s': [0xfd00ac, 'vi>v'],
  'i32x4.shr_u': [0xfd00ad, 'vi>v'],
  'i32x4.add': [0xfd00ae, 'vv>v'],
  'i32x4.sub': [0xfd00b1, 'vv>v'],
  'i32x4.mul': [0xfd00b5, 'vv>v'],
  'i32x4.min_s': [0xfd00b6, 'vv>v'],
  'i32x4.max_s': [0xfd00b8, 'vv>v'],
  'i64x2.shl': [0xfd00cb, 'vi>v'],
  'i64x2.shr_u': [0xfd00cd, 'vi>v'],
  'i64x2.add': [0xfd00ce, 'vv>v'],
  // float lanes; pmin(a, b) is b < a ? b : a, one machine instruction where min takes several
  'f32x4.floor': [0xfd0068, 'v>v'],
  'f32x4.nearest': [0xfd006a, 'v>v'],
  'f32x4.abs': [0xfd00e0, 'v>v'],
  'f32x4.neg': [0xfd00e1, 'v>v'],
  'f32x4.sqrt': [0xfd00e3, 'v>v'],
  'f32x4.add': [0xfd00e4, 'vv>v'],
  'f32x4.sub': [0xfd00e5, 'vv>v'],
  'f32x4.mul': [0xfd00e6, 'vv>v'],
  'f32x4.div': [0xfd00e7, 'vv>v'],
  'f32x4.min': [0xfd00e8, 'vv>v'],
  'f32x4.max': [0xfd00e9, 'vv>v'],
  'f32x4.pmin': [0xfd00ea, 'vv>v'],
  'f32x4.pmax': [0xfd00eb, 'vv>v'],
  'f64x2.add': [0xfd00f0, 'vv>v'],
  'f64x2.sub': [0xfd00f1, 'vv>v'],
  'f64x2.mul': [0xfd00f2, 'vv>v'],
  'f64x2.div': [0xfd00f3, 'vv>v'],
  'f64x2.pmin': [0xfd00f6, 'vv>v'],
  'f64x2.pmax': [0xfd00f7, 'vv>v'],
  // conversions
  'f32x4.demote_f64x2_zero': [0xfd005e, 'v>v'],
  'f64x2.promote_low_f32x4': [0xfd005f, 'v>v'],
  'i32x4.trunc_sat_f32x4_s': [0xfd00f8, 'v>v'],
  'f32x4.convert_i32x4_s': [0xfd00fa, 'v>v'],
  'f32x4.convert_i32x4_u': [0xfd00fb, 'v>v'],
} as const satisfies Record<string, Instruction>

/** Results may differ between machines in the ways that the relaxed SIMD proposal lists; need `features.relaxedSimd`. */
export const relaxedInstructions = {
  'f32x4.relaxed_madd': [0xfd0105, 'vvv>v'],
  'i32x4.relaxed_laneselect': [0xfd010b, 'vvv>v'],
} as const satisfies Record<string, Instruction>
