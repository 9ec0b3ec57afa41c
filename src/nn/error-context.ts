/** Says in which layer of a network an error arose: `classifier.1 (Linear 3136 → 128): expected …`. */
import { CognitronError } from '../base/errors.ts'

/** What is needed of a module to name it. */
export interface Locatable {
  /** Class and the few numbers that tell it from its neighbours: `Linear 3136 → 128`. */
  readonly label: string
  /** The module and all below it with their paths, itself as ''. */
  namedModules(): Iterable<readonly [string, Locatable]>
}

interface Origin {
  readonly module: Locatable
  readonly error: CognitronError
}

const origins = new WeakMap<Error, Origin>()

/** Runs the forward pass of `module`; an error that leaves it names the innermost module and its path from `module`. */
export function inContext<T>(module: Locatable, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof CognitronError ? located(module, error) : error
  }
}

function located(outer: Locatable, error: CognitronError): CognitronError {
  const origin = origins.get(error) ?? { module: outer, error }
  const path = pathOf(outer, origin.module)
  if (path === undefined) return error
  const { label } = origin.module
  const place = path === '' ? label : `${path} (${label})`
  const ErrorClass = origin.error.constructor as new (message: string, options: ErrorOptions) => CognitronError
  const renamed = new ErrorClass(`${place}: ${origin.error.message}`, { cause: origin.error })
  origins.set(renamed, origin)
  return renamed
}

function pathOf(outer: Locatable, inner: Locatable): string | undefined {
  for (const [path, module] of outer.namedModules()) if (module === inner) return path
  return undefined
}
