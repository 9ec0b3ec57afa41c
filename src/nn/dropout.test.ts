/** Dropout: what it keeps, how it scales, when it is active, and that the seed decides. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { compile, dropPath, manualSeed, nn, ones, Parameter, type Tensor, tensor, zeros } from '../index.ts'

describe('Dropout', () => {
  test('in evaluation gives the input back', async () => {
    await checkLayer(new nn.Dropout(0.7), tensor([[1, -2]]), { training: false, output: [[1, -2]] })
  })

  test('drops a share p and scales the rest by 1 / (1 − p)', async () => {
    manualSeed(1)
    const values = await new nn.Dropout(0.2).forward(ones([100, 100])).data()
    const kept = values.filter((value) => value !== 0)
    expect(kept.every((value) => Math.abs(value - 1.25) < 1e-6)).toBe(true)
    // Binomial: standard deviation √(0.2 · 0.8 / 10,000) = 0.004; five of them.
    expect(Math.abs(kept.length / 10_000 - 0.8)).toBeLessThan(0.02)
  })

  test('p = 0 keeps everything, p = 1 nothing', async () => {
    expect(await new nn.Dropout(0).forward(ones([3])).toArray()).toEqual([1, 1, 1])
    expect(await new nn.Dropout(1).forward(ones([3])).toArray()).toEqual([0, 0, 0])
    expect(() => new nn.Dropout(1.5)).toThrow('a dropout probability lies between 0 and 1, given 1.5.')
  })

  test('the same seed drops the same; every run drops anew; modes are recorded apart', async () => {
    const layer = new nn.Dropout(0.5)
    const run = compile((x: Tensor) => layer.forward(x))
    const x = ones([64])
    const draw = async () => Array.from(await (await run(x)).data())
    manualSeed(5)
    const [first, second] = [await draw(), await draw()]
    expect(second).not.toEqual(first)
    layer.eval()
    expect(await draw()).toEqual(Array(64).fill(1))
    layer.train()
    manualSeed(5)
    expect([await draw(), await draw()]).toEqual([first, second])
    expect(run.programs).toHaveLength(2)
  })

  test('the gradient passes where the value did', async () => {
    manualSeed(2)
    const weight = new Parameter(new Float32Array(32).fill(1), [32])
    const y = new nn.Dropout(0.5).forward(weight)
    y.sum().backward()
    expect(await weight.grad?.toArray()).toEqual(await y.toArray())
  })
})

test.each([
  ['Dropout1d', new nn.Dropout1d(0.5), [8, 16, 5]],
  ['Dropout2d', new nn.Dropout2d(0.5), [8, 16, 5, 1]],
  ['Dropout3d', new nn.Dropout3d(0.5), [8, 16, 5, 1, 1]],
] as const)('%s drops whole channels', async (_, layer, shape) => {
  manualSeed(3)
  const values = await layer.forward(ones(shape)).data()
  const channels = Array.from({ length: 128 }, (__, index) => new Set(values.subarray(5 * index, 5 * index + 5)))
  expect(channels.every((channel) => channel.size === 1)).toBe(true)
  const dropped = channels.filter((channel) => channel.has(0)).length
  expect(dropped).toBeGreaterThan(40)
  expect(dropped).toBeLessThan(88)
  expect(() => layer.forward(zeros([4]))).toThrow('or the same without the batch axis, given shape [4]')
})

test('dropPath drops whole samples', async () => {
  manualSeed(4)
  const values = await dropPath(ones([64, 3]), { p: 0.5 }).toArray()
  const rows = values as number[][]
  expect(rows.every(([a, b, c]) => a === b && b === c)).toBe(true)
  expect(new Set(rows.flat())).toEqual(new Set([0, 2]))
})
