/** Chooses the backend of a command: WebAssembly on as many threads as were asked for. */
import { WasmBackend } from '../backends/wasm/index.ts'
import { setBackend } from '../index.ts'

/** Computes on `threads` threads from now on; undefined leaves the choice to the backend. */
export function useThreads(threads: number | undefined): void {
  if (threads !== undefined) setBackend(new WasmBackend({ threads }))
}
