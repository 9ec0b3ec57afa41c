/** The toys against the Playground's formulas, worked out by hand from the points they give. */
import { describe, expect, test } from 'vitest'
import { classCounts } from '../dataset.ts'
import { toys } from './toys.ts'

/** Points as [x, y, target]. */
function points(set: ReturnType<typeof toys.xor>): [number, number, number][] {
  return Array.from({ length: set.length }, (_, index) => {
    const { input, target } = set.get(index)
    return [input[0] as number, input[1] as number, target[0] as number]
  })
}

describe('toys', () => {
  test('circle: 1 inside 2.5, −1 from 3.5 to 5', () => {
    for (const [x, y, target] of points(toys.circle({ seed: 1 }))) {
      const r = Math.hypot(x, y)
      expect(target === 1 ? r <= 2.5 + 1e-6 : r >= 3.5 - 1e-6 && r <= 5 + 1e-6).toBe(true)
    }
    expect([...classCounts(toys.circle({ count: 10, target: 'class' }))]).toEqual([5, 5])
  })

  test('xor: 1 where the signs agree, 0.3 away from the axes', () => {
    for (const [x, y, target] of points(toys.xor({ seed: 1 }))) {
      expect(target).toBe(x * y > 0 ? 1 : -1)
      expect(Math.min(Math.abs(x), Math.abs(y))).toBeGreaterThanOrEqual(0.3 - 1e-6)
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(5.3 + 1e-6)
    }
  })

  test('gauss: clouds around ±(2, 2) with variance 0.5', () => {
    const all = points(toys.gauss({ count: 4000, seed: 1 }))
    for (const sign of [1, -1]) {
      const cloud = all.filter(([, , target]) => target === sign)
      const mean = cloud.reduce((sum, [x]) => sum + x, 0) / cloud.length
      const variance = cloud.reduce((sum, [x]) => sum + (x - mean) ** 2, 0) / cloud.length
      expect(cloud).toHaveLength(2000)
      expect(Math.abs(mean - 2 * sign)).toBeLessThan(0.07)
      expect(Math.abs(variance - 0.5)).toBeLessThan(0.07)
    }
  })

  test('spiral: r = 5 i/n, angle 1.75 · 2π · i/n, the second arm half a turn on', () => {
    const all = points(toys.spiral({ count: 200 }))
    const [x, y, target] = all[60] ?? [0, 0, 0]
    expect([x, y].map((value) => value.toFixed(5))).toEqual(
      [3 * Math.sin(1.75 * 0.6 * 2 * Math.PI), 3 * Math.cos(1.75 * 0.6 * 2 * Math.PI)].map((value) => value.toFixed(5)),
    )
    expect(target).toBe(1)
    expect(all[160]?.map((value) => value.toFixed(5))).toEqual([-x, -y, -1].map((value) => value.toFixed(5)))
  })

  test('plane: (x + y) / 10', () => {
    for (const [x, y, target] of points(toys.plane({ count: 50, seed: 2 }))) {
      expect(target).toBeCloseTo(Math.max(-1, Math.min(1, (x + y) / 10)), 5)
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(6)
    }
    expect(toys.plane().length).toBe(1200)
  })

  test('multi-Gaussian: the highest cone, 0 far from all centres', () => {
    const all = points(toys.multiGaussian({ seed: 1 }))
    for (const [x, y, target] of all) {
      if (Math.hypot(x, y - 2.5) < 1) expect(target).toBeCloseTo(-(1 - Math.hypot(x, y - 2.5) / 2), 5)
      if (Math.abs(y) > 4.5) expect(target).toBeCloseTo(0, 9)
    }
    expect(Math.max(...all.map(([, , target]) => target))).toBeGreaterThan(0.85)
  })

  test('moons and checkerboard', () => {
    const moons = points(toys.moons({ count: 100 }))
    // The first moon is the upper half of a circle of radius 3 around (−1.5, −0.75).
    for (const [x, y] of moons.slice(0, 50)) expect(Math.hypot(x + 1.5, y + 0.75)).toBeCloseTo(3, 4)
    for (const [x, y, target] of points(toys.checkerboard({ seed: 1 }))) {
      const odd = Math.abs(Math.floor(x / 2.5) + Math.floor(y / 2.5)) % 2
      expect(target).toBe(odd === 1 ? 1 : -1)
    }
  })

  test('up to five classes', () => {
    for (const toy of [toys.circle, toys.gauss, toys.spiral]) {
      expect([...classCounts(toy({ count: 100, classes: 5, target: 'class' }))]).toEqual([20, 20, 20, 20, 20])
    }
  })

  test('noise mixes the labels of xor', () => {
    const wrong = points(toys.xor({ count: 1000, noise: 0.5, seed: 1 })).filter(([x, y, target]) => x * y * target < 0)
    expect(wrong.length).toBeGreaterThan(100)
    expect(points(toys.xor({ seed: 5 }))).toEqual(points(toys.xor({ seed: 5 })))
  })

  test.each([
    [() => toys.xor({ count: 0 }), 'at least 1; given 0'],
    [() => toys.xor({ noise: -1 }), 'Noise is a number from 0 to 1; given -1.'],
    [() => toys.plane({ target: 'class' }), '"plane" is a regression problem'],
    [
      () => toys.spiral({ classes: 3 }),
      '"spiral" takes 2 to 5 classes, more than 2 with target: \'class\' only; given 3.',
    ],
  ])('refuses %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
