/** The interpreter's contractions and windows against PyTorch, outputs and gradients. */
import { describe, test } from 'vitest'
import { evaluateNode } from '../src/backends/interpreter/index.ts'
import { at, range } from '../src/base/arrays.ts'
import { makeNode } from '../src/ir/build.ts'
import type { ConvAttributes, Node } from '../src/ir/node.ts'
import * as ir from '../src/ir/operations.ts'
import { type WindowAxis, windowOutputSize } from '../src/shape/shape.ts'
import { type Golden, hasGoldens, readGolden } from './support/goldens.ts'
import { expectClose, tensorOf } from './support/nodes.ts'

const nodeOf = (golden: Golden, name: string): Node => {
  const { values, shape } = golden.tensor(name)
  return tensorOf(values, shape)
}

const expectTensor = (node: Node, golden: Golden, name: string): void =>
  expectClose(evaluateNode(node), golden.tensor(name).values)

/** A module's setting for each of its spatial axes: given once, once per axis, or not at all. */
function perAxis(setting: unknown, rank: number, fallback: number): number[] {
  return Array.isArray(setting)
    ? (setting as number[])
    : range(rank).map(() => (setting as number | undefined) ?? fallback)
}

function convAttributes({ kwargs = {} }: Golden['spec'], rank: number): ConvAttributes {
  return {
    stride: perAxis(kwargs.stride, rank, 1),
    padding: perAxis(kwargs.padding, rank, 0).map((size) => [size, size] as const),
    dilation: perAxis(kwargs.dilation, rank, 1),
    groups: (kwargs.groups as number | undefined) ?? 1,
  }
}

function withBias(output: Node, bias: Node): Node {
  const shape = [1, ...bias.shape, ...range(output.shape.length - 2).map(() => 1)]
  return ir.add(output, ir.broadcastTo(ir.reshape(bias, shape), output.shape))
}

describe.skipIf(!hasGoldens)('conv', () => {
  test.each([
    'conv1d',
    'conv2d-3x3-same',
    'conv2d-5x5-valid',
    'conv2d-1x1',
    'conv2d-stride2',
    'conv2d-11x11-stride4',
    'conv2d-dilation2',
    'conv2d-groups2',
    'conv2d-depthwise',
    'conv2d-asymmetric',
    'conv3d',
  ])('%s', (name) => {
    const golden = readGolden(`layer-${name}`)
    const [x, weight] = [nodeOf(golden, 'input'), nodeOf(golden, 'parameter.weight')]
    const [bias, gradient] = [nodeOf(golden, 'parameter.bias'), nodeOf(golden, 'grad_output')]
    const attributes = convAttributes(golden.spec, x.shape.length - 2)
    expectTensor(withBias(makeNode('conv', [x, weight], attributes), bias), golden, 'output')
    const inputSize = x.shape.slice(2)
    expectTensor(makeNode('convInputGrad', [gradient, weight], { ...attributes, inputSize }), golden, 'grad_input')
    const kernelSize = weight.shape.slice(2)
    expectTensor(makeNode('convWeightGrad', [x, gradient], { ...attributes, kernelSize }), golden, 'grad.weight')
  })

  // Transposed convolution is the input gradient of convolution; its own gradients are the other two.
  test.each(['convtranspose2d', 'convtranspose2d-stride2', 'convtranspose2d-outputpadding'])('%s', (name) => {
    const golden = readGolden(`layer-${name}`)
    const [x, weight] = [nodeOf(golden, 'input'), nodeOf(golden, 'parameter.weight')]
    const [bias, gradient] = [nodeOf(golden, 'parameter.bias'), nodeOf(golden, 'grad_output')]
    const attributes = convAttributes(golden.spec, 2)
    const inputSize = gradient.shape.slice(2)
    const output = makeNode('convInputGrad', [x, weight], { ...attributes, inputSize })
    expectTensor(withBias(output, bias), golden, 'output')
    expectTensor(makeNode('conv', [gradient, weight], attributes), golden, 'grad_input')
    const kernelSize = weight.shape.slice(2)
    expectTensor(makeNode('convWeightGrad', [gradient, x], { ...attributes, kernelSize }), golden, 'grad.weight')
  })
})

/** The window of a pooling module; with `ceil_mode` the padding grows at the end until the last window fits. */
function poolWindow(golden: Golden, x: Node): WindowAxis[] {
  const { args = [], kwargs = {} } = golden.spec
  const kernel = at(args, 0) as number
  const dilation = (kwargs.dilation as number | undefined) ?? 1
  const stride = (kwargs.stride as number | undefined) ?? kernel
  const before = (kwargs.padding as number | undefined) ?? 0
  return x.shape.slice(2).map((size, axis) => {
    const wanted = at(golden.tensor('output').shape, axis + 2)
    const windowWith = (after: number): WindowAxis => ({ kernel, stride, dilation, padding: [before, after] })
    const missing = wanted - windowOutputSize(size, windowWith(before))
    return windowWith(before + missing * stride)
  })
}

describe.skipIf(!hasGoldens)('pooling', () => {
  test.each(['maxpool-2', 'maxpool-3-stride2-pad1', 'maxpool-ceil', 'maxpool-dilated'])('%s', (name) => {
    const golden = readGolden(`layer-${name}`)
    const [x, gradient] = [nodeOf(golden, 'input'), nodeOf(golden, 'grad_output')]
    const window = poolWindow(golden, x)
    expectTensor(makeNode('maxPool', [x], { window }), golden, 'output')
    const indices = makeNode('maxPoolIndices', [x], { window })
    const back = makeNode('windowScatter', [gradient, indices], { window, inputSize: x.shape.slice(2) })
    expectTensor(back, golden, 'grad_input')
  })

  test.each(['avgpool-2', 'avgpool-pad-include'])('%s', (name) => {
    const golden = readGolden(`layer-${name}`)
    const [x, gradient] = [nodeOf(golden, 'input'), nodeOf(golden, 'grad_output')]
    const window = poolWindow(golden, x)
    const share = 1 / (at(window, 0).kernel * at(window, 1).kernel)
    expectTensor(ir.scale(makeNode('sumPool', [x], { window }), share), golden, 'output')
    const back = makeNode('sumPoolGrad', [gradient], { window, inputSize: x.shape.slice(2) })
    expectTensor(ir.scale(back, share), golden, 'grad_input')
  })

  test('avgpool-pad-exclude', () => {
    const golden = readGolden('layer-avgpool-pad-exclude')
    const x = nodeOf(golden, 'input')
    const window = poolWindow(golden, x)
    const counted = makeNode('sumPool', [ir.scalarLike(x, 1)], { window })
    expectTensor(ir.div(makeNode('sumPool', [x], { window }), counted), golden, 'output')
  })
})

describe.skipIf(!hasGoldens)('matmul', () => {
  test('linear', () => {
    const golden = readGolden('layer-linear')
    const [x, weight] = [nodeOf(golden, 'input'), nodeOf(golden, 'parameter.weight')]
    const gradient = nodeOf(golden, 'grad_output')
    const output = withBias(ir.matmul(x, ir.matrixTranspose(weight)), nodeOf(golden, 'parameter.bias'))
    expectTensor(output, golden, 'output')
    expectTensor(ir.matmul(gradient, weight), golden, 'grad_input')
    expectTensor(ir.matmul(ir.matrixTranspose(gradient), x), golden, 'grad.weight')
  })
})
