import { describe, expect, test } from 'vitest'
import { opSamples, sampleInputs } from '../../test/op-samples.ts'
import { makeNode } from './build.ts'
import type { Node, NodeOf, PrimitiveAttributes, PrimitiveName, VariableRef } from './node.ts'
import * as ir from './operations.ts'
import { verify } from './verify.ts'

const input = (shape: number[], dtype: Node['dtype'] = 'float32'): Node =>
  makeNode('input', [], { source: {}, shape, dtype })
const graph = (...outputs: Node[]) => ({ outputs, updates: [] })
const image = input([1, 2, 6, 6])
const axis = { kernel: 2, stride: 2, padding: [0, 0], dilation: 1 } as const

/** A node as a broken compiler pass might leave it: no rule was asked. */
function forged<P extends PrimitiveName>(
  op: P,
  inputs: readonly Node[],
  attributes: PrimitiveAttributes[P],
  { shape, dtype }: { shape: number[]; dtype: Node['dtype'] },
): Node {
  const node: NodeOf<P> = { id: 1000, op, inputs, attributes, shape, dtype }
  return node as Node
}

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const })
const int = (...shape: number[]) => ({ shape, dtype: 'int32' as const })
const convolution = {
  stride: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  dilation: [1, 1],
  groups: 1,
} as const

test.each(opSamples.map((sample) => [sample.name, sample] as const))('accepts %s', (_, sample) => {
  verify(graph(sample.build(...sampleInputs(sample))))
})

describe('refuses, naming the node', () => {
  const x = input([2, 3])
  test.each<[string, Node, string]>([
    [
      'a shape',
      forged('exp', [x], {}, float(3, 2)),
      'exp 1000 : float32[3, 2]: its operands and attributes give float32[2, 3]',
    ],
    [
      'an element type',
      forged('less', [x, x], {}, float(2, 3)),
      'less 1000 : float32[2, 3]: its operands and attributes give bool[2, 3]',
    ],
    ['operands', forged('add', [x], {}, float(2, 3)), 'add 1000 : float32[2, 3]: it has 1 operand(s)'],
    ['nothing to join', forged('concat', [], { axis: 0 }, float(2)), 'it has 0 operand(s)'],
    [
      'operands that the primitive does not take',
      forged('exp', [input([2], 'int32')], {}, float(2)),
      'takes float32, given int32',
    ],
    [
      'a fractional size',
      forged('iota', [], { shape: [1.5], axis: 0 }, int(1.5)),
      'its sizes must be whole numbers from 0 on',
    ],
    ['a negative axis', forged('reduceSum', [x], { axes: [-1] }, float(2, 1)), 'axis -1 is outside a tensor of rank 2'],
    ['an axis too many', forged('argmax', [x], { axis: 2 }, int(2, 3)), 'axis 2 is outside a tensor of rank 2'],
    ['an axis twice', forged('flip', [x], { axes: [1, 1] }, float(2, 3)), 'axes [1, 1] name one axis twice'],
    [
      'half a permutation',
      forged('transpose', [x], { permutation: [1] }, float(3)),
      'permutation has 1 entries for 2 axes',
    ],
    ['an axis of iota', forged('iota', [], { shape: [2], axis: 1 }, int(2)), 'axis 1 is outside a tensor of rank 1'],
    [
      'negative padding',
      forged(
        'pad',
        [x],
        {
          padding: [
            [0, 0],
            [-1, 0],
          ],
          value: 0,
        },
        float(2, 2),
      ),
      'padding must be whole numbers from 0 on',
    ],
    [
      'a backward slice',
      forged('slice', [x], { start: [0, 2], size: [2, 3], step: [1, -1] }, float(2, 3)),
      'steps must be positive whole numbers',
    ],
    [
      'a slice outside',
      forged('slice', [x], { start: [0, 1], size: [2, 3], step: [1, 1] }, float(2, 3)),
      'slice outside the tensor',
    ],
    [
      'a constant of another type',
      forged('constant', [], { value: 0.5, dtype: 'int32' }, int()),
      '0.5 is not a value of int32',
    ],
    [
      'a counter',
      forged('random', [input([3], 'int32')], { shape: [1], stream: 0 }, float(1)),
      'the counter must be int32[2]',
    ],
    [
      'strides of a convolution',
      forged('conv', [image, input([4, 2, 3, 3])], { ...convolution, stride: [1] }, float(1, 4, 4, 4)),
      'stride has 1 entries for 2 axes',
    ],
    [
      'groups',
      forged('conv', [image, input([3, 1, 3, 3])], { ...convolution, groups: 2 }, float(1, 3, 4, 4)),
      '2 group(s) do not divide 3 output channels',
    ],
    [
      'a stride of 0',
      forged('conv', [image, input([4, 2, 3, 3])], { ...convolution, stride: [0, 1] }, float(1, 4, 4, 4)),
      'kernel, stride and dilation must be positive whole numbers',
    ],
    [
      'an input size',
      forged(
        'convInputGrad',
        [input([1, 4, 4, 4]), input([4, 2, 3, 3])],
        { ...convolution, inputSize: [7, 6] },
        float(1, 2, 7, 6),
      ),
      'the window has [5, 4] positions, not [4, 4]',
    ],
    [
      'a kernel size',
      forged('convWeightGrad', [image, input([1, 4, 4, 4])], { ...convolution, kernelSize: [2, 3] }, float(4, 2, 2, 3)),
      'the window has [5, 4] positions, not [4, 4]',
    ],
    [
      'a window',
      forged('sumPoolGrad', [input([1, 2, 3, 3])], { window: [axis, axis], inputSize: [8, 6] }, float(1, 2, 8, 6)),
      'the window has [4, 3] positions, not [3, 3]',
    ],
    [
      'indices of floats',
      forged('windowGather', [image, input([1, 2, 3, 3])], { window: [axis, axis] }, float(1, 2, 3, 3)),
      'indices of taps are int32, given float32',
    ],
    [
      'indices of other channels',
      forged('windowGather', [image, input([1, 1, 3, 3], 'int32')], { window: [axis, axis] }, float(1, 1, 3, 3)),
      'the windows of input and indices differ off the window axes',
    ],
  ])('%s', (_, node, message) => {
    expect(() => verify(graph(ir.neg(node)))).toThrow(message)
    expect(() => verify(graph(node))).toThrow(/^internal error: \w+ 1000 : /)
  })

  test('a primitive that does not exist', () => {
    const node = { ...ir.neg(x), op: 'softmax' } as unknown as Node
    expect(() => verify(graph(node))).toThrow('this is no primitive')
  })

  test('a cycle', () => {
    const inputs: Node[] = []
    const node = forged('add', inputs, {}, float(2, 3))
    inputs.push(x, ir.exp(node))
    expect(() => verify(graph(node))).toThrow(/depends on this node/)
  })
})

describe('updates', () => {
  const variable: VariableRef = { id: 5, shape: [2], dtype: 'float32' }

  test('must fit their variable', () => {
    const value = input([3])
    expect(() => verify({ outputs: [], updates: [{ variable, value }] })).toThrow(
      `internal error: the update of variable 5 by input ${value.id}: float32[2] becomes float32[3]`,
    )
    const whole = input([2], 'int32')
    expect(() => verify({ outputs: [], updates: [{ variable, value: whole }] })).toThrow('float32[2] becomes int32[2]')
  })

  test('must be one for each variable', () => {
    const value = input([2])
    const update = { variable, value }
    verify({ outputs: [], updates: [update] })
    expect(() => verify({ outputs: [], updates: [update, update] })).toThrow('the variable is updated twice')
  })
})
