/** File formats on bytes: safetensors and NumPy's. Runs in browsers; reading and writing files is in `cognitron/io/node`. */
export { crc32 } from './crc32.ts'
export type { FileArray } from './element-formats.ts'
export { type NpyArray, readNpy, writeNpy } from './npy.ts'
export { readNpz, type WriteNpzOptions, writeNpz } from './npz.ts'
export * as onnx from './onnx/index.ts'
export { dataUri, encodePng, encodeStoredPng, type PngPicture } from './png.ts'
export {
  readSafetensors,
  type SafetensorsFile,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './safetensors.ts'
export { crc32c, eventFileHeader, eventRecord, type SummaryEvent, type SummaryValue } from './tensorboard.ts'
