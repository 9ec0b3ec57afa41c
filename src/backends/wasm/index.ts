/** The WebAssembly backend. */
export { WasmBackend, type WasmOptions } from './backend.ts'
