/** The first models: keys, parameter counts, shapes, and that they learn. */
import { describe, expect, test } from 'vitest'
import { compile, loss, manualSeed, models, type nn, optim, type Tensor, tensor, zeros } from '../index.ts'

const count = (net: nn.AnyModule) => net.parameters().reduce((sum, { size }) => sum + size, 0)

test('FashionSimpleNet', () => {
  const net = new models.FashionSimpleNet()
  // 320 + 18,496 + 401,536 + 1,290
  expect(count(net)).toBe(421_642)
  expect([...net.namedState().keys()]).toEqual([
    'features.0.weight',
    'features.0.bias',
    'features.3.weight',
    'features.3.bias',
    'classifier.1.weight',
    'classifier.1.bias',
    'classifier.3.weight',
    'classifier.3.bias',
  ])
  expect(net.forward(zeros([2, 1, 28, 28])).shape).toEqual([2, 10])
  const coloured = new models.FashionSimpleNet({ classes: 4, inChannels: 3, imageSize: 32 })
  expect(coloured.forward(zeros([2, 3, 32, 32])).shape).toEqual([2, 4])
})

test('LeNet-5 has its published 61,706 parameters', () => {
  const net = models.leNet5()
  expect(count(net)).toBe(61_706)
  expect(net.forward(zeros([2, 1, 28, 28])).shape).toEqual([2, 10])
})

describe('mlp', () => {
  test('layers by sizes and options', () => {
    const net = models.mlp([2, 8, 3], { activation: 'tanh', outputActivation: 'sigmoid', dropout: 0.1 })
    expect([...net].map((layer) => layer.label)).toEqual(['Linear 2 → 8', 'Tanh', 'Dropout', 'Linear 8 → 3', 'Sigmoid'])
    expect(() => models.mlp([2])).toThrow('mlp needs the sizes of the input and the output at least, given [2].')
    expect(() => models.mlp([2, 2, 1], { activation: 'step' as 'relu' })).toThrow("there is no activation 'step'")
  })

  test('learns XOR', async () => {
    manualSeed(1)
    const net = models.mlp([2, 8, 1], { activation: 'tanh' })
    const adam = new optim.Adam(net.parameters(), { lr: 0.05 })
    const x = tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    const y = tensor([[0], [1], [1], [0]])
    const step = compile((input: Tensor, target: Tensor) => {
      const error = loss.mse(net.forward(input), target)
      adam.minimize(error)
      return error
    })
    for (let index = 0; index < 200; index++) await step(x, y)
    expect(await (await step(x, y)).item()).toBeLessThan(1e-3)
  })
})
