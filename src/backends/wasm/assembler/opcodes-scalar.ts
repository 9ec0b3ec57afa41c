/**
 * The instructions without immediates that work on scalars and on whole memory: binary code and operand types.
 * Read by the assembler, and by its tests, which assemble every entry once. Lists what kernels use and no more, because
 * every browser that trains loads these tables; an emitter that needs another instruction adds its line.
 * Source: WebAssembly core specification 3.0, appendix "Index of Instructions".
 */

/**
 * `[code, signature, zero bytes that follow]`. A code above 0xff is prefix × 0x10000 + number. A signature lists
 * operands, `>` and results: i = i32, l = i64, f = f32, d = f64, v = v128.
 */
export type Instruction = readonly [code: number, signature: string, detail?: number]

export const scalarInstructions = {
  // control and parametric
  unreachable: [0x00, '>'],
  drop: [0x1a, 'v>'],
  select: [0x1b, 'vvi>v'],
  // i32 and i64 comparisons
  'i32.eqz': [0x45, 'i>i'],
  'i32.eq': [0x46, 'ii>i'],
  'i32.ne': [0x47, 'ii>i'],
  'i32.lt_s': [0x48, 'ii>i'],
  'i32.lt_u': [0x49, 'ii>i'],
  'i32.gt_s': [0x4a, 'ii>i'],
  'i32.le_s': [0x4c, 'ii>i'],
  'i32.ge_s': [0x4e, 'ii>i'],
  // f32 and f64 comparisons
  'f64.eq': [0x61, 'dd>i'],
  'f64.ne': [0x62, 'dd>i'],
  'f64.lt': [0x63, 'dd>i'],
  // i32 and i64 arithmetic
  'i32.add': [0x6a, 'ii>i'],
  'i32.sub': [0x6b, 'ii>i'],
  'i32.mul': [0x6c, 'ii>i'],
  'i32.div_s': [0x6d, 'ii>i'],
  'i32.div_u': [0x6e, 'ii>i'],
  'i32.rem_s': [0x6f, 'ii>i'],
  'i32.rem_u': [0x70, 'ii>i'],
  'i32.and': [0x71, 'ii>i'],
  'i32.or': [0x72, 'ii>i'],
  'i32.xor': [0x73, 'ii>i'],
  'i32.shl': [0x74, 'ii>i'],
  'i32.rotl': [0x77, 'ii>i'],
  'i64.add': [0x7c, 'll>l'],
  // f32 and f64 arithmetic
  'f32.add': [0x92, 'ff>f'],
  'f32.mul': [0x94, 'ff>f'],
  'f64.abs': [0x99, 'd>d'],
  'f64.trunc': [0x9d, 'd>d'],
  'f64.add': [0xa0, 'dd>d'],
  'f64.sub': [0xa1, 'dd>d'],
  'f64.mul': [0xa2, 'dd>d'],
  'f64.div': [0xa3, 'dd>d'],
  'f64.copysign': [0xa6, 'dd>d'],
  // conversions
  'f32.demote_f64': [0xb6, 'd>f'],
  'f64.promote_f32': [0xbb, 'f>d'],
  // whole-memory instructions; the third entry counts the zero bytes that name memory 0
  'memory.fill': [0xfc000b, 'iii>', 1],
  'atomic.fence': [0xfe0003, '>', 1],
} as const satisfies Record<string, Instruction>
