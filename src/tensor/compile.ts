/**
 * `compile` turns a function of tensors into one program: forward, backward and optimizer update of a training step run in a
 * single call. The function is recorded once per signature (shapes, element types, plain arguments) and again when a setting it
 * depends on changes, such as training mode.
 */
import { at } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import { CognitronError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { graphLeaves, graphRoots, replaceNodes, topologicalOrder } from '../ir/graph.ts'
import type { Graph, InputSource, Node, VariableRef } from '../ir/node.ts'
import type { Backend, Buffer, Executable, KernelProfile, ProgramStatistics } from '../runtime/backend.ts'
import { getBackend } from '../runtime/device.ts'
import { heldExecutableFor } from '../runtime/program-cache.ts'
import { type Variable, VariableVersion } from '../runtime/variable.ts'
import { arithmetic } from './elementwise.ts'
import { generator } from './random.ts'
import { describe, mapTensors, tensorsIn } from './structure.ts'
import { fromTypedArray, Tensor } from './tensor.ts'
import { currentTrace, nestedCall, Trace, withTrace } from './trace.ts'

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
  readonly backend: Backend
  readonly trace: Trace
  readonly executable: Executable
  /** For each input of the program the argument it comes from, or the captured values. */
  readonly inputs: readonly (number | TypedArray | Promise<TypedArray>)[]
  readonly variables: readonly Variable[]
  readonly updated: readonly Variable[]
  readonly outputs: readonly Tensor[]
  readonly result: unknown
}

/** A function that is called with ever new plain values forgets the oldest of them. */
const MAX_RECORDINGS = 256

/**
 * Compiles `fn`. Variables have their new values when the call returns, unless arguments are still to be computed elsewhere; only
 * the results need awaiting. Throws CognitronError when the function reads values while it is recorded or is called inside another
 * compiled function, ArgumentError for arguments and results that are neither tensors nor plain values.
 *
 * @example
 * import { compile, type Tensor, tensor } from 'cognitron'
 * const norm = compile((x: Tensor) => x.square().sum().sqrt())
 * console.log(await (await norm(tensor([3, 4]))).item()) // 5
 */
export function compile<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
): Compiled<Args, Result> {
  const recordings: Recording[] = []
  const recordingFor = (args: Args): Recording => {
    const signature = describe(args, 'takes')
    const backend = getBackend()
    const known = recordings.find(
      (each) => each.signature === signature && each.backend === backend && each.trace.guardsHold(),
    )
    if (known) return known
    const fresh = record(fn, args, signature)
    recordings.push(fresh)
    if (recordings.length > MAX_RECORDINGS) recordings.shift()
    return fresh
  }
  const submit = async (args: Args): Promise<Result> => {
    const recording = recordingFor(args)
    const inputs = inputData(recording, args)
    // Nothing is awaited where nothing is to be waited for, so that calls take effect in their order.
    const results = run(recording, inputs instanceof Promise ? await inputs : inputs)
    return rebuild(recording, results instanceof Promise ? await results : results) as Result
  }
  const call = (...args: Args): Promise<Result> => {
    if (currentTrace()) throw nestedCall()
    return submit(args)
  }
  return Object.assign(call, {
    prepare: (...args: Args): CompiledProgram => recordingFor(args),
    profile: async (args: Args, { repeats = 5 }: { readonly repeats?: number } = {}): Promise<KernelProfile[]> => {
      const recording = recordingFor(args)
      const inputs = await inputData(recording, args)
      const profile = await recording.executable.profile?.(inputs, buffersOf(recording), repeats)
      if (!profile) throw new CognitronError(`the ${getBackend().name} backend cannot time single kernels.`)
      return profile
    },
    get programs() {
      return recordings
    },
  })
}

function run(recording: Recording, inputs: readonly TypedArray[]): TypedArray[] | Promise<TypedArray[]> {
  const buffers = buffersOf(recording)
  for (const variable of recording.updated) variable.beginUpdate()
  return recording.executable.run(inputs, buffers)
}

function buffersOf({ variables }: Recording): Buffer[] {
  return variables.map((variable) => variable.buffer())
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
  const {
    result,
    outputs,
    graph: recorded,
  } = withTrace(trace, () => {
    const result = fn(...placeholders)
    if (result instanceof Promise) {
      // Why it fails later is of no interest any more.
      result.catch(() => {})
      throw new CognitronError('a compiled function must not be async: it is recorded, not run; read values outside.')
    }
    describe(result, 'returns')
    const outputs = tensorsIn(result)
    if (trace.drawsRandomNumbers) {
      const step = fromTypedArray(new Int32Array([0, 1]), [2], 'int32')
      trace.updates.set(generator.counter.variable, arithmetic('add', generator.counter.node, step.node))
    }
    return { result, outputs, graph: graphOf(outputs, trace) }
  })
  const { graph, captured } = captureContent(recorded)
  const order = topologicalOrder(graphRoots(graph))
  const leaves = graphLeaves(graph, order)
  const inputs = leaves.inputs.map(({ attributes: { source } }) => captured.get(source) ?? sourceOf(source, sources))
  const traceMs = performance.now() - start
  const executable = heldExecutableFor(graph, order)
  return {
    signature,
    backend: getBackend(),
    trace,
    executable,
    graph,
    traceMs,
    statistics: executable.statistics,
    inputs,
    variables: leaves.variables.map(variableOf),
    updated: graph.updates.map((update) => variableOf(update.variable)),
    outputs,
    result,
  }
}

/** Where the values of an input come from at every run. */
function sourceOf(source: InputSource, placeholders: readonly InputSource[]): number | TypedArray {
  if (source.data) return source.data
  const argument = placeholders.indexOf(source)
  if (argument >= 0) return argument
  throw new CognitronError(
    'a compiled function uses a tensor from inside another one, where it has no values; return it from that function and pass the ' +
      'result.',
  )
}

/**
 * Tensors that were computed from variables before the recording keep the values they had: what they read of a variable becomes an
 * input that holds its content of then.
 */
function captureContent(graph: Graph): { graph: Graph; captured: Map<InputSource, TypedArray | Promise<TypedArray>> } {
  const captured = new Map<InputSource, TypedArray | Promise<TypedArray>>()
  const replacements = new Map<Node, Node>()
  const order = topologicalOrder(graphRoots(graph))
  for (const node of order) {
    const version = node.op === 'variable' ? node.attributes.variable : undefined
    if (!(version instanceof VariableVersion) || node === version.variable.leaf()) continue
    const source: InputSource = {}
    captured.set(source, version.content())
    replacements.set(node, makeNode('input', [], { source, shape: node.shape, dtype: node.dtype }))
  }
  return { graph: replaceNodes(graph, order, replacements), captured }
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

/** The values of the program's inputs for these arguments; at once when all are there. */
function inputData(recording: Recording, args: readonly unknown[]): TypedArray[] | Promise<TypedArray[]> {
  const values = tensorsIn(args).map((value) => value.values())
  const inputs = recording.inputs.map((source) => (typeof source === 'number' ? at(values, source) : source))
  return inputs.some((input) => input instanceof Promise) ? Promise.all(inputs) : (inputs as TypedArray[])
}
