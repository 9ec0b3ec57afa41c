/** Metrics against values worked by hand. */
import { describe, expect, test } from 'vitest'
import { metrics, tensor } from '../index.ts'

describe('classes', () => {
  test('accuracy and top-k', () => {
    expect(metrics.accuracy([1, 2, 3, 4], [1, 2, 0, 4])).toBe(0.75)
    expect(metrics.accuracy([], [])).toBeNaN()
    const scores = [0.1, 0.5, 0.4, 0.3, 0.3, 0.4]
    expect(metrics.topKAccuracy(scores, [2, 1], { classes: 3, k: 1 })).toBe(0)
    expect(metrics.topKAccuracy(scores, [2, 0], { classes: 3, k: 2 })).toBe(1)
    // Equal scores: the lower class stands first, so class 1 is third.
    expect(metrics.topKAccuracy(scores, [2, 1], { classes: 3, k: 2 })).toBe(0.5)
    expect(() => metrics.accuracy([1], [1, 2])).toThrow(
      'accuracy compares predictions with targets one by one, given 1 predictions and 2 targets.',
    )
  })

  test('area under the curve with ties', () => {
    expect(metrics.rocAuc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1)
    expect(metrics.rocAuc([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5)
    expect(metrics.rocAuc([1, 2], [1, 1])).toBeNaN()
  })

  test('confusion matrix with precision, recall and F1', () => {
    const matrix = new metrics.ConfusionMatrix(3)
    // Of class 0 three are right and one is taken for 1; of class 1 two are right; class 2 never appears.
    matrix.add([0, 0, 0, 1], [0, 0, 0, 0])
    matrix.add([1, 1], [1, 1])
    expect(matrix.rows()).toEqual([
      [3, 1, 0],
      [0, 2, 0],
      [0, 0, 0],
    ])
    expect(matrix.accuracy).toBe(5 / 6)
    const [first, second, third] = matrix.report()
    expect(first).toEqual({ precision: 1, recall: 0.75, f1: expect.closeTo(6 / 7, 12), support: 4 })
    expect(second).toEqual({ precision: 2 / 3, recall: 1, f1: 0.8, support: 2 })
    expect(third).toEqual({ precision: Number.NaN, recall: Number.NaN, f1: Number.NaN, support: 0 })
    expect(matrix.macro().recall).toBe(0.875)
    expect(matrix.meanIoU).toBeCloseTo((3 / 4 + 2 / 3) / 2, 12)
    // Chance: (4 · 3 + 2 · 3) / 36 = ½.
    expect(matrix.kappa).toBeCloseTo((5 / 6 - 0.5) / 0.5, 12)
    expect(() => matrix.add([3], [0])).toThrow('a confusion matrix of 3 classes (0 to 2) got the prediction 3.')
  })

  test('ignored places are passed over', () => {
    const matrix = new metrics.ConfusionMatrix(2)
    matrix.add([0, 1, 1], [0, 255, 1], { ignoreIndex: 255 })
    expect(matrix.total).toBe(2)
  })

  test('calibration', () => {
    // Two of four sure answers (0.95) are right: |0.5 − 0.95|.
    const sure = [0.95, 0.05, 0.95, 0.05, 0.95, 0.05, 0.95, 0.05]
    expect(metrics.expectedCalibrationError(sure, [0, 0, 1, 1], { classes: 2 })).toBeCloseTo(0.45, 12)
    const bins = new metrics.Calibration({ bins: 2 })
    bins.add(sure, [0, 0, 0, 0], { classes: 2 })
    expect(bins.bins()[1]).toEqual({ from: 0.5, to: 1, count: 4, confidence: expect.closeTo(0.95, 9), accuracy: 1 })
  })
})

test('numbers, with a large offset', () => {
  const shift = 1e9
  const figures = new metrics.RegressionMetrics()
  figures.add([2.5, 0], [3, -0.5])
  figures.add([2, 8], [2, 7])
  expect([figures.mae, figures.mse, figures.rmse]).toEqual([0.5, 0.375, Math.sqrt(0.375)])
  expect(figures.r2).toBeCloseTo(0.9486081370449679, 12)
  const moved = [3, -0.5, 2, 7].map((value) => value + shift)
  expect(metrics.pearson(moved, [6, -1, 4, 14])).toBeCloseTo(1, 9)
  expect(metrics.r2(moved, moved)).toBe(1)
})

describe('inside a step', () => {
  test('classes, probabilities, pixels and signs', async () => {
    const scores = tensor([
      [0.2, 0.8],
      [0.9, 0.1],
    ])
    expect(await metrics.correct(scores, tensor([1, 1], { dtype: 'int32' })).toArray()).toEqual([1, 0])
    const soft = tensor([
      [0.4, 0.6],
      [0.4, 0.6],
    ])
    expect(await metrics.correct(scores, soft).toArray()).toEqual([1, 0])
    const pixels = tensor([[[[1, 5]], [[4, 2]]]])
    expect(await metrics.correct(pixels, tensor([[[1, 1]]], { dtype: 'int32' })).toArray()).toEqual([[[1, 0]]])
    expect(await metrics.correct(tensor([[2], [-1]]), tensor([[1], [1]])).toArray()).toEqual([[1], [0]])
    expect(() => metrics.correct(scores, tensor([1], { dtype: 'int32' }))).toThrow(
      'accuracy of scores [2, 2] takes classes of shape [2], given shape [1].',
    )
  })
})
