/** Which nodes get buffers: what is cheap or used once is computed where it is needed. */
import { describe, expect, it } from 'vitest'
import { normalTensor, tensorOf } from '../../test/support/nodes.ts'
import { graphOf, programLines, variableOf } from '../../test/support/programs.ts'
import { range } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { isInlinable, isView, planFusion } from './fusion.ts'

const x = normalTensor([4, 6], 1)
const y = normalTensor([4, 6], 2)
const roots = (...outputs: Node[]): Node[] => {
  const plan = planFusion(graphOf(outputs))
  return plan.order.filter((node) => plan.roots.has(node))
}
const waiting = (...outputs: Node[]): Node[] => [...planFusion(graphOf(outputs)).waiting]

describe('buffers', () => {
  it('hold results, and what is costly and needed twice', () => {
    const costly = ir.exp(x)
    const sum = ir.add(ir.reduceSum(costly, [0]), ir.reduceSum(ir.transpose(costly, [0, 1]), [0]))
    expect(roots(sum)).toEqual([costly, sum])
  })

  it('do not hold what is cheaper to compute again', () => {
    const cheap = ir.add(x, y)
    const sums = [ir.reduceSum(cheap, [0]), ir.reduceSum(cheap, [1])]
    expect(roots(...sums)).toEqual(sums)
    // Two loads and eight operations are more than a load.
    const dearer = range(8).reduce((sum) => ir.add(sum, y), x as Node)
    const two = [ir.reduceSum(dearer, [0]), ir.reduceSum(dearer, [1])]
    expect(roots(...two)).toContain(dearer)
  })

  it('do not hold views, constants and counters', () => {
    const costly = ir.exp(x)
    const turned = ir.transpose(costly, [1, 0])
    const results = [ir.add(turned, ir.scalarLike(turned, 1)), ir.mul(costly, y)]
    expect(roots(...results).map((node) => node.op)).toEqual(['exp', 'add', 'mul'])
  })

  it('hold what a contraction reads and others need, too', () => {
    const cheap = ir.add(x, y)
    const [product, sum] = [ir.matmul(cheap, ir.matrixTranspose(x)), ir.neg(cheap)]
    expect(roots(product, sum)).toContain(cheap)
    // Alone, the product makes its operand when it is lowered.
    expect(roots(product)).toEqual([product])
  })

  it('break expressions that grow too long', () => {
    const long = range(40).reduce<Node>((sum, step) => ir.add(sum, ir.scale(y, step + 2)), x)
    expect(roots(long).length).toBeGreaterThan(1)
    const short = range(10).reduce<Node>((sum, step) => ir.add(sum, ir.scale(y, step + 2)), x)
    expect(roots(short)).toEqual([short])
  })
})

describe('a reduction or contraction waits for the work that follows it', () => {
  const product = ir.matmul(x, ir.matrixTranspose(y))

  it('when one kernel needs it', () => {
    expect(waiting(ir.tanh(product))).toContain(product)
    // Both factors end up in the same kernel.
    expect(waiting(ir.mul(product, ir.sigmoid(product)))).toContain(product)
  })

  it('not when two kernels do, or when it is a result itself', () => {
    const sums = [ir.reduceSum(ir.exp(product), [0]), ir.reduceSum(ir.exp(product), [1])]
    expect(waiting(...sums)).not.toContain(product)
    expect(waiting(product, ir.tanh(product))).not.toContain(product)
  })
})

describe('programs', () => {
  it('end a product with bias, activation and residual', () => {
    const bias = ir.broadcastTo(variableOf(5), [4, 5])
    const residual = variableOf(4, 5)
    const value = ir.add(ir.tanh(ir.add(ir.matmul(x, variableOf(6, 5)), bias)), residual)
    expect(programLines(graphOf([value]))).toEqual([
      'contract i<4 j<5 over s<6',
      '  acc0 = sum(in0[6i + s] * var0[5s + j])',
      '  t0[5i + j] = tanh(acc0 + var1[j]) + var2[5i + j]',
      'return t0',
    ])
  })

  it('end a row sum with what follows, but not with what reads it by rows again', () => {
    const sum = ir.reduceSum(x, [1])
    expect(programLines(graphOf([ir.sqrt(sum)]))).toEqual([
      'reduce i<4 over j<6',
      '  acc0 = sum(in0[6i + j])',
      '  t0[i] = sqrt(acc0)',
      'return t0',
    ])
    const spread = ir.div(x, ir.broadcastTo(sum, x.shape))
    expect(programLines(graphOf([spread])).filter((line) => !line.startsWith(' '))).toEqual([
      'reduce i<4 over j<6',
      'map i<4 j<6',
      'return t1',
    ])
  })

  it('end a product even when the result is transposed on its way out', () => {
    const value = ir.matrixTranspose(ir.tanh(ir.matmul(x, ir.matrixTranspose(y))))
    const lines = programLines(graphOf([value]))
    expect(lines.filter((line) => line.startsWith('contract')).length).toBe(1)
  })

  it('read views through their strides', () => {
    const a = tensorOf(range(24), [2, 3, 4])
    const value = ir.matmul(
      ir.transpose(ir.slice(a, [0, 0, 1], [2, 3, 2], [1, 1, 1]), [0, 2, 1]),
      ir.flip(ir.exp(a), [0]),
    )
    expect(programLines(graphOf([value]))[1]).toMatch(/^ {2}t0\[/)
    expect(programLines(graphOf([value])).filter((line) => line.startsWith('map')).length).toBe(1)
  })
})

it('every element-wise and view primitive can stand inside a kernel', () => {
  expect(
    [ir.add(x, y), ir.neg(x), ir.gather(x, tensorOf([0, 1, 2, 3, 0, 1], [1, 6], 'int32'), 0)].every(isInlinable),
  ).toBe(true)
  expect([ir.transpose(x, [1, 0]), ir.flip(x, [0])].every(isView)).toBe(true)
  const border = makeNode('pad', [x], {
    padding: [
      [1, 1],
      [0, 0],
    ],
    value: 0,
  })
  expect([border, ir.reduceSum(x, [0]), ir.matmul(x, ir.matrixTranspose(x))].some(isInlinable)).toBe(false)
})
