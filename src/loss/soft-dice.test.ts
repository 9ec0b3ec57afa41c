/** The Dice loss of several classes, worked by hand. */
import { describe, expect, test } from 'vitest'
import { compile, grad, loss, optim, type Tensor, tensor } from '../index.ts'
import { Parameter } from '../tensor/index.ts'

/** Scores whose softmax are these probabilities. */
const scoresOf = (rows: number[][]): Tensor => tensor(rows.map((row) => row.map(Math.log)))
const labels = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })

describe('softDice', () => {
  const scores = scoresOf([
    [0.7, 0.2, 0.1],
    [0.25, 0.5, 0.25],
    [0.1, 0.1, 0.8],
  ])

  test('each class by hand', async () => {
    // Class 0: Σ p t = 0.7, Σ p = 1.05, Σ t = 1. Class 1: 0.5 + 0.1, 0.8, 2. Class 2: 0, 1.15, 0.
    const dice = [2.4 / 3.05, 2.2 / 3.8, 1 / 2.15]
    const expected = 1 - dice.reduce((sum, value) => sum + value, 0) / 3
    expect(await loss.softDice(scores, labels([0, 1, 1])).item()).toBeCloseTo(expected, 5)
    const plain = [1.4 / 2.05, 1.2 / 2.8, 0]
    const bare = await loss.softDice(scores, labels([0, 1, 1]), { smooth: 0 }).item()
    expect(bare).toBeCloseTo(1 - (plain[0] as number) / 3 - (plain[1] as number) / 3, 5)
  })

  test('ignored places count nowhere', async () => {
    const two = await loss.softDice(scores.slice(0, 0, 2), labels([0, 1])).item()
    expect(await loss.softDice(scores, labels([0, 1, -100]), { ignoreIndex: -100 }).item()).toBeCloseTo(two, 6)
  })

  test('masks: the same numbers as places in a row', async () => {
    const picture = scores.transpose(0, 1).reshape(1, 3, 1, 3)
    const mask = labels([0, 1, 1]).reshape(1, 1, 3)
    const inRow = await loss.softDice(scores, labels([0, 1, 1])).item()
    expect(await loss.softDice(picture, mask).item()).toBeCloseTo(inRow, 6)
  })

  test('the gradient by central differences', async () => {
    const [gradient] = grad(loss.softDice(scores, labels([0, 1, 1])), [scores])
    const found = await gradient.data()
    const start = Array.from(await scores.data())
    for (const place of [0, 3, 4, 8]) {
      const at = async (shift: number): Promise<number> => {
        const moved = start.map((value, index) => (index === place ? value + shift : value))
        return loss.softDice(tensor(moved).reshape(3, 3), labels([0, 1, 1])).item()
      }
      expect(found[place]).toBeCloseTo(((await at(0.01)) - (await at(-0.01))) / 0.02, 4)
    }
  })

  test('descent finds the mask', async () => {
    const free = new Parameter(new Float32Array(8), [4, 2])
    const adam = new optim.Adam([free], { lr: 0.3 })
    const step = compile((y: Tensor) => {
      const value = loss.softDice(free, y, { smooth: 0 })
      adam.minimize(value)
      return value
    })
    for (let i = 0; i < 60; i++) await step(labels([1, 0, 0, 0]))
    expect(await free.argmax(1).toArray()).toEqual([1, 0, 0, 0])
  })

  test('a class outside the scores', () => {
    expect(() => loss.softDice(scores, labels([0, 3, 0]))).toThrow(
      'softDice: target 1 is class 3, but the scores are for 3 classes (0 to 2).',
    )
  })
})
