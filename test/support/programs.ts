/** Short ways to compile graphs in tests and to look at the programs. */
import { type CompileOptions, compileGraph } from '../../src/compile/compile-graph.ts'
import type { Program } from '../../src/compile/kernel.ts'
import { printProgram } from '../../src/compile/print-program.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Graph, Node, NodeOf, Update } from '../../src/ir/node.ts'
import type { Shape } from '../../src/shape/shape.ts'

let nextVariable = 0

/** A node that reads a new float32 variable. */
export function variableOf(...shape: number[]): NodeOf<'variable'> {
  const variable = { id: nextVariable++, shape: shape as Shape, dtype: 'float32' as const }
  return makeNode('variable', [], { variable }) as NodeOf<'variable'>
}

/** `leaf` takes the value of `value`. */
export function assign(leaf: NodeOf<'variable'>, value: Node): Update {
  return { variable: leaf.attributes.variable, value }
}

export function graphOf(outputs: readonly Node[], ...updates: Update[]): Graph {
  return { outputs, updates }
}

/** The lines of the compiled program. */
export function programLines(graph: Graph, options?: CompileOptions): string[] {
  return printProgram(compileGraph(graph, options)).split('\n')
}

/** The kinds of the kernels, in order. */
export function kernelKinds(program: Program): string[] {
  return program.kernels.map((kernel) => kernel.kind)
}
