/** Initialisers: bounds, moments and orthogonality by their formulas. */
import { beforeEach, describe, expect, test } from 'vitest'
import { manualSeed, nn, Parameter } from '../index.ts'

const { init } = nn
const parameter = (...shape: number[]) =>
  new Parameter(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape)

async function moments(target: Parameter) {
  const values = Array.from(await target.data())
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return { mean, std, largest: Math.max(...values.map(Math.abs)) }
}

beforeEach(() => manualSeed(1))

test('constants', async () => {
  const target = parameter(2, 3)
  init.ones(target)
  expect(await target.toArray()).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ])
  init.constant(target, 0.5)
  expect((await target.data())[5]).toBe(0.5)
  init.zeros(target)
  expect((await target.data())[5]).toBe(0)
  init.eye(target)
  expect(await target.toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  expect(() => init.eye(parameter(3))).toThrow('eye fills a matrix, given shape [3].')
})

describe('of a weight [100, 50, 2, 2]: fan-in 200, fan-out 400', () => {
  const shape = [100, 50, 2, 2]
  // 20,000 numbers: the sample deviation is within 2 % of the true one.
  test.each([
    ['uniform', (w: Parameter) => init.uniform(w, -2, 2), 2 / Math.sqrt(3)],
    ['normal', (w: Parameter) => init.normal(w, 0, 0.3), 0.3],
    ['xavierUniform', (w: Parameter) => init.xavierUniform(w, 2), 2 * Math.sqrt(2 / 600)],
    ['xavierNormal', (w: Parameter) => init.xavierNormal(w), Math.sqrt(2 / 600)],
    ['kaimingUniform', (w: Parameter) => init.kaimingUniform(w), Math.sqrt(2 / 200)],
    ['kaimingUniform, a = √5', (w: Parameter) => init.kaimingUniform(w, { a: Math.sqrt(5) }), Math.sqrt(1 / 600)],
    [
      'kaimingNormal, fan-out, ReLU',
      (w: Parameter) => init.kaimingNormal(w, { mode: 'fanOut', nonlinearity: 'relu' }),
      Math.sqrt(2 / 400),
    ],
    // A normal cut at two deviations has 0.880 of its deviation.
    ['truncNormal', (w: Parameter) => init.truncNormal(w, { std: 0.5, low: -1, high: 1 }), 0.5 * 0.87962566],
  ])('%s', async (_, fill, std) => {
    const target = parameter(...shape)
    fill(target)
    const found = await moments(target)
    expect(Math.abs(found.std / std - 1)).toBeLessThan(0.02)
    expect(Math.abs(found.mean)).toBeLessThan(0.04 * std)
  })

  test('uniform bounds are reached and kept', async () => {
    const target = parameter(...shape)
    init.kaimingUniform(target, { nonlinearity: 'relu' })
    const bound = Math.sqrt(6 / 200)
    const { largest } = await moments(target)
    expect(largest).toBeLessThanOrEqual(bound)
    expect(largest).toBeGreaterThan(0.99 * bound)
  })

  test('fans', () => {
    expect([init.fanIn(shape), init.fanOut(shape)]).toEqual([200, 400])
    expect(() => init.xavierNormal(parameter(3))).toThrow('need a weight of at least two axes, given shape [3].')
  })
})

test.each([
  [3, 5],
  [5, 3],
  [4, 4],
])('orthogonal %i × %i: the shorter side is orthonormal times the gain', async (rows, columns) => {
  const target = parameter(rows, columns)
  init.orthogonal(target, 2)
  const product = rows <= columns ? target.matmul(target.mT) : target.mT.matmul(target)
  const identity = (await product.toArray()) as number[][]
  identity.forEach((line, row) => {
    line.forEach((value, column) => {
      expect(value).toBeCloseTo(row === column ? 4 : 0, 5)
    })
  })
})

test('gains', () => {
  expect(init.calculateGain('tanh')).toBeCloseTo(5 / 3)
  expect(init.calculateGain('relu')).toBeCloseTo(Math.SQRT2)
  expect(init.calculateGain('leakyRelu', 0.2)).toBeCloseTo(Math.sqrt(2 / 1.04))
  expect(init.calculateGain('sigmoid')).toBe(1)
  expect(() => init.calculateGain('swish' as 'relu')).toThrow("given 'swish'.")
})

test('the seed decides', async () => {
  const draw = async () => {
    manualSeed(9)
    const target = parameter(4, 4)
    init.normal(target)
    return Array.from(await target.data())
  }
  expect(await draw()).toEqual(await draw())
  expect(() => init.truncNormal(parameter(1), { low: 9, high: 10 })).toThrow(
    'within four standard deviations of the mean',
  )
})
