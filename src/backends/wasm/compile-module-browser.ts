/**
 * Compiles modules in a page, where no switch of the engine is within reach; bundlers take this file instead of compile-module.ts, as
 * package.json tells them under `browser`.
 */

export const canJoinVectors = false

export function compileModule(bytes: Uint8Array<ArrayBuffer>, _options: { wide: boolean }): WebAssembly.Module {
  return new WebAssembly.Module(bytes)
}
