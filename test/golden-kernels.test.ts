/**
 * What canonical graphs compile to, as text in `golden-kernels/`: a change of the compiler shows here as a change of kernels. Each
 * case also says how many kernels it may take. `vitest run test/golden-kernels.test.ts -u` writes the files anew; read the difference.
 */
import { describe, expect, it } from 'vitest'
import type { DType } from '../src/base/dtype.ts'
import { compileGraph } from '../src/compile/compile-graph.ts'
import { printProgram } from '../src/compile/print-program.ts'
import {
  avgPool2d,
  compile,
  concat,
  conv2d,
  embedding,
  layerNorm,
  loss,
  maxPool2d,
  models,
  nn,
  oneHot,
  optim,
  Parameter,
  rand,
  softmax,
  Tensor,
  where,
  zeros,
} from '../src/index.ts'

interface Operand {
  readonly shape: readonly number[]
  readonly dtype: DType
}

const float = (...shape: number[]): Operand => ({ shape, dtype: 'float32' })
const int32 = (...shape: number[]): Operand => ({ shape, dtype: 'int32' })
const parameter = (...shape: number[]): Parameter =>
  new Parameter(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)

/** The program of a function, for operands of these types, and its number of kernels. */
function program(operands: readonly Operand[], build: (...inputs: Tensor[]) => unknown) {
  const inputs = operands.map(({ shape, dtype }) => zeros(shape, dtype))
  const { graph } = compile(build).prepare(...inputs)
  const compiled = compileGraph(graph)
  return { text: `${printProgram(compiled)}\n`, kernels: compiled.kernels.length }
}

type Case = readonly [
  name: string,
  kernels: number,
  operands: readonly Operand[],
  build: (...inputs: Tensor[]) => unknown,
]

/** A training step: forward, loss, backward, update. */
function step(model: nn.Layer, makeOptimizer: (parameters: Parameter[]) => optim.Optimizer) {
  const optimizer = makeOptimizer(model.parameters())
  return (x: Tensor, y: Tensor): Tensor => {
    const value = loss.crossEntropy(model.forward(x), y)
    optimizer.minimize(value)
    return value
  }
}

const elementwise: readonly Case[] = [
  ['sum of equal shapes', 1, [float(4, 5), float(4, 5)], (a, b) => a.add(b)],
  ['row added to a matrix', 1, [float(4, 5), float(5)], (a, b) => a.add(b)],
  ['GELU', 1, [float(100)], (x) => new nn.GELU().forward(x)],
  ['two results of one expression', 1, [float(50)], (x) => [x.exp(), x.exp().add(1)]],
  ['views: every second row turned around', 1, [float(6, 8)], (x) => x.slice(0, 0, 6, 2).flip(1).mul(2)],
  ['views: transposed operand', 1, [float(6, 8), float(8, 6)], (a, b) => a.mT.add(b)],
  ['views: reshape across rows', 2, [float(6, 8)], (x) => x.mT.reshape(4, 12).mul(2)],
  [
    'border',
    1,
    [float(2, 3, 4, 5)],
    (x) =>
      x.add(1).pad([
        [0, 0],
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
  ],
  ['join', 3, [float(2, 3), float(2, 4), float(2, 5)], (a, b, c) => concat([a, b, c], 1)],
  ['choice by comparison', 1, [float(9), float(9)], (a, b) => where(a.lt(b), a.mul(2), b)],
  ['one-hot', 1, [int32(6)], (labels) => oneHot(labels, 4)],
  ['dropout', 2, [float(6, 10)], (x) => new nn.Dropout(0.25).forward(x)],
  ['random numbers', 2, [], () => rand([8])],
]

const reductions: readonly Case[] = [
  ['row sums', 1, [float(5, 7)], (x) => x.sum(1)],
  ['column means of squares', 1, [float(5, 7)], (x) => x.square().mean(0)],
  ['everything into one number', 1, [float(5, 7), float(5, 7)], (a, b) => a.sub(b).square().mean()],
  ['variance', 2, [float(5, 7)], (x) => x.var(1)],
  ['softmax', 4, [float(5, 7)], (x) => softmax(x, -1)],
  ['class with the highest score', 1, [float(5, 7)], (x) => x.argmax(1)],
  ['cross-entropy', 4, [float(5, 7), int32(5)], (x, y) => loss.crossEntropy(x, y)],
  ['layer normalisation', 3, [float(5, 7)], (x) => layerNorm(x, [7])],
]

const layers: readonly Case[] = [
  ['matrix product', 1, [float(8, 16), float(16, 24)], (a, b) => a.matmul(b)],
  ['linear with ReLU', 1, [float(8, 16)], (x) => new nn.Linear(16, 24).forward(x).relu()],
  [
    'attention',
    6,
    [float(2, 5, 8), float(2, 5, 8), float(2, 5, 8)],
    (q, k, v) => softmax(q.matmul(k.mT).mul(8 ** -0.5)).matmul(v),
  ],
  [
    'convolution with bias and ReLU',
    2,
    [float(2, 3, 8, 8)],
    (x) => new nn.Conv2d(3, 8, 3, { padding: 1 }).forward(x).relu(),
  ],
  [
    'convolution of many channels with bias and ReLU',
    2,
    [float(2, 16, 8, 8)],
    (x) => new nn.Conv2d(16, 16, 3, { padding: 1 }).forward(x).relu(),
  ],
  [
    'convolution of stride 2 in groups',
    1,
    [float(2, 4, 9, 9)],
    (x) => new nn.Conv2d(4, 6, 3, { stride: 2, groups: 2 }).forward(x),
  ],
  ['pointwise convolution', 1, [float(2, 4, 5, 5)], (x) => new nn.Conv2d(4, 6, 1).forward(x)],
  ['transposed convolution', 4, [float(2, 4, 5, 5)], (x) => new nn.ConvTranspose2d(4, 3, 2, { stride: 2 }).forward(x)],
  ['max pooling of a rectifier', 2, [float(2, 3, 6, 6)], (x) => maxPool2d(x.relu(), 2)],
  ['average pooling', 2, [float(2, 3, 6, 6)], (x) => avgPool2d(x, 2)],
  ['batch normalisation in training', 5, [float(4, 3, 5, 5)], (x) => new nn.BatchNorm2d(3).forward(x)],
  ['batch normalisation in evaluation', 1, [float(4, 3, 5, 5)], (x) => new nn.BatchNorm2d(3).eval().forward(x)],
  ['embedding', 1, [int32(2, 3)], (x) => embedding(x, parameter(7, 4))],
]

const gradients: readonly Case[] = [
  [
    'cross-entropy with gradient',
    6,
    [int32(5)],
    (labels) => {
      const scores = parameter(5, 7)
      const value = loss.crossEntropy(scores, labels)
      value.backward()
      return [value, scores.grad]
    },
  ],
  [
    'convolution with gradients of input and weight',
    6,
    [float(2, 4, 8, 8)],
    (upstream) => {
      const [x, weight] = [parameter(2, 3, 16, 16), parameter(4, 3, 3, 3)]
      conv2d(x, weight, { stride: 2, padding: 1 }).backward(upstream)
      return [x.grad, weight.grad]
    },
  ],
  [
    'convolution, ReLU and pooling with gradients',
    7,
    [float(2, 3, 8, 8), float(2, 4, 4, 4)],
    (x, upstream) => {
      const [weight, bias] = [parameter(4, 3, 3, 3), parameter(4)]
      maxPool2d(conv2d(x, weight, { bias, padding: 1 }).relu(), 2).backward(upstream)
      return [weight.grad, bias.grad]
    },
  ],
  [
    'embedding with gradient',
    1,
    [int32(2, 3), float(2, 3, 4)],
    (indices, upstream) => {
      const weight = parameter(7, 4)
      embedding(indices, weight).backward(upstream)
      return weight.grad
    },
  ],
]

/** One update by a given gradient. */
const update = (optimizer: optim.Optimizer, weight: Parameter) => (gradient: Tensor) => {
  weight.mul(gradient).sum().backward()
  optimizer.step()
}

const updates: readonly Case[] = [
  [
    'SGD with momentum',
    1,
    [float(100)],
    (gradient) => {
      const weight = parameter(100)
      update(new optim.SGD([weight], { lr: 0.1, momentum: 0.9 }), weight)(gradient)
    },
  ],
  [
    'Adam',
    2,
    [float(100)],
    (gradient) => {
      const weight = parameter(100)
      update(new optim.Adam([weight], { lr: 0.001 }), weight)(gradient)
    },
  ],
  [
    'two variables that swap',
    4,
    [],
    () => {
      const [a, b] = [parameter(10), parameter(10)]
      const kept = new Tensor(a.node)
      a.assign(b)
      b.assign(kept)
    },
  ],
  [
    'softmax regression by SGD',
    11,
    [float(16, 12), int32(16)],
    step(new nn.Linear(12, 4), (parameters) => new optim.SGD(parameters, { lr: 0.1 })),
  ],
  [
    'playground network by Adam',
    23,
    [float(10, 2), int32(10)],
    step(models.mlp([2, 8, 8, 2], { activation: 'tanh' }), (parameters) => new optim.Adam(parameters)),
  ],
]

describe.each(Object.entries({ elementwise, reductions, layers, gradients, updates }))('%s', (_, cases) => {
  it.each(cases)('%s', async (name, kernels, operands, build) => {
    const { text, kernels: found } = program(operands, build)
    expect.soft(found).toBe(kernels)
    await expect(text).toMatchFileSnapshot(`golden-kernels/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.txt`)
  })
})
