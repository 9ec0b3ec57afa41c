/** Runs one ONNX test case and compares what comes out with what should. */
import { at, product, sameNumbers } from '../../base/arrays.ts'
import type { TypedArray } from '../../base/dtype.ts'
import { CognitronError } from '../../base/errors.ts'
import { fromTypedArray, type Tensor } from '../../index.ts'
import type { FileArray } from '../../io/element-formats.ts'
import { OnnxModel, UnsupportedOnnxError } from '../../io/onnx/index.ts'
import { evaluate } from '../../runtime/evaluate.ts'
import { formatShape } from '../../shape/shape.ts'
import type { CaseData, OnnxCase } from './cases.ts'
import { loadOnnx, loadOnnxTensor } from './files.ts'

/** Those of ONNX's own test runner, with a larger absolute one for sums in another order. */
export const tolerance = { relative: 1e-3, absolute: 1e-5 } as const

export type CaseStatus = 'pass' | 'fail' | 'unsupported'

export interface CaseResult {
  readonly status: CaseStatus
  /** The largest deviation of a case that passes; the reason of any other. */
  readonly detail: string
}

/** Runs all data sets of a case. A fault of the case or of this program is a failure, never an exception. */
export async function verifyCase(testCase: OnnxCase): Promise<CaseResult> {
  try {
    const model = new OnnxModel(await loadOnnx(testCase.model))
    if (testCase.dataSets.length === 0) return { status: 'fail', detail: 'it has no test data' }
    let largest = 0
    for (const data of testCase.dataSets) {
      const result = await verifyData(model, data)
      if (typeof result === 'string') return { status: 'fail', detail: result }
      largest = Math.max(largest, result)
    }
    return { status: 'pass', detail: `largest deviation ${largest.toPrecision(2)}` }
  } catch (error) {
    if (error instanceof UnsupportedOnnxError) return { status: 'unsupported', detail: error.message }
    if (error instanceof CognitronError) return { status: 'fail', detail: error.message }
    return { status: 'fail', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** The largest deviation, or what is wrong. */
async function verifyData(model: OnnxModel, data: CaseData): Promise<number | string> {
  const inputs: Record<string, Tensor> = {}
  for (const [index, input] of model.inputs.entries()) {
    const path = data.inputs[index]
    const array = path === undefined ? ramp(input.shape) : await loadOnnxTensor(path)
    if (!array) return `there is no file for the input '${input.name}'`
    inputs[input.name] = fromTypedArray(array.data, array.shape, array.dtype)
  }
  const names = model.outputs.slice(0, data.outputs.length)
  if (names.length < data.outputs.length)
    return `the model has ${names.length} outputs for ${data.outputs.length} files`
  const results = model.run(inputs, names)
  const tensors = names.map((name) => results[name] as Tensor)
  const values = await evaluate({ outputs: tensors.map(({ node }) => node), updates: [] })
  let largest = 0
  for (const [index, path] of data.outputs.entries()) {
    const expected = await loadOnnxTensor(path)
    const difference = compare(at(tensors, index), at(values, index), expected)
    if (typeof difference === 'string') return `output '${at(names, index)}': ${difference}`
    largest = Math.max(largest, difference)
  }
  return largest
}

/** 0, 1 / n, 2 / n, …: the input of the light models. */
function ramp(shape: readonly (number | undefined)[] | undefined): FileArray | undefined {
  const sizes = shape?.filter((size) => size !== undefined) ?? []
  if (!shape || sizes.length < shape.length) return undefined
  const count = product(sizes)
  return { shape: sizes, dtype: 'float32', data: Float32Array.from({ length: count }, (_, index) => index / count) }
}

function compare(tensor: Tensor, values: TypedArray, expected: FileArray): number | string {
  if (!sameNumbers(tensor.shape, expected.shape)) {
    return `shape ${formatShape(tensor.shape)}, expected ${formatShape(expected.shape)}`
  }
  if (tensor.dtype !== expected.dtype) return `element type ${tensor.dtype}, expected ${expected.dtype}`
  let largest = 0
  for (let index = 0; index < values.length; index++) {
    const [value, wanted] = [values[index] as number, expected.data[index] as number]
    if (Object.is(value, wanted) || value === wanted) continue
    const difference = Math.abs(value - wanted)
    if (!(difference <= tolerance.absolute + tolerance.relative * Math.abs(wanted)) || !Number.isFinite(wanted)) {
      return `element ${index} is ${value}, expected ${wanted}`
    }
    largest = Math.max(largest, difference)
  }
  return largest
}
