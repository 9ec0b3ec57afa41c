/** Threefry-2×32-20 against the known answers that its authors publish with Random123, and the sequence's properties. */
import { expect, test } from 'vitest'
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
  const order = new RandomSequence(1).permutation(100)
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
})
