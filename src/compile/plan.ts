/**
 * Places inputs and temporary buffers in one arena. Two buffers share bytes when their lives do not overlap; the largest are placed
 * first, each at the lowest free offset.
 */
import { at } from '../base/arrays.ts'
import { byteSize } from '../base/dtype.ts'
import type { BufferId } from './expression.ts'
import { buffersRead, buffersWritten, type Kernel, type ProgramBuffer } from './kernel.ts'

/** A cache line, and room for vectors that read past the end. */
const ALIGNMENT = 64
const SLACK = 64

interface Life {
  readonly buffer: BufferId
  readonly bytes: number
  first: number
  last: number
}

export interface ArenaPlan {
  readonly offsets: ReadonlyMap<BufferId, number>
  readonly arenaBytes: number
}

/** Gives every input and temporary a byte offset; `outputs` live to the end. */
export function planArena(
  buffers: readonly ProgramBuffer[],
  kernels: readonly Kernel[],
  outputs: readonly BufferId[],
): ArenaPlan {
  const lives = bufferLives(buffers, kernels, outputs)
  const placed: { life: Life; offset: number }[] = []
  let arenaBytes = 0
  for (const life of lives.sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    const rivals = placed
      .filter(({ life: other }) => other.first <= life.last && life.first <= other.last)
      .sort((a, b) => a.offset - b.offset)
    let offset = 0
    for (const rival of rivals) {
      if (offset + life.bytes <= rival.offset) break
      offset = Math.max(offset, rival.offset + rival.life.bytes)
    }
    placed.push({ life, offset })
    arenaBytes = Math.max(arenaBytes, offset + life.bytes)
  }
  return { offsets: new Map(placed.map(({ life, offset }) => [life.buffer, offset])), arenaBytes }
}

function bufferLives(
  buffers: readonly ProgramBuffer[],
  kernels: readonly Kernel[],
  outputs: readonly BufferId[],
): Life[] {
  const lives = new Map<BufferId, Life>()
  const touch = (buffer: BufferId, time: number): void => {
    const { role, dtype, length } = at(buffers, buffer)
    if (role.kind === 'variable' || role.kind === 'table') return
    const life = lives.get(buffer)
    if (life) {
      life.first = Math.min(life.first, time)
      life.last = Math.max(life.last, time)
      return
    }
    const bytes = Math.ceil((length * byteSize[dtype] + SLACK) / ALIGNMENT) * ALIGNMENT
    lives.set(buffer, { buffer, bytes, first: role.kind === 'input' ? -1 : time, last: time })
  }
  kernels.forEach((kernel, time) => {
    buffersRead(kernel, (buffer) => touch(buffer, time))
    for (const buffer of buffersWritten(kernel)) touch(buffer, time)
    if (kernel.kind === 'map' && kernel.fill) touch(kernel.fill.buffer, time)
  })
  // Inputs have a place even when nothing reads them, and results stay until they are copied out.
  buffers.forEach(({ role }, buffer) => {
    if (role.kind === 'input') touch(buffer, -1)
  })
  for (const buffer of outputs) touch(buffer, kernels.length)
  return [...lives.values()]
}
