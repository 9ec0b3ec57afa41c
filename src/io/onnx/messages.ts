/**
 * The messages of an ONNX file as plain objects, and one table of their fields that drives reading and writing. Names are those
 * of onnx.proto in camelCase. Fields that nothing here uses (training info, quantisation notes, device settings) are left out and
 * skipped when read. Source: github.com/onnx/onnx, onnx/onnx.proto, version 1.22.
 */

/** A tensor as it stands in a file. Values are in `rawData`, little-endian, or in the list of their type. */
export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  /** A number of `elementTypes`. */
  readonly dataType: number
  readonly rawData?: Uint8Array
  readonly floatData: readonly number[]
  readonly int32Data: readonly number[]
  readonly int64Data: readonly number[]
  readonly doubleData: readonly number[]
  readonly uint64Data: readonly number[]
  readonly stringData: readonly Uint8Array[]
  /** 1 when the values are in another file. */
  readonly dataLocation?: number
}

/** A setting of a node; the field that holds its value is the one of its type. */
export interface OnnxAttribute {
  readonly name: string
  readonly type?: number
  readonly f?: number
  readonly i?: number
  readonly s?: Uint8Array
  readonly t?: OnnxTensor
  readonly floats: readonly number[]
  readonly ints: readonly number[]
  readonly strings: readonly Uint8Array[]
}

/** One application of an operator; inputs and outputs are names of values, '' where an optional one is absent. */
export interface OnnxNode {
  readonly name: string
  readonly opType: string
  readonly domain: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly attribute: readonly OnnxAttribute[]
}

/** The size of an axis: a number, or the name of one that is known only when the network runs. */
export interface OnnxDimension {
  readonly dimValue?: number
  readonly dimParam?: string
}

export interface OnnxTensorType {
  readonly elemType: number
  readonly shape?: { readonly dim: readonly OnnxDimension[] }
}

/** Name and type of an input or output. */
export interface OnnxValueInfo {
  readonly name: string
  readonly type?: { readonly tensorType?: OnnxTensorType }
}

export interface OnnxGraph {
  readonly name: string
  readonly node: readonly OnnxNode[]
  readonly initializer: readonly OnnxTensor[]
  readonly input: readonly OnnxValueInfo[]
  readonly output: readonly OnnxValueInfo[]
}

/** Which version of which set of operators a model speaks; domain '' is ONNX's own. */
export interface OnnxOperatorSet {
  readonly domain: string
  readonly version: number
}

/** The content of an `.onnx` file. */
export interface OnnxFile {
  readonly irVersion: number
  readonly opsetImport: readonly OnnxOperatorSet[]
  readonly producerName: string
  readonly producerVersion: string
  readonly graph: OnnxGraph
}

export type ScalarKind = 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes'

/** One field: its number in the file, its name here, and what it holds. */
export interface Field {
  readonly number: number
  readonly name: string
  readonly kind: ScalarKind | MessageName
  /** `required` fields get an empty value when absent, `optional` ones stay undefined, `repeated` ones are arrays. */
  readonly rule: 'required' | 'optional' | 'repeated'
}

export type MessageName =
  | 'model'
  | 'operatorSet'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'valueInfo'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dimension'

const field = (number: number, name: string, kind: Field['kind'], rule: Field['rule'] = 'required'): Field => ({
  number,
  name,
  kind,
  rule,
})

/** The fields of every message in the order in which they are written. */
export const messages: { readonly [Name in MessageName]: readonly Field[] } = {
  model: [
    field(1, 'irVersion', 'int64'),
    field(8, 'opsetImport', 'operatorSet', 'repeated'),
    field(2, 'producerName', 'string'),
    field(3, 'producerVersion', 'string'),
    field(7, 'graph', 'graph', 'optional'),
  ],
  operatorSet: [field(1, 'domain', 'string'), field(2, 'version', 'int64')],
  graph: [
    field(1, 'node', 'node', 'repeated'),
    field(2, 'name', 'string'),
    field(5, 'initializer', 'tensor', 'repeated'),
    field(11, 'input', 'valueInfo', 'repeated'),
    field(12, 'output', 'valueInfo', 'repeated'),
  ],
  node: [
    field(1, 'input', 'string', 'repeated'),
    field(2, 'output', 'string', 'repeated'),
    field(3, 'name', 'string'),
    field(4, 'opType', 'string'),
    field(7, 'domain', 'string'),
    field(5, 'attribute', 'attribute', 'repeated'),
  ],
  attribute: [
    field(1, 'name', 'string'),
    field(20, 'type', 'int32', 'optional'),
    field(2, 'f', 'float', 'optional'),
    field(3, 'i', 'int64', 'optional'),
    field(4, 's', 'bytes', 'optional'),
    field(5, 't', 'tensor', 'optional'),
    field(7, 'floats', 'float', 'repeated'),
    field(8, 'ints', 'int64', 'repeated'),
    field(9, 'strings', 'bytes', 'repeated'),
  ],
  tensor: [
    field(1, 'dims', 'int64', 'repeated'),
    field(2, 'dataType', 'int32'),
    field(4, 'floatData', 'float', 'repeated'),
    field(5, 'int32Data', 'int32', 'repeated'),
    field(6, 'stringData', 'bytes', 'repeated'),
    field(7, 'int64Data', 'int64', 'repeated'),
    field(8, 'name', 'string'),
    field(9, 'rawData', 'bytes', 'optional'),
    field(10, 'doubleData', 'double', 'repeated'),
    field(11, 'uint64Data', 'uint64', 'repeated'),
    field(14, 'dataLocation', 'int32', 'optional'),
  ],
  valueInfo: [field(1, 'name', 'string'), field(2, 'type', 'type', 'optional')],
  type: [field(1, 'tensorType', 'tensorType', 'optional')],
  tensorType: [field(1, 'elemType', 'int32'), field(2, 'shape', 'shape', 'optional')],
  shape: [field(1, 'dim', 'dimension', 'repeated')],
  dimension: [field(1, 'dimValue', 'int64', 'optional'), field(2, 'dimParam', 'string', 'optional')],
}
