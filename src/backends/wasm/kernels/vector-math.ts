/**
 * exp, log, tanh, sigmoid, erf, sin, cos and pow on four floats at once, as WebAssembly instructions. Map kernels call
 * them as functions of the module or write them in place. Every lane gets the same bits for the same operand.
 *
 * Largest error in units in the last place (tested on dense samples, with and without fused multiply-add): exp 2,
 * log 1, tanh 2.5, sigmoid 2.5, erf 2, pow 1, sin and cos 2 for |x| ≤ 10⁶ (beyond, an absolute error of 2⁻²³ + |x|·2⁻⁵²
 * inside [−1, 1]). NaN gives NaN, overflow ±Infinity; results below 2⁻¹²⁶ may become 0. pow follows C and PyTorch:
 * x⁰ = 1 and 1ʸ = 1 even for NaN, and a negative base takes whole exponents only.
 *
 * Source: argument reduction after Cody and Waite, "Software Manual for the Elementary Functions" (1980), and the
 * split of ln 2 as in Cephes; the coefficients are our own Remez fits, rounded to the format they are used in.
 */
import {
  doubleLanes,
  type FunctionBuilder,
  type FunctionRef,
  floatLanes,
  integerLanes,
  type Local,
  type ModuleBuilder,
  type PlainName,
} from '../assembler/assembler.ts'

const functions = { exp, log, tanh, sigmoid, erf, sin, cos, pow } satisfies Record<string, (w: MathWriter) => void>

export type MathName = keyof typeof functions

export interface MathOptions {
  /** Use fused multiply-add; give `features.relaxedSimd`. */
  readonly fma: boolean
  /** Load constants once at function entry (the default): inside a loop 2 to 3 times as fast as a call. */
  readonly hoist?: boolean
}

/** Operands on the stack (pow: base, then exponent) → result on the stack. */
export function emitMath(f: FunctionBuilder, name: MathName, options: MathOptions): void {
  f.scope(() => functions[name](new MathWriter(f, options)))
}

/** Adds a function v128 → v128 to a module; `pow` takes base and exponent. */
export function mathFunction(module: ModuleBuilder, name: MathName, { fma }: Pick<MathOptions, 'fma'>): FunctionRef {
  const params: readonly 'v128'[] = name === 'pow' ? ['v128', 'v128'] : ['v128']
  return module.function(`math.${name}`, params, ['v128'], (f) => {
    for (const param of f.params) f.get(param)
    emitMath(f, name, { fma, hoist: false })
  })
}

/** a·b + c on the stack [a], fused where `fma` says so. */
export function emitMultiplyAdd(f: FunctionBuilder, fma: boolean, pushB: () => void, pushC: () => void): void {
  pushB()
  if (fma) {
    pushC()
    f.op('f32x4.relaxed_madd')
  } else {
    f.op('f32x4.mul')
    pushC()
    f.op('f32x4.add')
  }
}

/** ln 2 in two parts; the first has 9 bits, so that its product with an exponent is exact. */
const ln2High = 0.693359375
const ln2Low = -0.00021219444
/** 1.5 · 2²³: adding it rounds to a whole number, which then stands in the low bits. */
const rounder = 12582912
/** The same for doubles: 1.5 · 2⁵². */
const rounder64 = 6755399441055744
const oneBits = 0x3f800000
const signBit = 0x80000000 | 0

type Operand = Local<'v128'> | number

/** Writes vector expressions for one use: constants in place or hoisted, multiply-add fused or not. */
class MathWriter {
  readonly f: FunctionBuilder
  readonly fma: boolean
  readonly #hoist: boolean

  constructor(f: FunctionBuilder, options: MathOptions) {
    this.f = f
    this.fma = options.fma
    this.#hoist = options.hoist ?? true
  }

  /** Takes the top of the stack into a new local. */
  keep(): Local<'v128'> {
    const local = this.f.local('v128')
    this.f.set(local)
    return local
  }

  push(operand: Operand): this {
    if (typeof operand === 'number') return this.#constant(floatLanes(operand))
    this.f.get(operand)
    return this
  }

  bits(value: number): this {
    return this.#constant(integerLanes(value))
  }

  double(value: number): this {
    return this.#constant(doubleLanes(value))
  }

  quad(value: bigint): this {
    return this.#constant(BigInt64Array.of(value, value))
  }

  #constant(lanes: ArrayBufferView): this {
    if (this.#hoist) this.f.hoistedV128(lanes)
    else this.f.v128(lanes)
    return this
  }

  /** [a] → [op(a, operand)], or with no operand a unary instruction. */
  op(name: PlainName, operand?: Operand): this {
    if (operand !== undefined) this.push(operand)
    this.f.op(name)
    return this
  }

  /** The two low or the two high lanes of x as doubles. */
  doubles(x: Local<'v128'>, half: 'low' | 'high'): this {
    this.push(x)
    if (half === 'high') this.push(x).f.shuffle32(2, 3, 0, 1)
    return this.op('f64x2.promote_low_f32x4')
  }

  /** [v] → [v shifted by a constant count]. */
  shift(name: 'i32x4.shl' | 'i32x4.shr_s' | 'i64x2.shl' | 'i64x2.shr_u', count: number): this {
    this.f.i32(count).op(name)
    return this
  }

  /** [a] → [a·b + c] */
  madd(b: Operand, c: Operand): this {
    emitMultiplyAdd(
      this.f,
      this.fma,
      () => this.push(b),
      () => this.push(c),
    )
    return this
  }

  /** c₀ + c₁x + c₂x² + …, by Horner's rule. */
  polynomial(x: Local<'v128'>, coefficients: readonly number[]): this {
    const [last = 0, ...rest] = coefficients.toReversed()
    this.push(last)
    for (const coefficient of rest) this.madd(x, coefficient)
    return this
  }

  polynomial64(x: Local<'v128'>, coefficients: readonly number[]): this {
    const [last = 0, ...rest] = coefficients.toReversed()
    this.double(last)
    for (const coefficient of rest) this.op('f64x2.mul', x).double(coefficient).op('f64x2.add')
    return this
  }

  /** [t = whole number + rounder] → [2^number]; −127 gives 0 and 128 gives Infinity. */
  powerOfTwo(): this {
    return this.shift('i32x4.shl', 23).bits(oneBits).op('i32x4.add')
  }

  /** [a] → [|a| with the sign of x] */
  copySign(x: Local<'v128'>): this {
    const a = this.keep()
    return this.push(x).push(a).bits(signBit).op('v128.bitselect')
  }

  /** [x] → [x clamped]; NaN stays. */
  clamp(low: number, high: number): this {
    return this.op('f32x4.pmin', high).op('f32x4.pmax', low)
  }
}

/** [t = n + rounder] → x ± n · ln 2, in two steps that lose nothing. */
function reduced(w: MathWriter, t: Local<'v128'>, x: Local<'v128'>, sign: 1 | -1): Local<'v128'> {
  const n = w.push(t).op('f32x4.sub', rounder).keep()
  const high = w
    .push(n)
    .madd(sign * ln2High, x)
    .keep()
  return w
    .push(n)
    .madd(sign * ln2Low, high)
    .keep()
}

/** Fits eʳ on [0, ln 2], with the first coefficient held at 1. */
const expCoefficients = [1, 0.9999998, 0.50000554, 0.1666117, 0.04191104, 0.0077969027, 0.0019467118]

/** eˣ = 2ⁿ eʳ with n = ⌊x / ln 2⌋, so that n runs over exactly the exponents of normal floats. */
function exp(w: MathWriter): void {
  const x = w.clamp(-87.9, 89).keep()
  const t = w.push(x).madd(Math.LOG2E, -0.5).op('f32x4.add', rounder).keep()
  const r = reduced(w, t, x, -1)
  w.polynomial(r, expCoefficients).push(t).powerOfTwo().op('f32x4.mul')
}

/** Fits e⁻ʳ on ± ln 2 / 2, with the first coefficient held at 1. */
const negativeExpCoefficients = [1, -1, 0.49999994, -0.16666432, 0.041668, -0.008374163, 0.0013843642]

/** 1 / (1 + e⁻ˣ); rounding n to nearest serves here, because 1 + e⁻ˣ never needs the smallest exponent. */
function sigmoid(w: MathWriter): void {
  const x = w.clamp(-89, 88).keep()
  const t = w.push(x).madd(-Math.LOG2E, rounder).keep()
  const r = reduced(w, t, x, 1)
  w.push(1).polynomial(r, negativeExpCoefficients)
  w.push(t).powerOfTwo().op('f32x4.mul').op('f32x4.add', 1).op('f32x4.div')
}

/** Fits (eʳ − 1 − r) / r² on ± ln 2 / 2. */
const expm1Coefficients = [0.49999997, 0.16666539, 0.041667756, 0.008367118, 0.0013835491]

/** eˢ − 1 = 2ⁿ(eʳ − 1) + (2ⁿ − 1) for |s| ≤ 20, accurate near 0 as well. */
function pushExpm1(w: MathWriter, s: Local<'v128'>): MathWriter {
  const t = w.push(s).madd(Math.LOG2E, rounder).keep()
  // Fused, one step suffices: n is small and the product exact.
  const r = w.fma ? w.push(t).op('f32x4.sub', rounder).madd(-Math.LN2, s).keep() : reduced(w, t, s, -1)
  const square = w.push(r).op('f32x4.mul', r).keep()
  const scale = w.push(t).powerOfTwo().keep()
  const offset = w.push(scale).op('f32x4.sub', 1).keep()
  return w.polynomial(r, expm1Coefficients).madd(square, r).madd(scale, offset)
}

/** tanh |x| = t / (t + 2) with t = e^(2|x|) − 1; the growing exponential, because there its errors fade. */
function tanh(w: MathWriter): void {
  const x = w.keep()
  const a = w.push(x).op('f32x4.abs').op('f32x4.pmin', 9.5).keep()
  const s = w.push(a).op('f32x4.add', a).keep()
  const t = pushExpm1(w, s).keep()
  w.push(t).push(t).op('f32x4.add', 2).op('f32x4.div').copySign(x)
}

/** Fits −log(1 − erf a) / a − 1 on [0, 3.96], as a polynomial in −a; beyond, erf rounds to 1. */
const erfCoefficients = [
  0.12837917, -0.63661957, 0.102776304, 0.019147824, -0.00016949362, -0.0016756557, -0.0006373455, -0.00011885418,
  -0.000009386898,
]

/** erf |x| = 1 − eˢ with s = −|x| − |x| P(−|x|): a polynomial, because errors of s fade where erf is flat. */
function erf(w: MathWriter): void {
  const x = w.keep()
  const a = w.push(x).bits(signBit).op('v128.or').op('f32x4.pmax', -3.96).keep()
  const s = w.polynomial(a, erfCoefficients).madd(a, a).keep()
  pushExpm1(w, s).copySign(x)
}

/** Fits (log(1 + f) − f + f²/2) / f³ on [√½ − 1, √2 − 1]. */
const logCoefficients = [
  0.3333333, -0.2500082, 0.20001227, -0.16623357, 0.14201766, -0.13160193, 0.12761524, -0.07634404,
]
const halfRootBits = 0x3f3504f3
const smallestNormal = 2 ** -126

/** log x = e ln 2 + log(1 + f) with 1 + f in [√½, √2). */
function log(w: MathWriter): void {
  const x = w.keep()
  const tiny = w.push(x).op('f32x4.lt', smallestNormal).keep()
  const m = w
    .push(x)
    .op('f32x4.mul', 2 ** 23)
    .push(x)
    .push(tiny)
    .op('v128.bitselect')
    .keep()
  const e = w.push(m).bits(halfRootBits).op('i32x4.sub').shift('i32x4.shr_s', 23).keep()
  const f = w.push(m).push(e).shift('i32x4.shl', 23).op('i32x4.sub').op('f32x4.sub', 1).keep()
  const exponent = w.push(e).push(tiny).bits(23).op('v128.and').op('i32x4.sub').op('f32x4.convert_i32x4_s').keep()
  const z = w.push(f).op('f32x4.mul', f).keep()
  const cube = w.push(z).op('f32x4.mul', f).keep()
  const low = w.push(exponent).op('f32x4.mul', ln2Low).keep()
  w.polynomial(f, logCoefficients).madd(cube, low)
  const tail = w.keep()
  w.push(z).madd(-0.5, tail).op('f32x4.add', f)
  const fraction = w.keep()
  w.push(exponent).madd(ln2High, fraction)
  // +Infinity and NaN are their own logarithm; below 0 all bits set is a NaN; 0 gives −Infinity.
  w.push(x).push(x).op('f32x4.lt', Number.POSITIVE_INFINITY).op('v128.bitselect')
  w.push(x).op('f32x4.lt', 0).op('v128.or')
  w.push(Number.NEGATIVE_INFINITY).push(x).op('f32x4.ne', 0).op('v128.bitselect')
}

/** π/2 in two doubles; the first has 33 bits, so that its product with a number below 2²⁰ is exact. */
const halfPiHigh = 1.5707963267341256
const halfPiLow = 6.077100506506192e-11
/** Fits of (sin r / r − 1) / r² and (cos r − 1 + r²/2) / r⁴ on ± π/4, after the leading terms. */
const sinCoefficients = [1, -0.16666655, 0.008332189, -0.00019518285]
const cosCoefficients = [1, -0.5, 0.041666646, -0.001388731, 0.000024432327]

/** [two doubles] → the number of quarter turns in the low word, and what remains, as floats in lanes 0 and 1. */
function quarterTurns(w: MathWriter): { turns: Local<'v128'>; rest: Local<'v128'> } {
  const d = w.keep()
  const turns = w
    .push(d)
    .double(2 / Math.PI)
    .op('f64x2.mul')
    .double(rounder64)
    .op('f64x2.add')
    .keep()
  const n = w.push(turns).double(rounder64).op('f64x2.sub').keep()
  w.push(d).push(n).double(halfPiHigh).op('f64x2.mul').op('f64x2.sub')
  w.push(n).double(halfPiLow).op('f64x2.mul').op('f64x2.sub').op('f32x4.demote_f64x2_zero')
  return { turns, rest: w.keep() }
}

/** The reduction runs in double precision: it stays right next to large multiples of π/2. */
function sineOfQuadrant(w: MathWriter, firstQuadrant: number): void {
  const x = w.keep()
  const low = quarterTurns(w.doubles(x, 'low'))
  const high = quarterTurns(w.doubles(x, 'high'))
  w.push(low.rest).push(high.rest).f.shuffle32(0, 1, 4, 5)
  const r = w.clamp(-Math.PI / 4 - 1e-3, Math.PI / 4 + 1e-3).keep()
  w.push(low.turns).push(high.turns).f.shuffle32(0, 2, 4, 6)
  if (firstQuadrant > 0) w.bits(firstQuadrant).op('i32x4.add')
  const quadrant = w.keep()
  const z = w.push(r).op('f32x4.mul', r).keep()
  w.polynomial(z, cosCoefficients).polynomial(z, sinCoefficients).op('f32x4.mul', r)
  w.push(quadrant).shift('i32x4.shl', 31).shift('i32x4.shr_s', 31).op('v128.bitselect')
  w.push(quadrant).shift('i32x4.shl', 30).bits(signBit).op('v128.and').op('v128.xor')
}

function sin(w: MathWriter): void {
  sineOfQuadrant(w, 0)
}

function cos(w: MathWriter): void {
  sineOfQuadrant(w, 1)
}

/** Fits log₂((1 + s) / (1 − s)) / s in s², for |s| ≤ (√2 − 1) / (√2 + 1). */
const log2Coefficients = [
  2.8853900817902036, 0.9617966731822518, 0.5770836174463205, 0.41167066178914535, 0.3407699932779323,
]
/** Fits 2ᶠ on ± ½. */
const exp2Coefficients = [
  1.0000000005551386, 0.6931472057660786, 0.24022646885238022, 0.05550328713224984, 0.009618489334599346,
  0.0013399957268637446, 0.00015345766054470622,
]
const halfRoot64 = 0x3fe6a09e667f3bcdn
const one64 = 0x3ff0000000000000n
const mantissa64 = 0x000fffffffffffffn

/** [d ≥ 0 as two doubles] → [log₂ d] */
function log2Double(w: MathWriter): void {
  const d = w.keep()
  const shifted = w
    .push(d)
    .quad(one64 - halfRoot64)
    .op('i64x2.add')
    .keep()
  const m = w.push(shifted).quad(mantissa64).op('v128.and').quad(halfRoot64).op('i64x2.add').keep()
  const s = w.push(m).double(1).op('f64x2.sub').push(m).double(1).op('f64x2.add').op('f64x2.div').keep()
  const z = w.push(s).op('f64x2.mul', s).keep()
  w.polynomial64(z, log2Coefficients).op('f64x2.mul', s)
  // The exponent set into the mantissa of 2⁵² is that number plus 2⁵².
  w.push(shifted)
    .shift('i64x2.shr_u', 52)
    .double(2 ** 52)
  w.op('v128.or')
    .double(2 ** 52 + 1023)
    .op('f64x2.sub')
    .op('f64x2.add')
  w.push(d).push(d).double(Number.POSITIVE_INFINITY).op('f64x2.lt').op('v128.bitselect')
  w.double(Number.NEGATIVE_INFINITY).push(d).double(0).op('f64x2.ne').op('v128.bitselect')
}

/** [p as two doubles] → [2ᵖ as floats in lanes 0 and 1] */
function exp2Double(w: MathWriter): void {
  const p = w.double(300).op('f64x2.pmin').double(-300).op('f64x2.pmax').keep()
  const t = w.push(p).double(rounder64).op('f64x2.add').keep()
  const fraction = w.push(p).push(t).double(rounder64).op('f64x2.sub').op('f64x2.sub').keep()
  w.polynomial64(fraction, exp2Coefficients)
  w.push(t).shift('i64x2.shl', 52).quad(one64).op('i64x2.add').op('f64x2.mul').op('f32x4.demote_f64x2_zero')
}

/** |x|ʸ = 2^(y log₂|x|) in double precision; then signs and special values as in C. */
function pow(w: MathWriter): void {
  const y = w.keep()
  const x = w.keep()
  const base = w.push(x).op('f32x4.abs').keep()
  for (const half of ['low', 'high'] as const) {
    log2Double(w.doubles(base, half))
    exp2Double(w.doubles(y, half).op('f64x2.mul'))
  }
  w.f.shuffle32(0, 1, 4, 5)
  // Odd exponents keep the sign of the base: y is whole, and y/2 is not.
  const half = w.push(y).op('f32x4.mul', 0.5).keep()
  const whole = w.push(y).op('f32x4.nearest').op('f32x4.eq', y).keep()
  w.push(half).op('f32x4.nearest').op('f32x4.ne', half).op('v128.and', whole)
  w.push(x).op('v128.and').bits(signBit).op('v128.and').op('v128.xor')
  w.push(x).op('f32x4.lt', 0).push(x).op('f32x4.gt', Number.NEGATIVE_INFINITY).op('v128.and')
  w.op('v128.andnot', whole).op('v128.or')
  const result = w.keep()
  w.push(1).push(result).push(y).op('f32x4.eq', 0).push(x).op('f32x4.eq', 1).op('v128.or')
  w.push(base).op('f32x4.eq', 1).push(y).op('f32x4.abs').op('f32x4.eq', Number.POSITIVE_INFINITY).op('v128.and')
  w.op('v128.or').op('v128.bitselect')
}
