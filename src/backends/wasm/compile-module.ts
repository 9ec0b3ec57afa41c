/**
 * Compiles modules. WebAssembly's vectors hold four floats; V8 can join neighbouring ones so that they fill the 256-bit registers of
 * x64, but does so only when a switch is set. The backend sets it while it compiles a module of its own, whole and optimized before
 * the first call, and puts it back: no other code of the process is compiled under it.
 */

/** The V8 versions in which the switch is known to have this name; V8 complains aloud about names that it does not know. */
const KNOWN = /^1[34]\./
/** While a wide module is compiled, and how V8 is set by default. */
const SWITCHES = [
  ['--experimental-wasm-revectorize', '--no-experimental-wasm-revectorize'],
  ['--no-liftoff', '--liftoff'],
  ['--no-wasm-lazy-compilation', '--wasm-lazy-compilation'],
] as const

const process = globalThis.process as typeof globalThis.process | undefined
const variables = process?.config?.variables as Record<string, unknown> | undefined

/** Whether this engine may be told to join vectors; whether that brings anything depends on the processor. */
export const canJoinVectors =
  variables?.v8_enable_wasm_simd256_revec === 1 &&
  KNOWN.test(process?.versions.v8 ?? '') &&
  process?.getBuiltinModule !== undefined

/** Compiles a module; `wide` is for those written so that neighbouring vectors can be joined. */
export function compileModule(bytes: Uint8Array<ArrayBuffer>, { wide }: { wide: boolean }): WebAssembly.Module {
  // Asked for here: loading it takes Node some milliseconds, which small programs do without.
  const v8 = wide && canJoinVectors ? process?.getBuiltinModule('node:v8') : undefined
  if (!v8) return new WebAssembly.Module(bytes)
  for (const [during] of SWITCHES) v8.setFlagsFromString(during)
  try {
    return new WebAssembly.Module(bytes)
  } finally {
    for (const [during, usual] of SWITCHES) if (!process?.execArgv.includes(during)) v8.setFlagsFromString(usual)
  }
}
