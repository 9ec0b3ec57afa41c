/**
 * Runs one kernel of the WASM backend on its own: the given buffers in an arena of their own, any number of threads played one
 * after the other. Every byte between buffers is watched, so that a write outside a buffer fails the test.
 */

import { ModuleBuilder } from '../../src/backends/wasm/assembler/assembler.ts'
import { align, KernelContext, KernelFunction } from '../../src/backends/wasm/kernels/kernel-context.ts'
import { at, range } from '../../src/base/arrays.ts'
import { byteSize, type DType, type TypedArray } from '../../src/base/dtype.ts'
import type { Kernel, Program } from '../../src/compile/kernel.ts'

/** A buffer and what it holds before the kernel runs; without data it holds rubbish. */
export interface KernelBuffer {
  readonly dtype: DType
  readonly length: number
  readonly data?: TypedArray
}

export interface KernelRun {
  readonly threads?: number
  readonly fma?: boolean
  /** How often to run; the buffers are not restored in between. */
  readonly repeats?: number
}

export interface KernelResult {
  /** The bytes of each buffer afterwards. */
  readonly buffers: readonly ArrayBuffer[]
  /** Of one run, the fastest. */
  readonly elapsedMs: number
}

const GUARD = 64
const rubbish = 0xa5

/** Runs `emit` as the body of the only kernel of a program with these buffers. */
export function runKernel<K extends Kernel>(
  emit: (kernel: KernelFunction, description: K) => void,
  description: K,
  buffers: readonly KernelBuffer[],
  { threads = 1, fma = true, repeats = 1 }: KernelRun = {},
): KernelResult {
  const offsets = new Map<number, number>()
  let arenaBytes = GUARD
  buffers.forEach(({ dtype, length }, buffer) => {
    offsets.set(buffer, arenaBytes)
    arenaBytes += align(length * byteSize[dtype] + GUARD)
  })
  const program: Program = {
    buffers: buffers.map(({ dtype, length }) => ({ dtype, length, role: { kind: 'temporary' } })),
    kernels: [description],
    outputs: [],
    offsets,
    arenaBytes,
    multiplyAdds: 0,
  }
  const pages = Math.ceil(arenaBytes / 65536)
  const bytes = moduleOf(program, pages, fma, (kernel) => emit(kernel, description))
  const memory = new WebAssembly.Memory({ initial: pages })
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as {
    run(thread: number, threads: number): void
  }
  const content = new Uint8Array(memory.buffer).fill(rubbish)
  const places = buffers.map(({ dtype, length }, buffer) => ({
    start: offsets.get(buffer) ?? 0,
    end: (offsets.get(buffer) ?? 0) + length * byteSize[dtype],
  }))
  buffers.forEach(({ data }, buffer) => {
    if (data) content.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at(places, buffer).start)
  })
  let elapsedMs = Number.POSITIVE_INFINITY
  for (const _ of range(repeats)) {
    const start = performance.now()
    for (const thread of range(threads)) run(thread, threads)
    elapsedMs = Math.min(elapsedMs, performance.now() - start)
  }
  let gap = 0
  for (const { start, end } of [...places, { start: content.length, end: content.length }]) {
    const hit = content.subarray(gap, start).findIndex((byte) => byte !== rubbish)
    if (hit >= 0) throw new Error(`byte ${gap + hit} lies in no buffer but was written; a buffer starts at ${start}`)
    gap = end
  }
  return { buffers: places.map(({ start, end }) => memory.buffer.slice(start, end)), elapsedMs }
}

function moduleOf(
  program: Program,
  pages: number,
  fma: boolean,
  emit: (kernel: KernelFunction) => void,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: pages, shared: false })
  const context = new KernelContext(module, program, { fma, wide: false })
  module.function(
    'run',
    ['i32', 'i32'],
    [],
    (f, thread, threads) => emit(new KernelFunction(context, f, program.buffers.keys(), { thread, threads })),
    { export: true },
  )
  return module.finish()
}
