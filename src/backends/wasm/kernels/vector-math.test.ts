import { describe, expect, it } from 'vitest'
import { ModuleBuilder } from '../assembler/assembler.ts'
import { features } from '../assembler/features.ts'
import { emitMath, type MathName, mathFunction } from './vector-math.ts'

const capacity = 4096
type Style = 'call' | 'inline'
type Vector = (x: Float32Array, y?: Float32Array) => Float32Array

/** Runs one function over arrays, four lanes at a time, through a small module. */
function build(name: MathName, fma: boolean, style: Style = 'call'): Vector {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, shared: false })
  const called = style === 'call' ? mathFunction(module, name, { fma }) : undefined
  module.function(
    'run',
    ['i32'],
    [],
    (f, count) => {
      const p = f.local('i32')
      f.forRange(p, 0, count, 16, () => {
        f.get(p).get(p).load('v128.load')
        if (name === 'pow') f.get(p).load('v128.load', 4 * capacity)
        if (called) f.call(called)
        else emitMath(f, name, { fma })
        f.store('v128.store', 8 * capacity)
      })
    },
    { export: true },
  )
  const memory = new WebAssembly.Memory({ initial: 1 })
  const compiled = new WebAssembly.Module(module.finish({ names: true }))
  const { run } = new WebAssembly.Instance(compiled, { env: { memory } }).exports as { run(count: number): void }
  const floats = new Float32Array(memory.buffer)
  return (x, y) => {
    const out = new Float32Array(x.length)
    for (let start = 0; start < x.length; start += capacity) {
      const part = x.subarray(start, start + capacity)
      floats.set(part)
      if (y) floats.set(y.subarray(start, start + capacity), capacity)
      run(4 * part.length)
      out.set(floats.subarray(2 * capacity, 2 * capacity + part.length), start)
    }
    return out
  }
}

/** Evenly spread floats; `geometric` spreads the exponents instead. */
function sample(low: number, high: number, count = 100_000, geometric = false): Float32Array {
  const ratio = geometric ? Math.log(high / low) : 0
  return Float32Array.from({ length: count }, (_, index) => {
    const part = index / (count - 1)
    return geometric ? low * Math.exp(ratio * part) : low + (high - low) * part
  })
}

function both(values: Float32Array): Float32Array {
  return Float32Array.from([...values, ...values.map((value) => -value)])
}

/** The distance from `exact` in units in the last place of a normal float of its size. */
function ulps(value: number, exact: number): number {
  if (Object.is(value, Math.fround(exact)) || (Number.isNaN(value) && Number.isNaN(exact))) return 0
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))))
  if (Math.abs(exact) < 2 ** -126 && value === 0) return 0
  return Math.abs(value - exact) / 2 ** (exponent - 23)
}

function worst(run: Vector, exact: (x: number, y: number) => number, x: Float32Array, y?: Float32Array) {
  const got = run(x, y)
  let most = { ulp: 0, at: 0, with: 0, got: 0 }
  for (let index = 0; index < x.length; index++) {
    const a = x[index] as number
    const b = y?.[index] ?? 0
    const ulp = ulps(got[index] as number, exact(a, b))
    if (!(ulp <= most.ulp)) most = { ulp, at: a, with: b, got: got[index] as number }
  }
  return most
}

/** erf in double precision: Taylor series below 2.5, continued fraction of erfc above. */
function erfExact(x: number): number {
  const a = Math.abs(x)
  if (a > 6) return Math.sign(x)
  if (a < 2.5) {
    let term = a
    let sum = a
    for (let n = 1; n < 80; n++) {
      term *= (-a * a) / n
      sum += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI)
  }
  let tail = 0
  for (let n = 60; n >= 1; n--) tail = n / 2 / (a + tail)
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + tail))
}

const cases: { name: MathName; exact: (x: number) => number; x: Float32Array; ulp: number }[] = [
  { name: 'exp', exact: Math.exp, x: sample(-87.3, 88.72, 300_000), ulp: 2 },
  { name: 'exp', exact: Math.exp, x: both(sample(1e-30, 1, 30_000, true)), ulp: 2 },
  { name: 'log', exact: Math.log, x: sample(1.2e-38, 3.4e38, 200_000, true), ulp: 1 },
  { name: 'log', exact: Math.log, x: sample(0.3, 3, 200_000), ulp: 1 },
  { name: 'log', exact: Math.log, x: sample(1e-44, 1e-38, 20_000, true), ulp: 1 },
  { name: 'tanh', exact: Math.tanh, x: sample(-10, 10, 300_000), ulp: 2.5 },
  { name: 'tanh', exact: Math.tanh, x: both(sample(1e-37, 100, 50_000, true)), ulp: 2.5 },
  { name: 'sigmoid', exact: (x) => 1 / (1 + Math.exp(-x)), x: sample(-87, 40, 300_000), ulp: 2.5 },
  { name: 'sigmoid', exact: (x) => 1 / (1 + Math.exp(-x)), x: both(sample(1e-30, 80, 30_000, true)), ulp: 2.5 },
  { name: 'erf', exact: erfExact, x: sample(-5, 5, 200_000), ulp: 2 },
  { name: 'erf', exact: erfExact, x: both(sample(1e-36, 10, 30_000, true)), ulp: 2 },
  { name: 'sin', exact: Math.sin, x: sample(-1e4, 1e4, 300_000), ulp: 2 },
  { name: 'sin', exact: Math.sin, x: both(sample(1e-37, 1e6, 100_000, true)), ulp: 2 },
  { name: 'cos', exact: Math.cos, x: sample(-1e4, 1e4, 300_000), ulp: 2 },
  { name: 'cos', exact: Math.cos, x: both(sample(1e-37, 1e6, 100_000, true)), ulp: 2 },
]

const modes = features.relaxedSimd ? [false, true] : [false]

describe.each(modes)('with fused multiply-add: %s', (fma) => {
  it.each(cases)('$name stays within $ulp ulp', ({ name, exact, x, ulp }) => {
    const found = worst(build(name, fma), exact, x)
    expect(found.ulp, JSON.stringify(found)).toBeLessThanOrEqual(ulp)
  })

  it('pow stays within 1 ulp, from tiny to huge results', () => {
    const count = 200_000
    const x = sample(1e-40, 1e38, count, true)
    // The golden ratio's multiples spread exponents evenly, in no order.
    const y = Float32Array.from({ length: count }, (_, index) => {
      const limit = Math.min(50, 127 / Math.max(Math.abs(Math.log2(x[index] as number)), 0.01))
      return (((index * 0.6180339887498949) % 1) * 2 - 1) * limit
    })
    const run = build('pow', fma)
    expect(worst(run, Math.pow, x, y).ulp).toBeLessThanOrEqual(1)
    const near = sample(0.5, 2, count)
    expect(worst(run, Math.pow, near, y).ulp).toBeLessThanOrEqual(1)
  })

  const { POSITIVE_INFINITY: inf, NaN: nan } = Number
  const specials: [MathName, number, number][] = [
    ['exp', 0, 1],
    ['exp', -0, 1],
    ['exp', 88.8, inf],
    ['exp', 1e30, inf],
    ['exp', inf, inf],
    ['exp', -104, 0],
    ['exp', -1e30, 0],
    ['exp', -inf, 0],
    ['exp', nan, nan],
    ['log', 1, 0],
    ['log', 0, -inf],
    ['log', -0, -inf],
    ['log', -1, nan],
    ['log', -1e-40, nan],
    ['log', -inf, nan],
    ['log', inf, inf],
    ['log', nan, nan],
    ['tanh', 0, 0],
    ['tanh', -0, -0],
    ['tanh', inf, 1],
    ['tanh', -inf, -1],
    ['tanh', 20, 1],
    ['tanh', 1e-42, 1e-42],
    ['tanh', nan, nan],
    ['sigmoid', 0, 0.5],
    ['sigmoid', inf, 1],
    ['sigmoid', -inf, 0],
    ['sigmoid', 100, 1],
    ['sigmoid', -1e9, 0],
    ['sigmoid', nan, nan],
    ['erf', 0, 0],
    ['erf', -0, -0],
    ['erf', inf, 1],
    ['erf', -inf, -1],
    ['erf', 4, 1],
    ['erf', -100, -1],
    ['erf', nan, nan],
    ['sin', 0, 0],
    ['sin', -0, -0],
    ['sin', inf, nan],
    ['sin', -inf, nan],
    ['sin', nan, nan],
    ['cos', 0, 1],
    ['cos', -0, 1],
    ['cos', inf, nan],
    ['cos', nan, nan],
  ]
  it.each(specials)('%s(%d) = %d', (name, x, expected) => {
    const got = build(name, fma)(new Float32Array(4).fill(x))
    expect([...got]).toEqual(new Array(4).fill(Math.fround(expected)))
  })

  it('NaN with any payload stays NaN', () => {
    const payloads = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc001ff, 0x7f800001, 0xffffffff).buffer)
    for (const { name } of cases) expect([...build(name, fma)(payloads)]).toEqual([nan, nan, nan, nan])
  })

  const powers: [number, number, number][] = [
    [2, 10, 1024],
    [-2, 3, -8],
    [-2, 4, 16],
    [-2, -1, -0.5],
    [-2, 0.5, nan],
    [-8, 1 / 3, nan],
    [-1.5, 16777216, inf],
    [-1, 16777217, 1],
    [-1, 8388609, -1],
    [0, 2, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [0, -1, inf],
    [-0, -1, -inf],
    [-0, -2, inf],
    [0, 0.5, 0],
    [0, 0, 1],
    [nan, 0, 1],
    [inf, 0, 1],
    [1, nan, 1],
    [1, inf, 1],
    [-1, inf, 1],
    [-1, -inf, 1],
    [nan, 2, nan],
    [2, nan, nan],
    [-2, nan, nan],
    [inf, 2, inf],
    [inf, -2, 0],
    [-inf, 3, -inf],
    [-inf, -3, -0],
    [-inf, 0.5, inf],
    [2, inf, inf],
    [0.5, inf, 0],
    [2, -inf, 0],
    [0.5, -inf, inf],
    [-2, inf, inf],
    [0, inf, 0],
    [0, -inf, inf],
    [inf, -inf, 0],
    [2, 128, inf],
    [2, -149, 2 ** -149],
    [2, -151, 0],
    [2, 0.5, Math.SQRT2],
    [1e-40, -0.5, 1e20],
  ]
  it.each(powers)('pow(%d, %d) = %d', (x, y, expected) => {
    const got = build('pow', fma)(new Float32Array(4).fill(x), new Float32Array(4).fill(y))
    const exact = x === 1e-40 ? Math.fround(x) ** y : expected
    expect([...got]).toEqual(new Array(4).fill(Math.fround(exact)))
  })

  it('tanh, sigmoid and erf never leave their range', () => {
    const x = both(sample(0.5, 30, 100_000))
    for (const [name, low] of [
      ['tanh', -1],
      ['sigmoid', 0],
      ['erf', -1],
    ] as const) {
      expect(build(name, fma)(x).every((value) => value >= low && value <= 1)).toBe(true)
    }
  })

  it('sin and cos of huge numbers stay within [−1, 1] and close to the truth up to 1e8', () => {
    const huge = both(sample(1e6, 3e38, 50_000, true))
    for (const name of ['sin', 'cos'] as const) {
      const run = build(name, fma)
      expect(run(huge).every((value) => Math.abs(value) <= 1)).toBe(true)
      const large = sample(1e6, 1e8, 50_000)
      const off = run(large).map((value, index) => Math.abs(value - Math[name](large[index] as number)))
      expect(Math.max(...off.subarray(0, 50_000))).toBeLessThan(2e-7)
    }
  })

  it('gives the same bits in every lane, called and inlined', () => {
    const values = both(sample(1e-6, 60, 512, true))
    const rotated = Float32Array.from(values, (_, index) => values[(index + 1) % values.length] as number)
    for (const name of ['exp', 'log', 'tanh', 'sigmoid', 'erf', 'sin', 'cos', 'pow'] as const) {
      const plain = build(name, fma)(
        values,
        values.map((value) => value / 7),
      )
      const shifted = build(
        name,
        fma,
        'inline',
      )(
        rotated,
        rotated.map((value) => value / 7),
      )
      const back = Float32Array.from(shifted, (_, index) => shifted.at(index - 1) as number)
      expect([...new Uint32Array(back.buffer)]).toEqual([...new Uint32Array(plain.buffer)])
    }
  })
})
