/**
 * The worker threads of a backend. They share its memory and are driven through words in it: the caller posts a job, does its own
 * share, and meets the others at the barriers of the program. Workers that find nothing to do sleep and cost nothing; they do
 * not keep a process alive.
 */

import type { LinearMemory } from '../memory.ts'
import { BARRIER_BYTES } from './barriers.ts'
import { CONTROL_WORDS, command, control, type RunFunction, type WorkerStart } from './thread-protocol.ts'

/** How many threads this machine runs at once. */
export function hardwareThreads(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1
}

export class ThreadPool {
  /** Address of the barrier that programs meet at. */
  readonly barrier: number
  readonly threads: number
  readonly #memory: LinearMemory
  readonly #control: number
  readonly #words: Int32Array
  #nextProgram = 0
  #started = false

  constructor(memory: LinearMemory, threads: number) {
    this.threads = threads
    this.#memory = memory
    this.#control = memory.allocate(4 * CONTROL_WORDS)
    this.barrier = memory.allocate(BARRIER_BYTES)
    this.#words = new Int32Array(memory.memory.buffer, this.#control, CONTROL_WORDS)
  }

  /** Starts `threads` − 1 workers, the first time; they report in on their own time. */
  start(): void {
    if (this.#started) return
    this.#started = true
    for (let thread = 1; thread < this.threads; thread++) {
      startWorker({ memory: this.#memory.memory, control: this.#control, thread })
    }
  }

  /** Whether all workers serve; until then programs run on the calling thread alone, with the same results. */
  get ready(): boolean {
    return Atomics.load(this.#words, control.ready) === this.threads - 1
  }

  /** Gives a module to every worker; the number names it from then on. */
  load(bytes: Uint8Array): number {
    const program = this.#nextProgram++
    const address = this.#memory.allocate(bytes.length)
    this.#memory.bytes.set(bytes, address)
    this.#post(command.load, { program, address, length: bytes.length })
    this.#waitUntilDone()
    this.#memory.free(address, bytes.length)
    return program
  }

  /** Runs a loaded program on all threads; `run` is the caller's own instance. */
  run(program: number, run: RunFunction, base: number): void {
    this.#post(command.run, { program, base, threads: this.threads })
    run(base, 0, this.threads, mayMainSleep ? 1 : 0)
  }

  release(program: number): void {
    this.#post(command.release, { program })
    this.#waitUntilDone()
  }

  #post(name: number, values: { readonly [word in keyof typeof control]?: number }): void {
    for (const [word, value] of Object.entries(values)) {
      Atomics.store(this.#words, control[word as keyof typeof control], value)
    }
    Atomics.store(this.#words, control.command, name)
    Atomics.store(this.#words, control.done, 0)
    Atomics.add(this.#words, control.sequence, 1)
    if (Atomics.load(this.#words, control.sleepers) > 0) Atomics.notify(this.#words, control.sequence)
  }

  #waitUntilDone(): void {
    while (Atomics.load(this.#words, control.done) < this.threads - 1);
  }
}

const loadBuiltin = globalThis.process?.getBuiltinModule

/** The main thread of a page must not sleep. */
const mayMainSleep = loadBuiltin !== undefined || typeof globalThis.document === 'undefined'

function startWorker(start: WorkerStart): void {
  const node = loadBuiltin?.('node:worker_threads')
  if (node) {
    // Beside the sources when run from them, beside the built files otherwise.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new node.Worker(new URL(`./thread-worker.${extension}`, import.meta.url), { workerData: start })
    worker.unref()
    return
  }
  new Worker(new URL('./thread-worker.js', import.meta.url), { type: 'module' }).postMessage(start)
}
