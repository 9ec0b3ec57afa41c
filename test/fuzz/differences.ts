/** Runs a random graph on a backend and says where it departs from the interpreter. */
import { evaluate } from '../../src/backends/interpreter/index.ts'
import { at } from '../../src/base/arrays.ts'
import type { TypedArray } from '../../src/base/dtype.ts'
import { graphLeaves } from '../../src/ir/graph.ts'
import { print } from '../../src/ir/print.ts'
import { verify } from '../../src/ir/verify.ts'
import type { Backend } from '../../src/runtime/backend.ts'
import { type FuzzGraph, leafData } from './random-graph.ts'

/** Outputs, then the new content of every variable in the order of `graphLeaves`. */
export function runOn(backend: Backend, { graph }: FuzzGraph): TypedArray[] {
  const { inputs, variables } = leafData(graph)
  const leaves = graphLeaves(graph)
  const executable = backend.compile(graph)
  const buffers = variables.map((data, index) => backend.createBuffer(at(leaves.variables, index).dtype, data))
  const outputs = executable.run(inputs, buffers) as TypedArray[]
  const content = buffers.map((buffer) => buffer.read() as TypedArray)
  executable.release()
  for (const buffer of buffers) buffer.release()
  return [...outputs, ...content]
}

interface Expected {
  readonly values: ArrayLike<number>
  readonly error: number
}

/** What the interpreter makes of the graph, in the order of `runOn`. */
export function expectations({ graph, errors }: FuzzGraph): Expected[] {
  verify(graph)
  const data = leafData(graph)
  const { outputs, updates } = evaluate(graph, data)
  const updated = new Map(graph.updates.map((update, index) => [update.variable, index]))
  const content = graphLeaves(graph).variables.map((variable, index): Expected => {
    const update = updated.get(variable)
    if (update === undefined) return { values: at(data.variables, index), error: 0 }
    return { values: at(updates, update), error: at(errors, outputs.length + update) }
  })
  return [...outputs.map((values, index) => ({ values, error: at(errors, index) })), ...content]
}

/** The first element that is wrong, in words; undefined when all are right. */
export function difference(actual: readonly TypedArray[], expected: readonly Expected[]): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} results instead of ${expected.length}`
  for (const [result, { values, error }] of expected.entries()) {
    const found = at(actual, result)
    if (found.length !== values.length) return `result ${result} has ${found.length} elements, not ${values.length}`
    for (let index = 0; index < values.length; index++) {
      const [a, e] = [at(found, index), at(values, index)]
      // NaN nowhere: graphs are grown without.
      if (Math.abs(a - e) <= 3 * error) continue
      return `result ${result}, element ${index}: ${a} instead of ${e}, allowed error ${3 * error}`
    }
  }
  return undefined
}

/** The message of a failure, with the graph. */
export function report(seed: number, { graph }: FuzzGraph, where: string, message: string): string {
  return `seed ${seed}, ${where}: ${message}\n${print(graph)}`
}
