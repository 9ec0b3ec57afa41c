/**
 * The instructions without immediates that work on scalars and on whole memory: their binary codes.
 * Read by the assembler, and by its tests, which assemble every entry once. Lists what kernels use and no more, because
 * every browser that trains loads these tables; an emitter that needs another instruction adds its line.
 * Source: WebAssembly core specification 3.0, appendix "Index of Instructions".
 */

/** `[code, zero bytes that follow]`. A code above 0xff is prefix × 0x10000 + number. */
export type Instruction = readonly [code: number, detail?: number]

export const scalarInstructions = {
  // control and parametric
  drop: [0x1a],
  select: [0x1b],
  // i32 and i64 comparisons
  'i32.eqz': [0x45],
  'i32.eq': [0x46],
  'i32.ne': [0x47],
  'i32.lt_s': [0x48],
  'i32.lt_u': [0x49],
  'i32.gt_s': [0x4a],
  'i32.le_s': [0x4c],
  'i32.ge_s': [0x4e],
  // f32 and f64 comparisons
  'f64.eq': [0x61],
  'f64.ne': [0x62],
  'f64.lt': [0x63],
  // i32 and i64 arithmetic
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.mul': [0x6c],
  'i32.div_s': [0x6d],
  'i32.div_u': [0x6e],
  'i32.rem_s': [0x6f],
  'i32.rem_u': [0x70],
  'i32.and': [0x71],
  'i32.or': [0x72],
  'i32.xor': [0x73],
  'i32.shl': [0x74],
  'i64.add': [0x7c],
  // f32 and f64 arithmetic
  'f32.add': [0x92],
  'f32.mul': [0x94],
  'f64.abs': [0x99],
  'f64.trunc': [0x9d],
  'f64.add': [0xa0],
  'f64.sub': [0xa1],
  'f64.mul': [0xa2],
  'f64.div': [0xa3],
  'f64.copysign': [0xa6],
  // conversions
  'f32.demote_f64': [0xb6],
  'f64.promote_f32': [0xbb],
  // whole-memory instructions; the third entry counts the zero bytes that name memory 0
  'memory.fill': [0xfc000b, 1],
  'atomic.fence': [0xfe0003, 1],
} as const satisfies Record<string, Instruction>
