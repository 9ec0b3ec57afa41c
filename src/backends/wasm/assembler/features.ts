/**
 * What this engine's WebAssembly can do, found once by validating tiny modules and never by asking for its name.
 * Read by the WASM backend when it chooses between multiply-add and multiply-then-add, and by the thread pool.
 */
import { ModuleBuilder } from './assembler.ts'

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
  return { simd: hasSimd(), relaxedSimd: hasRelaxedSimd(), threads: hasThreads() }
}

function hasSimd(): boolean {
  const module = new ModuleBuilder()
  module.function('probe', ['v128'], ['v128'], (f, x) => f.get(x).op('f32x4.sqrt'))
  return WebAssembly.validate(module.finish())
}

function hasRelaxedSimd(): boolean {
  const module = new ModuleBuilder()
  module.function('probe', ['v128'], ['v128'], (f, x) => f.get(x).get(x).get(x).op('f32x4.relaxed_madd'))
  return WebAssembly.validate(module.finish())
}

function hasThreads(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, max: 1, shared: true })
  module.function('probe', [], ['i32'], (f) => f.i32(0).atomic('i32.atomic.load'))
  if (!WebAssembly.validate(module.finish())) return false
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
  } catch {
    return false
  }
}

export const features: WasmFeatures = detect()
