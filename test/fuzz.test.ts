/**
 * Random graphs: the interpreter against the WebAssembly backend on one thread and on two, with and without merged kernels and
 * fused multiply-add; gradients against the interpreter and against differences. `fuzz.long.test.ts` tries thousands more.
 */
import { describe, expect, it } from 'vitest'
import { at, range } from '../src/base/arrays.ts'
import { makeNode } from '../src/ir/build.ts'
import * as ir from '../src/ir/operations.ts'
import { checkCompiledGradients, checkGradientRules, checkGraphs, fuzzBackends } from './fuzz/checks.ts'
import { runOn } from './fuzz/differences.ts'
import type { FuzzVariable } from './fuzz/grower.ts'
import { tensorOf } from './support/nodes.ts'

const backends = await fuzzBackends()
const SEEDS = 50
/** Threads that must wait for a processor at every meeting take their time. */
const PATIENCE_MS = 240_000

describe('random graphs', { timeout: PATIENCE_MS }, () => {
  it.each(range(6).map((part) => part * SEEDS))('from seed %i on', (first) => checkGraphs(backends, first, SEEDS))
})

describe('gradients of random graphs', { timeout: PATIENCE_MS }, () => {
  it('compiled, as interpreted', () => {
    expect(checkCompiledGradients(backends.single, 0, 120)).toBeGreaterThan(80)
  })

  it('as central differences', () => {
    expect(checkGradientRules(0, 80)).toBeGreaterThan(60)
  })
})

describe('what fuzzing found', () => {
  const results = (
    outputs: Parameters<typeof runOn>[1]['graph']['outputs'],
    updates: Parameters<typeof runOn>[1]['graph']['updates'] = [],
  ) =>
    [backends.single, backends.threaded].map((backend) =>
      runOn(backend, { graph: { outputs, updates }, errors: [] }).map((values) => [...values]),
    )

  it('a variable replaced in place is read by a later store of the same kernel', () => {
    const variable: FuzzVariable = { id: 0, shape: [6], dtype: 'float32', data: Float32Array.of(9, 9, 9, 9, 9, 9) }
    const old = makeNode('variable', [], { variable })
    const x = tensorOf([0, 1, 2, 3, 4, 5])
    const fresh = ir.mul(x, x)
    for (const each of results([ir.add(fresh, old)], [{ variable, value: fresh }])) {
      expect(each).toEqual([
        [9, 10, 13, 18, 25, 34],
        [0, 1, 4, 9, 16, 25],
      ])
    }
  })

  it('two variables computed from each other in one kernel (b comes first: it is read first)', () => {
    const data = (first: number) => Float32Array.from({ length: 7 }, (_, index) => first + index)
    const a: FuzzVariable = { id: 0, shape: [7], dtype: 'float32', data: data(0) }
    const b: FuzzVariable = { id: 1, shape: [7], dtype: 'float32', data: data(10) }
    const [readA, readB] = [makeNode('variable', [], { variable: a }), makeNode('variable', [], { variable: b })]
    const updates = [
      { variable: a, value: ir.scale(readB, 2) },
      { variable: b, value: ir.scale(readA, 3) },
    ]
    for (const each of results([], updates)) {
      expect(each).toEqual([
        [0, 3, 6, 9, 12, 15, 18],
        [20, 22, 24, 26, 28, 30, 32],
      ])
    }
  })

  it('scatterAdd of bool is "or", of uint8 wraps, and neither writes beyond its bytes', () => {
    const indices = tensorOf([0, 0, 1, 3, 3, 3], [6], 'int32')
    const flags = ir.scatterAdd(tensorOf([1, 1, 0, 0, 1, 1], [6], 'bool'), indices, 0, 4)
    const bytes = ir.scatterAdd(tensorOf([200, 100, 7, 255, 1, 0], [6], 'uint8'), indices, 0, 4)
    for (const each of results([flags, bytes])) {
      expect(each).toEqual([
        [1, 0, 0, 1],
        [44, 7, 0, 0],
      ])
    }
  })

  it('a maximum and the taps of the same buffer in another shape', () => {
    const window = [2, 2].map((kernel) => ({ kernel, stride: 2, padding: [0, 0] as const, dilation: 1 }))
    const x = tensorOf([1, 2, 3, 4, 8, 7, 6, 5], [1, 1, 2, 4])
    const turned = ir.reshape(x, [1, 1, 4, 2])
    const outputs = [makeNode('maxPool', [x], { window }), makeNode('maxPoolIndices', [turned], { window })]
    for (const each of results(outputs)) {
      expect(each).toEqual([
        [8, 6],
        [3, 0],
      ])
    }
  })

  it('a border around part of a variable does not wipe the variable first', () => {
    const variable: FuzzVariable = { id: 0, shape: [5], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5) }
    const old = makeNode('variable', [], { variable })
    const value = ir.pad(ir.sliceAxis(old, 0, 0, 3), [[0, 2]])
    for (const each of results([], [{ variable, value }])) expect(at(each, 0)).toEqual([1, 2, 3, 0, 0])
  })
})
