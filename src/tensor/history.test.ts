/** Reading values on the way changes no gradient. Expected numbers are worked by hand. */
import { describe, expect, test } from 'vitest'
import { compile, grad, jacobian, loss, manualSeed, nn, optim, rand, type Tensor, tensor } from '../index.ts'

const valuesOf = async (value: Tensor | undefined): Promise<number[]> => Array.from((await value?.data()) ?? [])

describe('a gradient after reading', () => {
  test('the output', async () => {
    const x = tensor([1, 2, 3])
    const y = x.square().sum()
    expect(await y.item()).toBe(14)
    expect(await valuesOf(grad(y, [x])[0])).toEqual([2, 4, 6])
  })

  test('something on the way', async () => {
    const x = tensor([1, 2, 3])
    const y = x.square()
    expect(await valuesOf(y)).toEqual([1, 4, 9])
    expect(await valuesOf(grad(y.square().sum(), [x])[0])).toEqual([4, 32, 108])
  })

  test('the loss, before backward', async () => {
    const layer = new nn.Linear(2, 1)
    layer.weight.write([1, 1])
    layer.bias?.write([0])
    const value = loss.mse(layer.forward(tensor([[1, 2]])), tensor([[5]]))
    expect(await value.item()).toBe(4)
    value.backward()
    expect(await valuesOf(layer.weight.grad ?? undefined)).toEqual([-4, -8])
    expect(await valuesOf(layer.bias?.grad ?? undefined)).toEqual([-4])
  })

  test('what is differentiated by, before and after the output was built', async () => {
    const a = tensor([1, 2])
    const x = a.mul(3)
    const before = x.square()
    expect(await valuesOf(x)).toEqual([3, 6])
    const after = x.mul(10)
    expect(await valuesOf(grad(before.add(after).sum(), [x])[0])).toEqual([16, 22])
    expect(await valuesOf(grad(before.add(after).sum(), [a])[0])).toEqual([48, 66])
  })

  test('second derivatives, read in between', async () => {
    const x = tensor([2, 3])
    const [first] = grad(x.pow(3).sum(), [x])
    expect(await valuesOf(first)).toEqual([12, 27])
    const [second] = grad(first.sum(), [x])
    expect(await valuesOf(second)).toEqual([12, 18])
    expect(await valuesOf(grad(second.sum(), [x])[0])).toEqual([6, 6])
    const y = x.square()
    await y.data()
    expect(await jacobian(y, x).toArray()).toEqual([
      [4, 0],
      [0, 6],
    ])
  })

  test('random draws stay what they were', async () => {
    manualSeed(1)
    const x = tensor([1, 1, 1, 1])
    const noise = rand([4])
    const y = x.mul(noise)
    const drawn = await valuesOf(y)
    expect(await valuesOf(grad(y.sum(), [x])[0])).toEqual(drawn)
  })

  test('what was detached stays a constant', async () => {
    const x = tensor([1, 2])
    const y = x.square()
    await y.data()
    const z = y.detach()
    await z.data()
    expect(await valuesOf(grad(z.mul(x).sum(), [x])[0])).toEqual([1, 4])
    expect(await valuesOf(grad(y.detach().mul(y).sum(), [x])[0])).toEqual([2, 16])
  })

  test('a compiled function takes what was read as a constant', async () => {
    const x = tensor([3])
    const y = x.square()
    await y.data()
    const slope = compile((t: Tensor) => grad(t.mul(y).sum(), [t])[0] as Tensor)
    expect(await valuesOf(await slope(x))).toEqual([9])
  })

  test('steps of an optimizer with the loss read before each', async () => {
    const layer = new nn.Linear(1, 1, { bias: false })
    layer.weight.write([0])
    const sgd = new optim.SGD(layer.parameters(), { lr: 0.25 })
    const seen: number[] = []
    for (let step = 0; step < 4; step++) {
      const value = loss.mse(layer.forward(tensor([[1]])), tensor([[1]]))
      seen.push(await value.item())
      sgd.zeroGrad()
      value.backward()
      sgd.step()
    }
    expect(seen).toEqual([1, 0.25, 0.0625, 0.015625])
  })
})

describe('a long past', () => {
  test('of a thousand readings', async () => {
    const x = tensor([1])
    let y: Tensor = x
    for (let step = 0; step < 1000; step++) {
      y = y.mul(1.001)
      await y.data()
    }
    const [slope] = await valuesOf(grad(y.sum(), [x])[0])
    expect(slope).toBeCloseTo(1.001 ** 1000, 3)
  })

  test('is forgotten beyond 64 MiB, which a gradient says', async () => {
    const x = tensor([1])
    const heavy = new Float32Array(2 ** 20)
    let y: Tensor = x
    for (let step = 0; step < 20; step++) {
      y = y.add(tensor(heavy).sum())
      await y.data()
    }
    const early = y
    expect(() => grad(y.sum(), [x])).toThrow(
      'this gradient goes back through a long chain of tensors that were read on the way',
    )
    expect(await valuesOf(grad(early.detach().mul(x).sum(), [x])[0])).toEqual([1])
    expect(await valuesOf(grad(early.square().sum(), [early])[0])).toEqual([2])
  })
})
