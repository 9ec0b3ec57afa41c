/**
 * The 128-bit vector instructions without immediates: binary codes after the prefix of vectors, by type and name.
 * Source: WebAssembly core specification 3.0 (SIMD and relaxed SIMD).
 */
import type { Instructions } from './opcodes-scalar.ts'

export const VECTOR_PREFIX = 0xfd0000

/** Comparisons give all ones or all zeros in each lane; `pmin(a, b)` is b < a ? b : a, one machine instruction. */
export const vectorInstructions = {
  v128: { not: 0x4d, and: 0x4e, andnot: 0x4f, or: 0x50, xor: 0x51, bitselect: 0x52, any_true: 0x53 },
  i8x16: { narrow_i16x8_u: 0x66 },
  i16x8: { narrow_i32x4_s: 0x85, extend_low_i8x16_u: 0x89 },
  i32x4: {
    splat: 0x11,
    eq: 0x37,
    ne: 0x38,
    lt_s: 0x39,
    gt_s: 0x3b,
    le_s: 0x3d,
    ge_s: 0x3f,
    abs: 0xa0,
    neg: 0xa1,
    extend_low_i16x8_u: 0xa9,
    shl: 0xab,
    shr_s: 0xac,
    shr_u: 0xad,
    add: 0xae,
    sub: 0xb1,
    mul: 0xb5,
    min_s: 0xb6,
    max_s: 0xb8,
    trunc_sat_f32x4_s: 0xf8,
  },
  i64x2: { shl: 0xcb, shr_u: 0xcd, add: 0xce },
  f32x4: {
    splat: 0x13,
    eq: 0x41,
    ne: 0x42,
    lt: 0x43,
    gt: 0x44,
    le: 0x45,
    demote_f64x2_zero: 0x5e,
    floor: 0x68,
    nearest: 0x6a,
    abs: 0xe0,
    neg: 0xe1,
    sqrt: 0xe3,
    add: 0xe4,
    sub: 0xe5,
    mul: 0xe6,
    div: 0xe7,
    min: 0xe8,
    max: 0xe9,
    pmin: 0xea,
    pmax: 0xeb,
    convert_i32x4_s: 0xfa,
    convert_i32x4_u: 0xfb,
  },
  f64x2: {
    ne: 0x48,
    lt: 0x49,
    promote_low_f32x4: 0x5f,
    add: 0xf0,
    sub: 0xf1,
    mul: 0xf2,
    div: 0xf3,
    pmin: 0xf6,
    pmax: 0xf7,
  },
} satisfies Instructions

/** Results may differ between machines in the ways that the relaxed SIMD proposal lists; need `features.relaxedSimd`. */
export const relaxedInstructions = {
  i32x4: { relaxed_laneselect: 0x10b },
  f32x4: { relaxed_madd: 0x105 },
} satisfies Instructions
