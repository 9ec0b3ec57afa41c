/**
 * What this machine can do at most, measured in this process: multiply-adds of a bare register tile that works from first-level
 * cache, and bytes read from memory. Profiles and benchmarks state their figures as shares of these.
 */
import { range } from '../../base/arrays.ts'
import { type FunctionBuilder, type Local, ModuleBuilder } from './assembler/assembler.ts'
import { bareKernel } from './bare-kernel.ts'
import { leastTime } from './least-time.ts'
import { widePays } from './vector-width.ts'

export interface Peaks {
  /** Billions of additions and multiplications a second, on one thread. */
  readonly gflops: number
  /** Billions of bytes a second, read in order from 64 MiB, on one thread. */
  readonly gigabytesPerSecond: number
}

const STREAM_BYTES = 64 * 2 ** 20

/** Measures the peaks; takes about a tenth of a second. */
export function measurePeaks(): Peaks {
  const { flops, run } = bareKernel({ wide: widePays() })
  return { gflops: flops / leastTime(run, 10) / 1e6, gigabytesPerSecond: streamRate() }
}

function streamRate(): number {
  const run = exportedFunction(STREAM_BYTES / 65536, (f) => {
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
    storeAll(f, sums)
  })
  return STREAM_BYTES / leastTime(run, 5) / 1e6
}

/** What `body` emits, over a memory of its own. */
function exportedFunction(pages: number, body: (f: FunctionBuilder) => void): () => void {
  const memory = new WebAssembly.Memory({ initial: pages })
  // Untouched pages would all be one and the same.
  new Float32Array(memory.buffer).fill(0.5)
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, shared: false })
  module.function('run', [], [], body, { export: true })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory } })
  return instance.exports.run as () => void
}

/** Results must be used, or an engine may leave out what leads to them. */
function storeAll(f: FunctionBuilder, vectors: readonly Local<'v128'>[]): void {
  vectors.forEach((vector, index) => {
    f.i32(0)
      .get(vector)
      .store('v128.store', 16 * index)
  })
}
