/** ONNX files on disk: the one place that brings a protobuf library to `io/onnx`. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'
import type { FileArray } from '../../io/element-formats.ts'
import { readBytes, writeFileAtomic } from '../../io/files.ts'
import { decodeTensor, type OnnxFile, readOnnxFile, readOnnxTensor, writeOnnxFile } from '../../io/onnx/index.ts'

/** Reads an `.onnx` file. Throws FileError or FormatError, both naming the file. */
export async function loadOnnx(path: string): Promise<OnnxFile> {
  return readOnnxFile(new BinaryReader(await readBytes(path)), path)
}

/** Reads one tensor of a test case (`input_0.pb`). Throws as `loadOnnx`, and UnsupportedOnnxError for its element type. */
export async function loadOnnxTensor(path: string): Promise<FileArray & { readonly name: string }> {
  const tensor = readOnnxTensor(new BinaryReader(await readBytes(path)), path)
  return { name: tensor.name, ...decodeTensor(tensor, path) }
}

/** Writes an `.onnx` file; a failure leaves the previous file. */
export async function saveOnnx(path: string, file: OnnxFile): Promise<void> {
  await writeFileAtomic(path, encodeOnnx(file))
}

/** The bytes of an `.onnx` file. */
export function encodeOnnx(file: OnnxFile): Uint8Array {
  return writeOnnxFile(file, new BinaryWriter())
}
