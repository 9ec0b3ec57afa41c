/** Every sample on every backend and with every setting that must not change results, against the interpreter. */
import { describe, expect, it } from 'vitest'
import { evaluate } from '../src/backends/interpreter/index.ts'
import { WasmBackend } from '../src/backends/wasm/index.ts'
import type { TypedArray } from '../src/base/dtype.ts'
import { gradients } from '../src/grad/gradients.ts'
import { graphLeaves } from '../src/ir/graph.ts'
import type { Graph, Node } from '../src/ir/node.ts'
import type { Backend } from '../src/runtime/backend.ts'
import { type OpSample, opSamples, sampleInputs } from './op-samples.ts'

/** Largest allowed error: absolute for numbers near zero, relative beyond; sums of n terms round about √n times. */
const ABSOLUTE = 2e-5
const RELATIVE = 2e-4
/** Angles beyond 10⁶ have no digits left in float32 that would fix their sine (see `vector-math.ts`). */
const LARGEST_ANGLE = 1e6

const threaded = new WasmBackend({ threads: 2, sharedWork: 0 })
await threaded.whenReady()

const backends: readonly (readonly [string, Backend])[] = [
  ['wasm', new WasmBackend({ threads: 1 })],
  ['wasm on two threads', threaded],
  ['wasm without fused multiply-add', new WasmBackend({ threads: 1, fma: false })],
  ['wasm without merged kernels', new WasmBackend({ threads: 1, merge: false })],
]

function run(backend: Backend, graph: Graph): readonly TypedArray[] {
  const inputs = graphLeaves(graph).inputs.map((input) => input.attributes.source.data as TypedArray)
  const executable = backend.compile(graph)
  const results = executable.run(inputs, []) as TypedArray[]
  executable.release()
  return results
}

/** The sample without operands whose result float32 does not determine. */
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

describe.each(backends)('%s', (_, backend) => {
  it.each(opSamples.filter(isDetermined).map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const graph = { outputs: [sample.build(...sampleInputs(sample))], updates: [] }
    expect(compare(run(backend, graph)[0] as TypedArray, oracle(graph)[0] as Float64Array)).toBeUndefined()
  })

  it.each(opSamples.filter((sample) => sample.differentiable).map((sample) => [sample.name, sample] as const))(
    'gradient of %s',
    (_, sample) => {
      const inputs = sampleInputs(sample)
      const output = sample.build(...inputs)
      const found = gradients([output], [output], inputs).filter((node): node is Node => node !== undefined)
      const graph = { outputs: found, updates: [] }
      const expected = oracle(graph)
      run(backend, graph).forEach((actual, index) => {
        expect(compare(actual, expected[index] as Float64Array)).toBeUndefined()
      })
    },
  )
})
