/**
 * Backward passes that treat rectifiers in their own way: guided backpropagation and the deconvolutional network. Both change what a
 * rectifier hands back depending on the sign of what it receives, which no gradient does; so the recorded graph is cut at every
 * rectifier and the pieces are differentiated from the last to the first. Rectifiers are found in the graph itself, however the
 * model writes them: ReLU, ReLU6 (its lower bend), clamp at 0, maximum with 0.
 * Source: Springenberg et al. (2015), arXiv:1412.6806; Zeiler and Fergus (2014), arXiv:1311.2901.
 */
import { at } from '../base/arrays.ts'
import { gradients } from '../grad/gradients.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node } from '../ir/node.ts'
import { add, and, constantValue, detach, isDetached, less, scalarLike, where } from '../ir/operations.ts'
import { Tensor, zeros } from '../tensor/index.ts'

/** 'gradient' is the plain rule. */
export type BackwardRule = 'gradient' | 'guided' | 'deconvnet'

/** A rectifier of the cut graph: what enters it and the leaf that stands for what leaves it. */
interface Cut {
  readonly operand: Node
  readonly leaf: Node
}

/** ∂output/∂input with rectifiers differentiated by `rule`; `output` has one element. */
export function ruledGradient(output: Tensor, input: Tensor, rule: Exclude<BackwardRule, 'gradient'>): Tensor {
  const { root, cuts } = cutAtRectifiers(output.node, input.node)
  const leaves = cuts.map(({ leaf }) => leaf)
  const received = new Map<Node, Node>()
  const passBack = (from: Node, gradient: Node | undefined, count: number): void => {
    const targets = [...leaves.slice(0, count), input.node]
    gradients([from], [gradient], targets).forEach((found, index) => {
      const target = at(targets, index)
      const known = received.get(target)
      if (found) received.set(target, known ? add(known, found) : found)
    })
  }
  passBack(root, undefined, cuts.length)
  for (let index = cuts.length - 1; index >= 0; index--) {
    const { operand, leaf } = at(cuts, index)
    const gradient = received.get(leaf)
    if (gradient) passBack(operand, handedBack(gradient, operand, rule), index)
  }
  const result = received.get(input.node)
  return result ? new Tensor(result) : zeros(input.shape)
}

/** What a rectifier with this operand hands back of a gradient: its positive part, for `guided` only where the operand is positive. */
function handedBack(gradient: Node, operand: Node, rule: 'guided' | 'deconvnet'): Node {
  const zero = scalarLike(gradient, 0)
  const positive = less(zero, gradient)
  return where(rule === 'guided' ? and(positive, less(scalarLike(operand, 0), operand)) : positive, gradient, zero)
}

/** The graph of `output` with every rectifier that depends on `input` replaced by a leaf, in order of evaluation. */
function cutAtRectifiers(output: Node, input: Node): { root: Node; cuts: Cut[] } {
  const copies = new Map<Node, Node>()
  const dependent = new Set<Node>([input])
  const cuts: Cut[] = []
  const copyOf = (node: Node): Node => copies.get(node) ?? node
  for (const node of topologicalOrder([output])) {
    if (node === input) continue
    if (node.inputs.some((each) => dependent.has(each))) dependent.add(node)
    const copy = rebuilt(node, copyOf)
    const operand = dependent.has(node) ? rectified(node) : undefined
    if (operand && dependent.has(operand)) {
      const leaf = detach(copy)
      cuts.push({ operand: copyOf(operand), leaf })
      copies.set(node, leaf)
    } else if (copy !== node) copies.set(node, copy)
  }
  return { root: copyOf(output), cuts }
}

function rebuilt(node: Node, copyOf: (node: Node) => Node): Node {
  const inputs = node.inputs.map(copyOf)
  if (inputs.every((each, index) => each === node.inputs[index])) return node
  return isDetached(node) ? detach(at(inputs, 0)) : makeNode(node.op, inputs, node.attributes)
}

/** The operand x of where(x ≤ 0, 0, x), where(x < 0, 0, x) and max(x, 0). */
function rectified(node: Node): Node | undefined {
  if (node.op === 'max') {
    const [a, b] = node.inputs as readonly [Node, Node]
    return constantValue(b) === 0 ? a : constantValue(a) === 0 ? b : undefined
  }
  if (node.op !== 'where') return undefined
  const [condition, zero, x] = node.inputs as readonly [Node, Node, Node]
  const tests = condition.op === 'lessEqual' || condition.op === 'less'
  if (!tests || constantValue(zero) !== 0) return undefined
  return condition.inputs[0] === x && constantValue(at(condition.inputs, 1)) === 0 ? x : undefined
}
