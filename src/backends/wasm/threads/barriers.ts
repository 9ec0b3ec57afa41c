/**
 * Where threads must meet: before a kernel that touches memory which another kernel since the last meeting writes, or writes what
 * such a kernel touches. Independent kernels run side by side.
 */
import { at } from '../../../base/arrays.ts'
import { byteSize } from '../../../base/dtype.ts'
import type { BufferId } from '../../../compile/expression.ts'
import { buffersRead, buffersWritten, type Kernel, type Program } from '../../../compile/kernel.ts'
import type { FunctionRef, ModuleBuilder } from '../assembler/assembler.ts'

interface Range {
  readonly start: number
  readonly end: number
}

interface Footprint {
  readonly reads: readonly Range[]
  readonly writes: readonly Range[]
}

/** For each kernel whether all threads must have finished what came before. */
export function barriersBefore(program: Program): boolean[] {
  let since: Footprint[] = []
  return program.kernels.map((kernel) => {
    const own = footprint(program, kernel)
    const meets = since.some((other) => conflict(own, other))
    if (meets) since = []
    since.push(own)
    return meets
  })
}

function conflict(a: Footprint, b: Footprint): boolean {
  return overlap(a.writes, b.reads) || overlap(a.reads, b.writes) || overlap(a.writes, b.writes)
}

function overlap(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some((one) => b.some((other) => one.start < other.end && other.start < one.end))
}

function footprint(program: Program, kernel: Kernel): Footprint {
  const reads = new Set<BufferId>()
  buffersRead(kernel, (buffer) => reads.add(buffer))
  const writes = new Set(buffersWritten(kernel))
  if (kernel.kind === 'map' && kernel.fill) writes.add(kernel.fill.buffer)
  const range = (buffer: BufferId): Range => {
    const offset = program.offsets.get(buffer)
    // Variables and tables lie outside the arena, each in a range of its own.
    if (offset === undefined) return { start: -1 - buffer, end: -buffer }
    const { dtype, length } = at(program.buffers, buffer)
    return { start: offset, end: offset + Math.max(1, length * byteSize[dtype]) }
  }
  return { reads: [...reads].map(range), writes: [...writes].map(range) }
}

/** Words of a barrier in shared memory, as byte offsets from its address. */
const word = { count: 0, generation: 4, sleepers: 8 } as const
export const BARRIER_BYTES = 64

/** Looks this often before it sleeps: some tens of microseconds. */
const SPINS = 20000

/**
 * A function (barrier address, threads, may sleep): returns when all threads have called it. Waiters look for the others for a
 * while and then sleep, unless they may not (the main thread of a page).
 */
export function barrierFunction(module: ModuleBuilder): FunctionRef {
  return module.function('barrier', ['i32', 'i32', 'i32'], [], (f, barrier, threads, maySleep) => {
    const generation = f.local('i32')
    const spins = f.local('i32')
    f.get(barrier).atomic('i32.atomic.load', word.generation).set(generation)
    f.get(barrier).i32(1).atomic('i32.atomic.rmw.add', word.count).plus(1).get(threads).op('i32.eq')
    f.if(
      () => {
        f.get(barrier).i32(0).atomic('i32.atomic.store', word.count)
        f.get(barrier).i32(1).atomic('i32.atomic.rmw.add', word.generation).op('drop')
        f.get(barrier)
          .atomic('i32.atomic.load', word.sleepers)
          .if(() => {
            f.get(barrier).i32(-1).atomic('memory.atomic.notify', word.generation).op('drop')
          })
      },
      () => {
        f.block((exit) =>
          f.loop((again) => {
            f.get(barrier).atomic('i32.atomic.load', word.generation).get(generation).op('i32.ne').brIf(exit)
            f.get(spins).plus(1).tee(spins).i32(SPINS).op('i32.lt_s').brIf(again)
            f.get(maySleep).op('i32.eqz').brIf(again)
            f.get(barrier).i32(1).atomic('i32.atomic.rmw.add', word.sleepers).op('drop')
            f.get(barrier).get(generation).i64(-1).atomic('memory.atomic.wait32', word.generation).op('drop')
            f.get(barrier).i32(1).atomic('i32.atomic.rmw.sub', word.sleepers).op('drop')
            f.br(again)
          }),
        )
      },
    )
  })
}
