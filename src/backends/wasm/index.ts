/** The WebAssembly backend. */
export { WasmBackend, type WasmOptions } from './backend.ts'
export { bareKernel, measurePeaks, type Peaks } from './peaks.ts'
