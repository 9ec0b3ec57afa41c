/**
 * Scalar arithmetic of the interpreter. Floating point is double precision; integers wrap as 32-bit words do.
 * Where JavaScript departs from C and PyTorch (`1 ** NaN`, the sign of `%`) the latter are followed.
 */
import type { DType } from '../../base/dtype.ts'

/** Nearest whole number, halves to the even neighbour. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x)
  const distance = x - low
  if (distance < 0.5) return low
  if (distance > 0.5) return low + 1
  return low % 2 === 0 ? low : low + 1
}

/** 1 / (1 + e⁻ˣ), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const exponential = Math.exp(x)
  return exponential / (1 + exponential)
}

const SERIES_END = 2
const FRACTION_DEPTH = 120

/**
 * The error function to about 10⁻¹⁵: Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! · 2/√π · e^(−x²) near zero, where all terms have one sign, and
 * the continued fraction of erfc beyond (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x
  const size = Math.abs(x)
  if (size > 6) return Math.sign(x)
  return size < SERIES_END ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(size))
}

function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

function erfcFraction(x: number): number {
  let denominator = x
  for (let depth = FRACTION_DEPTH; depth >= 1; depth--) denominator = x + depth / 2 / denominator
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator
}

/** xʸ as in C: 1 to any power is 1, and so is −1 to an infinite one. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1
  return x ** y
}

/** x − y · ⌊x / y⌋, exact, with the sign of y. */
export function floorModulo(x: number, y: number): number {
  const remainder = x % y
  return remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder
}

/** Integer counterpart of `floorModulo`; since x / 0 is 0, x mod 0 is x. */
export function integerModulo(x: number, y: number): number {
  return y === 0 ? x : floorModulo(x, y) | 0
}

/** Toward zero; x / 0 is 0. */
export function integerQuotient(x: number, y: number): number {
  return y === 0 ? 0 : (x / y) | 0
}

function saturate(x: number, low: number, high: number): number {
  return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)) + 0
}

/** Conversion to each element type; float32 keeps its double value. */
export const convertTo = {
  float32: (x) => x,
  int32: (x) => saturate(x, -(2 ** 31), 2 ** 31 - 1),
  uint8: (x) => saturate(x, 0, 255),
  bool: (x) => (x !== 0 ? 1 : 0),
} satisfies Record<DType, (x: number) => number>

/** Addition within each element type; integers wrap, `bool` is "or". */
export const addIn = {
  float32: (x, y) => x + y,
  int32: (x, y) => (x + y) | 0,
  uint8: (x, y) => (x + y) & 255,
  bool: (x, y) => x | y,
} satisfies Record<DType, (x: number, y: number) => number>
