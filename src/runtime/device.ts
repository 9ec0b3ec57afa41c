/** The backend in force. The composition root installs a default; tests and applications may install another. */
import { CognitronError } from '../base/errors.ts'
import type { Backend } from './backend.ts'

let current: Backend | undefined
let makeDefault: (() => Backend) | undefined

/** Names the backend to make on first use; called by the entry of a backend. */
export function setDefaultBackend(make: () => Backend): void {
  makeDefault = make
}

/**
 * Installs a backend for all that is computed from now on; variables keep the one they were first used on.
 *
 * @example
 * import { getBackend, setBackend } from 'cognitron'
 * setBackend(getBackend()) // the same backend again changes nothing
 */
export function setBackend(backend: Backend): void {
  current = backend
}

/**
 * The backend in force. Throws CognitronError where none is installed.
 *
 * @example
 * import { getBackend } from 'cognitron'
 * console.log(getBackend().name) // wasm
 */
export function getBackend(): Backend {
  current ??= makeDefault?.()
  if (current === undefined) {
    throw new CognitronError(
      "there is no backend to compute on: import 'cognitron', or add import 'cognitron/backends/wasm' where you import only parts of it.",
    )
  }
  return current
}
