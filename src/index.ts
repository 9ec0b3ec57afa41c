/** The composition root: installs the default backend and gives the public face of the library. */
import { WasmBackend } from './backends/wasm/index.ts'
import { setDefaultBackend } from './runtime/device.ts'

setDefaultBackend(() => new WasmBackend())

export type { DType, TypedArray } from './base/dtype.ts'
export * from './base/errors.ts'
export * as data from './data/index.ts'
export * as explain from './explain/index.ts'
export * as io from './io/index.ts'
export * as loss from './loss/index.ts'
export * as metrics from './metrics/index.ts'
export * as models from './models/index.ts'
export * as nn from './nn/index.ts'
export * as optim from './optim/index.ts'
export { getBackend, setBackend } from './runtime/device.ts'
export * from './tensor/index.ts'
export * as train from './train/index.ts'
