/**
 * What an operator of ONNX is here: a rule that reads the inputs and settings of a node and composes its outputs from tensor
 * functions. The table of all of them is `operators`; `OnnxModel` walks the nodes of a graph and applies them.
 */
import { range } from '../../base/arrays.ts'
import { FormatError } from '../../base/errors.ts'
import { formatShape, normalizeAxis, type Shape } from '../../shape/shape.ts'
import { fromTypedArray, type Tensor } from '../../tensor/index.ts'
import { decodeTensor } from './element-types.ts'
import { UnsupportedOnnxError } from './errors.ts'
import { knownValues } from './known-values.ts'
import type { OnnxAttribute, OnnxNode } from './messages.ts'

/** Outputs in order; an undefined one is an optional output that nothing asked for. */
export type OperatorResult = Tensor | readonly (Tensor | undefined)[]

export interface OperatorRule {
  readonly apply: (call: OperatorCall) => OperatorResult
  /** Positions of inputs that are settings: shapes, axes, limits. An initialiser that is nothing else is no parameter. */
  readonly settings?: readonly number[]
  /** Positions of inputs that are statistics: initialisers there are buffers, not parameters. */
  readonly statistics?: readonly number[]
}

export type OperatorTable = Readonly<Record<string, OperatorRule>>

const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** What surrounds a node when it is applied. */
export interface OperatorSurroundings {
  /** The version of the operator set that the file speaks. */
  readonly opset: number
  /** The tensor of a value, by its name. */
  readonly valueOf: (name: string) => Tensor
  /** The numbers of an initialiser, by its name. */
  readonly initialValues: (name: string) => ArrayLike<number> | undefined
}

/** A node with the tensors that flow into it, as rules see it. */
export class OperatorCall {
  readonly node: OnnxNode
  readonly opset: number
  /** Operator and node, for messages. */
  readonly what: string
  readonly #surroundings: OperatorSurroundings
  readonly #attributes: ReadonlyMap<string, OnnxAttribute>

  constructor(node: OnnxNode, what: string, surroundings: OperatorSurroundings) {
    this.node = node
    this.what = what
    this.opset = surroundings.opset
    this.#surroundings = surroundings
    this.#attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]))
  }

  /** How many inputs are named, absent optional ones among them. */
  get inputCount(): number {
    return this.node.input.length
  }

  get outputCount(): number {
    return this.node.output.length
  }

  /** Whether something asks for output `index`. */
  wants(index: number): boolean {
    return (this.node.output[index] ?? '') !== ''
  }

  /** Input `index`. Throws FormatError when the node has none. */
  input(index: number): Tensor {
    const tensor = this.optional(index)
    if (tensor) return tensor
    throw new FormatError(`${this.what} lacks input ${index}; the model is damaged, export it again.`)
  }

  /** All inputs of an operator that takes any number. */
  inputs(): Tensor[] {
    return range(this.inputCount).map((index) => this.input(index))
  }

  optional(index: number): Tensor | undefined {
    const name = this.node.input[index] ?? ''
    return name === '' ? undefined : this.#surroundings.valueOf(name)
  }

  /** The numbers of input `index` where they are known before the network runs. */
  knownNumbers(index: number): number[] | undefined {
    const name = this.node.input[index] ?? ''
    if (name === '') return undefined
    const known = this.#surroundings.initialValues(name) ?? knownValues(this.input(index))
    return known && Array.from(known)
  }

  /** The numbers of an input that decides shapes, or undefined when the node has none. */
  numbers(index: number): number[] | undefined {
    const name = this.node.input[index] ?? ''
    const known = this.knownNumbers(index)
    if (known || name === '') return known
    throw new UnsupportedOnnxError(
      `${this.what} takes its setting '${name}' from values that are known only when the network has run; such shapes are ` +
        'not supported inside a compiled function.',
    )
  }

  /** As `numbers`, for an input that must be there. */
  requiredNumbers(index: number): number[] {
    const numbers = this.numbers(index)
    if (numbers) return numbers
    throw new FormatError(`${this.what} lacks input ${index}; the model is damaged, export it again.`)
  }

  has(name: string): boolean {
    return this.#attributes.has(name)
  }

  int(name: string, absent: number): number {
    const attribute = this.#attributes.get(name)
    return attribute ? (attribute.i ?? 0) : absent
  }

  flag(name: string, absent = false): boolean {
    return this.int(name, absent ? 1 : 0) !== 0
  }

  float(name: string, absent: number): number {
    const attribute = this.#attributes.get(name)
    return attribute ? (attribute.f ?? 0) : absent
  }

  text(name: string, absent: string): string {
    const bytes = this.#attributes.get(name)?.s
    return bytes ? decodeText(bytes) : absent
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.ints
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.floats
  }

  texts(name: string): readonly string[] | undefined {
    return this.#attributes.get(name)?.strings.map(decodeText)
  }

  /** A tensor among the settings. */
  tensor(name: string): Tensor | undefined {
    const value = this.#attributes.get(name)?.t
    if (!value) return undefined
    const { data, shape, dtype } = decodeTensor(value, `setting '${name}' of ${this.what}`)
    return fromTypedArray(data, shape, dtype)
  }

  /** Whole numbers that older versions keep among the settings and newer ones take as input `index`. */
  intsOrInput(name: string, index: number): readonly number[] | undefined {
    return this.ints(name) ?? this.numbers(index)
  }

  /** The setting `name` as an axis of `x`, from 0 on. */
  axis(x: Tensor, absent: number, name = 'axis'): number {
    return normalizeAxis(this.int(name, absent), x.rank)
  }

  /** The shapes of the inputs, for messages. */
  describeInputs(): string {
    const shapes = range(this.inputCount).map((index) => {
      const tensor = this.optional(index)
      return tensor ? formatShape(tensor.shape) : 'nothing'
    })
    return shapes.length === 0 ? 'no inputs' : `inputs of shape ${shapes.join(', ')}`
  }

  /** Stops with the reason why this node is not run. */
  unsupported(reason: string): never {
    throw new UnsupportedOnnxError(`${this.what} is not supported: ${reason}.`)
  }

  /** Throws FormatError when a condition that the standard promises does not hold. */
  demand(holds: boolean, reason: string, ...shapes: Shape[]): void {
    if (holds) return
    const given = shapes.length > 0 ? `, given ${shapes.map(formatShape).join(' and ')}` : ''
    throw new FormatError(`${this.what}: ${reason}${given}; the model is damaged, export it again.`)
  }
}

/** A rule without settings among its inputs. */
export function rule(apply: OperatorRule['apply'], options: Omit<OperatorRule, 'apply'> = {}): OperatorRule {
  return { apply, ...options }
}
