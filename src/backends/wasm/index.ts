/**
 * The WebAssembly backend. Importing this entry makes it the default: the composition root does so, and so do programs that import
 * single parts of the library.
 */
import { setDefaultBackend } from '../../runtime/device.ts'
import { WasmBackend } from './backend.ts'

setDefaultBackend(() => new WasmBackend())

export { WasmBackend, type WasmOptions } from './backend.ts'
export { type BareKernel, bareKernel } from './bare-kernel.ts'
export { measurePeaks, type Peaks } from './peaks.ts'
export { widePays } from './vector-width.ts'
