/** Simplification, rule by rule: what a graph becomes, and what must stay because of NaN, rounding or other users. */
import { describe, expect, it } from 'vitest'
import { normalTensor, tensorOf } from '../../test/support/nodes.ts'
import { evaluateNode } from '../backends/interpreter/index.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { print } from '../ir/print.ts'
import { simplify } from './simplify.ts'

/** The nodes that are left besides leaves, in order, with their operands by number. */
function simplified(output: Node): string {
  return print(simplify({ outputs: [output], updates: [] }))
    .split('\n')
    .filter((line) => !/= (input|variable) /.test(line))
    .map((line) => line.replace(/ : .*/, ''))
    .join('; ')
}

const x = tensorOf([1, 2, 3, 4, 5, 6], [2, 3])
const y = tensorOf([6, 5, 4, 3, 2, 1], [2, 3])
const flag = tensorOf([1, 0, 1, 0, 1, 0], [2, 3], 'bool')
const whole = tensorOf([7, 8, 9], [3], 'int32')
const constant = (value: number, like: Node = x): Node =>
  makeNode(
    'broadcast',
    [makeNode('reshape', [makeNode('constant', [], { value, dtype: like.dtype })], { shape: like.shape.map(() => 1) })],
    { shape: like.shape },
  )
const two = (op: 'add' | 'sub' | 'mul' | 'div' | 'pow', a: Node, b: Node): Node => makeNode(op, [a, b], {})

describe('neutral elements', () => {
  it.each<[string, Node]>([
    ['x + 0', two('add', x, constant(0))],
    ['0 + x', two('add', constant(0), x)],
    ['x − 0', two('sub', x, constant(0))],
    ['x · 1', two('mul', x, constant(1))],
    ['1 · x', two('mul', constant(1), x)],
    ['x / 1', two('div', x, constant(1))],
    ['x ^ 1', two('pow', x, constant(1))],
    ['−(−x)', makeNode('neg', [makeNode('neg', [x], {})], {})],
    ['cast to the same type', makeNode('cast', [x], { dtype: 'float32' })],
    ['where(c, x, x)', makeNode('where', [flag, x, x], {})],
    ['where(true, x, y)', makeNode('where', [constant(1, flag), x, y], {})],
    ['where(false, y, x)', makeNode('where', [constant(0, flag), y, x], {})],
    ['reshape there and back', makeNode('reshape', [makeNode('reshape', [x], { shape: [6] })], { shape: [2, 3] })],
    ['reshape to the same shape', makeNode('reshape', [x], { shape: [2, 3] })],
    ['broadcast to the same shape', makeNode('broadcast', [x], { shape: [2, 3] })],
    ['transpose there and back', ir.matrixTranspose(ir.matrixTranspose(x))],
    ['transpose that leaves the axes', makeNode('transpose', [x], { permutation: [0, 1] })],
    ['slice of everything', makeNode('slice', [x], { start: [0, 0], size: [2, 3], step: [1, 1] })],
    [
      'empty border',
      makeNode('pad', [x], {
        padding: [
          [0, 0],
          [0, 0],
        ],
        value: 7,
      }),
    ],
    ['join of one', makeNode('concat', [x], { axis: 0 })],
  ])('%s is x', (_, node) => {
    expect(simplify({ outputs: [node], updates: [] }).outputs[0]).toBe(x)
  })

  it('not(not(c)) is c', () => {
    const node = makeNode('not', [makeNode('not', [flag], {})], {})
    expect(simplify({ outputs: [node], updates: [] }).outputs[0]).toBe(flag)
  })

  it('sums over axes of size 1 are the operand', () => {
    const column = tensorOf([1, 2], [2, 1])
    for (const op of ['reduceSum', 'reduceMax', 'reduceMin', 'reduceProduct'] as const) {
      expect(simplify({ outputs: [makeNode(op, [column], { axes: [1] })], updates: [] }).outputs[0]).toBe(column)
      expect(simplified(makeNode(op, [column], { axes: [0] }))).toContain(op)
    }
  })
})

describe('what stays, because it is not the same', () => {
  it.each<[string, Node, string]>([
    ['x · 0: NaN and infinity', two('mul', x, constant(0)), 'mul'],
    ['x − x: NaN', two('sub', x, x), 'sub'],
    ['x / x: NaN', two('div', x, x), 'div'],
    ['0 − x: −0', two('sub', constant(0), x), 'sub'],
    ['x ^ 0.5', two('pow', x, constant(0.5)), 'pow'],
    ['x / 3: the reciprocal is rounded', two('div', x, constant(3)), 'div'],
    ['n / 2 for integers', makeNode('div', [whole, constant(2, whole)], {}), 'div'],
    ['float to int and back', ir.cast(ir.cast(x, 'int32'), 'float32'), 'cast'],
  ])('%s', (_, node, op) => {
    expect(simplified(node)).toContain(op)
  })
})

describe('cheaper forms', () => {
  it('division by a power of two is a product', () => {
    expect(simplified(two('div', x, constant(4)))).toMatch(/constant 0.25 .*mul/)
    expect(simplified(two('div', x, constant(-0.125)))).toMatch(/constant -8 .*mul/)
  })

  it('small powers are products', () => {
    expect(simplified(two('pow', x, constant(2)))).toBe('%1 = mul(%0, %0); return %1')
    expect(simplified(two('pow', x, constant(3)))).toBe('%1 = mul(%0, %0); %2 = mul(%1, %0); return %2')
  })

  it('constants are folded in double precision', () => {
    const node = ir.mul(x, ir.exp(ir.add(constant(0.1), constant(0.2))))
    expect(simplified(node)).toContain(`constant ${Math.exp(0.1 + 0.2)} float32[]`)
    expect(simplified(node)).not.toMatch(/exp|add/)
  })

  it('operations go below broadcasts, where there is less to compute', () => {
    const [a, b] = [tensorOf([1, 2, 3], [1, 3]), tensorOf([4, 5, 6], [1, 3])]
    const wide = (node: Node): Node => makeNode('broadcast', [node], { shape: [5, 3] })
    expect(simplified(ir.add(ir.exp(wide(a)), wide(b)))).toBe(
      '%1 = exp(%0); %3 = add(%1, %2); %4 = broadcast(%3); return %4',
    )
    const other = makeNode('broadcast', [tensorOf([1, 2, 3, 4, 5], [5, 1])], { shape: [5, 3] })
    expect(simplified(ir.add(wide(a), other))).toBe(
      '%1 = broadcast(%0); %3 = broadcast(%2); %4 = add(%1, %3); return %4',
    )
  })

  it('two reshapes, broadcasts or transposes are one', () => {
    expect(simplified(makeNode('reshape', [makeNode('reshape', [x], { shape: [6] })], { shape: [3, 2] }))).toBe(
      '%1 = reshape(%0); return %1',
    )
    const one = tensorOf([1], [1, 1])
    const once = makeNode('broadcast', [one], { shape: [1, 4] })
    expect(simplified(makeNode('broadcast', [once], { shape: [3, 4] }))).toBe('%1 = broadcast(%0); return %1')
    const cube = normalTensor([2, 3, 4], 1)
    const turned = ir.transpose(ir.transpose(cube, [1, 2, 0]), [1, 2, 0])
    const result = simplify({ outputs: [turned], updates: [] }).outputs[0] as Node
    // Axis a of the whole is axis p[q[a]] with p = q = (1, 2, 0).
    expect(result.op === 'transpose' && result.attributes.permutation).toEqual([2, 0, 1])
    expect(result.inputs[0]).toBe(cube)
  })

  it('the transpose of a product is the product of transposes, with the same values', () => {
    const [a, b] = [normalTensor([3, 4], 1), normalTensor([4, 5], 2)]
    const before = ir.matrixTranspose(ir.matmul(a, b))
    const after = simplify({ outputs: [before], updates: [] }).outputs[0] as Node
    expect(after.op).toBe('matmul')
    expect(after.shape).toEqual([5, 3])
    expect(evaluateNode(after)).toEqual(evaluateNode(before))
  })
})
