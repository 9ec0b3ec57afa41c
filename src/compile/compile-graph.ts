/** The compiler from end to end: simplify, decompose, lower, merge, place updates, plan memory. Backends start from its program. */
import { at } from '../base/arrays.ts'
import { multiplyAdds } from '../ir/cost.ts'
import { graphLeaves, graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'
import { elementCount } from '../shape/shape.ts'
import { decompose } from './decompose.ts'
import type { BufferId } from './expression.ts'
import type { Program, ProgramBuffer } from './kernel.ts'
import { Lowering } from './lower.ts'
import { mergeMaps } from './merge.ts'
import { planArena } from './plan.ts'
import { poolBeforeRectifying, testRectified } from './relu.ts'
import { simplify } from './simplify.ts'
import { copyKernel, placeUpdates, updatesLast } from './updates.ts'

export interface CompileOptions {
  /** False leaves element-wise kernels apart; results differ at most in the rounding of products. Default true. */
  readonly merge?: boolean
  /** False computes 3×3 convolutions without transformed tiles: slower, rounding errors about half as large. Default true. */
  readonly winograd?: boolean
}

/** Compiles a graph; inputs and variables are numbered as in `graphLeaves(graph)`. */
export function compileGraph(graph: Graph, options: CompileOptions = {}): Program {
  const leaves = graphLeaves(graph)
  const small = testRectified(simplify(decompose(poolBeforeRectifying(simplify(graph)))))
  const buffers: ProgramBuffer[] = [
    ...leaves.inputs.map((node, index) => leafBuffer(node as Node, { kind: 'input', index })),
    ...leaves.variables.map((variable, index) => leafBuffer(variable, { kind: 'variable', index })),
  ]
  const variableBuffer = new Map(leaves.variables.map((variable, index) => [variable, leaves.inputs.length + index]))
  const leafBuffers = new Map<Node, BufferId>(leaves.inputs.map((node, index) => [node as Node, index]))
  for (const node of topologicalOrder(graphRoots(small))) {
    const buffer = node.op === 'variable' ? variableBuffer.get(node.attributes.variable) : undefined
    if (buffer !== undefined) leafBuffers.set(node, buffer)
  }
  const lowering = new Lowering(small, leafBuffers, buffers, { winograd: options.winograd !== false })
  const updates = small.updates.map(({ variable, value }) => ({
    variable: variableBuffer.get(variable) as BufferId,
    value: lowering.materialize(value),
  }))
  const updated = new Set(updates.map((update) => update.variable))
  const outputs = small.outputs.map((node) => lowering.materialize(node))
  const saved = saveOverwrittenOutputs(lowering, outputs, updated)
  const ordered = updatesLast([...saved, ...lowering.kernels], updates)
  const merged = options.merge === false ? ordered : mergeMaps(ordered)
  const { kernels, renamed } = placeUpdates(merged, lowering.buffers, updates)
  const finalOutputs = outputs.map((buffer) => renamed.get(buffer) ?? buffer)
  return {
    buffers: lowering.buffers,
    kernels,
    outputs: finalOutputs,
    ...planArena(lowering.buffers, kernels, finalOutputs),
    multiplyAdds: topologicalOrder(graphRoots(small)).reduce((sum, node) => sum + multiplyAdds(node), 0),
  }
}

function leafBuffer(leaf: Pick<Node, 'shape' | 'dtype'>, role: ProgramBuffer['role']): ProgramBuffer {
  return { dtype: leaf.dtype, length: elementCount(leaf.shape), role }
}

/** An output that is the old value of an updated variable is copied before anything else runs. */
function saveOverwrittenOutputs(lowering: Lowering, outputs: BufferId[], updated: ReadonlySet<BufferId>) {
  const kernels = []
  for (const [index, buffer] of outputs.entries()) {
    if (!updated.has(buffer)) continue
    const { dtype, length } = at(lowering.buffers, buffer)
    const copy = lowering.newBuffer(dtype, length)
    kernels.push(copyKernel(lowering.buffers, buffer, copy))
    outputs[index] = copy
  }
  return kernels
}
