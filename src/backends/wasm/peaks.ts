/**
 * What this machine can do at most, measured in this process: multiply-adds of a bare register tile that works from first-level
 * cache, and bytes read from memory. Profiles and benchmarks state their figures as shares of these.
 */
import { range } from '../../base/arrays.ts'
import { ModuleBuilder } from './assembler.ts'
import { PANEL } from './contract-plan.ts'
import { sumUp } from './emit-tile.ts'
import { features } from './features.ts'

export interface Peaks {
  /** Billions of additions and multiplications a second, on one thread. */
  readonly gflops: number
  /** Billions of bytes a second, read in order from 64 MiB, on one thread. */
  readonly gigabytesPerSecond: number
}

const ROWS = 6
const DEPTH = 256
const TILES = 2000
const STREAM_BYTES = 64 * 2 ** 20
const A = 65536
const B = 2 * 65536

/** Measures the peaks; takes about a tenth of a second. */
export function measurePeaks(): Peaks {
  const module = new ModuleBuilder()
  const memory = new WebAssembly.Memory({ initial: STREAM_BYTES / 65536 + 4 })
  module.importMemory('env', 'memory', { min: 1, shared: false })
  module.function(
    'tiles',
    [],
    [],
    (f) => {
      const tile = range(ROWS).map(() => [f.local('v128'), f.local('v128')])
      const [a, b, depth, count] = f.locals('i32', 'i32', 'i32', 'i32')
      f.forRange(count, 0, TILES, 1, () => {
        f.i32(A).set(a).i32(B).set(b).i32(DEPTH).set(depth)
        sumUp(f, features.relaxedSimd, { row: 4, depth: 4 * ROWS, b: 4 * PANEL }, tile, { a, b, outer: depth, depth })
      })
      tile.flat().forEach((vector, index) => {
        f.i32(0)
          .get(vector)
          .store('v128.store', 16 * index)
      })
    },
    { export: true },
  )
  module.function(
    'stream',
    [],
    [],
    (f) => {
      const sums = range(4).map(() => f.local('v128'))
      const address = f.local('i32')
      f.forRange(address, 0, STREAM_BYTES, 64, () => {
        sums.forEach((sum, index) => {
          f.get(sum)
            .get(address)
            .load('v128.load', 16 * index)
            .op('v128.xor')
            .set(sum)
        })
      })
      sums.forEach((sum, index) => {
        f.i32(0)
          .get(sum)
          .store('v128.store', 16 * index)
      })
    },
    { export: true },
  )
  // Untouched pages would all be one and the same.
  new Uint8Array(memory.buffer).fill(1)
  const bytes = new WebAssembly.Module(module.finish())
  const { tiles, stream } = new WebAssembly.Instance(bytes, { env: { memory } }).exports as Record<string, () => void>
  if (!tiles || !stream) throw new Error('internal error: the peaks module exports nothing')
  const flops = 2 * ROWS * PANEL * DEPTH * TILES
  return {
    gflops: flops / leastTime(tiles, 10) / 1e6,
    gigabytesPerSecond: STREAM_BYTES / leastTime(stream, 5) / 1e6,
  }
}

/** The least time of one call in milliseconds, after a warm-up. */
export function leastTime(run: () => void, repeats: number): number {
  run()
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < repeats; count++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
