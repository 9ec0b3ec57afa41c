import { describe, expect, test } from 'vitest'
import { compile, tensor, zeros } from '../../index.ts'
import { encodeTensor } from './element-types.ts'
import { type FileDescription, makeOnnxFile, OnnxModel, UnsupportedOnnxError } from './index.ts'

const floats = (name: string, shape: number[], values: number[]) =>
  encodeTensor(name, { shape, dtype: 'float32', data: Float32Array.from(values) })
const ints = (name: string, values: number[]) =>
  encodeTensor(name, { shape: [values.length], dtype: 'int32', data: Int32Array.from(values) }, { int64: true })
const model = (description: Partial<FileDescription> & Pick<FileDescription, 'nodes'>): OnnxModel =>
  new OnnxModel(makeOnnxFile({ inputs: { x: ['n', 2] }, outputs: { y: ['n', 2] }, ...description }))

/** y = relu(x · wᵀ + b) */
const layer = (): OnnxModel =>
  model({
    nodes: [
      {
        operator: 'Gemm',
        inputs: ['x', 'fc.weight', 'fc.bias'],
        outputs: ['h'],
        name: 'fc',
        attributes: { transB: 1 },
      },
      { operator: 'Relu', inputs: ['h'], outputs: ['y'] },
    ],
    initializers: [floats('fc.weight', [2, 2], [1, 2, 3, 4]), floats('fc.bias', [2], [-4, 0.5])],
  })

test('a linear layer by hand', async () => {
  expect(
    await layer()
      .forward(tensor([[1, 1]]))
      .toArray(),
  ).toEqual([[0, 7.5]])
})

test('inputs, outputs and layers as the file names them', () => {
  const { inputs, outputs, layers } = layer()
  expect({ inputs, outputs, layers }).toEqual({
    inputs: [{ name: 'x', shape: [undefined, 2] }],
    outputs: ['y'],
    layers: [
      { name: 'fc', operator: 'Gemm', inputs: ['x', 'fc.weight', 'fc.bias'], outputs: ['h'] },
      { name: 'Relu_1', operator: 'Relu', inputs: ['h'], outputs: ['y'] },
    ],
  })
})

test('values inside are read by the name of the value or the node', async () => {
  const { h, fc } = layer().run({ x: tensor([[1, 1]]) }, ['h', 'fc'])
  expect(await h?.toArray()).toEqual([[-1, 7.5]])
  expect(await fc?.toArray()).toEqual([[-1, 7.5]])
  expect(() => layer().run({ x: zeros([1, 2]) }, ['fd'])).toThrow(
    "the model has no value or node 'fd'; did you mean 'fc'?",
  )
})

test('float initialisers that are computed with are parameters; they learn', async () => {
  const net = layer()
  expect(net.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ['fc.weight', [2, 2]],
    ['fc.bias', [2]],
  ])
  expect([...(await net.stateDict()).keys()]).toEqual(['fc.weight', 'fc.bias'])
  net
    .forward(tensor([[1, 2]]))
    .sum()
    .backward()
  const [weight, bias] = net.parameters()
  // Both units are active: 1 + 4 − 4 > 0 and 3 + 8 + 0.5 > 0.
  expect(await weight?.grad?.toArray()).toEqual([
    [1, 2],
    [1, 2],
  ])
  expect(await bias?.grad?.toArray()).toEqual([1, 1])
})

test('running statistics are buffers, limits are constants', () => {
  const net = model({
    nodes: [
      { operator: 'BatchNormalization', inputs: ['x', 'scale', 'shift', 'mean', 'var'], outputs: ['h'] },
      { operator: 'Clip', inputs: ['h', 'low', 'high'], outputs: ['y'] },
    ],
    initializers: [
      ...['scale', 'shift', 'mean', 'var'].map((name) => floats(name, [2], [1, 1])),
      floats('low', [], [0]),
      floats('high', [], [6]),
    ],
  })
  expect(net.namedParameters().map(([name]) => name)).toEqual(['scale', 'shift'])
  expect(net.namedBuffers().map(([name]) => name)).toEqual(['mean', 'var'])
})

test('an initialiser with the name of a method', async () => {
  const net = model({
    nodes: [{ operator: 'Add', inputs: ['x', 'forward'], outputs: ['y'] }],
    initializers: [floats('forward', [2], [1, 2])],
  })
  expect(await net.forward(tensor([[0, 0]])).toArray()).toEqual([[1, 2]])
})

describe('shapes that are computed', () => {
  /** Flattens all but the first axis, as PyTorch writes x.view(x.size(0), -1). */
  const flatten = (): OnnxModel =>
    model({
      nodes: [
        { operator: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { operator: 'Gather', inputs: ['shape', 'zero'], outputs: ['batch'] },
        { operator: 'Concat', inputs: ['batch', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } },
        { operator: 'Reshape', inputs: ['x', 'wanted'], outputs: ['y'] },
      ],
      inputs: { x: ['n', 2, 2] },
      initializers: [ints('zero', [0]), ints('rest', [-1])],
    })

  test('are known when the graph is made, also inside a compiled function', async () => {
    const net = flatten()
    expect(net.forward(zeros([3, 2, 2])).shape).toEqual([3, 4])
    const run = compile((x: ReturnType<typeof zeros>) => net.forward(x))
    expect((await run(zeros([5, 2, 2]))).shape).toEqual([5, 4])
    expect(net.parameters()).toEqual([])
  })

  test('may come from an input, but not inside a compiled function', async () => {
    const net = model({
      nodes: [{ operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], name: 'fold' }],
      inputs: { x: [4], shape: { shape: [2], dtype: 'int64' } },
    })
    const inputs = { x: tensor([1, 2, 3, 4]), shape: tensor([2, 2], { dtype: 'int32' }) }
    expect(await net.run(inputs).y?.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    const run = compile((x: ReturnType<typeof zeros>, shape: ReturnType<typeof zeros>) => net.run({ x, shape }).y ?? x)
    await expect(run(inputs.x, inputs.shape)).rejects.toThrow(
      "operator Reshape (node 'fold') takes its setting 'shape' from values that are known only when the network has run",
    )
  })
})

describe('what cannot be run says so', () => {
  test.each([
    [{ operator: 'NonMaxSuppression', name: 'nms' }, "operator NonMaxSuppression (node 'nms') is not supported."],
    [{ operator: 'Loop' }, "operator Loop (node 'Loop_0') is not supported."],
    [{ operator: 'Gelu', domain: 'com.microsoft' }, "operator Gelu of com.microsoft (node 'Gelu_0') is not supported."],
  ])('%o', (node, message) => {
    const make = (): OnnxModel => model({ nodes: [{ inputs: ['x'], outputs: ['y'], ...node }] })
    expect(make).toThrow(UnsupportedOnnxError)
    expect(make).toThrow(message)
  })

  test('a missing input, a value that nothing makes, several inputs for forward', () => {
    const two = { a: ['n'], b: ['n'] }
    const sum = model({ nodes: [{ operator: 'Add', inputs: ['a', 'b'], outputs: ['y'] }], inputs: two })
    expect(() => sum.run({ a: zeros([1]) })).toThrow("the model needs the input 'b'; given a.")
    expect(() => sum.forward(zeros([1]))).toThrow(
      'this model takes the inputs a, b; call run({ name: tensor, … }) instead.',
    )
    const loose = model({ nodes: [{ operator: 'Add', inputs: ['x', 'gone'], outputs: ['y'] }] })
    expect(() => loose.forward(zeros([1, 2]))).toThrow("the model uses a value 'gone' that no node before makes")
  })

  test('inputs that do not fit are told with the node', () => {
    const product = model({
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], name: 'mix' }],
      initializers: [floats('w', [3, 1], [1, 2, 3])],
    })
    expect(() => product.forward(zeros([4, 2]))).toThrow(
      "operator MatMul (node 'mix'): matmul of [4, 2] and [3, 1]: the inner sizes 2 and 3 differ",
    )
    const pool = model({ nodes: [{ operator: 'MaxPool', inputs: ['x'], outputs: ['y'] }] })
    expect(() => pool.forward(zeros([1, 1, 2, 2]))).toThrow(
      "operator MaxPool (node 'MaxPool_0'): kernel_shape does not have one size for each spatial axis",
    )
    const turn = model({ nodes: [{ operator: 'DepthToSpace', inputs: ['x'], outputs: ['y'] }] })
    expect(() => turn.forward(zeros([1, 2]))).toThrow(/operator DepthToSpace \(node 'DepthToSpace_0'\)/)
  })
})
