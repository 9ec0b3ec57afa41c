/** Activation layers against their formulas in double precision, far out included. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { grad, nn, tensor, zeros } from '../index.ts'

const points = [-3, -1.25, -0.3, 0.4, 1.5, 2.75]
const x = tensor([points])

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v))
const softplus = (v: number) => Math.log1p(Math.exp(v))
/** The normal distribution function by Simpson's rule. */
function normalDistribution(v: number): number {
  const [from, steps] = [-12, 20_000]
  const width = (v - from) / steps
  let sum = 0
  for (let index = 0; index <= steps; index++) {
    const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-((from + index * width) ** 2) / 2)
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI)
}
const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v))

const smooth: [name: string, layer: () => nn.Layer, formula: (v: number) => number][] = [
  ['ReLU', () => new nn.ReLU(), (v) => Math.max(0, v)],
  ['ReLU6', () => new nn.ReLU6(), (v) => clamp(v, 0, 6)],
  ['LeakyReLU', () => new nn.LeakyReLU(0.2), (v) => (v > 0 ? v : 0.2 * v)],
  ['ELU', () => new nn.ELU(1.5), (v) => (v > 0 ? v : 1.5 * Math.expm1(v))],
  ['CELU', () => new nn.CELU(2), (v) => (v > 0 ? v : 2 * Math.expm1(v / 2))],
  ['SELU', () => new nn.SELU(), (v) => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * Math.expm1(v))],
  ['Sigmoid', () => new nn.Sigmoid(), sigmoid],
  ['LogSigmoid', () => new nn.LogSigmoid(), (v) => Math.log(sigmoid(v))],
  ['Tanh', () => new nn.Tanh(), Math.tanh],
  ['Tanhshrink', () => new nn.Tanhshrink(), (v) => v - Math.tanh(v)],
  ['Hardshrink', () => new nn.Hardshrink(), (v) => (Math.abs(v) > 0.5 ? v : 0)],
  ['Softshrink', () => new nn.Softshrink(), (v) => Math.sign(v) * Math.max(0, Math.abs(v) - 0.5)],
  ['Softplus', () => new nn.Softplus(2), (v) => softplus(2 * v) / 2],
  ['Softsign', () => new nn.Softsign(), (v) => v / (1 + Math.abs(v))],
  ['SiLU', () => new nn.SiLU(), (v) => v * sigmoid(v)],
  ['GELU', () => new nn.GELU(), (v) => v * normalDistribution(v)],
  [
    'GELU by tanh',
    () => new nn.GELU({ approximate: 'tanh' }),
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  ],
  ['Mish', () => new nn.Mish(), (v) => v * Math.tanh(softplus(v))],
  ['Hardtanh', () => new nn.Hardtanh(-1, 2), (v) => clamp(v, -1, 2)],
  ['Hardswish', () => new nn.Hardswish(), (v) => (v * clamp(v + 3, 0, 6)) / 6],
  ['Hardsigmoid', () => new nn.Hardsigmoid(), (v) => clamp(v + 3, 0, 6) / 6],
  ['Threshold', () => new nn.Threshold(0.5, -7), (v) => (v > 0.5 ? v : -7)],
]

describe('element by element', () => {
  test.each(smooth)('%s', async (name, make, formula) => {
    // −3 is the corner of the hard functions, where no derivative exists.
    const corners = name.startsWith('Hards')
    const input = corners ? x.slice(1, 1) : x
    await checkLayer(make(), input, { output: [(corners ? points.slice(1) : points).map(formula)] })
  })

  test.each(smooth)('%s stays finite far out, and so does its gradient', async (_, make) => {
    const far = tensor([-1000, -100, 100, 1000])
    const y = make().forward(far)
    const [slope] = grad(y.sum(), [far])
    expect((await y.data()).every(Number.isFinite)).toBe(true)
    expect((await slope.data()).every(Number.isFinite)).toBe(true)
  })
})

test('steps: Sign for the perceptron, Heaviside for the threshold unit', async () => {
  const input = tensor([[-2, 0, 3]])
  await checkLayer(new nn.Sign(), input, { output: [[-1, 1, 1]], differentiable: false })
  await checkLayer(new nn.Heaviside(), input, { output: [[0, 1, 1]], differentiable: false })
  const [slope] = grad(new nn.Sign().forward(input).sum(), [input])
  expect(await slope.toArray()).toEqual([[0, 0, 0]])
})

test('PReLU learns one slope, or one per channel', async () => {
  await checkLayer(new nn.PReLU(), tensor([[-2, 3]]), { state: { weight: [0.25] }, output: [[-0.5, 3]] })
  await checkLayer(
    new nn.PReLU(2),
    tensor([
      [
        [-2, 3],
        [-2, 3],
      ],
    ]),
    {
      state: { weight: [0.5, 2] },
      output: [
        [
          [-1, 3],
          [-4, 3],
        ],
      ],
    },
  )
  expect(() => new nn.PReLU(3).forward(zeros([2, 4]))).toThrow(
    'PReLU: prelu has 3 slopes, so it expects [batch, 3, ...], given shape [2, 4].',
  )
})

test('Maxout takes the largest of neighbouring channels', async () => {
  await checkLayer(new nn.Maxout(2), tensor([[1, 5, -3, -4, 2, 0]]), { output: [[5, -3, 2]] })
  expect(() => new nn.Maxout(4).forward(zeros([2, 6]))).toThrow(
    'maxout of 4 pieces needs an axis that 4 divides, given 6',
  )
})

test('GLU gates the first half by the second', async () => {
  await checkLayer(new nn.GLU(), tensor([[2, 3, 0, Math.log(3)]]), { output: [[1, 2.25]] })
})

test('softmax and its relatives', async () => {
  const logits = tensor([
    [0, Math.log(3)],
    [1000, 1000],
  ])
  await checkLayer(new nn.Softmax(1), logits, {
    output: [
      [0.25, 0.75],
      [0.5, 0.5],
    ],
  })
  await checkLayer(new nn.Softmin(1), logits, {
    output: [
      [0.75, 0.25],
      [0.5, 0.5],
    ],
  })
  await checkLayer(new nn.LogSoftmax(1), logits, {
    output: [
      [Math.log(0.25), Math.log(0.75)],
      [Math.log(0.5), Math.log(0.5)],
    ],
  })
  await checkLayer(new nn.Softmax2d(), logits.reshape(1, 2, 1, 2).slice(3, 0, 1), {
    output: [[[[0]], [[1]]]],
  })
})

test('an impossible range is refused', () => {
  expect(() => new nn.Hardtanh(2, 1).forward(x)).toThrow('hardtanh needs min < max, given 2 and 1.')
})
