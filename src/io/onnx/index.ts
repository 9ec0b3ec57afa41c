/**
 * ONNX: networks from other systems and for other systems. The bytes of a file become plain objects with the help of a protobuf
 * library that the caller passes in (`readOnnxFile`); those become a module (`OnnxModel`).
 */
export { decodeTensor, encodeTensor } from './element-types.ts'
export { UnsupportedOnnxError } from './errors.ts'
export type { ExportOptions } from './export/export-onnx.ts'
export { exportOnnx } from './export/on-demand.ts'
export {
  type AttributeValue,
  type FileDescription,
  makeOnnxFile,
  type NodeDescription,
  type ValueDescription,
} from './make-file.ts'
export type * from './messages.ts'
export { type OnnxInput, type OnnxLayer, OnnxModel } from './onnx-model.ts'
export { type ProtobufReader, type ProtobufWriter, readOnnxFile, readOnnxTensor, writeOnnxFile } from './wire.ts'
