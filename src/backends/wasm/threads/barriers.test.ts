/** Where threads meet: before what touches memory that is still being worked on, and not more often. */
import { describe, expect, it } from 'vitest'
import { randomGraph } from '../../../../test/fuzz/random-graph.ts'
import { at, range } from '../../../base/arrays.ts'
import { byteSize } from '../../../base/dtype.ts'
import { compileGraph } from '../../../compile/compile-graph.ts'
import type { Affine } from '../../../compile/expression.ts'
import { buffersRead, buffersWritten, type Kernel, type Program, type ProgramBuffer } from '../../../compile/kernel.ts'
import { barriersBefore } from './barriers.ts'

const along: Affine = { offset: 0, strides: [1] }
const copy = (from: number, to: number): Kernel => ({
  kind: 'map',
  extents: [4],
  stores: [{ buffer: to, at: along, value: { kind: 'load', dtype: 'float32', buffer: from, at: along } }],
})

/** A program of copies; buffers without an offset are variables. */
function program(offsets: readonly (number | undefined)[], kernels: Kernel[]): Program {
  const buffers = offsets.map(
    (offset, index): ProgramBuffer => ({
      dtype: 'float32',
      length: 4,
      role: offset === undefined ? { kind: 'variable', index } : { kind: 'temporary' },
    }),
  )
  const places = offsets.flatMap((offset, buffer): [number, number][] =>
    offset === undefined ? [] : [[buffer, offset]],
  )
  return { buffers, kernels, outputs: [], offsets: new Map(places), arenaBytes: 1024, multiplyAdds: 0 }
}

describe('barriersBefore', () => {
  it.each<[string, readonly (number | undefined)[], Kernel[], boolean[]]>([
    ['not before independent kernels', [0, 64, 128, 192], [copy(0, 1), copy(0, 2), copy(0, 3)], [false, false, false]],
    ['before what reads a result', [0, 64, 128], [copy(0, 1), copy(1, 2)], [false, true]],
    ['once for two readers', [0, 64, 128, 192], [copy(0, 1), copy(1, 2), copy(1, 3)], [false, true, false]],
    ['before what overwrites something read', [0, 64, 128], [copy(0, 1), copy(2, 0)], [false, true]],
    ['before a second writer', [0, 64, 128], [copy(0, 1), copy(2, 1)], [false, true]],
    ['where buffers share bytes', [0, 64, 128, 72], [copy(0, 1), copy(2, 3)], [false, true]],
    ['not where they only touch', [0, 64, 128, 80], [copy(0, 1), copy(2, 3)], [false, false]],
    [
      'for variables as for the arena',
      [undefined, undefined, 64],
      [copy(2, 0), copy(2, 1), copy(0, 1)],
      [false, false, true],
    ],
    ['anew after every meeting', [0, 64, 128, 192], [copy(0, 1), copy(1, 2), copy(2, 3)], [false, true, true]],
  ])('%s', (_, offsets, kernels, expected) => {
    expect(barriersBefore(program(offsets, kernels))).toEqual(expected)
  })
})

interface Touched {
  readonly reads: Set<string>
  readonly writes: Set<string>
}

/** Every four bytes that a kernel touches, by name. */
function touched({ buffers, offsets }: Program, kernel: Kernel): Touched {
  const words = (buffer: number): string[] => {
    const { dtype, length } = at(buffers, buffer)
    const start = offsets.get(buffer)
    const count = Math.max(1, Math.ceil((length * byteSize[dtype]) / 4))
    return range(count).map((word) => (start === undefined ? `${buffer}:${word}` : `arena:${start / 4 + word}`))
  }
  const reads = new Set<string>()
  buffersRead(kernel, (buffer) => {
    for (const word of words(buffer)) reads.add(word)
  })
  return { reads, writes: new Set(buffersWritten(kernel).flatMap(words)) }
}

const conflict = (a: Touched, b: Touched): boolean =>
  [...a.writes].some((word) => b.reads.has(word) || b.writes.has(word)) ||
  [...a.reads].some((word) => b.writes.has(word))

describe('random programs', () => {
  it('have no two kernels between meetings that touch each other’s memory', () => {
    let kernels = 0
    let meetings = 0
    for (const seed of range(120)) {
      const compiled = compileGraph(randomGraph(seed).graph)
      const meets = barriersBefore(compiled)
      let since: Touched[] = []
      compiled.kernels.forEach((kernel, index) => {
        const own = touched(compiled, kernel)
        if (meets[index]) {
          // A meeting has a reason.
          expect(
            since.some((other) => conflict(own, other)),
            `seed ${seed}, kernel ${index}`,
          ).toBe(true)
          since = []
          meetings += 1
        }
        expect(
          since.some((other) => conflict(own, other)),
          `seed ${seed}, kernel ${index}`,
        ).toBe(false)
        since.push(own)
        kernels += 1
      })
    }
    expect(meetings).toBeGreaterThan(50)
    expect(kernels - meetings).toBeGreaterThan(200)
  })
})
