/** What the thread pool and its workers share: the words of the control block and the commands. */

/** What a worker is started with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory
  /** Address of the control words. */
  readonly control: number
  readonly thread: number
}

/** Control words, as indices from the control address. */
export const control = {
  /** Goes up by one with every job. */
  sequence: 0,
  command: 1,
  program: 2,
  base: 3,
  threads: 4,
  /** Address and length of a module's bytes. */
  address: 5,
  length: 6,
  /** Workers that have loaded or dropped a program. */
  done: 7,
  /** Workers that serve. */
  ready: 8,
  /** Workers that sleep. */
  sleepers: 9,
} as const

export const CONTROL_WORDS = 16

export const command = { load: 1, run: 2, release: 3 } as const

/** The exported function of a program's module. */
export type RunFunction = (base: number, thread: number, threads: number, maySleep: number) => void
