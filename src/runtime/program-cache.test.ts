/** Which graphs share a program, which program makes room, and who still may run it then. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tensorOf } from '../../test/support/nodes.ts'
import { makeNode } from '../ir/build.ts'
import { graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import type { Backend, Executable } from './backend.ts'
import { setBackend } from './device.ts'
import { executableFor, heldExecutableFor } from './program-cache.ts'

/** A backend that only keeps books. */
class BookkeepingBackend implements Backend {
  readonly name = 'bookkeeping'
  readonly compiled: Graph[] = []
  released = 0

  createBuffer(): never {
    throw new Error('no buffers here')
  }

  compile(graph: Graph): Executable {
    this.compiled.push(graph)
    const statistics = { kernels: 0, arenaBytes: 0, moduleBytes: 0, multiplyAdds: 0, compileMs: 0 }
    return {
      statistics,
      run: () => [],
      release: () => {
        this.released += 1
      },
    }
  }
}

const CAPACITY = 256
const graphOf = (node: Node): Graph => ({ outputs: [node], updates: [] })
/** A graph unlike that of any other number. */
const numbered = (count: number): Graph => graphOf(ir.iota([count + 1], 0))

describe('the program cache', () => {
  let backend: BookkeepingBackend
  beforeEach(() => {
    backend = new BookkeepingBackend()
    setBackend(backend)
  })

  it('compiles equal graphs once, whatever data their inputs carry', () => {
    const first = executableFor(graphOf(ir.exp(tensorOf([1, 2]))))
    expect(executableFor(graphOf(ir.exp(tensorOf([3, 4]))))).toBe(first)
    expect(executableFor(graphOf(ir.exp(tensorOf([3, 4, 5]))))).not.toBe(first)
    expect(backend.compiled.length).toBe(2)
  })

  it('keeps no host data alive', () => {
    const x = tensorOf([1, 2])
    executableFor(graphOf(ir.add(x, ir.exp(x))))
    const [graph] = backend.compiled as [Graph]
    const inputs = topologicalOrder(graphRoots(graph)).filter((node) => node.op === 'input')
    expect(inputs.map((node) => node.attributes)).toEqual([{ source: {}, shape: [2], dtype: 'float32' }])
  })

  it('belongs to one backend', () => {
    const first = executableFor(numbered(1))
    setBackend(new BookkeepingBackend())
    expect(executableFor(numbered(1))).not.toBe(first)
  })

  it('gives up and releases the program that was not used for longest', () => {
    for (let index = 0; index < CAPACITY; index++) executableFor(numbered(index))
    executableFor(numbered(0))
    expect(backend.released).toBe(0)
    executableFor(numbered(CAPACITY))
    expect(backend.released).toBe(1)
    expect(backend.compiled.length).toBe(CAPACITY + 1)
    executableFor(numbered(0))
    expect(backend.compiled.length).toBe(CAPACITY + 1)
    executableFor(numbered(1))
    expect(backend.compiled.length).toBe(CAPACITY + 2)
    expect(backend.released).toBe(2)
  })

  it('does not release what somebody holds', () => {
    const graph = numbered(0)
    heldExecutableFor(graph, topologicalOrder(graphRoots(graph)))
    for (let index = 1; index <= 2 * CAPACITY; index++) executableFor(numbered(index))
    expect(backend.compiled.length).toBe(2 * CAPACITY + 1)
    // All but the 256 in the cache and the one that is held.
    expect(backend.released).toBe(CAPACITY)
  })
})

describe('the signature', () => {
  const variable = (id: number) => ({ id, shape: [2], dtype: 'float32' as const })
  let compilations: () => number
  beforeAll(() => {
    const backend = new BookkeepingBackend()
    setBackend(backend)
    compilations = () => backend.compiled.length
  })
  afterAll(() => setBackend(new BookkeepingBackend()))

  /** Whether the second graph needs a program of its own. */
  const differ = (first: Graph, second: Graph): boolean => {
    executableFor(first)
    const before = compilations()
    executableFor(second)
    return compilations() > before
  }
  const leaf = (id: number): Node => makeNode('variable', [], { variable: variable(id) })

  it('counts variables and inputs by position, not by identity', () => {
    expect(differ(graphOf(ir.exp(leaf(1))), graphOf(ir.exp(leaf(2))))).toBe(false)
  })

  it('tells one operand twice from two operands', () => {
    const [a, b] = [leaf(1), leaf(2)]
    expect(differ(graphOf(ir.mul(a, a)), graphOf(ir.mul(a, b)))).toBe(true)
    const x = tensorOf([1, 2])
    expect(differ(graphOf(ir.mul(x, x)), graphOf(ir.mul(x, tensorOf([1, 2]))))).toBe(true)
  })

  it('tells shapes, element types, attributes and constants apart', () => {
    const x = tensorOf([1, 2, 3, 4], [2, 2])
    expect(differ(graphOf(ir.reduceSum(x, [0])), graphOf(ir.reduceSum(x, [1])))).toBe(true)
    expect(differ(graphOf(ir.neg(x)), graphOf(ir.neg(tensorOf([1, 2, 3, 4], [2, 2], 'int32'))))).toBe(true)
    expect(differ(graphOf(ir.scale(x, 2)), graphOf(ir.scale(x, 2.0000001)))).toBe(true)
    const constant = (value: number): Graph =>
      graphOf(ir.mul(x, makeNode('broadcast', [ir.scalar(value, [1, 1])], { shape: [2, 2] })))
    expect(differ(constant(0), constant(-0))).toBe(true)
    expect(differ(constant(Number.NaN), constant(Number.POSITIVE_INFINITY))).toBe(true)
    const border = (value: number): Graph =>
      graphOf(
        ir.pad(
          x,
          [
            [1, 0],
            [0, 0],
          ],
          value,
        ),
      )
    expect(differ(border(Number.NEGATIVE_INFINITY), border(0))).toBe(true)
  })

  it('tells outputs and updates apart', () => {
    const [a, b] = [leaf(1), leaf(2)]
    const [sum, product] = [ir.add(a, b), ir.mul(a, b)]
    expect(differ({ outputs: [sum, product], updates: [] }, { outputs: [product, sum], updates: [] })).toBe(true)
    const update = (id: number): Graph => ({ outputs: [sum], updates: [{ variable: variable(id), value: product }] })
    expect(differ(graphOf(sum), update(9))).toBe(true)
    const shared = variable(1)
    const read = makeNode('variable', [], { variable: shared })
    const own: Graph = { outputs: [], updates: [{ variable: shared, value: ir.exp(read) }] }
    const other: Graph = { outputs: [], updates: [{ variable: variable(2), value: ir.exp(read) }] }
    expect(differ(own, other)).toBe(true)
  })
})
