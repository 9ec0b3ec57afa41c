/** Threefry-2×32-20 against the known answers that its authors publish with Random123, and the sequence's properties. */

import { expect, test } from 'vitest'
import { permutation } from './permutation.ts'
import { RandomSequence, threefry2x32, threefryRotation, uniformAt } from './threefry.ts'

test.each([
  [[0, 0, 0, 0], '6b200159 99ba4efe'],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], '1cb996fc bb002be7'],
  [[0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3], 'c4923a9c 483df7a0'],
] as const)('known answer of key and counter %j', ([k0, k1, c0, c1], expected) => {
  const words = threefry2x32(k0, k1, c0, c1).map((word) => (word >>> 0).toString(16).padStart(8, '0'))
  expect(words.join(' ')).toBe(expected)
})

test('the rotations repeat after eight rounds', () => {
  expect(Array.from({ length: 9 }, (_, round) => threefryRotation(round))).toEqual([13, 15, 26, 6, 17, 29, 16, 24, 13])
})

test('uniform numbers are multiples of 2⁻²⁴ in [0, 1) that depend on seed, stream, offset and index', () => {
  const draw = [uniformAt(1, 2, 3, 4), uniformAt(2, 2, 3, 4), uniformAt(1, 3, 3, 4), uniformAt(1, 2, 4, 4)]
  expect(new Set(draw).size).toBe(4)
  expect(draw.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))).toBe(true)
})

test('a sequence goes on from its position', () => {
  const whole = new RandomSequence(5)
  const first = Array.from({ length: 4 }, () => whole.uniform())
  const rest = new RandomSequence(5, { position: 2 })
  expect([rest.uniform(), rest.uniform()]).toEqual(first.slice(2))
  expect(rest.position).toBe(4)
})

test('a permutation has every number once', () => {
  const order = permutation(new RandomSequence(1), 100)
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

test.each([0, 3, 2 ** 31 - 700, 2 ** 32 + 1])(
  'filling gives the same numbers as drawing one by one, from position %i',
  (position) => {
    const [single, filled] = [
      new RandomSequence(7, { stream: 3, position }),
      new RandomSequence(7, { stream: 3, position }),
    ]
    const uniform = new Float32Array(1500)
    filled.fillUniform(uniform, -0.25, 0.75)
    expect(uniform).toEqual(Float32Array.from({ length: 1500 }, () => -0.25 + single.uniform()))
    const normal = new Float32Array(1500)
    filled.fillNormal(normal, 1, 2)
    expect(normal).toEqual(Float32Array.from({ length: 1500 }, () => 1 + 2 * single.normal()))
    expect(filled.position).toBe(single.position)
  },
)

test('normal numbers have mean 0, variance 1 and the tails of the normal distribution', () => {
  const values = new Float32Array(100_000)
  new RandomSequence(2).fillNormal(values, 0, 1)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(values.length))
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length))
  // P(|x| > 1.96) = 0.05.
  expect(values.filter((value) => Math.abs(value) > 1.959964).length / values.length).toBeCloseTo(0.05, 2)
})
