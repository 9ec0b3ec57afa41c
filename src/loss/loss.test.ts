/** Losses by hand-worked values and their error texts; PyTorch's values are checked by the golden cases. */
import { describe, expect, test } from 'vitest'
import { compile, grad, loss, type Tensor, tensor } from '../index.ts'

const classes = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' })
const value = async (result: Tensor): Promise<number> => result.item()
const gradient = async (of: (x: Tensor) => Tensor, x: Tensor): Promise<unknown> => grad(of(x), [x])[0].toArray()

describe('cross-entropy', () => {
  test('of equal scores is the logarithm of the number of classes', async () => {
    expect(await value(loss.crossEntropy(tensor([[3, 3, 3, 3]]), classes(2)))).toBeCloseTo(Math.log(4), 6)
  })

  test('is safe for scores of ±1000, with a gradient of softmax − one-hot', async () => {
    const scores = tensor([[1000, -1000]])
    expect(await value(loss.crossEntropy(scores, classes(0)))).toBe(0)
    expect(await value(loss.crossEntropy(scores, classes(1)))).toBe(2000)
    expect(await gradient((x) => loss.crossEntropy(x, classes(1)), scores)).toEqual([[1, -1]])
  })

  test('label smoothing mixes with the mean over classes', async () => {
    const scores = tensor([[Math.log(3), 0]])
    const [right, other] = [-Math.log(3 / 4), -Math.log(1 / 4)]
    const expected = 0.8 * right + 0.2 * ((right + other) / 2)
    expect(await value(loss.crossEntropy(scores, classes(0), { labelSmoothing: 0.2 }))).toBeCloseTo(expected, 6)
  })

  test('weights divide by their sum, ignored labels do not count', async () => {
    const scores = tensor([
      [0, 0],
      [Math.log(3), 0],
      [9, 9],
    ])
    const expected = (1 * Math.log(2) + 3 * -Math.log(1 / 4)) / 4
    const options = { weight: [1, 3], ignoreIndex: -1 }
    expect(await value(loss.crossEntropy(scores, classes(0, 1, -1), options))).toBeCloseTo(expected, 6)
  })

  test('each sample alone and their sum', async () => {
    const scores = tensor([
      [0, 0],
      [0, 0],
    ])
    const each = await loss.crossEntropy(scores, classes(0, 1), { reduction: 'none' }).toArray()
    expect(each).toEqual([expect.closeTo(Math.LN2, 6), expect.closeTo(Math.LN2, 6)])
    expect(await value(loss.crossEntropy(scores, classes(0, 1), { reduction: 'sum' }))).toBeCloseTo(2 * Math.LN2, 6)
  })

  test('a label outside the classes is an error where it is known and NaN where it is not', async () => {
    const scores = tensor([[1, 2]])
    expect(() => loss.crossEntropy(scores, classes(2))).toThrow(
      'crossEntropy: target 0 is class 2, but the scores are for 2 classes (0 to 1).',
    )
    const step = compile((x: Tensor, y: Tensor) => loss.crossEntropy(x, y))
    expect(await value(await step(scores, classes(2)))).toBeNaN()
    expect(await value(await step(scores, classes(1)))).toBeCloseTo(Math.log(1 + Math.exp(-1)), 6)
  })

  test('shapes and types that do not fit', () => {
    expect(() => loss.crossEntropy(tensor([[1, 2]]), classes(0, 1))).toThrow(
      'crossEntropy of scores [1, 2] takes class numbers of shape [1], given shape [2].',
    )
    expect(() => loss.crossEntropy(tensor([[1, 2]]), tensor([0]))).toThrow(
      "crossEntropy takes class numbers as int32, given float32; convert them with to('int32').",
    )
    expect(() => loss.crossEntropy(tensor([[1, 2]]), classes(0), { labelSmoothing: 1 })).toThrow(
      'labelSmoothing is a number in [0, 1), given 1.',
    )
    expect(() => loss.crossEntropy(tensor([[1, 2]]), classes(0), { weight: [1, 2, 3] })).toThrow(
      'class weights need one number for each of the 2 classes, given shape [3].',
    )
  })
})

describe('numbers', () => {
  test('squared error with ½ has the difference as its gradient', async () => {
    const target = tensor([1, 4])
    expect(await gradient((x) => loss.squaredError(x, target), tensor([3, 3]))).toEqual([2, -1])
  })

  test('Huber is quadratic inside δ and linear outside', async () => {
    const each = loss.huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: 'none' })
    expect(await each.toArray()).toEqual([0.125, 2.5])
  })

  test('smooth L1 with β = 0 is L1', async () => {
    expect(await value(loss.smoothL1(tensor([2, -4]), tensor([0, 0]), { beta: 0 }))).toBe(3)
  })

  test('different shapes are an error, not a broadcast', () => {
    expect(() => loss.mse(tensor([[1], [2]]), tensor([1, 2]))).toThrow(
      'mse compares element by element: the prediction has shape [2, 1], the target [2]; reshape one of them.',
    )
  })
})

describe('yes or no', () => {
  test('scores of ±1000 give no NaN, and the gradient at 0 is ½ − t', async () => {
    const each = loss.bceWithLogits(tensor([1000, 1000, -1000]), tensor([1, 0, 1]), { reduction: 'none' })
    expect(await each.toArray()).toEqual([0, 1000, 1000])
    expect(await gradient((x) => loss.bceWithLogits(x, tensor([1])), tensor([0]))).toEqual([-0.5])
    expect(await gradient((x) => loss.bceWithLogits(x, tensor([0])), tensor([0]))).toEqual([0.5])
  })

  test('probabilities of 0 and 1 are held at −100, with finite gradients', async () => {
    const each = loss.binaryCrossEntropy(tensor([0, 1]), tensor([1, 0]), { reduction: 'none' })
    expect(await each.toArray()).toEqual([100, 100])
    expect(await gradient((x) => loss.binaryCrossEntropy(x, tensor([1])), tensor([0]))).toEqual([0])
  })

  test('the focal losses with γ = 0 are the cross-entropies', async () => {
    const scores = tensor([[1, -2, 0.5]])
    const plain = await value(loss.crossEntropy(scores, classes(2)))
    expect(await value(loss.focal(scores, classes(2), { gamma: 0 }))).toBeCloseTo(plain, 6)
    // p = ½: α (1 − p)² · ln 2
    const focal = loss.sigmoidFocal(tensor([0]), tensor([1]), { gamma: 2, alpha: 0.25 })
    expect(await value(focal)).toBeCloseTo(0.25 * 0.25 * Math.LN2, 6)
  })
})

describe('margins', () => {
  test('the multi-class hinge of the lecture: cat 2.9, car 0, frog 12.9', async () => {
    const scores = tensor([
      [3.2, 5.1, -1.7],
      [1.3, 4.9, 2.0],
      [2.2, 2.5, -3.1],
    ])
    const each = loss.multiClassHinge(scores, classes(0, 1, 2), { reduction: 'none' })
    expect(await each.toArray()).toEqual([2.9, 0, 12.9].map((each) => expect.closeTo(each, 5)))
  })

  test('the perceptron loss gives Rosenblatt’s gradient −y on mistakes only', async () => {
    const target = tensor([1, -1, 1])
    const found = await gradient((x) => loss.perceptron(x, target, { reduction: 'sum' }), tensor([2, 3, -4]))
    expect(found).toEqual([expect.closeTo(0, 9), 1, -1])
  })

  test('hinges with y = ±1', async () => {
    expect(await value(loss.binaryHinge(tensor([2, 0.25]), tensor([1, -1])))).toBeCloseTo(0.625, 6)
    expect(await value(loss.softMargin(tensor([1000]), tensor([-1])))).toBe(1000)
    expect(() => loss.multiMargin(tensor([[1, 2]]), classes(0), { p: 3 as 2 })).toThrow(
      'multiMargin takes the power p = 1 or 2, given 3.',
    )
  })
})

test('Dice of equal masks is 0 and of disjoint ones nearly 1', async () => {
  const mask = tensor([[1, 0, 1, 0]])
  expect(await value(loss.dice(mask, mask))).toBeCloseTo(0, 6)
  expect(await value(loss.dice(mask, tensor([[0, 1, 0, 1]])))).toBeCloseTo(1 - 1 / 5, 6)
})

test('divergence of a distribution from itself is 0, also where it is 0', async () => {
  const p = tensor([[0.5, 0.5, 0]])
  const log = tensor([[Math.log(0.5), Math.log(0.5), -50]])
  expect(await value(loss.klDiv(log, p, { reduction: 'sum' }))).toBeCloseTo(0, 6)
})

test('penalties', async () => {
  const weights = [tensor([1, -2]), tensor([[3]])]
  expect(await value(loss.l1Penalty(weights))).toBe(6)
  expect(await value(loss.l2Penalty(weights))).toBe(14)
  expect(await value(loss.elasticPenalty(weights, { ratio: 0.25 }))).toBeCloseTo(0.25 * 6 + 0.75 * 7, 6)
  expect(() => loss.l1Penalty([])).toThrow('l1Penalty needs at least one parameter, given none.')
})
