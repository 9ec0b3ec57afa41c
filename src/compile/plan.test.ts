/** The arena: hand-placed buffers, and on random programs a replay that checks that nobody reads bytes of somebody else. */
import { describe, expect, it } from 'vitest'
import { randomGraph } from '../../test/fuzz/random-graph.ts'
import { range } from '../base/arrays.ts'
import { byteSize } from '../base/dtype.ts'
import { compileGraph } from './compile-graph.ts'
import type { Affine } from './expression.ts'
import { buffersRead, buffersWritten, type Kernel, type Program, type ProgramBuffer } from './kernel.ts'
import { planArena } from './plan.ts'

const along: Affine = { offset: 0, strides: [1] }
const temporary = (length: number): ProgramBuffer => ({ dtype: 'float32', length, role: { kind: 'temporary' } })
const input = (length: number, index = 0): ProgramBuffer => ({
  dtype: 'float32',
  length,
  role: { kind: 'input', index },
})
const copy = (from: number, to: number): Kernel => ({
  kind: 'map',
  extents: [4],
  stores: [{ buffer: to, at: along, value: { kind: 'load', dtype: 'float32', buffer: from, at: along } }],
})
/** Every buffer takes its bytes and 64 of slack, rounded up to 64. */
const place = (buffers: ProgramBuffer[], kernels: Kernel[], outputs: number[]) => {
  const { offsets, arenaBytes } = planArena(buffers, kernels, outputs)
  return [buffers.map((_, buffer) => offsets.get(buffer)), arenaBytes]
}

describe('planArena', () => {
  it('gives bytes to the next when nobody needs them any more', () => {
    const buffers = [input(4), temporary(4), temporary(4), temporary(4)]
    expect(place(buffers, [copy(0, 1), copy(1, 2), copy(2, 3)], [3])).toEqual([[0, 128, 0, 128], 256])
  })

  it('keeps apart what one kernel reads and writes', () => {
    expect(place([input(4), temporary(4)], [copy(0, 1)], [1])).toEqual([[0, 128], 256])
  })

  it('keeps results to the end, and inputs from the start', () => {
    const buffers = [input(4), temporary(4), temporary(4), temporary(4)]
    expect(place(buffers, [copy(0, 1), copy(1, 2), copy(2, 3)], [1, 3])).toEqual([[0, 128, 0, 256], 384])
    const late = [temporary(4), input(4), temporary(4)]
    const constant: Kernel = {
      kind: 'map',
      extents: [4],
      stores: [{ buffer: 0, at: along, value: { kind: 'constant', dtype: 'float32', value: 1 } }],
    }
    expect(place(late, [constant, copy(1, 2)], [0, 2])).toEqual([[128, 0, 256], 384])
  })

  it('places large buffers first, small ones into gaps', () => {
    const buffers = [input(4), temporary(100), temporary(4), temporary(100)]
    // 100 floats take 400 + 64 bytes, rounded to 512.
    expect(place(buffers, [copy(0, 1), copy(1, 2), copy(2, 3)], [3])).toEqual([[512, 0, 512, 0], 640])
  })

  it('leaves variables and tables out', () => {
    const buffers: ProgramBuffer[] = [
      { dtype: 'float32', length: 4, role: { kind: 'variable', index: 0 } },
      { dtype: 'int32', length: 4, role: { kind: 'table', data: new Int32Array(4) } },
      temporary(4),
    ]
    expect(place(buffers, [copy(0, 2)], [2])).toEqual([[undefined, undefined, 0], 128])
  })

  it('keeps a buffer that is filled before it is stored', () => {
    const border: Kernel = {
      ...(copy(0, 1) as Kernel & { kind: 'map' }),
      fill: { buffer: 1, at: along, level: 0, length: 8, value: 0 },
    }
    expect(place([input(4), temporary(8)], [border], [1])).toEqual([[0, 128], 256])
  })
})

/** Runs a program on an arena of labels: each byte bears the number of the buffer that was written there last. */
function replay(program: Program): void {
  const owner = new Int32Array(program.arenaBytes).fill(-1)
  const bytesOf = (buffer: number): Int32Array | undefined => {
    const offset = program.offsets.get(buffer)
    const { dtype, length } = program.buffers[buffer] as ProgramBuffer
    return offset === undefined ? undefined : owner.subarray(offset, offset + length * byteSize[dtype])
  }
  const check = (buffer: number, when: string): void => {
    const bytes = bytesOf(buffer)
    if (bytes?.some((label) => label !== buffer)) throw new Error(`buffer ${buffer} is not whole ${when}`)
  }
  program.buffers.forEach(({ role }, buffer) => {
    if (role.kind === 'input') bytesOf(buffer)?.fill(buffer)
  })
  program.kernels.forEach((kernel, index) => {
    const read = new Set<number>()
    buffersRead(kernel, (buffer) => read.add(buffer))
    for (const buffer of read) check(buffer, `when kernel ${index} reads it`)
    const written = [...new Set(buffersWritten(kernel))]
    for (const buffer of written) bytesOf(buffer)?.fill(buffer)
    for (const buffer of [...read, ...written]) check(buffer, `after kernel ${index}`)
  })
  for (const buffer of program.outputs) check(buffer, 'at the end')
}

describe('random programs', () => {
  it('never lose bytes that are still needed, merged or not', () => {
    let shared = 0
    for (const seed of range(250)) {
      const { graph } = randomGraph(seed)
      for (const merge of [true, false]) {
        const program = compileGraph(graph, { merge })
        replay(program)
        const bytes = program.buffers.reduce((sum, { length, dtype }, buffer) => {
          return sum + (program.offsets.has(buffer) ? length * byteSize[dtype] : 0)
        }, 0)
        if (bytes > program.arenaBytes) shared += 1
      }
    }
    // Buffers do share bytes, so the check is about something.
    expect(shared).toBeGreaterThan(30)
  })

  it('are caught by the replay when two lives overlap', () => {
    const kernels = [copy(0, 1), copy(0, 2), copy(1, 3)]
    const program: Program = {
      buffers: [input(4), temporary(4), temporary(4), temporary(4)],
      kernels,
      outputs: [3],
      offsets: new Map([
        [0, 0],
        [1, 128],
        [2, 128],
        [3, 256],
      ]),
      arenaBytes: 384,
      multiplyAdds: 0,
    }
    expect(() => replay(program)).toThrow('buffer 1 is not whole when kernel 2 reads it')
  })
})
