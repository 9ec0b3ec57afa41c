import { expect, test } from 'vitest'
import { makeNode } from './build.ts'
import type { Node, VariableRef } from './node.ts'
import * as ir from './operations.ts'
import { print } from './print.ts'

const input = (shape: number[]): Node => makeNode('input', [], { source: {}, shape, dtype: 'float32' })
const variable = (shape: number[]): VariableRef => ({ id: 77, shape, dtype: 'float32' })

function convolution() {
  const weight = variable([4, 3, 3, 3])
  const x = input([2, 3, 8, 8])
  const conv = makeNode('conv', [x, makeNode('variable', [], { variable: weight })], {
    stride: [1, 2],
    padding: [
      [1, 1],
      [0, 2],
    ],
    dilation: [1, 1],
    groups: 1,
  })
  const axis = { kernel: 2, stride: 2, padding: [0, 0], dilation: 1 } as const
  const pooled = makeNode('maxPool', [conv], { window: [axis, axis] })
  const total = ir.reduceSum(pooled, [0, 1, 2, 3])
  const changed = ir.scale(makeNode('variable', [], { variable: weight }), 0.5)
  return { outputs: [total, x], updates: [{ variable: weight, value: changed }] }
}

test('operands, attributes, types, updates and results', () => {
  expect(print(convolution())).toBe(
    [
      '%0 = input float32[2, 3, 8, 8]',
      '%1 = variable v0 float32[4, 3, 3, 3]',
      '%2 = conv(%0, %1) stride=[1, 2] padding=[[1, 1], [0, 2]] dilation=[1, 1] groups=1 : float32[2, 4, 8, 4]',
      '%3 = maxPool(%2) window=[{ kernel: 2, stride: 2, padding: [0, 0], dilation: 1 }, ' +
        '{ kernel: 2, stride: 2, padding: [0, 0], dilation: 1 }] : float32[2, 4, 4, 2]',
      '%4 = reduceSum(%3) axes=[0, 1, 2, 3] : float32[1, 1, 1, 1]',
      '%5 = variable v0 float32[4, 3, 3, 3]',
      '%6 = constant 0.5 float32[]',
      '%7 = reshape(%6) : float32[1, 1, 1, 1]',
      '%8 = broadcast(%7) : float32[4, 3, 3, 3]',
      '%9 = mul(%5, %8) : float32[4, 3, 3, 3]',
      'v0 := %9',
      'return %4, %0',
    ].join('\n'),
  )
})

test('does not depend on what was built before', () => {
  expect(print(convolution())).toBe(print(convolution()))
})

test('leaves with attributes, special numbers, no updates', () => {
  const counter = makeNode('input', [], { source: {}, shape: [2], dtype: 'int32' })
  const outputs = [
    ir.iota([2, 3], 1),
    makeNode('random', [counter], { shape: [4], stream: 3 }),
    ...[-0, Number.NaN, Number.NEGATIVE_INFINITY].map((value) => ir.scalar(value)),
    ir.cast(ir.pad(input([1]), [[1, 0]], Number.POSITIVE_INFINITY), 'bool'),
  ]
  expect(print({ outputs, updates: [] })).toBe(
    [
      '%0 = iota axis=1 int32[2, 3]',
      '%1 = input int32[2]',
      '%2 = random(%1) stream=3 : float32[4]',
      '%3 = constant -0 float32[]',
      '%4 = constant NaN float32[]',
      '%5 = constant -Infinity float32[]',
      '%6 = input float32[1]',
      '%7 = pad(%6) padding=[[1, 0]] value=Infinity : float32[2]',
      '%8 = cast(%7) : bool[2]',
      'return %0, %2, %3, %4, %5, %8',
    ].join('\n'),
  )
})

test('a program of updates alone returns nothing', () => {
  const counter = variable([1])
  expect(print({ outputs: [], updates: [{ variable: counter, value: input([1]) }] })).toBe(
    '%0 = input float32[1]\nv0 := %0',
  )
})
