import { describe, expect, test } from 'vitest'
import { measure, rateRatio } from './measure.ts'
import { median, quantile } from './statistics.ts'

/** A clock that only moves when somebody works. */
function clock() {
  let time = 0
  return {
    now: () => time,
    work: (ms: number) => {
      time += ms
    },
  }
}

test('the best of three means, after the first two runs', async () => {
  const { now, work } = clock()
  // Two to warm up, one to choose the count (10 a round), then rounds that take 4, 2 and 3 ms a run.
  const durations = [100, 100, 1, ...[4, 2, 3].flatMap((ms) => Array<number>(10).fill(ms))]
  let runs = 0
  const ms = await measure(async () => work(durations[runs++] ?? 0), { budgetMs: 30, now })
  expect(ms).toBe(2)
  expect(runs).toBe(33)
})

test('rates beside each other: a machine that slows down does not change their ratio', async () => {
  const { now, work } = clock()
  let slowness = 1
  const turn = (perRun: number, amount: number) => ({
    work: amount,
    run: () => {
      slowness *= 1.0001
      work(perRun * slowness)
    },
  })
  // 60 in 2 ms against 100 in 4 ms: 30 to 25.
  const ratio = await rateRatio(turn(2, 60), turn(4, 100), { now })
  expect(ratio).toBeCloseTo(30 / 25, 2)
})

describe('statistics', () => {
  test('the middle of an odd and of an even number of values', () => {
    expect(median([3, 1, 10])).toBe(3)
    expect(median([4, 1, 3, 10])).toBe(3.5)
    expect(median([])).toBeNaN()
  })

  // NumPy's default method: np.quantile([15, 20, 35, 40, 50], 0.4) = 29.0
  test('quantiles are interpolated', () => {
    expect(quantile([50, 40, 35, 20, 15], 0.4)).toBeCloseTo(29, 12)
    expect(quantile([7], 0.25)).toBe(7)
  })
})
