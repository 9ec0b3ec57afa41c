/** Runs ONNX files with ONNX Runtime: the outside truth for what is exported. */
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node'
import { encodeOnnx } from '../../src/cli/onnx/files.ts'
import type { Tensor } from '../../src/index.ts'
import type { OnnxFile } from '../../src/io/onnx/index.ts'

const ERRORS_ONLY = 3

/** The outputs of a file for float32 or int32 inputs, by name. */
export async function runWithOnnxRuntime(
  file: OnnxFile,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: ArrayLike<number> }>> {
  const session = await InferenceSession.create(encodeOnnx(file), { logSeverityLevel: ERRORS_ONLY })
  const feeds: Record<string, RuntimeTensor> = {}
  for (const [name, tensor] of Object.entries(inputs)) {
    const data = await tensor.data()
    feeds[name] =
      data instanceof Int32Array
        ? new RuntimeTensor('int32', data, tensor.shape)
        : new RuntimeTensor('float32', Float32Array.from(data), tensor.shape)
  }
  const outputs = await session.run(feeds)
  await session.release()
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: data as ArrayLike<number> }]),
  )
}
