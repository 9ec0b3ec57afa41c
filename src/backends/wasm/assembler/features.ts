/**
 * What this engine's WebAssembly can do, found once by validating tiny modules and never by asking for its name.
 * Read by the WASM backend when it chooses between multiply-add and multiply-then-add, and by the thread pool.
 */
import { type FunctionBuilder, ModuleBuilder } from './assembler.ts'

export interface WasmFeatures {
  /** 128-bit vectors; the backend cannot work without. */
  readonly simd: boolean
  /** Relaxed SIMD, of which fused multiply-add matters. */
  readonly relaxedSimd: boolean
  /** A shared memory can be made here; in browsers this needs cross-origin isolation. */
  readonly threads: boolean
}

function detect(): WasmFeatures {
  if (typeof WebAssembly === 'undefined') return { simd: false, relaxedSimd: false, threads: false }
  return {
    simd: validates((f) => f.f32x4splat(1).op('f32x4.sqrt').op('drop')),
    relaxedSimd: validates((f) => {
      f.f32x4splat(1).f32x4splat(1).f32x4splat(1).op('f32x4.relaxed_madd').op('drop')
    }),
    threads: hasThreads(),
  }
}

function validates(body: (f: FunctionBuilder) => void, shared = false): boolean {
  const module = new ModuleBuilder()
  if (shared) module.importMemory('env', 'memory', { min: 1, max: 1, shared })
  module.function('probe', [], [], body)
  return WebAssembly.validate(module.finish())
}

function hasThreads(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false
  if (!validates((f) => f.i32(0).atomic('i32.atomic.load').op('drop'), true)) return false
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
  } catch {
    return false
  }
}

export const features: WasmFeatures = detect()
