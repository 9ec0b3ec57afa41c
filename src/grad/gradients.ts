/**
 * Reverse accumulation: from the outputs of a graph back to the nodes asked for, a graph that computes their gradients.
 * `tensor` feeds it; the result is an ordinary graph, so it can be differentiated again. Which operations have a gradient is
 * said in `rules.ts`.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import { isFloat } from '../base/dtype.ts'
import { DTypeError, invariant, ShapeError } from '../base/errors.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node, NodeOf, PrimitiveName } from '../ir/node.ts'
import { isDetached, scalarLike } from '../ir/operations.ts'
import { elementCount, formatShape } from '../shape/shape.ts'
import { accumulate, type GradientRule, gradientRules } from './rules.ts'

/**
 * The gradients of Σᵢ ⟨outputGradients[i], outputs[i]⟩ with respect to each node of `wrt`, shaped like that node; undefined
 * where the outputs do not depend on it. An output gradient may be left undefined for outputs of one element, where it is 1.
 * Throws ShapeError when it is left out otherwise or does not fit its output, DTypeError when an output is not a float.
 */
export function gradients(
  outputs: readonly Node[],
  outputGradients: readonly (Node | undefined)[],
  wrt: readonly Node[],
): (Node | undefined)[] {
  const order = topologicalOrder(outputs)
  const dependent = dependentNodes(order, wrt)
  const sums = new Map<Node, Node>()
  outputs.forEach((output, index) => {
    const seed = outputGradient(output, outputGradients[index])
    if (dependent.has(output)) sums.set(output, accumulate(sums.get(output), seed))
  })
  for (const index of range(order.length).reverse()) {
    const node = at(order, index)
    const upstream = sums.get(node)
    if (upstream === undefined || !passesGradient(node) || !node.inputs.some((input) => dependent.has(input))) continue
    const contributions = applyRule(node, upstream)
    node.inputs.forEach((input, operand) => {
      const contribution = contributions[operand]
      if (contribution && dependent.has(input)) sums.set(input, accumulate(sums.get(input), contribution))
    })
  }
  return wrt.map((node) => sums.get(node))
}

/** The nodes through which a change of `wrt` reaches the outputs. */
function dependentNodes(order: readonly Node[], wrt: readonly Node[]): Set<Node> {
  const dependent = new Set(wrt.filter((node) => isFloat(node.dtype)))
  for (const node of order) {
    if (passesGradient(node) && node.inputs.some((input) => dependent.has(input))) dependent.add(node)
  }
  return dependent
}

function passesGradient(node: Node): boolean {
  return isFloat(node.dtype) && gradientRules[node.op] !== 'notDifferentiable' && !isDetached(node)
}

function applyRule<P extends PrimitiveName>(node: NodeOf<P>, upstream: Node): readonly (Node | undefined)[] {
  const rule: GradientRule<P> | 'notDifferentiable' = gradientRules[node.op]
  invariant(typeof rule === 'function', `${node.op} has no gradient`)
  return rule(node, upstream)
}

function outputGradient(output: Node, given: Node | undefined): Node {
  if (!isFloat(output.dtype)) {
    throw new DTypeError(`only float32 tensors have gradients, given one of ${output.dtype}; cast it before.`)
  }
  if (given === undefined) {
    if (elementCount(output.shape) === 1) return scalarLike(output, 1)
    throw new ShapeError(
      `the gradient of an output of shape ${formatShape(output.shape)} must be given, for only an output of one element ` +
        'has the gradient 1; reduce it with sum() or mean(), or pass a gradient of its shape.',
    )
  }
  if (!sameNumbers(given.shape, output.shape)) {
    throw new ShapeError(
      `an output of shape ${formatShape(output.shape)} needs a gradient of that shape, given ${formatShape(given.shape)}.`,
    )
  }
  if (given.dtype !== output.dtype) {
    throw new DTypeError(`an output of ${output.dtype} needs a gradient of ${output.dtype}, given ${given.dtype}.`)
  }
  return given
}
