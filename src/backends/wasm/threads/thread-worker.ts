/**
 * A worker thread of the WebAssembly backend: waits for jobs in shared memory, runs its share of each, waits again. It gets no
 * messages once it serves, so a step costs no allocation and no trip through an event loop. Started by `thread-pool.ts`.
 */
import { CONTROL_WORDS, command, control, type RunFunction, type WorkerStart } from './thread-protocol.ts'

/** Looks this often for the next job before it sleeps: some hundred microseconds. */
const SPINS = 20000

function serve({ memory, control: address, thread }: WorkerStart): never {
  const words = new Int32Array(memory.buffer, address, CONTROL_WORDS)
  const programs = new Map<number, RunFunction>()
  const word = (index: number): number => Atomics.load(words, index)
  let seen = word(control.sequence)
  Atomics.add(words, control.ready, 1)
  for (;;) {
    waitForJob(words, seen)
    seen = (seen + 1) | 0
    const program = word(control.program)
    if (word(control.command) === command.run) {
      programs.get(program)?.(word(control.base), thread, word(control.threads), 1)
      continue
    }
    if (word(control.command) === command.load) {
      programs.set(program, load(memory, word(control.address) >>> 0, word(control.length)))
    } else programs.delete(program)
    Atomics.add(words, control.done, 1)
  }
}

function waitForJob(words: Int32Array, seen: number): void {
  for (let spins = 0; Atomics.load(words, control.sequence) === seen; spins++) {
    if (spins < SPINS) continue
    Atomics.add(words, control.sleepers, 1)
    Atomics.wait(words, control.sequence, seen)
    Atomics.sub(words, control.sleepers, 1)
  }
}

function load(memory: WebAssembly.Memory, address: number, length: number): RunFunction {
  // Engines do not compile from shared memory.
  const bytes = new Uint8Array(memory.buffer, address, length).slice()
  const module = new WebAssembly.Module(bytes)
  return new WebAssembly.Instance(module, { env: { memory } }).exports.run as RunFunction
}

const node = globalThis.process?.getBuiltinModule?.('node:worker_threads')
if (node) serve(node.workerData as WorkerStart)
else globalThis.addEventListener('message', ({ data }: MessageEvent<WorkerStart>) => serve(data), { once: true })
