/** The way into the export, whose rules for single operators are loaded with the first network that is exported. */
import type { AnyModule } from '../../../nn/index.ts'
import type { Tensor } from '../../../tensor/index.ts'
import type { OnnxFile } from '../messages.ts'
import type { ExportOptions } from './export-onnx.ts'

/**
 * The ONNX file (operator set 18) of a network for inputs like `examples`: their shapes and element types count, not their values.
 * Write it with `writeOnnxFile`.
 *
 * @throws UnsupportedOnnxError when the forward pass uses what ONNX cannot say (random numbers, gradients), ArgumentError when it
 * gives no tensors.
 * @example
 * import { io, nn, zeros } from 'cognitron'
 * const file = await io.onnx.exportOnnx(new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU()), [zeros([1, 3])])
 * console.log(file.graph.node.map((node) => node.opType)) // ['Gemm', 'Relu']
 * console.log(file.graph.initializer.map((tensor) => tensor.name)) // ['0.weight', '0.bias']
 */
export async function exportOnnx(
  module: AnyModule,
  examples: readonly Tensor[],
  options: ExportOptions = {},
): Promise<OnnxFile> {
  const rules = await import('./export-onnx.ts')
  return rules.exportOnnx(module, examples, options)
}
