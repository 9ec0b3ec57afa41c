/** Scalers against scikit-learn's formulas, worked out by hand, and tables of the normal distribution. */
import { describe, expect, test } from 'vitest'
import { normalCdf, normalQuantile } from './normal-distribution.ts'
import { inputMatrix, scaleDataset } from './scale-dataset.ts'
import {
  type Matrix,
  MinMaxScaler,
  QuantileTransformer,
  type Scaler,
  StandardScaler,
  scalerFromJson,
} from './scalers.ts'
import { toys } from './sets/toys.ts'

const matrix = (columns: number, ...values: number[]): Matrix => ({
  data: Float64Array.from(values),
  shape: [values.length / columns, columns],
})
const close = (actual: Matrix, ...expected: number[]) => {
  expect(actual.data).toHaveLength(expected.length)
  expected.forEach((value, index) => {
    expect(actual.data[index]).toBeCloseTo(value, 10)
  })
}

describe('normal distribution', () => {
  test.each([
    [0, 0.5],
    [1, 0.841_344_746_068_542_9],
    [1.959_963_984_540_054, 0.975],
    [-3, 0.001_349_898_031_630_09],
    [-6, 9.865_876_450_376_98e-10],
  ])('Φ(%d) = %d, both ways', (x, p) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-12)
    expect(normalQuantile(p)).toBeCloseTo(x, 9)
  })

  test('the quantile is the inverse everywhere', () => {
    for (let p = 1e-12; p < 1; p = p * 1.7 + 1e-6) {
      expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-11)
    }
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
  })
})

describe('StandardScaler', () => {
  test('columns by mean and population deviation; a constant one is only centred', () => {
    const scaler = new StandardScaler().fit(matrix(2, 1, 7, 3, 7, 5, 7))
    // mean 3, variance (4 + 0 + 4)/3
    close(scaler.transform(matrix(2, 1, 7, 5, 8)), -2 / Math.sqrt(8 / 3), 0, 2 / Math.sqrt(8 / 3), 1)
    close(scaler.inverse(scaler.transform(matrix(2, 1.5, 7, -2, 9))), 1.5, 7, -2, 9)
  })

  test('a NaN stays and does not count', () => {
    const scaler = new StandardScaler().fit(matrix(1, 1, Number.NaN, 3))
    expect([...scaler.transform(matrix(1, Number.NaN, 3)).data]).toEqual([Number.NaN, 1])
  })
})

describe('MinMaxScaler', () => {
  test('to a range, beyond it for values outside', () => {
    const scaler = new MinMaxScaler({ range: [-1, 1] }).fit(matrix(2, 0, 5, 10, 5))
    close(scaler.transform(matrix(2, 0, 5, 2.5, 5, 20, 6)), -1, -1, -0.5, -1, 3, 1)
    close(scaler.inverse(matrix(2, -1, -1, 0, -1)), 0, 5, 5, 5)
    expect(() => new MinMaxScaler({ range: [1, 1] })).toThrow('A range must ascend; given 1 to 1.')
  })
})

describe('QuantileTransformer', () => {
  test('ranks, linear between training values, ends outside', () => {
    const scaler = new QuantileTransformer().fit(matrix(1, 10, 0, 30, 20, 100))
    close(scaler.transform(matrix(1, 0, 10, 25, 30, 65, 100, -5, 500)), 0, 0.25, 0.625, 0.75, 0.875, 1, 0, 1)
    close(scaler.inverse(matrix(1, 0, 0.25, 0.625, 1)), 0, 10, 25, 100)
  })

  test('ties map to the middle of their ranks', () => {
    const scaler = new QuantileTransformer().fit(matrix(1, 1, 2, 2, 2, 3))
    close(scaler.transform(matrix(1, 2, 1.5, 2.5)), 0.5, 0.125, 0.875)
  })

  test('fewer quantiles than rows: interpolated percentiles', () => {
    // Of 0, 1, 4, 9, 16 the quantiles at 0, ½, 1 are 0, 4, 16; 1 lies ¼ of the first half.
    const scaler = new QuantileTransformer({ quantiles: 3 }).fit(matrix(1, 0, 1, 4, 9, 16))
    close(scaler.transform(matrix(1, 1, 9)), 0.125, 0.5 + (5 / 12) * 0.5)
  })

  test('to normal, clipped at the ends as scikit-learn does', () => {
    const scaler = new QuantileTransformer({ output: 'normal' }).fit(matrix(1, 0, 1, 2, 3, 4))
    // Φ⁻¹(0.25), Φ⁻¹(0.5), and Φ⁻¹(1 − 1e-7) = 5.19933758
    close(scaler.transform(matrix(1, 1, 2)), -0.674_489_750_196_081_7, 0)
    expect(scaler.transform(matrix(1, 4, 0)).data[0]).toBeCloseTo(5.199_337_58, 6)
    expect(scaler.transform(matrix(1, 0)).data[0]).toBeCloseTo(-5.199_337_58, 6)
    close(scaler.inverse(scaler.transform(matrix(1, 0, 0.3, 2.2, 4))), 0, 0.3, 2.2, 4)
  })

  test('refuses fewer than two quantiles', () => {
    expect(() => new QuantileTransformer({ quantiles: 1 })).toThrow('at least 2; given 1')
  })
})

describe('all scalers', () => {
  const makers: readonly (() => Scaler)[] = [
    () => new StandardScaler(),
    () => new MinMaxScaler(),
    () => new QuantileTransformer({ output: 'normal' }),
  ]

  test.each(makers)('%#: saved and made again, they do the same', (make) => {
    const data = matrix(2, 1, 2, 3, 4, 5, 9, -1, 0)
    const scaler = make().fit(data)
    const again = scalerFromJson(JSON.parse(JSON.stringify(scaler)))
    expect(again.transform(data)).toEqual(scaler.transform(data))
    expect(again.toJSON()).toEqual(scaler.toJSON())
  })

  test.each(makers)('%#: refuse what they were not fitted on', (make) => {
    expect(() => make().transform(matrix(1, 1))).toThrow('The scaler has not been fitted; call fit')
    expect(() =>
      make()
        .fit(matrix(1, 1, 2))
        .transform(matrix(2, 1, 2)),
    ).toThrow('fitted on 1 columns; given 2.')
    expect(() => make().fit(matrix(1, Number.NaN))).toThrow('Column 1 has no value to learn from')
  })

  test('a data set scaled by its own statistics has mean 0', () => {
    const set = toys.gauss({ count: 100, target: 'class' })
    const scaled = scaleDataset(set, { inputs: new StandardScaler().fit(inputMatrix(set)) })
    const mean = [...inputMatrix(scaled).data].reduce((sum, value) => sum + value, 0) / 200
    expect(Math.abs(mean)).toBeLessThan(1e-6)
    expect(scaled.classNames).toEqual(set.classNames)
    expect(() => scaleDataset(set, { targets: new MinMaxScaler() })).toThrow('are class numbers, which are not scaled')
  })
})
