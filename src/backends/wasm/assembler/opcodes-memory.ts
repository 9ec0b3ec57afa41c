/**
 * The instructions with immediates: loads, stores, atomics (offset and alignment) and lane access (lane index).
 * The first number is the code, the second the natural alignment as a power of two, or the lane count.
 * Source: WebAssembly core specification 3.0 and the threads proposal.
 */

/** A code above 0xff is prefix × 0x10000 + number. */
export type AccessInstruction = readonly [code: number, detail: number]

/** Address → value. */
export const loadInstructions = {
  'i32.load': [0x28, 2],
  'f32.load': [0x2a, 2],
  'i32.load8_u': [0x2d, 0],
  'v128.load': [0xfd0000, 4],
  'v128.load32_splat': [0xfd0009, 2],
  'v128.load32_zero': [0xfd005c, 2],
  'v128.load64_zero': [0xfd005d, 3],
} as const satisfies Record<string, AccessInstruction>

/** Address and value → nothing. */
export const storeInstructions = {
  'i32.store': [0x36, 2],
  'f32.store': [0x38, 2],
  'i32.store8': [0x3a, 0],
  'v128.store': [0xfd000b, 4],
} as const satisfies Record<string, AccessInstruction>

/** Sequentially consistent access; the alignment must be the natural one. Needs `features.threads` to be of use. */
export const atomicInstructions = {
  'memory.atomic.notify': [0xfe0000, 2],
  'memory.atomic.wait32': [0xfe0001, 2],
  'i32.atomic.load': [0xfe0010, 2],
  'i32.atomic.store': [0xfe0017, 2],
  'i32.atomic.rmw.add': [0xfe001e, 2],
  'i32.atomic.rmw.sub': [0xfe0025, 2],
} as const satisfies Record<string, AccessInstruction>

/** Address and vector: one lane from or to memory; the second entry is the alignment. */
export const memoryLaneInstructions = {
  'v128.load32_lane': [0xfd0056, 2],
  'v128.store32_lane': [0xfd005a, 2],
} as const satisfies Record<string, AccessInstruction>

/** One lane as a scalar; the second entry is the lane count. */
export const extractLaneInstructions = {
  'i32x4.extract_lane': [0xfd001b, 4],
  'f32x4.extract_lane': [0xfd001f, 4],
} as const satisfies Record<string, AccessInstruction>

/** The vector with one lane replaced; the second entry is the lane count. */
export const replaceLaneInstructions = {
  'f32x4.replace_lane': [0xfd0020, 4],
  'i32x4.replace_lane': [0xfd001c, 4],
} as const satisfies Record<string, AccessInstruction>
