/** The WebAssembly backend. */
export { WasmBackend, type WasmOptions } from './backend.ts'
export { type BareKernel, bareKernel, measurePeaks, type Peaks } from './peaks.ts'
