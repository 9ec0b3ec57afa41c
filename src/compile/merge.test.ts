/** Joining element-wise kernels: what goes together, what reads and writes forbid, and which limits there are. */
import { describe, expect, it } from 'vitest'
import { normalTensor } from '../../test/support/nodes.ts'
import { assign, graphOf, programLines, variableOf } from '../../test/support/programs.ts'
import { range } from '../base/arrays.ts'
import type { Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import type { Affine, BufferId, Expression } from './expression.ts'
import type { Kernel, MapKernel, ProgramBuffer } from './kernel.ts'
import { internStores, mergeMaps } from './merge.ts'
import { printProgram } from './print-program.ts'

const along: Affine = { offset: 0, strides: [1] }
const backwards: Affine = { offset: 7, strides: [-1] }
const load = (buffer: BufferId, at: Affine = along): Expression => ({ kind: 'load', dtype: 'float32', buffer, at })
const operation = (op: 'add' | 'exp' | 'mul', ...operands: Expression[]): Expression => ({
  kind: 'op',
  dtype: 'float32',
  op,
  operands,
})
const map = (buffer: BufferId, value: Expression, options: { at?: Affine; extent?: number } = {}): MapKernel => ({
  kind: 'map',
  extents: [options.extent ?? 8],
  stores: [{ buffer, at: options.at ?? along, value }],
})

/** The text of merged kernels; all buffers are temporary and numbered as they come. */
function merged(...kernels: Kernel[]): string[] {
  const buffers: ProgramBuffer[] = range(40).map(() => ({ dtype: 'float32', length: 8, role: { kind: 'temporary' } }))
  const program = {
    buffers,
    kernels: mergeMaps(kernels),
    outputs: [],
    offsets: new Map(),
    arenaBytes: 0,
    multiplyAdds: 0,
  }
  return printProgram(program).split('\n')
}

const kernelCount = (...kernels: Kernel[]): number => mergeMaps(kernels).length

describe('two maps over the same loops', () => {
  it('become one, with what both read read once', () => {
    expect(merged(map(1, operation('exp', load(0))), map(2, operation('add', load(0), load(0))))).toEqual([
      'map i<8',
      '  t1[i] = exp(t0[i])',
      '  t2[i] = t0[i] + t0[i]',
    ])
  })

  it('hand values on in a register', () => {
    expect(merged(map(1, operation('exp', load(0))), map(2, operation('mul', load(1), load(1))))).toEqual([
      'map i<8',
      '  x0 = exp(t0[i])',
      '  t1[i] = x0',
      '  t2[i] = x0 * x0',
    ])
  })

  it('stay apart when the second reads the first’s result at another place', () => {
    expect(kernelCount(map(1, load(0)), map(2, load(1, backwards)))).toBe(2)
    const gathered: Expression = {
      kind: 'gather',
      dtype: 'float32',
      buffer: 1,
      at: along,
      index: { kind: 'constant', dtype: 'int32', value: 0 },
      stride: 1,
      size: 8,
    }
    expect(kernelCount(map(1, load(0)), map(2, gathered))).toBe(2)
  })

  it('stay apart when both write one buffer, or when loops differ', () => {
    expect(kernelCount(map(1, load(0)), map(1, load(2), { at: backwards }))).toBe(2)
    expect(kernelCount(map(1, load(0)), map(2, load(0), { extent: 4 }))).toBe(2)
  })

  it('stay apart when the second overwrites what the first reads elsewhere', () => {
    expect(kernelCount(map(1, load(0, backwards)), map(0, load(2)))).toBe(2)
    expect(kernelCount(map(1, load(0)), map(0, load(2)))).toBe(1)
  })

  it('stay apart from borders', () => {
    const border: MapKernel = { ...map(1, load(0)), fill: { buffer: 1, at: along, level: 0, length: 8, value: 0 } }
    expect(kernelCount(border, map(2, load(0)))).toBe(2)
    expect(kernelCount(map(2, load(0)), border)).toBe(2)
  })
})

describe('a map moves up past other kernels', () => {
  const between = (read: BufferId, written: BufferId): Kernel => ({
    kind: 'reduce',
    extents: [8],
    reducedAxes: 1,
    reductions: [{ op: 'sum', value: load(read) }],
    stores: [
      { buffer: written, at: { offset: 0, strides: [] }, value: { kind: 'accumulator', dtype: 'float32', index: 0 } },
    ],
  })

  it('that have nothing to do with it', () => {
    expect(kernelCount(map(1, load(0)), between(1, 9), map(2, load(0)))).toBe(2)
  })

  it('but not past one that makes what it reads', () => {
    expect(kernelCount(map(1, load(0)), between(1, 9), map(2, load(9, { offset: 0, strides: [0] })))).toBe(3)
  })

  it('nor past one that reads or writes what it writes', () => {
    expect(kernelCount(map(1, load(0)), between(3, 9), map(3, load(0)))).toBe(3)
    expect(kernelCount(map(1, load(0)), between(1, 3), map(3, load(0)))).toBe(3)
  })
})

describe('limits', () => {
  it('eight stores', () => {
    expect(kernelCount(...range(8).map((index) => map(index + 1, load(0))))).toBe(1)
    expect(kernelCount(...range(9).map((index) => map(index + 1, load(0))))).toBe(2)
  })

  it('sixteen loads', () => {
    const sum = (buffers: number[]): Expression =>
      buffers.map((buffer) => load(buffer)).reduce((a, b) => operation('add', a, b))
    expect(kernelCount(map(30, sum(range(8))), map(31, sum(range(8).map((each) => each + 8))))).toBe(1)
    expect(kernelCount(map(30, sum(range(9))), map(31, sum(range(8).map((each) => each + 9))))).toBe(2)
  })
})

it('equal parts of several stores become one object', () => {
  const part = (): Expression => operation('exp', load(0))
  const [first, second] = internStores([
    { buffer: 1, at: along, value: part() },
    { buffer: 2, at: along, value: operation('add', part(), part()) },
  ])
  const sum = second?.value
  expect(sum?.kind === 'op' && sum.operands[0]).toBe(first?.value)
  expect(sum?.kind === 'op' && sum.operands[1]).toBe(first?.value)
})

it('an Adam step is one pass over the weights', () => {
  const [weight, mean, square] = [variableOf(20), variableOf(20), variableOf(20)]
  const gradient = normalTensor([20], 1)
  const newMean = ir.add(ir.scale(mean, 0.9), ir.scale(gradient, 0.1))
  const newSquare = ir.add(ir.scale(square, 0.999), ir.scale(ir.mul(gradient, gradient), 0.001))
  const move: Node = ir.div(ir.scale(newMean, 0.01), ir.add(ir.sqrt(newSquare), ir.scalarLike(gradient, 1e-8)))
  const graph = graphOf([], assign(mean, newMean), assign(square, newSquare), assign(weight, ir.sub(weight, move)))
  expect(programLines(graph)).toEqual([
    'map i<20',
    '  x0 = (var0[i] * 0.9) + (in0[i] * 0.1)',
    '  x1 = (var1[i] * 0.999) + ((in0[i] * in0[i]) * 0.001)',
    '  var0[i] = x0',
    '  var1[i] = x1',
    '  var2[i] = var2[i] - ((x0 * 0.01) / (sqrt(x1) + 1e-8))',
  ])
  expect(programLines(graph, { merge: false }).filter((line) => line.startsWith('map')).length).toBe(3)
})
