/** What computing a node costs. Only contractions are counted: everything else is bound by memory. */
import { at, product } from '../base/arrays.ts'
import { elementCount } from '../shape/shape.ts'
import type { Node, NodeOf, PrimitiveName } from './node.ts'

const costs: { readonly [P in PrimitiveName]?: (node: NodeOf<P>) => number } = {
  matmul: (node) => elementCount(node.shape) * at(at(node.inputs, 0).shape, node.shape.length - 1),
  // Every element of the output meets one kernel: [in / groups, ...kernel].
  conv: (node) => elementCount(node.shape) * product(at(node.inputs, 1).shape.slice(1)),
  convInputGrad: ({ inputs: [gradient, weight] }) =>
    elementCount(gradient?.shape ?? []) * product(weight?.shape.slice(1) ?? []),
  convWeightGrad: (node) => elementCount(at(node.inputs, 1).shape) * product(node.shape.slice(1)),
}

/** How many multiply-adds a contraction takes, taps in the padding included; 0 for any other primitive. */
export function multiplyAdds(node: Node): number {
  const cost = costs[node.op] as ((node: Node) => number) | undefined
  return cost?.(node) ?? 0
}
