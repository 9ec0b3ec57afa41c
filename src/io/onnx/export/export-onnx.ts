/**
 * Networks as ONNX files: the forward pass is recorded in evaluation mode, and its graph written with the operators of ONNX.
 * Parameters keep their PyTorch names. Where the recording does not depend on the size of the batch, that stays open in the file.
 */
import { at, sameNumbers } from '../../../base/arrays.ts'
import { ArgumentError } from '../../../base/errors.ts'
import { makeNode } from '../../../ir/build.ts'
import { topologicalOrder } from '../../../ir/graph.ts'
import type { Node } from '../../../ir/node.ts'
import type { AnyModule } from '../../../nn/index.ts'
import { Tensor } from '../../../tensor/index.ts'
import { Trace, withTrace } from '../../../tensor/trace.ts'
import type { FileArray } from '../../element-formats.ts'
import { encodeTensor } from '../element-types.ts'
import { makeOnnxFile, type NodeDescription, type ValueDescription } from '../make-file.ts'
import type { OnnxFile, OnnxTensor } from '../messages.ts'
import { GraphBuilder } from './graph-builder.ts'
import { lifted } from './lifts.ts'
import type { ExportPlan } from './plan.ts'
import { EXPORT_OPSET, primitiveRules } from './primitive-rules.ts'
import { recognized } from './templates.ts'

export interface ExportOptions {
  /** Names of the inputs. Default `input`, or `input_0`, `input_1`, … */
  readonly inputNames?: readonly string[]
  /** Names of the outputs. Default `output`, the keys of a record that forward returns, or `output_0`, `output_1`, … */
  readonly outputNames?: readonly string[]
  /** Whether the size of the batch stays open where the network allows it. Default true. */
  readonly openBatch?: boolean
  /** Name of the graph. Default: the class of the network. */
  readonly name?: string
}

/** Inputs and outputs of a recorded forward pass. */
interface Recording {
  readonly inputs: readonly Node[]
  readonly outputs: readonly { readonly name: string; readonly node: Node }[]
}

/** Calls `work` with every module in evaluation mode and gives each its own mode back. */
function inEvaluation<T>(module: AnyModule, work: () => T): T {
  const modes = module.modules().map((each) => [each, each.training] as const)
  try {
    module.eval()
    return work()
  } finally {
    // From the outside in, so that each ends with its own mode.
    for (const [each, training] of modes) each.train(training)
  }
}

function namedTensors(value: unknown): { name: string; tensor: Tensor }[] {
  if (value instanceof Tensor) return [{ name: 'output', tensor: value }]
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((each, index) => [`output_${index}`, each])
    : Object.entries((value ?? {}) as object)
  const found = entries.flatMap(([name, each]) => (each instanceof Tensor ? [{ name, tensor: each }] : []))
  if (found.length > 0 && found.length === entries.length) return found
  throw new ArgumentError('a network for ONNX gives a tensor, or an array or record of tensors.')
}

function record(module: AnyModule, examples: readonly Tensor[], batch?: number): Recording {
  const inputs = examples.map(({ shape, dtype }) => {
    const sizes = batch === undefined ? shape : [batch, ...shape.slice(1)]
    return makeNode('input', [], { source: {}, shape: sizes, dtype })
  })
  const forward = module.forward as (...inputs: Tensor[]) => unknown
  const result = inEvaluation(module, () =>
    withTrace(new Trace(), () => namedTensors(forward(...inputs.map((node) => new Tensor(node))))),
  )
  return { inputs, outputs: result.map(({ name, tensor }) => ({ name, node: tensor.node })) }
}

/** A recording turned into nodes of ONNX; weights are named, not yet read. */
interface Converted {
  readonly nodes: readonly NodeDescription[]
  readonly constants: readonly OnnxTensor[]
  /** The variables that the graph reads, by the name that they have in the file. */
  readonly weights: ReadonlyMap<string, Node & { op: 'variable' }>
}

class Converter {
  readonly #uses = new Map<Node, number>()
  readonly #plans = new Map<Node, ExportPlan>()
  readonly #names = new Map<Node, string>()
  readonly #graph: GraphBuilder
  readonly #weights = new Map<string, Node & { op: 'variable' }>()

  constructor(names: ReadonlyMap<Node, string>, taken: Iterable<string>) {
    for (const [node, name] of names) this.#names.set(node, name)
    this.#graph = new GraphBuilder(taken)
  }

  convert(outputs: Recording['outputs']): Converted {
    const roots = outputs.map(({ node }) => node)
    const order = topologicalOrder(roots)
    for (const node of [...roots, ...order.flatMap(({ inputs }) => inputs)]) {
      this.#uses.set(node, (this.#uses.get(node) ?? 0) + 1)
    }
    for (const node of this.#needed(roots)) this.#emit(node)
    const results = outputs.map(({ name, node }): NodeDescription => {
      return { operator: 'Identity', inputs: [this.#nameOf(node)], outputs: [name], name: `node_${name}` }
    })
    return {
      nodes: renamed(this.#graph.nodes, results),
      constants: this.#graph.initializers,
      weights: this.#weights,
    }
  }

  /** The nodes whose values are needed, operands first. Values inside a recognised operation are not. */
  #needed(roots: readonly Node[]): Node[] {
    const order: Node[] = []
    const done = new Set<Node>()
    const stack = roots.map((node) => ({ node, next: 0 })).reverse()
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { inputs } = this.#planOf(top.node)
      const operand = done.has(top.node) ? undefined : inputs[top.next]
      top.next += 1
      if (operand) {
        if (!done.has(operand)) stack.push({ node: operand, next: 0 })
        continue
      }
      if (!done.has(top.node)) order.push(top.node)
      done.add(top.node)
      stack.pop()
    }
    return order
  }

  #planOf(node: Node): ExportPlan {
    const known = this.#plans.get(node)
    if (known) return known
    const plan = this.#makePlan(node)
    this.#plans.set(node, plan)
    return plan
  }

  #makePlan(node: Node): ExportPlan {
    const named = this.#names.get(node)
    if (named !== undefined) return { inputs: [], emit: () => named }
    if (node.op === 'input') return { inputs: [], emit: (graph) => graph.constant(hostArray(node)) }
    if (node.op === 'variable') {
      throw new ArgumentError('the network reads a variable that is not among its parameters and buffers.')
    }
    const rule = primitiveRules[node.op] as (node: Node) => ExportPlan
    return lifted(node, this.#uses) ?? recognized(node) ?? rule(node)
  }

  #emit(node: Node): void {
    if (node.op === 'variable') this.#weights.set(this.#nameOf(node), node)
    if (this.#names.has(node)) return
    const plan = this.#planOf(node)
    const inputs = plan.inputs.map((input) => this.#nameOf(input))
    this.#names.set(node, plan.emit(this.#graph, inputs))
  }

  #nameOf(node: Node): string {
    const name = this.#names.get(node)
    if (name !== undefined) return name
    throw new Error(`internal error: ${node.op} ${node.id} was used before it was exported`)
  }
}

function hostArray(node: Node & { op: 'input' }): FileArray {
  const { data } = node.attributes.source
  if (!data) throw new ArgumentError('the network uses a tensor that belongs to another compiled function.')
  return { shape: node.shape, dtype: node.dtype, data }
}

/** Outputs that a node makes get their name from it; only inputs and weights that are handed on need an Identity. */
function renamed(nodes: readonly NodeDescription[], results: readonly NodeDescription[]): NodeDescription[] {
  const names = new Map<string, string>()
  const kept = results.filter(({ inputs: [from = ''], outputs: [to = ''] }) => {
    const made = nodes.some(({ outputs }) => outputs.includes(from)) && !names.has(from)
    if (made) names.set(from, to)
    return !made
  })
  const swap = (name: string): string => names.get(name) ?? name
  return [...nodes, ...kept].map((node) => ({
    ...node,
    inputs: node.inputs.map(swap),
    outputs: node.outputs.map(swap),
  }))
}

interface Names {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

function namesOf(recording: Recording, options: ExportOptions): Names {
  const count = recording.inputs.length
  const inputs = options.inputNames ?? recording.inputs.map((_, index) => (count === 1 ? 'input' : `input_${index}`))
  const outputs = options.outputNames ?? recording.outputs.map(({ name }) => name)
  if (inputs.length !== count || outputs.length !== recording.outputs.length) {
    throw new ArgumentError(
      `the network has ${count} inputs and ${recording.outputs.length} outputs; given ${inputs.length} and ` +
        `${outputs.length} names.`,
    )
  }
  return { inputs, outputs }
}

function convert(module: AnyModule, recording: Recording, names: Names): Converted {
  const known = new Map<Node, string>()
  recording.inputs.forEach((node, index) => void known.set(node, at(names.inputs, index)))
  // The key under which a shared weight stands first is its name.
  for (const [key, { variable }] of [...module.namedState()].reverse()) known.set(variable.leaf(), key)
  const converter = new Converter(known, [...known.values(), ...names.outputs])
  return converter.convert(recording.outputs.map(({ node }, index) => ({ name: at(names.outputs, index), node })))
}

const structure = ({ nodes, constants }: Converted): string =>
  JSON.stringify([nodes, constants.map(({ dims, rawData }) => [dims, Array.from(rawData ?? [])])])

/** The same graph for two sizes of the batch is right for all of them. */
function withOpenBatch(module: AnyModule, examples: readonly Tensor[], options: ExportOptions): Converted | undefined {
  if (options.openBatch === false || examples.some(({ rank }) => rank === 0)) return undefined
  if (new Set(examples.map(({ shape }) => shape[0])).size !== 1) return undefined
  try {
    const [two, three] = [2, 3].map((batch) => {
      const recording = record(module, examples, batch)
      return { recording, converted: convert(module, recording, namesOf(recording, options)) }
    }) as [{ recording: Recording; converted: Converted }, { recording: Recording; converted: Converted }]
    const batches = [two, three].every(({ recording: { outputs } }, index) =>
      outputs.every(({ node }) => node.shape[0] === index + 2),
    )
    return batches && structure(two.converted) === structure(three.converted) ? two.converted : undefined
  } catch {
    // A network that takes one batch size only says so here, and is exported with that.
    return undefined
  }
}

/** See `on-demand.ts`, which is the public face of this. */
export async function exportOnnx(
  module: AnyModule,
  examples: readonly Tensor[],
  options: ExportOptions = {},
): Promise<OnnxFile> {
  const recording = record(module, examples)
  const names = namesOf(recording, options)
  const open = withOpenBatch(module, examples, options)
  const { nodes, constants, weights } = open ?? convert(module, recording, names)
  const describe = ({ shape, dtype }: Node): ValueDescription => ({
    shape: open ? ['batch', ...shape.slice(1)] : shape,
    dtype,
  })
  const initializers = await Promise.all([...weights].map(([name, node]) => weightOf(module, name, node)))
  return makeOnnxFile({
    nodes,
    inputs: Object.fromEntries(recording.inputs.map((node, index) => [at(names.inputs, index), describe(node)])),
    outputs: Object.fromEntries(recording.outputs.map(({ node }, index) => [at(names.outputs, index), describe(node)])),
    initializers: [...initializers, ...constants],
    opset: EXPORT_OPSET,
    name: options.name ?? module.constructor.name,
  })
}

async function weightOf(module: AnyModule, name: string, { shape, dtype }: Node): Promise<OnnxTensor> {
  const weight = module.namedState().get(name)
  if (!weight || !sameNumbers(weight.shape, shape)) throw new Error(`internal error: no weight '${name}'`)
  return encodeTensor(name, { shape, dtype, data: await weight.variable.read() })
}
