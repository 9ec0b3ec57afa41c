/**
 * The instructions without immediates that work on scalars and on whole memory: their binary codes.
 * Read by the assembler, and by its tests, which assemble every entry once. Lists what kernels use and no more, because
 * every browser that trains loads these tables; an emitter that needs another instruction adds its line.
 * Source: WebAssembly core specification 3.0, appendix "Index of Instructions".
 */

/** Codes by type and name: `i32.add` is `add` of `i32`. A code above 0xff is prefix × 0x10000 + number. */
export type Instructions = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Instructions of no type. */
export const stackInstructions = { drop: 0x1a, select: 0x1b }

export const scalarInstructions = {
  i32: {
    eqz: 0x45,
    eq: 0x46,
    ne: 0x47,
    lt_s: 0x48,
    lt_u: 0x49,
    gt_s: 0x4a,
    le_s: 0x4c,
    ge_s: 0x4e,
    add: 0x6a,
    sub: 0x6b,
    mul: 0x6c,
    div_s: 0x6d,
    div_u: 0x6e,
    rem_s: 0x6f,
    rem_u: 0x70,
    and: 0x71,
    or: 0x72,
    xor: 0x73,
    shl: 0x74,
  },
  f32: { add: 0x92, demote_f64: 0xb6 },
  f64: {
    eq: 0x61,
    ne: 0x62,
    lt: 0x63,
    abs: 0x99,
    trunc: 0x9d,
    add: 0xa0,
    sub: 0xa1,
    mul: 0xa2,
    div: 0xa3,
    copysign: 0xa6,
    promote_f32: 0xbb,
  },
  memory: { fill: 0xfc000b },
} satisfies Instructions
