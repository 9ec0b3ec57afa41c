/** The backend in force. The composition root installs a default; tests and applications may install another. */
import { invariant } from '../base/errors.ts'
import type { Backend } from './backend.ts'

let current: Backend | undefined
let makeDefault: (() => Backend) | undefined

/** Names the backend to make on first use; called by the composition root. */
export function setDefaultBackend(make: () => Backend): void {
  makeDefault = make
}

/** Installs a backend for all that is computed from now on; variables keep the one they were first used on. */
export function setBackend(backend: Backend): void {
  current = backend
}

/** The backend in force. */
export function getBackend(): Backend {
  current ??= makeDefault?.()
  invariant(current, 'no backend is installed; import the library through its entry point')
  return current
}
