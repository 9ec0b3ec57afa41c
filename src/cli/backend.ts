/** Chooses the backend of a command: WebAssembly on as many threads as were asked for. */
import { WasmBackend } from '../backends/wasm/index.ts'
import { getBackend, setBackend } from '../index.ts'

/** Computes on `threads` threads from now on; undefined leaves the choice to the backend. */
export function useThreads(threads: number | undefined): void {
  if (threads !== undefined) setBackend(new WasmBackend({ threads }))
}

/** Waits until all threads serve, so that measurements begin with them; how many there are. */
export async function readyThreads(): Promise<number> {
  const backend = getBackend()
  if (!(backend instanceof WasmBackend)) return 1
  await backend.whenReady()
  return backend.threads
}
