/**
 * A register tile that multiplies and adds from first-level cache, with nothing around it: the limit of every contraction, and the
 * measure by which the width of tiles is chosen.
 */
import { ModuleBuilder } from './assembler/assembler.ts'
import { features } from './assembler/features.ts'
import { compileModule } from './compile-module.ts'
import { tileForm } from './kernels/contract-plan.ts'
import { sumUp, tileLocals } from './kernels/emit-tile.ts'

const DEPTH = 256
const A = 65536
const B = 2 * 65536
const MEMORY_PAGES = 4

export interface BareKernel {
  /** Additions and multiplications of one run. */
  readonly flops: number
  /** Works for about a millisecond on one thread. */
  run(): void
}

/** Sums up `tiles` tiles a run, on vectors of four floats or, where they are `wide`, eight. */
export function bareKernel({ wide, tiles = 2000 }: { wide: boolean; tiles?: number }): BareKernel {
  const { maxRows, panel } = tileForm(wide, Number.POSITIVE_INFINITY)
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES })
  // Untouched pages would all be one and the same.
  new Float32Array(memory.buffer).fill(0.5)
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, shared: false })
  module.function(
    'run',
    [],
    [],
    (f) => {
      const tile = tileLocals(f, maxRows, panel)
      const [a, b, depth, count] = f.locals('i32', 'i32', 'i32', 'i32')
      f.forRange(count, 0, tiles, 1, () => {
        f.i32(A).set(a).i32(B).set(b).i32(DEPTH).set(depth)
        const strides = { row: 4, depth: 4 * maxRows, b: 4 * panel }
        sumUp(f, features.relaxedSimd, strides, tile, { a, b, outer: depth, depth })
      })
      // Results must be used, or an engine may leave out what leads to them.
      tile.flat().forEach((vector, index) => {
        f.i32(0)
          .get(vector)
          .store('v128.store', 16 * index)
      })
    },
    { export: true },
  )
  const instance = new WebAssembly.Instance(compileModule(module.finish(), { wide }), { env: { memory } })
  return { flops: 2 * maxRows * panel * DEPTH * tiles, run: instance.exports.run as () => void }
}
