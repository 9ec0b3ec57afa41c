/** The text form of programs; what real graphs compile to stands in test/golden-kernels. */
import { expect, test } from 'vitest'
import { tensorOf } from '../../test/support/nodes.ts'
import { makeNode } from '../ir/build.ts'
import * as ir from '../ir/operations.ts'
import { compileGraph } from './compile-graph.ts'
import { printProgram } from './print-program.ts'

const linear = () => {
  const variable = { id: 7, shape: [3, 2], dtype: 'float32' as const }
  const x = tensorOf([1, 2, 3, 4, 5, 6], [2, 3])
  return { outputs: [ir.tanh(ir.matmul(x, makeNode('variable', [], { variable })))], updates: [] }
}

test('kernels and results', () => {
  expect(printProgram(compileGraph(linear()))).toBe(
    [
      'contract i<2 j<2 over s<3',
      '  acc0 = sum(in0[3i + s] * var0[2s + j])',
      '  t0[2i + j] = tanh(acc0)',
      'return t0',
    ].join('\n'),
  )
})

test('with memory: every buffer, its bytes and its place', () => {
  const [first, second, third, fourth] = printProgram(compileGraph(linear()), { memory: true }).split('\n')
  // 24 bytes of input and 16 of result, each with 64 bytes of slack, on lines of 64.
  expect([first, second, third, fourth]).toEqual([
    'arena 256 bytes, 12 multiply-adds',
    'in0: 6 float32, 24 bytes at 0',
    'var0: 6 float32, 24 bytes',
    't0: 4 float32, 16 bytes at 128',
  ])
})

test('positions run backwards, sums have no index twice, numbers are short', () => {
  const x = tensorOf([1, 2, 3, 4, 5], [5])
  const value = ir.scale(ir.add(ir.flip(x, [0]), ir.exp(x)), 1 / 3)
  expect(printProgram(compileGraph({ outputs: [value, x], updates: [] }))).toBe(
    'map i<5\n  t0[i] = (in0[4 - i] + exp(in0[i])) * 0.333333333\nreturn t0, in0',
  )
})
