/**
 * A network read from an ONNX file, as a module: its float initialisers are parameters under their own names, so that it can be run,
 * fine-tuned, saved and looked into like any other. Shapes are found when it runs; each new input shape is a new program.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError, CognitronError, FormatError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import { Module } from '../../nn/index.ts'
import { fromTypedArray, Parameter, type Tensor, VariableTensor } from '../../tensor/index.ts'
import type { FileArray } from '../element-formats.ts'
import { decodeTensor } from './element-types.ts'
import { UnsupportedOnnxError } from './errors.ts'
import type { OnnxFile, OnnxNode, OnnxValueInfo } from './messages.ts'
import { OperatorCall, type OperatorResult, type OperatorRule } from './operator.ts'
import { operators } from './operators.ts'

/** A node of the graph as people look for it. */
export interface OnnxLayer {
  /** The node's name, or its operator and number where it has none. */
  readonly name: string
  readonly operator: string
  /** The names of what it takes, weights among them. */
  readonly inputs: readonly string[]
  /** The names of what it computes; `run` can hand these back. */
  readonly outputs: readonly string[]
}

/** Names of an input as the file declares it; a size is absent where it is open. */
export interface OnnxInput {
  readonly name: string
  readonly shape: readonly (number | undefined)[] | undefined
}

interface Step {
  readonly node: OnnxNode
  readonly rule: OperatorRule
  readonly what: string
}

type Values = Map<string, Tensor>

const OWN_DOMAINS = ['', 'ai.onnx']

function describeNode(node: OnnxNode, index: number): OnnxLayer & { what: string } {
  const name = node.name === '' ? `${node.opType}_${index}` : node.name
  const domain = OWN_DOMAINS.includes(node.domain) ? '' : ` of ${node.domain}`
  const what = `operator ${node.opType}${domain} (node '${name}')`
  const named = (names: readonly string[]): string[] => names.filter((each) => each !== '')
  return { name, operator: node.opType, inputs: named(node.input), outputs: named(node.output), what }
}

function ruleFor(node: OnnxNode, what: string): OperatorRule {
  const rule = OWN_DOMAINS.includes(node.domain) ? operators[node.opType] : undefined
  if (rule) return rule
  throw new UnsupportedOnnxError(`${what} is not supported.`)
}

/** Sequences, maps and optional values have a type that is not that of a tensor. */
function checkIsTensor({ name, type }: OnnxValueInfo): void {
  if (!type || type.tensorType) return
  throw new UnsupportedOnnxError(`the value '${name}' is a sequence, a map or optional; only tensors are supported.`)
}

type Role = 'parameter' | 'buffer' | 'constant'

/** What an initialiser is: learned when a node computes with it, a constant when it only sets shapes and limits. */
function roleOf(array: FileArray, uses: readonly { rule: OperatorRule; position: number }[]): Role {
  const computing = uses.filter(({ rule, position }) => !rule.settings?.includes(position))
  if (array.dtype !== 'float32' || computing.length === 0) return 'constant'
  return computing.every(({ rule, position }) => rule.statistics?.includes(position)) ? 'buffer' : 'parameter'
}

/**
 * A network from an ONNX file. `forward` takes its first input and gives its first output; `run` takes and gives all by name.
 *
 * @throws UnsupportedOnnxError for an operator or element type that is not supported, naming it and its node; FormatError for a
 * damaged file.
 * @example
 * import { io, tensor } from 'cognitron'
 * const file = io.onnx.makeOnnxFile({
 *   nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }], inputs: { x: [2] }, outputs: { y: [2] },
 * })
 * const model = new io.onnx.OnnxModel(file)
 * console.log(await model.forward(tensor([-1, 2])).toArray()) // [0, 2]
 */
export class OnnxModel extends Module {
  readonly #steps: readonly Step[]
  readonly #opset: number
  readonly #initial = new Map<string, FileArray>()
  readonly #weights = new Map<string, Tensor>()
  readonly #layers: readonly OnnxLayer[]
  readonly #inputs: readonly OnnxInput[]
  readonly #outputs: readonly string[]

  constructor(file: OnnxFile) {
    super()
    const { graph } = file
    this.#opset = file.opsetImport.find(({ domain }) => OWN_DOMAINS.includes(domain))?.version ?? 1
    const described = graph.node.map(describeNode)
    this.#layers = described.map(({ what, ...layer }) => layer)
    this.#steps = graph.node.map((node, index) => {
      const { what } = at(described, index)
      return { node, what, rule: ruleFor(node, what) }
    })
    for (const value of [...graph.input, ...graph.output]) checkIsTensor(value)
    for (const tensor of graph.initializer) this.#initial.set(tensor.name, decodeTensor(tensor))
    this.#makeWeights()
    this.#inputs = graph.input
      .filter(({ name }) => !this.#initial.has(name))
      .map(({ name, type }) => ({ name, shape: type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue) }))
    this.#outputs = graph.output.map(({ name }) => name)
    this.eval()
  }

  #makeWeights(): void {
    const uses = new Map<string, { rule: OperatorRule; position: number }[]>()
    for (const { node, rule } of this.#steps) {
      node.input.forEach((name, position) => {
        if (this.#initial.has(name)) uses.set(name, [...(uses.get(name) ?? []), { rule, position }])
      })
    }
    for (const [name, array] of this.#initial) {
      const role = roleOf(array, uses.get(name) ?? [])
      const { shape, dtype } = array
      if (role === 'constant') {
        this.#weights.set(name, fromTypedArray(array.data, shape, dtype))
        continue
      }
      const data = array.data.slice()
      const weight = role === 'parameter' ? new Parameter(data, shape) : new VariableTensor(data, shape, dtype)
      this.#weights.set(name, weight)
      // A field, so that the module finds it; a name that a method has gets an underscore.
      const field = name in this ? `${name}_` : name
      Object.defineProperty(this, field, { value: weight, enumerable: true })
    }
  }

  /** Initialisers are saved under their own names. */
  override stateKey(field: string): string {
    return field
  }

  /** The inputs that a run needs, in the order of the file. */
  get inputs(): readonly OnnxInput[] {
    return this.#inputs
  }

  /** The names of the outputs, in the order of the file. */
  get outputs(): readonly string[] {
    return this.#outputs
  }

  /** Every node in the order in which they run. */
  get layers(): readonly OnnxLayer[] {
    return this.#layers
  }

  /** The first output for the first input. Throws ArgumentError when the model takes several inputs. */
  override forward(x: Tensor): Tensor {
    const [input, ...others] = this.#inputs
    if (!input || others.length > 0) {
      const names = this.#inputs.map(({ name }) => name).join(', ')
      throw new ArgumentError(
        `this model takes the inputs ${names || '(none)'}; call run({ name: tensor, … }) instead.`,
      )
    }
    const output = at(this.#outputs, 0)
    return this.run({ [input.name]: x }, [output])[output] as Tensor
  }

  /**
   * Values by name: those of the file, or those that `wanted` names, which may be any value of the graph or any node (its first
   * output then). Only the nodes on the way are applied.
   *
   * @throws ArgumentError for an input that is missing and for a name that is not in the graph.
   */
  run(inputs: Readonly<Record<string, Tensor>>, wanted: readonly string[] = this.#outputs): Record<string, Tensor> {
    const values: Values = new Map(this.#weights)
    for (const [name, tensor] of Object.entries(inputs)) values.set(name, tensor)
    const missing = this.#inputs.find(({ name }) => !values.has(name))
    if (missing) {
      throw new ArgumentError(
        `the model needs the input '${missing.name}'; given ${Object.keys(inputs).join(', ') || 'none'}.`,
      )
    }
    const names = wanted.map((name) => this.#valueName(name))
    const needed = this.#stepsFor(names, values)
    for (const step of this.#steps) if (needed.has(step)) this.#apply(step, values)
    return Object.fromEntries(wanted.map((name, index) => [name, tensorNamed(values, at(names, index))]))
  }

  #valueName(name: string): string {
    if (this.#outputs.includes(name) || this.#weights.has(name)) return name
    if (this.#layers.some(({ outputs }) => outputs.includes(name))) return name
    const layer = this.#layers.find((each) => each.name === name)?.outputs[0]
    if (layer !== undefined) return layer
    const known = this.#layers.flatMap((each) => [each.name, ...each.outputs])
    const meant = nearest(name, known)
    throw new ArgumentError(
      `the model has no value or node '${name}'; ${meant ? `did you mean '${meant}'?` : 'see its layers.'}`,
    )
  }

  /** The nodes that the given values depend on. */
  #stepsFor(names: readonly string[], given: Values): Set<Step> {
    const makers = new Map<string, Step>()
    for (const step of this.#steps) for (const name of step.node.output) if (name !== '') makers.set(name, step)
    const needed = new Set<Step>()
    const open = [...names]
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const step = given.has(name) ? undefined : makers.get(name)
      if (!step || needed.has(step)) continue
      needed.add(step)
      open.push(...step.node.input)
    }
    return needed
  }

  #apply({ node, rule, what }: Step, values: Values): void {
    const call = new OperatorCall(node, what, {
      opset: this.#opset,
      valueOf: (name) => tensorNamed(values, name),
      // A caller may pass another tensor under the name of an initialiser.
      initialValues: (name) =>
        values.get(name) === this.#weights.get(name) ? this.#initial.get(name)?.data : undefined,
    })
    const result = applied(rule, call)
    const outputs = Array.isArray(result) ? (result as readonly (Tensor | undefined)[]) : [result as Tensor]
    node.output.forEach((name, index) => {
      const tensor = outputs[index]
      if (name !== '' && tensor) values.set(name, tensor)
      else if (name !== '') throw new UnsupportedOnnxError(`${what}: its output ${index} ('${name}') is not supported.`)
    })
  }
}

/** Applies a rule; what goes wrong in it is told with the node and its inputs. */
function applied(rule: OperatorRule, call: OperatorCall): OperatorResult {
  try {
    return rule.apply(call)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof CognitronError) {
      // Rules that know better name the node themselves.
      if (!message.includes(call.what)) error.message = `${call.what}: ${message}`
      throw error
    }
    throw new FormatError(`${call.what} cannot be applied to ${call.describeInputs()}: ${message}.`, { cause: error })
  }
}

function tensorNamed(values: Values, name: string): Tensor {
  const value = values.get(name)
  if (value) return value
  throw new FormatError(`the model uses a value '${name}' that no node before makes; it is damaged, export it again.`)
}
