/** Times the kernels of a program one by one and says what each has to do: arithmetic, traffic and a few words. */
import { at, product } from '../../base/arrays.ts'
import { byteSize } from '../../base/dtype.ts'
import { buffersRead, buffersWritten, type Kernel, type Program } from '../../compile/kernel.ts'
import { POSITIONS } from '../../compile/winograd-scheme.ts'
import type { KernelProfile } from '../../runtime/backend.ts'
import { kernelName } from './kernels/emit-program.ts'
import { leastTime } from './least-time.ts'

/** Runs every kernel, an export of the program's module, `repeats` times on one thread. */
export function profileKernels(program: Program, exports: WebAssembly.Exports, repeats: number): KernelProfile[] {
  return program.kernels.map((kernel, index) => {
    const name = kernelName(kernel, index)
    const run = exports[name] as (thread: number, threads: number) => void
    return {
      name,
      description: describe(kernel),
      multiplyAdds: multiplyAdds(kernel),
      bytes: bytesTouched(program, kernel),
      ms: leastTime(() => run(0, 1), repeats),
    }
  })
}

function bytesTouched(program: Program, kernel: Kernel): number {
  const touched = new Set(buffersWritten(kernel))
  buffersRead(kernel, (buffer) => touched.add(buffer))
  let bytes = 0
  for (const buffer of touched) {
    const { dtype, length } = at(program.buffers, buffer)
    bytes += length * byteSize[dtype]
  }
  return bytes
}

function multiplyAdds(kernel: Kernel): number {
  if (kernel.kind === 'contract') return product(kernel.batch) * kernel.m * kernel.n * kernel.k * kernel.outer
  const tiled = kernel.kind === 'winograd' || kernel.kind === 'winogradGrad'
  return tiled ? POSITIONS * kernel.grid.tiles * kernel.inputs * kernel.outputs : 0
}

function describe(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'map':
      return `${kernel.stores.length === 1 ? 'one result' : `${kernel.stores.length} results`} over ${kernel.extents.join('×') || 'one point'}`
    case 'reduce': {
      const kept = kernel.extents.length - kernel.reducedAxes
      const names = kernel.reductions.map((each) => each.op).join(', ')
      return `${names} over ${kernel.extents.slice(kept).join('×')} for ${kernel.extents.slice(0, kept).join('×') || 'one'}`
    }
    case 'contract': {
      const terms = kernel.outer > 1 ? `${kernel.k} of ${kernel.outer} images` : String(kernel.k)
      return `${kernel.batch
        .filter((size) => size > 1)
        .map((size) => `${size} × `)
        .join('')}[${kernel.m}, ${kernel.n}] over ${terms}`
    }
    case 'winograd':
      return `3×3 convolution ${kernel.inputs} → ${kernel.outputs}, ${kernel.grid.tiles} tiles`
    case 'winogradGrad':
      return `3×3 weight gradient ${kernel.inputs} → ${kernel.outputs}, ${kernel.grid.tiles} tiles`
    case 'window':
      return `${kernel.op} ${kernel.window.map((axis) => axis.kernel).join('×')} of ${kernel.planes} planes ${kernel.inputSize.join('×')}`
    case 'scatter':
      return `scatter ${kernel.extents.join('×')} into ${kernel.length}`
  }
}
