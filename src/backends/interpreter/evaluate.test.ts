import { describe, expect, test } from 'vitest'
import { tensorOf } from '../../../test/support/nodes.ts'
import { makeNode } from '../../ir/build.ts'
import type { Node, VariableRef } from '../../ir/node.ts'
import * as ir from '../../ir/operations.ts'
import { uniformAt } from '../../random/threefry.ts'
import { evaluate, evaluateNode, InterpreterBackend } from './index.ts'

const variable = (id: number, length: number): VariableRef => ({ id, shape: [length], dtype: 'float32' })
const read = (ref: VariableRef): Node => makeNode('variable', [], { variable: ref })
const argument = (length: number): Node => makeNode('input', [], { source: {}, shape: [length], dtype: 'float32' })

describe('leaves', () => {
  test('a constant keeps its double value', () => {
    expect(evaluateNode(ir.scalar(0.1, [2]))).toEqual(Float64Array.of(0.1, 0.1))
  })

  test('iota counts along its axis', () => {
    expect(Array.from(evaluateNode(ir.iota([2, 3], 1)))).toEqual([0, 1, 2, 0, 1, 2])
    expect(Array.from(evaluateNode(ir.iota([2, 3], 0)))).toEqual([0, 0, 0, 1, 1, 1])
    expect(Array.from(evaluateNode(ir.iota([2, 2, 2], 1)))).toEqual([0, 0, 1, 1, 0, 0, 1, 1])
    expect(Array.from(evaluateNode(ir.iota([0, 3], 1)))).toEqual([])
  })

  test('random takes seed and offset from its operand, the stream from its attributes', () => {
    const counter = tensorOf([42, 7], [2], 'int32')
    const drawn = evaluateNode(makeNode('random', [counter], { shape: [3, 5], stream: 9 }))
    expect(Array.from(drawn)).toEqual(Array.from({ length: 15 }, (_, index) => uniformAt(42, 9, 7, index)))
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true)
  })

  test('a leaf without data, or with too much, is named', () => {
    const unbound = argument(2)
    expect(() => evaluateNode(unbound)).toThrow(`internal error: input ${unbound.id} has no data of its own`)
    expect(() => evaluateNode(unbound, () => [1, 2, 3])).toThrow(
      `internal error: input ${unbound.id} of shape [2] was bound to 3 values`,
    )
  })
})

describe('evaluate', () => {
  test('binds leaves in the order in which a walk meets them', () => {
    const [a, b] = [argument(1), argument(1)]
    const [v, w, unread] = [variable(1, 1), variable(2, 1), variable(3, 1)]
    const difference = ir.sub(ir.add(a, read(w)), ir.mul(b, read(v)))
    const graph = {
      outputs: [difference],
      updates: [
        { variable: unread, value: a },
        { variable: w, value: ir.neg(difference) },
      ],
    }
    const { outputs, updates } = evaluate(graph, { inputs: [[10], [3]], variables: [[1], [2], [0]] })
    expect(outputs).toEqual([Float64Array.of(10 + 1 - 3 * 2)])
    expect(updates).toEqual([Float64Array.of(10), Float64Array.of(-5)])
  })

  test('takes doubles as they are, so that differences may be tiny', () => {
    const x = argument(1)
    const { outputs } = evaluate({ outputs: [ir.mul(x, x)], updates: [] }, { inputs: [[1 + 1e-9]], variables: [] })
    expect(outputs[0]?.[0]).toBe((1 + 1e-9) ** 2)
  })

  test('results do not share memory with the bindings', () => {
    const x = argument(2)
    const bound = Float64Array.of(1, 2)
    const { outputs } = evaluate({ outputs: [ir.reshape(x, [1, 2])], updates: [] }, { inputs: [bound], variables: [] })
    bound[0] = 99
    expect(outputs[0]).toEqual(Float64Array.of(1, 2))
  })

  test('a node that is output, operand and update at once is computed and kept', () => {
    const x = argument(1)
    const doubled = ir.add(x, x)
    const graph = {
      outputs: [doubled, ir.neg(doubled), doubled],
      updates: [{ variable: variable(1, 1), value: doubled }],
    }
    const { outputs, updates } = evaluate(graph, { inputs: [[4]], variables: [[0]] })
    expect(outputs.map(([value]) => value)).toEqual([8, -8, 8])
    expect(updates.map(([value]) => value)).toEqual([8])
  })

  test('graphs deeper than the stack', () => {
    let node = tensorOf([0])
    const one = tensorOf([1])
    for (let depth = 0; depth < 50_000; depth++) node = makeNode('add', [node, one], {})
    expect(evaluateNode(node)[0]).toBe(50_000)
  })
})

describe('InterpreterBackend', () => {
  const backend = new InterpreterBackend()

  test('hands back typed arrays of the element types', () => {
    const x = argument(2)
    const outputs = [x, ir.cast(x, 'int32'), ir.cast(x, 'uint8'), ir.cast(x, 'bool')]
    const program = backend.compile({ outputs, updates: [] })
    expect(program.run([Float32Array.of(1.5, -2)], [])).toEqual([
      Float32Array.of(1.5, -2),
      Int32Array.of(1, -2),
      Uint8Array.of(1, 0),
      Uint8Array.of(1, 1),
    ])
  })

  test('updates read old values, and chains of them stay in double precision', async () => {
    const [v, w] = [variable(1, 1), variable(2, 1)]
    const [a, b] = [read(v), read(w)]
    const swap = backend.compile({
      outputs: [],
      updates: [
        { variable: v, value: b },
        { variable: w, value: ir.add(a, ir.scalar(1e-9, [1])) },
      ],
    })
    const first = backend.createBuffer('float32', Float32Array.of(1))
    const second = backend.createBuffer('float32', Float32Array.of(2))
    for (let step = 0; step < 4; step++) swap.run([], [first, second])
    const grown = backend.compile({ outputs: [ir.sub(a, ir.scalar(1, [1]))], updates: [] })
    const [difference] = await grown.run([], [first])
    expect(difference?.[0]).toBeCloseTo(2e-9, 15)
    expect(await first.read()).toEqual(Float32Array.of(1))
    expect(await second.read()).toEqual(Float32Array.of(2))
  })

  test('buffers copy in and out', async () => {
    const data = Int32Array.of(1, 2)
    const buffer = backend.createBuffer('int32', data)
    data[0] = 9
    expect(await buffer.read()).toEqual(Int32Array.of(1, 2))
    buffer.write(Int32Array.of(3, 4))
    expect(await buffer.read()).toEqual(Int32Array.of(3, 4))
    expect(() => buffer.write(Int32Array.of(1))).toThrow('internal error: 1 values written to a buffer of 2')
  })

  test('counts its work', () => {
    const a = tensorOf([1, 2, 3, 4], [2, 2])
    const { statistics } = backend.compile({ outputs: [ir.exp(ir.matmul(a, a))], updates: [] })
    expect(statistics).toMatchObject({ kernels: 3, arenaBytes: 0, moduleBytes: 0, multiplyAdds: 8 })
  })

  test('refuses buffers of another backend', () => {
    const foreign = { dtype: 'float32', length: 1, read: () => new Float32Array(1), write() {}, release() {} } as const
    const program = backend.compile({ outputs: [read(variable(1, 1))], updates: [] })
    expect(() => program.run([], [foreign])).toThrow('a buffer of another backend was given to the interpreter')
  })
})
