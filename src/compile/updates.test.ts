/** Where new values of variables are written: in place where nobody needs the old ones, by a copy at the end elsewhere. */
import { describe, expect, it } from 'vitest'
import { runOn } from '../../test/fuzz/differences.ts'
import type { FuzzVariable } from '../../test/fuzz/grower.ts'
import { normalTensor, tensorOf } from '../../test/support/nodes.ts'
import { assign, graphOf, programLines, variableOf } from '../../test/support/programs.ts'
import { WasmBackend } from '../backends/wasm/index.ts'
import { makeNode } from '../ir/build.ts'
import type { Graph, NodeOf } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'

describe('in place', () => {
  it('what reads the variable only where it writes', () => {
    const v = variableOf(5)
    expect(programLines(graphOf([], assign(v, ir.add(v, tensorOf([1, 2, 3, 4, 5])))))).toEqual([
      'map i<5',
      '  var0[i] = var0[i] + in0[i]',
    ])
  })

  it('what does not read it at all, as a product or a sum', () => {
    const v = variableOf(3, 4)
    expect(programLines(graphOf([], assign(v, ir.matmul(normalTensor([3, 2], 1), normalTensor([2, 4], 2)))))).toEqual([
      'contract i<3 j<4 over s<2',
      '  acc0 = sum(in0[2i + s] * in1[4s + j])',
      '  var0[4i + j] = acc0',
    ])
  })

  it('what earlier kernels read', () => {
    const [v, x] = [variableOf(4), tensorOf([1, 2, 3, 4])]
    const sum = ir.reduceSum(v, [0])
    const lines = programLines(graphOf([sum], assign(v, ir.mul(v, x))))
    expect(lines).toEqual([
      'reduce over i<4',
      '  acc0 = sum(var0[i])',
      '  t0[0] = acc0',
      'map i<4',
      '  var0[i] = var0[i] * in0[i]',
      'return t0',
    ])
  })

  it('a value that is a result as well', () => {
    const v = variableOf(4)
    const next = ir.exp(v)
    expect(programLines(graphOf([next], assign(v, next)))).toEqual([
      'map i<4',
      '  var0[i] = exp(var0[i])',
      'return var0',
    ])
  })
})

describe('by a copy', () => {
  const copies = (graph: Graph): string[] =>
    programLines(graph)
      .filter((line) => line.includes(' = '))
      .slice(-1)

  it('what reads the variable elsewhere', () => {
    const v = variableOf(5)
    expect(copies(graphOf([], assign(v, ir.flip(v, [0]))))).toEqual(['  var0[i] = t0[i]'])
    const square = variableOf(3, 3)
    expect(copies(graphOf([], assign(square, ir.matmul(square, square))))).toEqual(['  var0[i] = t0[i]'])
  })

  it('a border around part of the variable: it is filled before anything is read', () => {
    const v = variableOf(5)
    expect(copies(graphOf([], assign(v, ir.pad(ir.sliceAxis(v, 0, 0, 3), [[0, 2]]))))).toEqual(['  var0[i] = t0[i]'])
  })

  it('an input, and another variable', () => {
    const [v, w] = [variableOf(2), variableOf(2)]
    expect(programLines(graphOf([], assign(v, tensorOf([1, 2]))))).toEqual(['map i<2', '  var0[i] = in0[i]'])
    expect(programLines(graphOf([ir.neg(w)], assign(v, w))).slice(-3)).toEqual([
      'map i<2',
      '  var1[i] = t1[i]',
      'return t0',
    ])
  })

  it('nothing, when a variable keeps its value', () => {
    const v = variableOf(2)
    expect(programLines(graphOf([], assign(v, v)))).toEqual([''])
  })
})

/** Variables with contents, and what they hold after the program ran. */
describe('values after a run', () => {
  const backend = new WasmBackend({ threads: 1 })
  const filled = (...values: number[]): NodeOf<'variable'> => {
    const variable: FuzzVariable = { id: 0, shape: [values.length], dtype: 'float32', data: Float32Array.from(values) }
    return makeNode('variable', [], { variable }) as NodeOf<'variable'>
  }
  /** Results, then variables in the order of their first reading. */
  const run = (graph: Graph): number[][] => runOn(backend, { graph, errors: [] }).map((values) => [...values])

  it('two variables swap', () => {
    const [a, b] = [filled(1, 2), filled(3, 4)]
    expect(run(graphOf([a, b], assign(a, b), assign(b, a)))).toEqual([
      [1, 2],
      [3, 4],
      [3, 4],
      [1, 2],
    ])
  })

  it('three variables move on by one', () => {
    const [a, b, c] = [filled(1), filled(2), filled(3)]
    expect(run(graphOf([ir.concat([a, b, c], 0)], assign(a, b), assign(b, c), assign(c, a)))).toEqual([
      [1, 2, 3],
      [2],
      [3],
      [1],
    ])
  })

  it('one takes the other’s old value, the other a new one', () => {
    const [a, b] = [filled(1, 2), filled(3, 4)]
    const next = ir.scale(b, 10)
    for (const updates of [
      [assign(a, b), assign(b, next)],
      [assign(b, next), assign(a, b)],
    ]) {
      expect(run({ outputs: [a, b], updates })).toEqual([
        [1, 2],
        [3, 4],
        [3, 4],
        [30, 40],
      ])
    }
  })

  it('one value for two variables and a result', () => {
    const [a, b] = [filled(1, 2), filled(3, 4)]
    const sum = ir.add(a, b)
    expect(run(graphOf([sum], assign(a, sum), assign(b, sum)))).toEqual([
      [4, 6],
      [4, 6],
      [4, 6],
    ])
  })

  it('the old value as a result, beside an update in place', () => {
    const a = filled(1, 2)
    expect(run(graphOf([a, ir.neg(a)], assign(a, ir.scale(a, 5))))).toEqual([
      [1, 2],
      [-1, -2],
      [5, 10],
    ])
  })

  it('a value that another update reads as the old one', () => {
    const [a, b] = [filled(1, 2), filled(10, 20)]
    // b's new value needs the old a, whose update comes first.
    expect(run(graphOf([], assign(a, ir.add(a, ir.scalarLike(a, 1))), assign(b, ir.add(b, ir.flip(a, [0])))))).toEqual([
      [2, 3],
      [12, 21],
    ])
  })

  it('the same content from an input and as a result', () => {
    const [a, x] = [filled(1, 2), tensorOf([7, 8])]
    expect(run(graphOf([x, a], assign(a, x)))).toEqual([
      [7, 8],
      [1, 2],
      [7, 8],
    ])
  })

  it('a reshaped value, a constant and an empty variable', () => {
    const [a, b] = [filled(1, 2), filled(3, 4)]
    const graph = graphOf(
      [],
      assign(a, ir.reshape(ir.exp(tensorOf([0, 0], [2, 1])), [2])),
      assign(b, ir.scalar(9, [2])),
    )
    expect(run(graph)).toEqual([
      [1, 1],
      [9, 9],
    ])
    const empty = filled()
    expect(run(graphOf([], assign(empty, ir.exp(empty))))).toEqual([[]])
  })
})
