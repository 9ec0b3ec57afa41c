/** Gathers the nodes and constants of an ONNX graph and gives every value a name. Equal constants are kept once. */
import type { DType } from '../../../base/dtype.ts'
import { toTypedArray } from '../../../base/dtype.ts'
import type { FileArray } from '../../element-formats.ts'
import { encodeTensor } from '../element-types.ts'
import type { AttributeValue, NodeDescription } from '../make-file.ts'
import type { OnnxTensor } from '../messages.ts'

export type Attributes = Readonly<Record<string, AttributeValue>>

/** Constants up to this many elements are compared with those that are there already. */
const SMALL = 64

export class GraphBuilder {
  readonly nodes: NodeDescription[] = []
  readonly initializers: OnnxTensor[] = []
  readonly #known = new Map<string, string>()
  readonly #taken: Set<string>
  #counter = 0

  /** `taken` are names that other values have: inputs, outputs, parameters. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken)
  }

  #freshName(word: string): string {
    let name = `${word}_${this.#counter++}`
    while (this.#taken.has(name)) name = `${word}_${this.#counter++}`
    return name
  }

  /** Applies an operator; returns the name of its first output, or of output number `output`. */
  add(operator: string, inputs: readonly string[], attributes: Attributes = {}, output = 0): string {
    const name = this.#freshName(operator)
    const outputs = [...Array<string>(output).fill(''), name]
    // Outputs before the wanted one need names too.
    const named = outputs.map((each) => (each === '' ? this.#freshName(operator) : each))
    this.nodes.push({ operator, inputs, outputs: named, name: `node_${name}`, attributes })
    return name
  }

  /** A constant of the graph. */
  constant(array: FileArray, { int64 = false } = {}): string {
    const small = array.data.length <= SMALL
    const key = small ? `${int64 ? 'int64' : array.dtype}[${array.shape}]${Array.from(array.data, describe)}` : ''
    const known = small ? this.#known.get(key) : undefined
    if (known !== undefined) return known
    const name = this.#freshName('constant')
    this.initializers.push(encodeTensor(name, array, { int64 }))
    if (small) this.#known.set(key, name)
    return name
  }

  /** Whole numbers in a vector, as shapes and axes want them. */
  ints(values: readonly number[]): string {
    return this.constant({ shape: [values.length], dtype: 'int32', data: Int32Array.from(values) }, { int64: true })
  }

  scalar(value: number, dtype: DType): string {
    return this.constant({ shape: [], dtype, data: toTypedArray(dtype, [value]) })
  }
}

const describe = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
