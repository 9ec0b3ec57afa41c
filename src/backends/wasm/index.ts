/** The WebAssembly backend. */
export { WasmBackend, type WasmOptions } from './backend.ts'
export { measurePeaks, type Peaks } from './peaks.ts'
