/** ONNX files from few words: what the exporter ends with, and what tests and examples start from. */
import type { DType } from '../../base/dtype.ts'
import type { FileArray } from '../element-formats.ts'
import { elementTypeOf, encodeTensor, INT64 } from './element-types.ts'
import type { OnnxAttribute, OnnxFile, OnnxNode, OnnxTensor, OnnxValueInfo } from './messages.ts'

/** A setting of a node: whole numbers stay whole, `{ float }` and `{ floats }` say that they are not. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: FileArray }

export interface NodeDescription {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly name?: string
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

/** A shape of float32 values, or shape and element type; a text names a size that stays open. */
export type ValueDescription =
  | readonly (number | string)[]
  | { readonly shape: readonly (number | string)[]; readonly dtype: DType | 'int64' }

export interface FileDescription {
  readonly nodes: readonly NodeDescription[]
  readonly inputs: Readonly<Record<string, ValueDescription>>
  readonly outputs: Readonly<Record<string, ValueDescription>>
  readonly initializers?: readonly OnnxTensor[]
  /** Default 17. */
  readonly opset?: number
  readonly name?: string
}

const types = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const

function attributeOf(name: string, value: AttributeValue): OnnxAttribute {
  const empty = { name, floats: [], ints: [], strings: [] }
  if (typeof value === 'number') return { ...empty, type: types.int, i: value }
  if (typeof value === 'string') return { ...empty, type: types.string, s: new TextEncoder().encode(value) }
  if ('float' in value) return { ...empty, type: types.float, f: value.float }
  if ('floats' in value) return { ...empty, type: types.floats, floats: value.floats }
  if ('tensor' in value) return { ...empty, type: types.tensor, t: encodeTensor('', value.tensor) }
  return { ...empty, type: types.ints, ints: value }
}

function nodeOf({ operator, inputs, outputs, name = '', domain = '', attributes = {} }: NodeDescription): OnnxNode {
  const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
  return { name, opType: operator, domain, input: inputs, output: outputs, attribute }
}

function valueInfoOf(name: string, value: ValueDescription): OnnxValueInfo {
  const { shape, dtype } = 'dtype' in value ? value : { shape: value, dtype: 'float32' as const }
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  const elemType = dtype === 'int64' ? INT64 : elementTypeOf[dtype]
  return { name, type: { tensorType: { elemType, shape: { dim } } } }
}

/**
 * An ONNX file of the given nodes, inputs and outputs.
 *
 * @example
 * import { io } from 'cognitron'
 * const file = io.onnx.makeOnnxFile({
 *   nodes: [{ operator: 'LeakyRelu', inputs: ['x'], outputs: ['y'], attributes: { alpha: { float: 0.1 } } }],
 *   inputs: { x: ['batch', 3] }, outputs: { y: ['batch', 3] },
 * })
 * console.log(file.graph.node.length) // 1
 */
export function makeOnnxFile(description: FileDescription): OnnxFile {
  const { nodes, inputs, outputs, initializers = [], opset = 17, name = 'network' } = description
  return {
    irVersion: 8,
    opsetImport: [{ domain: '', version: opset }],
    producerName: 'cognitron',
    producerVersion: '',
    graph: {
      name,
      node: nodes.map(nodeOf),
      initializer: initializers,
      input: Object.entries(inputs).map(([key, value]) => valueInfoOf(key, value)),
      output: Object.entries(outputs).map(([key, value]) => valueInfoOf(key, value)),
    },
  }
}
