/** Linear models against traces worked by hand, closed-form solutions and published coefficients. */
import { describe, expect, test } from 'vitest'
import { grad, manualSeed, models, tensor } from '../../index.ts'
import { RandomSequence } from '../../random/threefry.ts'

const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]

describe('Perceptron', () => {
  test('the trace of AND, worked by hand', async () => {
    const unit = new models.Perceptron(2)
    const report = await unit.fit(corners, [-1, -1, -1, 1])
    expect(report.updates.slice(0, 4)).toEqual([
      {
        epoch: 1,
        sample: 3,
        target: 1,
        output: -1,
        weightChange: [1, 1],
        biasChange: 1,
        weights: [1, 1],
        bias: 1,
      },
      {
        epoch: 2,
        sample: 0,
        target: -1,
        output: 1,
        weightChange: [-0, -0],
        biasChange: -1,
        weights: [1, 1],
        bias: 0,
      },
      {
        epoch: 2,
        sample: 1,
        target: -1,
        output: 1,
        weightChange: [-0, -1],
        biasChange: -1,
        weights: [1, 0],
        bias: -1,
      },
      {
        epoch: 2,
        sample: 3,
        target: 1,
        output: -1,
        weightChange: [1, 1],
        biasChange: 1,
        weights: [2, 1],
        bias: 0,
      },
    ])
    expect(report).toMatchObject({ converged: true, reason: 'separated' })
    expect(report.mistakes.slice(0, 2)).toEqual([1, 3])
    expect(report.mistakes.at(-1)).toBe(0)
    expect(report.mistakes.reduce((sum, each) => sum + each)).toBe(report.updates.length)
    expect(await unit.predict(corners)).toEqual([-1, -1, -1, 1])
  })

  test('OR converges, in any order', async () => {
    const unit = new models.Perceptron(2)
    const report = await unit.fit(tensor(corners), tensor([-1, 1, 1, 1]), { shuffle: true })
    expect(report.message).toMatch(/^all samples are answered rightly after \d+ updates in \d+ passes\.$/)
    expect(await unit.predict(corners)).toEqual([-1, 1, 1, 1])
  })

  test('XOR: the weights return, so the rule never ends', async () => {
    const report = await new models.Perceptron(2).fit(corners, [-1, 1, 1, -1])
    expect(report).toMatchObject({ converged: false, reason: 'cycle' })
    expect(report.message).toContain('no plane separates these samples, the rule will never end.')
    const shuffled = await new models.Perceptron(2).fit(corners, [-1, 1, 1, -1], { shuffle: true, maxEpochs: 50 })
    expect(shuffled).toMatchObject({ converged: false, reason: 'limit', epochs: 50 })
    expect(shuffled.message).toMatch(/^not converged after \d+ updates in 50 passes, [1-4] mistakes in the last/)
  })

  test('updates stay below the bound (R / γ)² of Novikoff', async () => {
    const random = new RandomSequence(4)
    const rows: number[][] = []
    while (rows.length < 200) {
      const x = [2 * random.uniform() - 1, 2 * random.uniform() - 1]
      if (Math.abs(0.6 * (x[0] ?? 0) + 0.8 * (x[1] ?? 0)) > 0.1) rows.push(x)
    }
    const targets = rows.map(([a = 0, b = 0]) => (0.6 * a + 0.8 * b > 0 ? 1 : -1))
    const report = await new models.Perceptron(2).fit(rows, targets)
    // The bias is an input of 1, so R² = max |x|² + 1 ≤ 3 and γ = 0.1.
    expect(report.converged).toBe(true)
    expect(report.updates.length).toBeLessThanOrEqual(300)
  })

  test('what it refuses', async () => {
    const unit = new models.Perceptron(2)
    await expect(unit.fit(corners, [0, 0, 0, 1])).rejects.toThrow(
      'a perceptron learns targets −1 and 1, given 0 for sample 0.',
    )
    await expect(unit.fit([[1, 2, 3]], [1])).rejects.toThrow(
      'the model takes rows of 2 numbers, given inputs of shape [1, 3].',
    )
    await expect(unit.fit(corners, [1])).rejects.toThrow('4 rows need 4 answers, given 1.')
    await expect(unit.fit([[0, Number.NaN]], [1])).rejects.toThrow('row 0, column 1 is NaN; fill or drop it first.')
    await expect(unit.fit([[0, 1]], [Number.NaN])).rejects.toThrow('answer 0 is NaN; fill or drop it first.')
    await expect(unit.fit(corners, [1, 1, 1, 1], { lr: 0 })).rejects.toThrow('a rate above 0, given 0')
    await expect(unit.fit(corners, [1, 1, 1, 1], { maxEpochs: 0 })).rejects.toThrow('maxEpochs is at least 1')
    await expect(unit.fit(tensor([], { shape: [0, 2] }), [])).rejects.toThrow('on no rows at all')
  })
})

/** Least squares with a bias by the normal equations, in double precision. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const wide = rows.map((row) => [...row, 1])
  const size = wide[0]?.length ?? 0
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => wide.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    wide.reduce((sum, row, sample) => sum + (row[i] ?? 0) * (targets[sample] ?? 0), 0),
  ])
  for (const [pivot, row] of system.entries()) {
    const scale = row[pivot] ?? 1
    for (let column = 0; column <= size; column++) row[column] = (row[column] ?? 0) / scale
    for (const other of system) {
      if (other === row) continue
      const factor = other[pivot] ?? 0
      for (let column = 0; column <= size; column++) other[column] = (other[column] ?? 0) - factor * (row[column] ?? 0)
    }
  }
  return system.map((row) => row[size] ?? 0)
}

describe('LinearUnit', () => {
  const random = new RandomSequence(7)
  const rows = Array.from({ length: 24 }, () => [random.normal(), random.normal()])
  const targets = rows.map(([a = 0, b = 0]) => 2 * a - 3 * b + 0.5 + 0.3 * random.normal())
  const solution = leastSquares(rows, targets)

  test.each([
    ['batch', { mode: 'batch', lr: 0.5, epochs: 300, tolerance: 0 }],
    ['stochastic', { mode: 'stochastic', lr: 0.05, decay: 0.3, epochs: 2500, tolerance: 0 }],
    ['mini-batch', { mode: 'mini-batch', batchSize: 6, lr: 0.2, decay: 0.3, epochs: 2500, tolerance: 0 }],
  ] as const)('%s descent ends at the least-squares solution', async (_, options) => {
    manualSeed(1)
    const unit = new models.LinearUnit(2)
    const report = await unit.fit(rows, targets, options)
    const found = [...(await unit.linear.weight.data()), ...((await unit.linear.bias?.data()) ?? [])]
    found.forEach((value, index) => {
      expect(Math.abs(value - (solution[index] ?? 0))).toBeLessThan(1e-4)
    })
    const residuals = rows.map(([a = 0, b = 0], i) => {
      const [w1 = 0, w2 = 0, bias = 0] = solution
      return (targets[i] ?? 0) - (w1 * a + w2 * b + bias)
    })
    const error = residuals.reduce((sum, each) => sum + each * each, 0) / 2 / rows.length
    expect(report.losses.at(-1)).toBeCloseTo(error, options.mode === 'batch' ? 6 : 3)
  })

  test('one update of one sample is Δw = η (t − o) x', async () => {
    const unit = new models.LinearUnit(2)
    await unit.fit([[2, -1]], [3], { mode: 'stochastic', lr: 0.1, epochs: 1 })
    const weights = Array.from(await unit.linear.weight.data())
    // (3 − 0) · 0.1 = 0.3
    expect(weights).toEqual([expect.closeTo(0.6, 6), expect.closeTo(-0.3, 6)])
    expect((await unit.linear.bias?.data())?.[0]).toBeCloseTo(0.3, 6)
  })

  test('stops when the error stands still; says when it explodes', async () => {
    const report = await new models.LinearUnit(2).fit(rows, targets, { lr: 0.5 })
    expect(report.converged).toBe(true)
    expect(report.epochs).toBeLessThan(200)
    await expect(new models.LinearUnit(2).fit(rows, targets, { lr: 50 })).rejects.toThrow(
      /^the loss grew beyond all bounds in pass \d+; use a lower lr than 50, or scale the inputs\.$/,
    )
    await expect(new models.LinearUnit(2).fit(rows, targets, { epochs: 0 })).rejects.toThrow('given epochs 0')
  })
})

describe('LogisticRegression', () => {
  // Hours of study and whether the examination was passed: the example of Wikipedia's article "Logistic regression".
  const hours = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5]
  const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1]
  const rows = hours.map((hour) => [hour])

  test('the published coefficients of the study hours', async () => {
    const model = new models.LogisticRegression(1)
    const report = await model.fit(rows, passed)
    expect(report.converged).toBe(true)
    expect((await model.linear.weight.data())[0]).toBeCloseTo(1.5046, 3)
    expect((await model.linear.bias?.data())?.[0]).toBeCloseTo(-4.0777, 3)
    // The article's log-likelihood of −8.02988 over 20 students, and its table of probabilities.
    expect(report.loss * 20).toBeCloseTo(8.02988, 4)
    const probabilities = await model.predictProbability([[1], [2], [3], [4], [5]])
    expect(probabilities.map((each) => Number(each.toFixed(2)))).toEqual([0.07, 0.26, 0.61, 0.87, 0.97])
    expect(await model.predict([[1], [5]])).toEqual([0, 1])
  })

  test('with a penalty: the gradient of mean loss + ½ λ w² is 0, the bias is free', async () => {
    const model = new models.LogisticRegression(1, { l2: 0.5 })
    await model.fit(rows, passed)
    const [w = 0] = await model.linear.weight.data()
    const [b = 0] = (await model.linear.bias?.data()) ?? []
    const misses = hours.map((hour, index) => 1 / (1 + Math.exp(-(w * hour + b))) - (passed[index] ?? 0))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(misses)).toBeCloseTo(0, 5)
    expect(mean(misses.map((miss, index) => miss * (hours[index] ?? 0))) + 0.5 * w).toBeCloseTo(0, 5)
  })

  test('what it refuses', async () => {
    expect(() => new models.LogisticRegression(1, { l2: -1 })).toThrow('l2 is a number of at least 0, given -1.')
    await expect(new models.LogisticRegression(1).fit(rows, hours)).rejects.toThrow(
      'answer 0 is 0.5, but the classes are the whole numbers 0 to 1.',
    )
  })
})

describe('SoftmaxRegression', () => {
  test('on groups that it can tell apart it gives their frequencies', async () => {
    // Group 0 has classes 0 0 1 2, group 1 has 1 1 1 2: with one indicator each the likeliest model has these shares.
    const rows = [...Array(4).fill([1, 0]), ...Array(4).fill([0, 1])] as number[][]
    const classes = [0, 0, 1, 2, 1, 1, 2, 0]
    const model = new models.SoftmaxRegression(2, 3)
    await model.fit(rows, classes)
    const [first = [], second = []] = await model.predictProbabilities([
      [1, 0],
      [0, 1],
    ])
    for (const [index, share] of [0.5, 0.25, 0.25].entries()) expect(first[index]).toBeCloseTo(share, 4)
    for (const [index, share] of [0.25, 0.5, 0.25].entries()) expect(second[index]).toBeCloseTo(share, 4)
  })

  test('of two classes it is logistic regression', async () => {
    const rows = [[-2], [-1], [0.5], [-0.5], [1], [3]]
    const classes = [0, 0, 0, 1, 1, 1]
    // The difference of two penalised rows v, −v is w = 2 v, and ½ λ · 2 v² = ½ (λ / 2) w².
    const [binary, both] = [
      new models.LogisticRegression(1, { l2: 0.1 }),
      new models.SoftmaxRegression(1, 2, { l2: 0.2 }),
    ]
    await binary.fit(rows, classes)
    await both.fit(rows, classes)
    const expected = await binary.predictProbability(rows)
    const found = (await both.predictProbabilities(rows)).map(([, yes]) => yes)
    found.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? 0, 4)
    })
    expect(await both.predict([[-3], [3]])).toEqual([0, 1])
  })
})

describe('LinearSvm', () => {
  test('risk and gradient, worked by hand', async () => {
    const svm = new models.LinearSvm(2, 3, { lambda: 0.1 })
    svm.linear.weight.write([1, 0, 0, 1, 1, 1])
    const [x, y] = [tensor([[1, 2]]), tensor([0], { dtype: 'int32' })]
    const risk = svm.risk(x, y)
    const [gradient] = grad(risk, [svm.linear.weight])
    // Scores 1, 2, 3: hinges 2 − 1 + 1 and 3 − 1 + 1; penalty 0.1 · 4.
    expect(await risk.item()).toBeCloseTo(5.4, 6)
    const expected = [-2 + 0.2, -4, 1, 2 + 0.2, 1 + 0.2, 2 + 0.2]
    const found = Array.from(await gradient.data())
    found.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? 0, 5)
    })
  })

  test('two points, two classes: the minimum worked by hand', async () => {
    // By symmetry W = ±w: risk max(0, 1 − 2w) + 2 λ w², for λ = 2 least at w = 1/4.
    const svm = new models.LinearSvm(1, 2, { lambda: 2 })
    await svm.fit([[1], [-1]], [0, 1], { lr: 0.05, decay: 0 })
    const weights = Array.from(await svm.linear.weight.data())
    expect(weights).toEqual([expect.closeTo(0.25, 4), expect.closeTo(-0.25, 4)])
  })

  test('tells three clouds apart', async () => {
    manualSeed(2)
    const random = new RandomSequence(3)
    const centres = [
      [2, 0],
      [-1, 2],
      [-1, -2],
    ]
    const classes = Array.from({ length: 90 }, (_, index) => index % 3)
    const rows = classes.map((label) => (centres[label] ?? []).map((centre) => centre + 0.4 * random.normal()))
    const svm = new models.LinearSvm(2, 3)
    const { losses } = await svm.fit(rows, classes, { epochs: 30 })
    expect(losses.at(-1)).toBeLessThan(0.1)
    const found = await svm.predict(rows)
    expect(found.filter((label, index) => label === classes[index]).length).toBe(90)
  })

  test('what it refuses', async () => {
    expect(() => new models.LinearSvm(1, 2, { lambda: -1 })).toThrow('lambda and margin of at least 0')
    await expect(new models.LinearSvm(1, 2).fit([[1]], [2])).rejects.toThrow(
      'answer 0 is 2, but the classes are the whole numbers 0 to 1.',
    )
  })
})

test('rows may be a matrix of the data package', async () => {
  const matrix = { data: Float32Array.of(0, 1, 2), shape: [3, 1] } as const
  const unit = new models.LinearUnit(1)
  await unit.fit(matrix, [1, 3, 5], { lr: 0.3 })
  expect((await unit.predict(matrix))[2]).toBeCloseTo(5, 2)
})
