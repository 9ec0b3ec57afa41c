/**
 * The recording of a compiled function: which variables it assigns, which random streams it draws and on which settings of its
 * surroundings (training mode, frozen parameters) the recorded graph depends. At most one trace is open at a time.
 */
import { CognitronError } from '../base/errors.ts'
import type { Node } from '../ir/node.ts'
import type { Variable } from '../runtime/variable.ts'

/** A setting that was read while tracing; the trace holds only while it has the same value. */
interface Guard {
  readonly read: () => unknown
  readonly value: unknown
}

export class Trace {
  /** What each assigned variable holds when the function ends. */
  readonly updates = new Map<Variable, Node>()
  readonly guards: Guard[] = []
  /** Work to do when the trace closes, such as dropping gradients that are graph nodes of this trace. */
  readonly cleanups: (() => void)[] = []
  #streams = 0

  /** A number that tells this random draw from the others of the trace. */
  nextStream(): number {
    return this.#streams++
  }

  get drawsRandomNumbers(): boolean {
    return this.#streams > 0
  }

  guardsHold(): boolean {
    for (const guard of this.guards) if (guard.read() !== guard.value) return false
    return true
  }
}

let current: Trace | undefined

/** The open trace, if a function is being recorded. */
export function currentTrace(): Trace | undefined {
  return current
}

/** The error of a compiled function that is called while another is recorded. */
export function nestedCall(): CognitronError {
  return new CognitronError('a compiled function was called inside another; call the plain function there.')
}

/** Runs `record` with `trace` open. Throws CognitronError when another is. */
export function withTrace<T>(trace: Trace, record: () => T): T {
  if (current) throw nestedCall()
  current = trace
  try {
    return record()
  } finally {
    current = undefined
    for (const cleanup of trace.cleanups) cleanup()
  }
}

/** Reads a setting so that a compiled function is recorded anew when it changes. */
export function observe<T>(read: () => T): T {
  const value = read()
  current?.guards.push({ read, value })
  return value
}
