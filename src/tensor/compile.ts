/**
 * `compile` turns a function of tensors into one program: forward, backward and optimizer update of a training step run in a
 * single call. The function is recorded once per signature (shapes, element types, plain arguments) and again when a setting it
 * depends on changes, such as training mode.
 */
import type { TypedArray } from '../base/dtype.ts'
import { CognitronError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { graphLeaves, graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, InputSource, Node, VariableRef } from '../ir/node.ts'
import type { Buffer, Executable, KernelProfile, ProgramStatistics } from '../runtime/backend.ts'
import { getBackend } from '../runtime/device.ts'
import { executableFor } from '../runtime/program-cache.ts'
import { type Variable, VariableVersion } from '../runtime/variable.ts'
import { formatShape } from '../shape/shape.ts'
import { arithmetic } from './elementwise.ts'
import { generator } from './random.ts'
import { fromTypedArray, Tensor } from './tensor.ts'
import { Trace, withTrace } from './trace.ts'

/** Tensors, plain values, and arrays or records of them. */
export type Structure = Tensor | number | boolean | string | null | undefined | readonly Structure[] | StructureRecord
interface StructureRecord {
  readonly [key: string]: Structure
}

/** The compiled form of a function: same arguments, a promise of the same result with values computed. */
export interface Compiled<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<Result>
  /** Records and compiles for arguments like these without running. */
  prepare(...args: Args): CompiledProgram
  /**
   * Runs once for arguments like these, then times every kernel by itself; variables keep their values. Throws CognitronError where
   * the backend cannot tell.
   */
  profile(args: Args, options?: { readonly repeats?: number }): Promise<KernelProfile[]>
  /** The graphs recorded so far, newest last. */
  readonly programs: readonly CompiledProgram[]
}

export interface CompiledProgram {
  readonly graph: Graph
  readonly statistics: ProgramStatistics
  /** Time to record the function and build its graph. */
  readonly traceMs: number
}

interface Recording extends CompiledProgram {
  readonly signature: string
  readonly trace: Trace
  readonly executable: Executable
  /** For each input of the program the argument it comes from, or the captured array. */
  readonly inputs: readonly (number | TypedArray)[]
  readonly variables: readonly Variable[]
  readonly updated: readonly Variable[]
  readonly outputs: readonly Tensor[]
  readonly result: unknown
}

/**
 * Compiles `fn`. Throws CognitronError when the function reads values while it is recorded.
 *
 * @example
 * import { compile, tensor } from 'cognitron'
 * const norm = compile((x: Tensor) => x.square().sum().sqrt())
 * console.log(await (await norm(tensor([3, 4]))).item()) // 5
 */
export function compile<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
): Compiled<Args, Result> {
  const recordings: Recording[] = []
  const recordingFor = (args: Args): Recording => {
    const signature = `${getBackend().name}:${describe(args)}`
    const known = recordings.find((each) => each.signature === signature && each.trace.guardsHold())
    if (known) return known
    const fresh = record(fn, args, signature)
    recordings.push(fresh)
    return fresh
  }
  const call = async (...args: Args): Promise<Result> => {
    const recording = recordingFor(args)
    const results = run(recording, await argumentData(args))
    return rebuild(recording, results instanceof Promise ? await results : results) as Result
  }
  return Object.assign(call, {
    prepare: (...args: Args): CompiledProgram => recordingFor(args),
    profile: async (args: Args, { repeats = 5 }: { readonly repeats?: number } = {}): Promise<KernelProfile[]> => {
      const recording = recordingFor(args)
      const { inputs, buffers } = bind(recording, await argumentData(args))
      const profile = recording.executable.profile?.(inputs, buffers, repeats)
      if (!profile) throw new CognitronError(`the ${getBackend().name} backend cannot time single kernels.`)
      return profile
    },
    get programs() {
      return recordings
    },
  })
}

function run(recording: Recording, argumentValues: readonly TypedArray[]): TypedArray[] | Promise<TypedArray[]> {
  const { inputs, buffers } = bind(recording, argumentValues)
  for (const variable of recording.updated) variable.beginUpdate()
  return recording.executable.run(inputs, buffers)
}

/** What goes into the program's inputs and variables, in its order. */
function bind(
  recording: Recording,
  argumentValues: readonly TypedArray[],
): { inputs: TypedArray[]; buffers: Buffer[] } {
  return {
    inputs: recording.inputs.map((source) =>
      typeof source === 'number' ? (argumentValues[source] as TypedArray) : source,
    ),
    buffers: recording.variables.map((variable) => variable.buffer()),
  }
}

function record<Args extends readonly unknown[]>(
  fn: (...args: Args) => unknown,
  args: Args,
  signature: string,
): Recording {
  const start = performance.now()
  const trace = new Trace()
  const sources: InputSource[] = []
  const placeholders = mapTensors(args, (value) => {
    const source: InputSource = {}
    sources.push(source)
    return new Tensor(makeNode('input', [], { source, shape: value.shape, dtype: value.dtype }))
  }) as unknown as Args
  const { result, outputs, graph } = withTrace(trace, () => {
    const result = fn(...placeholders)
    if (result instanceof Promise) {
      throw new CognitronError('a compiled function must not be async: it is recorded, not run; read values outside.')
    }
    const outputs = tensorsIn(result)
    if (trace.drawsRandomNumbers) {
      const step = fromTypedArray(new Int32Array([0, 1]), [2], 'int32')
      trace.updates.set(generator.counter.variable, arithmetic('add', generator.counter.node, step.node))
    }
    return { result, outputs, graph: graphOf(outputs, trace) }
  })
  const order = topologicalOrder(graphRoots(graph))
  const leaves = graphLeaves(graph, order)
  const traceMs = performance.now() - start
  const executable = executableFor(graph, order)
  return {
    signature,
    trace,
    executable,
    graph,
    traceMs,
    statistics: executable.statistics,
    inputs: leaves.inputs.map(({ attributes }) => attributes.source.data ?? sources.indexOf(attributes.source)),
    variables: leaves.variables.map(variableOf),
    updated: graph.updates.map((update) => variableOf(update.variable)),
    outputs,
    result,
  }
}

function graphOf(outputs: readonly Tensor[], trace: Trace): Graph {
  const updates = [...trace.updates].map(([variable, value]) => {
    const leaf = variable.leaf() as Node & { op: 'variable' }
    return { variable: leaf.attributes.variable, value }
  })
  // A variable that ends as it began is no update.
  const changed = updates.filter(
    ({ variable, value }) => value.op !== 'variable' || value.attributes.variable !== variable,
  )
  return { outputs: outputs.map((output) => output.node), updates: changed }
}

function variableOf(reference: VariableRef): Variable {
  if (reference instanceof VariableVersion) return reference.variable
  throw new CognitronError('a compiled function uses a parameter of another copy of the library; install it once.')
}

function rebuild(recording: Recording, data: readonly TypedArray[]): unknown {
  let next = 0
  return mapTensors(recording.result, ({ shape, dtype }) => fromTypedArray(data[next++] as TypedArray, shape, dtype))
}

async function argumentData(args: readonly unknown[]): Promise<TypedArray[]> {
  const data: TypedArray[] = []
  for (const value of tensorsIn(args)) {
    const { node } = value
    data.push(node.op === 'input' && node.attributes.source.data ? node.attributes.source.data : await value.data())
  }
  return data
}

/** What a recording depends on in its arguments: shapes and types of tensors, plain values as they are. */
function describe(value: unknown): string {
  if (value instanceof Tensor) return `${value.dtype}${formatShape(value.shape)}`
  if (Array.isArray(value)) return `(${value.map(describe).join()})`
  if (isRecord(value)) return `{${Object.entries(value).map(([key, inner]) => `${key}:${describe(inner)}`)}}`
  if (typeof value === 'object' && value !== null) {
    throw new CognitronError(
      `a compiled function takes tensors, plain values and arrays or records of them, given a ${value.constructor.name}.`,
    )
  }
  return `${typeof value}:${String(value)}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** A copy of the structure with every tensor replaced; visits in a fixed order. */
function mapTensors(value: unknown, replace: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof Tensor) return replace(value)
  if (Array.isArray(value)) return value.map((inner) => mapTensors(inner, replace))
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTensors(inner, replace)]))
  }
  return value
}

function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = []
  mapTensors(value, (each) => {
    found.push(each)
    return each
  })
  return found
}
