/** Runs samples and their gradients on backends and compares with the interpreter; gradients of the interpreter with differences. */
import { evaluate } from '../../src/backends/interpreter/index.ts'
import { WasmBackend } from '../../src/backends/wasm/index.ts'
import { at } from '../../src/base/arrays.ts'
import type { TypedArray } from '../../src/base/dtype.ts'
import { graphLeaves } from '../../src/ir/graph.ts'
import type { Graph, Node } from '../../src/ir/node.ts'
import type { Backend } from '../../src/runtime/backend.ts'
import { type OpSample, sampleInputs } from '../op-samples.ts'
import {
  type DerivativeCase,
  derivativeError,
  derivativeNodes,
  firstDerivative,
  nextDerivative,
} from './derivatives.ts'

/** Largest allowed error: absolute for numbers near zero, relative beyond; sums of n terms round about √n times. */
const ABSOLUTE = 2e-5
const RELATIVE = 2e-4
/** Of gradients in double precision, against central differences. */
const DIFFERENCE = 1e-7
/** Angles beyond 10⁶ have no digits left in float32 that would fix their sine (see `vector-math.ts`). */
const LARGEST_ANGLE = 1e6

export const orders = ['values', 'gradient', 'second gradient'] as const
export type Order = (typeof orders)[number]

/** The columns of the table; each but the interpreter must agree with it. */
export async function conformanceBackends(): Promise<Map<string, Backend>> {
  const threaded = new WasmBackend({ threads: 2, sharedWork: 0 })
  await threaded.whenReady()
  return new Map<string, Backend>([
    ['wasm', new WasmBackend({ threads: 1, wide: false })],
    ['wasm on two threads', threaded],
    ['wasm on wide vectors', new WasmBackend({ threads: 1, wide: true })],
    ['wasm without fused multiply-add', new WasmBackend({ threads: 1, fma: false })],
    ['wasm without merged kernels', new WasmBackend({ threads: 1, merge: false })],
  ])
}

/** By column, the interpreter first: undefined where all is right, else what is wrong. */
export type Findings = ReadonlyMap<string, string | undefined>

/** Whether the sample has this order. */
export function hasOrder(sample: OpSample, order: Order): boolean {
  return order === 'values' ? isDetermined(sample) : sample.differentiable
}

/** Checks one order of a sample everywhere. */
export function check(sample: OpSample, order: Order, backends: ReadonlyMap<string, Backend>): Findings {
  const { nodes, interpreter } = prepare(sample, order)
  const findings = new Map<string, string | undefined>([['interpreter', interpreter]])
  const graph: Graph = { outputs: nodes, updates: [] }
  const expected = oracle(graph)
  for (const [name, backend] of backends) {
    const results = run(backend, graph)
    findings.set(name, results.map((actual, index) => compare(actual, at(expected, index))).find(Boolean))
  }
  return findings
}

function prepare(sample: OpSample, order: Order): { nodes: Node[]; interpreter: string | undefined } {
  if (order === 'values') return { nodes: [sample.build(...sampleInputs(sample))], interpreter: undefined }
  const first = firstDerivative(sample)
  const wanted: DerivativeCase = order === 'gradient' ? first : nextDerivative(first)
  const error = derivativeError(wanted)
  const interpreter = error <= DIFFERENCE ? undefined : `${error} away from central differences`
  return { nodes: derivativeNodes(wanted), interpreter }
}

function run(backend: Backend, graph: Graph): readonly TypedArray[] {
  const inputs = graphLeaves(graph).inputs.map((input) => input.attributes.source.data as TypedArray)
  const executable = backend.compile(graph)
  const results = executable.run(inputs, []) as TypedArray[]
  executable.release()
  return results
}

/** Whether float32 determines the result. */
function isDetermined(sample: OpSample): boolean {
  if (!sample.name.startsWith('sin of special') && !sample.name.startsWith('cos of special')) return true
  return sampleInputs(sample).every((input) => {
    const data = input.op === 'input' ? input.attributes.source.data : undefined
    return data?.every((value) => !(Number.isFinite(value) && Math.abs(value) > LARGEST_ANGLE))
  })
}

function oracle(graph: Graph): readonly Float64Array[] {
  const inputs = graphLeaves(graph).inputs.map((input) => input.attributes.source.data as TypedArray)
  return evaluate(graph, { inputs, variables: [] }).outputs
}

function compare(actual: TypedArray, expected: Float64Array): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} values instead of ${expected.length}`
  for (let index = 0; index < expected.length; index++) {
    const [a, e] = [actual[index] as number, Math.fround(expected[index] as number)]
    const close = Object.is(a, e) || a === e || Math.abs(a - e) <= ABSOLUTE + RELATIVE * Math.abs(e)
    if (!close) return `element ${index}: ${a} instead of ${e}`
  }
  return undefined
}
