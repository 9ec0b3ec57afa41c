import { beforeAll, describe, expect, test } from 'vitest'
import { runWithOnnxRuntime } from '../../../../test/support/onnx-runtime.ts'
import {
  concat,
  cumsum,
  eye,
  manualSeed,
  maxPoolWithIndices,
  maxUnpool,
  models,
  nn,
  rand,
  randn,
  scatterAdd,
  stack,
  type Tensor,
  tensor,
  topK,
  where,
  zeros,
} from '../../../index.ts'
import { OnnxModel } from '../index.ts'
import { type ExportOptions, exportOnnx } from './export-onnx.ts'

beforeAll(() => {
  manualSeed(7)
})

/** A network of one expression. */
class Formula extends nn.Module {
  readonly #formula: (x: Tensor) => Tensor

  constructor(formula: (x: Tensor) => Tensor) {
    super()
    this.#formula = formula
  }

  override forward(x: Tensor): Tensor {
    return this.#formula(x)
  }
}

/** Gives every parameter and statistic values that matter. */
async function stir(net: nn.AnyModule): Promise<void> {
  for (const [name, value] of net.namedState()) {
    if (value.dtype === 'float32')
      value.write(
        await rand([...value.shape])
          .mul(name.includes('var') ? 2 : 1)
          .add(0.1)
          .data(),
      )
  }
}

/** The operators of the exported file; its outputs by ONNX Runtime and by our own import equal those of the network. */
async function operatorsOf(net: nn.AnyModule, x: Tensor, options: ExportOptions = {}): Promise<string[]> {
  const file = await exportOnnx(net, [x], options)
  const expected = await (net.eval().forward as (x: Tensor) => Tensor)(x)
  const values = await expected.data()
  const { output } = await runWithOnnxRuntime(file, { input: x })
  expect(output?.dims).toEqual(expected.shape)
  const again = new OnnxModel(file).forward(x)
  const back = await again.data()
  for (const other of [output?.data ?? [], back]) {
    expect(other.length).toBe(values.length)
    values.forEach((value, index) => {
      const difference = Math.abs(Number(other[index]) - value)
      if (!(difference <= 1e-4 * Math.max(1, Math.abs(value)))) expect(Number(other[index])).toBe(value)
    })
  }
  return file.graph.node.map(({ opType }) => opType)
}

describe('operations that ONNX has become one operator', () => {
  test.each<[string[], nn.AnyModule, number[]]>([
    [['Conv'], new nn.Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), [2, 4, 7, 7]],
    [['Conv'], new nn.Conv1d(2, 3, 3, { dilation: 2, bias: false }), [2, 2, 9]],
    [['Conv'], new nn.Conv3d(1, 2, 2), [1, 1, 3, 4, 3]],
    [['ConvTranspose'], new nn.ConvTranspose2d(3, 2, 3, { stride: 2, padding: 1, outputPadding: 1 }), [2, 3, 4, 5]],
    [['Gemm'], new nn.Linear(3, 4), [2, 3]],
    [['Relu'], new nn.ReLU(), [2, 3]],
    [['Clip'], new nn.ReLU6(), [2, 3]],
    [['LeakyRelu'], new nn.LeakyReLU(0.2), [2, 3]],
    [['Elu'], new nn.ELU(0.7), [2, 3]],
    [['Selu'], new nn.SELU(), [2, 3]],
    [['Sigmoid'], new nn.Sigmoid(), [2, 3]],
    [['Tanh'], new nn.Tanh(), [2, 3]],
    [['Softplus'], new nn.Softplus(), [2, 3]],
    [['Softsign'], new nn.Softsign(), [2, 3]],
    [['Mish'], new nn.Mish(), [2, 3]],
    [['HardSwish'], new nn.Hardswish(), [2, 3]],
    [['HardSigmoid'], new nn.Hardsigmoid(), [2, 3]],
    [['Softmax'], new nn.Softmax(1), [2, 3, 2]],
    [['LogSoftmax'], new nn.LogSoftmax(-1), [2, 3]],
    [['BatchNormalization'], new nn.BatchNorm2d(3, { eps: 1e-3 }), [2, 3, 4, 4]],
    [['BatchNormalization'], new nn.BatchNorm1d(3), [2, 3]],
    [['InstanceNormalization'], new nn.InstanceNorm2d(3, { affine: true }), [2, 3, 4, 4]],
    [['LayerNormalization'], new nn.LayerNorm([3, 4]), [2, 3, 4]],
    [['MaxPool'], new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [1, 2, 6, 6]],
    [['AveragePool'], new nn.AvgPool2d(2), [1, 2, 6, 6]],
    [['ReduceMean'], new nn.AdaptiveAvgPool2d(1), [2, 3, 4, 5]],
    [['Reshape'], new nn.Flatten(), [2, 3, 4]],
  ])('%j', async (operators, net, shape) => {
    await stir(net)
    expect(await operatorsOf(net, randn(shape))).toEqual(operators)
  })
})

describe('layers that are composed', () => {
  test.each<[string, nn.AnyModule, number[]]>([
    ['PReLU', new nn.PReLU(3), [2, 3, 2]],
    ['GELU', new nn.GELU(), [2, 3]],
    ['SiLU', new nn.SiLU(), [2, 3]],
    ['CELU', new nn.CELU(0.5), [2, 3]],
    ['LogSigmoid', new nn.LogSigmoid(), [2, 3]],
    ['Sign', new nn.Sign(), [2, 3]],
    ['Maxout', new nn.Maxout(2), [2, 4, 3]],
    ['GLU', new nn.GLU(), [2, 4]],
    ['GroupNorm', new nn.GroupNorm(2, 4), [2, 4, 3]],
    ['RMSNorm', new nn.RMSNorm([4]), [2, 4]],
    ['LocalResponseNorm', new nn.LocalResponseNorm(5), [2, 7, 3, 3]],
    ['LayerNorm without weights', new nn.LayerNorm([4], { elementwiseAffine: false }), [2, 4]],
    ['Linear on more axes', new nn.Linear(3, 4), [2, 5, 3]],
    ['Bilinear upsampling', new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), [1, 2, 3, 4]],
    ['bicubic upsampling', new nn.Upsample({ size: [5, 7], mode: 'bicubic' }), [1, 2, 3, 4]],
    ['nearest upsampling', new nn.Upsample({ scaleFactor: 2 }), [2, 2, 3, 4]],
    ['PixelShuffle', new nn.PixelShuffle(2), [2, 8, 3, 3]],
    ['AdaptiveAvgPool2d', new nn.AdaptiveAvgPool2d([3, 2]), [1, 2, 7, 5]],
    ['AdaptiveMaxPool2d', new nn.AdaptiveMaxPool2d([3, 2]), [1, 2, 7, 5]],
    [
      'AvgPool2d that leaves the padding out',
      new nn.AvgPool2d(3, { padding: 1, countIncludePad: false }),
      [1, 2, 6, 6],
    ],
    ['LPPool2d', new nn.LPPool2d(2, 2), [1, 2, 4, 4]],
    ['ReflectionPad2d', new nn.ReflectionPad2d([1, 2, 2, 1]), [1, 2, 4, 4]],
    ['ReplicationPad1d', new nn.ReplicationPad1d(2), [1, 2, 4]],
    ['CircularPad1d', new nn.CircularPad1d(2), [1, 2, 4]],
    ['a negative pad', new nn.ZeroPad2d([-1, 2, 0, 1]), [1, 2, 4, 4]],
  ])('%s', async (_, net, shape) => {
    await stir(net)
    await operatorsOf(net, randn(shape))
  })

  test('pooling and unpooling by the places of the maxima', async () => {
    const both = new Formula((x) => {
      const [values, indices] = maxPoolWithIndices(x, 2, { rank: 2 })
      return maxUnpool(values, indices, { kernelSize: 2, rank: 2 })
    })
    await operatorsOf(both, randn([2, 3, 4, 6]))
  })

  test('an embedding of whole numbers', async () => {
    const table = new nn.Embedding(5, 3)
    const numbers = tensor([[4, 0, 2]], { dtype: 'int32' })
    const operators = await operatorsOf(table, numbers)
    expect(operators).toContain('Gather')
  })
})

describe('expressions', () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ['arithmetic', (x) => x.add(1).mul(x).sub(x.div(3)).neg().abs().sqrt()],
    ['powers and roots', (x) => x.square().add(0.5).pow(1.3).log().exp()],
    ['rounding', (x) => x.mul(3).round().add(x.mul(3).floor()).add(x.mul(3).ceil())],
    ['the remainder', (x) => x.remainder(0.7)],
    ['waves', (x) => x.sin().add(x.cos()).add(x.erf())],
    ['comparisons', (x) => where(x.gt(0).logicalAnd(x.lt(1)).logicalOr(x.eq(0)).logicalNot(), x, 7)],
    ['comparisons of booleans', (x) => x.gt(0).eq(x.lt(1)).to('float32')],
    [
      'extremes',
      (x) =>
        x
          .maximum(0.1)
          .minimum(x.mul(2))
          .add(x.max(1, { keepDim: true }))
          .add(x.min()),
    ],
    [
      'sums and products',
      (x) =>
        x
          .sum(0)
          .add(x.prod(1, { keepDim: true }))
          .add(x.var(1, { keepDim: true })),
    ],
    ['the place of the maximum', (x) => x.argmax(1).to('float32')],
    [
      'movement',
      (x) =>
        concat([
          x.transpose(0, 1).reshape(3, 4),
          x
            .flip(1)
            .slice(1, 0, 3, 2)
            .slice(0, 1)
            .pad([
              [0, 0],
              [1, 1],
            ]),
        ]),
    ],
    ['steps backwards', (x) => x.slice(1, 3, 0, -2)],
    ['stacks', (x) => stack([x, x.expand(3, 4)], 1)],
    ['running sums', (x) => cumsum(x, 1)],
    ['the largest', (x) => topK(x, 2).values],
    [
      'added in places',
      (x) =>
        scatterAdd(
          zeros([3, 4]),
          1,
          tensor(
            [
              [0, 0, 3, 1],
              [1, 1, 1, 1],
              [3, 2, 1, 0],
            ],
            { dtype: 'int32' },
          ),
          x,
        ),
    ],
    ['matrices and constants', (x) => x.matmul(eye(4)).matmul(x.mT)],
    ['whole numbers', (x) => x.mul(10).to('int32').remainder(4).floorDivide(2).to('float32')],
    ['what comes in goes out', (x) => x],
    ['a constant', (x) => zeros(x.shape).add(2)],
  ])('%s', async (_, formula) => {
    await operatorsOf(new Formula(formula), randn([3, 4]))
  })
})

describe('the batch', () => {
  const dimension = async (net: nn.AnyModule, x: Tensor, options: ExportOptions = {}): Promise<unknown> =>
    (await exportOnnx(net, [x], options)).graph.input[0]?.type?.tensorType?.shape?.dim[0]

  test('stays open where the network allows it, and the file takes other sizes', async () => {
    const net = models.leNet5()
    expect(await dimension(net, zeros([1, 1, 28, 28]))).toEqual({ dimParam: 'batch' })
    const file = await exportOnnx(net, [zeros([1, 1, 28, 28])])
    const x = rand([5, 1, 28, 28])
    const expected = await net.eval().forward(x).data()
    const { output } = await runWithOnnxRuntime(file, { input: x })
    expect(output?.dims).toEqual([5, 10])
    expected.forEach((value, index) => void expect(output?.data[index]).toBeCloseTo(value, 4))
  })

  test('is fixed when asked, and where the network mixes samples', async () => {
    const net = new nn.Linear(3, 2)
    expect(await dimension(net, zeros([4, 3]), { openBatch: false })).toEqual({ dimValue: 4 })
    expect(await dimension(new Formula((x) => x.reshape(-1)), zeros([4, 3]))).toEqual({ dimValue: 4 })
    expect(await dimension(new Formula((x) => x.add(zeros([4, 3]).add(1))), zeros([4, 3]))).toEqual({ dimValue: 4 })
  })
})

test('weights keep their PyTorch names, shared ones stand once', async () => {
  const shared = new nn.Linear(3, 3)
  const file = await exportOnnx(new nn.Sequential(shared, new nn.ReLU(), shared), [zeros([1, 3])])
  expect(file.graph.initializer.map(({ name }) => name)).toEqual(['0.weight', '0.bias'])
  expect(file.graph.node.map(({ opType }) => opType)).toEqual(['Gemm', 'Relu', 'Gemm'])
})

test('the network keeps its mode, and dropout is left out', async () => {
  const net = new nn.Sequential(new nn.Dropout(0.5), new nn.BatchNorm1d(3))
  net.layers[1]?.eval()
  const file = await exportOnnx(net, [zeros([2, 3])])
  expect(file.graph.node.map(({ opType }) => opType)).toEqual(['BatchNormalization'])
  expect(net.modules().map(({ training }) => training)).toEqual([true, true, false])
})

test('several inputs and outputs by name', async () => {
  class Pair extends nn.Module<[a: Tensor, b: Tensor], { sum: Tensor; product: Tensor }> {
    override forward(a: Tensor, b: Tensor): { sum: Tensor; product: Tensor } {
      return { sum: a.add(b), product: a.mul(b) }
    }
  }
  const inputs = [tensor([[1, 2]]), tensor([[3, 5]])]
  const file = await exportOnnx(new Pair(), inputs, { inputNames: ['a', 'b'] })
  const results = await runWithOnnxRuntime(file, { a: tensor([[1, 2]]), b: tensor([[3, 5]]) })
  expect([...Array.from(results.sum?.data ?? []), ...Array.from(results.product?.data ?? [])]).toEqual([4, 7, 3, 10])
  await expect(exportOnnx(new Pair(), inputs, { inputNames: ['a'] })).rejects.toThrow(
    'the network has 2 inputs and 2 outputs; given 1 and 2 names.',
  )
})

test('what ONNX cannot say is refused', async () => {
  await expect(exportOnnx(new Formula((x) => x.add(rand([2]))), [zeros([2])])).rejects.toThrow(
    'a network that draws random numbers cannot be exported to ONNX; export the network in evaluation mode.',
  )
  const nothing = new Formula(() => 3 as unknown as Tensor)
  await expect(exportOnnx(nothing, [zeros([2])])).rejects.toThrow(
    'a network for ONNX gives a tensor, or an array or record of tensors.',
  )
})
