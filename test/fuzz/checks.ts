/** What the quick and the long fuzz tests share: one check for each kind of random graph, over a range of seeds. */
import { expect } from 'vitest'
import { WasmBackend } from '../../src/backends/wasm/index.ts'
import { at, range } from '../../src/base/arrays.ts'
import type { TypedArray } from '../../src/base/dtype.ts'
import type { Backend } from '../../src/runtime/backend.ts'
import { directionalDerivative, valuesAt } from '../finite-differences.ts'
import { difference, expectations, report, runOn } from './differences.ts'
import { along, pointOf, randomDirection, randomGradient } from './random-gradient.ts'
import { randomGraph } from './random-graph.ts'

/** Backends that must agree with the interpreter. */
export interface FuzzBackends {
  readonly single: Backend
  /** Must give the bits of `single`. */
  readonly threaded: Backend
  readonly others: readonly (readonly [string, Backend])[]
}

export async function fuzzBackends(): Promise<FuzzBackends> {
  const threaded = new WasmBackend({ threads: 2, sharedWork: 0 })
  await threaded.whenReady()
  return {
    single: new WasmBackend({ threads: 1 }),
    threaded,
    others: [
      ['without transformed tiles', new WasmBackend({ threads: 1, winograd: false })],
      ['without merging', new WasmBackend({ threads: 1, merge: false })],
      ['without fused multiply-add', new WasmBackend({ threads: 1, fma: false })],
    ],
  }
}

const bits = (arrays: readonly TypedArray[]): string[] =>
  arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64'))

/** Values and updates of the graphs of `count` seeds, on every backend. */
export function checkGraphs(backends: FuzzBackends, first: number, count: number): void {
  for (const seed of range(count).map((index) => first + index)) {
    const graph = randomGraph(seed)
    const expected = expectations(graph)
    const check = (where: string, backend: Backend): TypedArray[] => {
      const results = runOn(backend, graph)
      const message = difference(results, expected)
      if (message) expect.fail(report(seed, graph, where, message))
      return results
    }
    const single = check('one thread', backends.single)
    const threaded = check('two threads', backends.threaded)
    if (bits(single).join() !== bits(threaded).join()) expect.fail(report(seed, graph, 'two threads', 'other bits'))
    for (const [where, backend] of backends.others) check(where, backend)
  }
}

/** Compiled gradients of graphs of whole numbers against interpreted ones; returns how many seeds had one. */
export function checkCompiledGradients(backend: Backend, first: number, count: number): number {
  let checked = 0
  for (const seed of range(count).map((index) => first + index)) {
    const found = randomGradient(seed, { smooth: false })
    if (!found) continue
    checked += 1
    const graph = { graph: { outputs: found.gradients, updates: [] }, errors: found.gradients.map(() => 0) }
    const expected = expectations(graph).map(({ values }) => {
      const largest = Math.max(1e-3, ...Array.from(values, Math.abs))
      return { values, error: 3e-5 * largest }
    })
    const message = difference(runOn(backend, graph), expected)
    if (message) expect.fail(report(seed, graph, 'gradient', message))
  }
  return checked
}

/** Gradients of smooth graphs against central differences; returns how many seeds had one. */
export function checkGradientRules(first: number, count: number): number {
  let checked = 0
  for (const seed of range(count).map((index) => first + index)) {
    const found = randomGradient(seed, { smooth: true })
    if (!found) continue
    checked += 1
    const point = pointOf([found.output, ...found.gradients])
    const direction = randomDirection(found.leaves)
    const upstream = at(valuesAt([found.upstream], point), 0)
    const measured = directionalDerivative([found.output], [upstream], point, direction)
    const computed = along(direction, found.leaves, valuesAt(found.gradients, point))
    const allowed = 1e-5 * Math.max(1, Math.abs(measured))
    if (Math.abs(measured - computed) <= allowed) continue
    const graph = { graph: { outputs: [found.output], updates: [] }, errors: [0] }
    expect.fail(report(seed, graph, 'gradient', `${computed} instead of ${measured}`))
  }
  return checked
}
