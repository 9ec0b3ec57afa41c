/** Reductions on nodes. The primitives keep reduced axes with size 1; users drop them by default. `Tensor` wraps these. */
import { at, product } from '../base/arrays.ts'
import { ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import { cast } from '../ir/operations.ts'
import { dropAxes, formatShape, normalizeAxes, normalizeAxis } from '../shape/shape.ts'
import { arithmetic, widen } from './elementwise.ts'
import { reshape } from './movement.ts'

export interface ReductionOptions {
  /** Keep the reduced axes with size 1. Default false. */
  readonly keepDim?: boolean
}

type Axes = number | readonly number[] | undefined
type ReductionName = 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProduct'

/** Reduces over `axes`, all when absent. Bytes and booleans are reduced as int32. */
export function reduce(op: ReductionName, node: Node, axes: Axes, options: ReductionOptions = {}): Node {
  const chosen = normalizeAxes(axes, node.shape.length)
  const wide = widen(node)
  if ((op === 'reduceMax' || op === 'reduceMin') && chosen.some((axis) => wide.shape[axis] === 0)) {
    throw new ShapeError(`the maximum or minimum of no elements does not exist: shape ${formatShape(node.shape)}.`)
  }
  const reduced = chosen.length === 0 ? wide : makeNode(op, [wide], { axes: chosen })
  return options.keepDim ? reduced : reshape(reduced, dropAxes(node.shape, chosen))
}

/** The arithmetic mean over `axes`. */
export function mean(node: Node, axes: Axes, options: ReductionOptions = {}): Node {
  const float = cast(node, 'float32')
  const count = product(normalizeAxes(axes, node.shape.length).map((axis) => at(node.shape, axis)))
  return arithmetic('mul', reduce('reduceSum', float, axes, options), 1 / count)
}

/** The mean squared distance from the mean, with divisor count − `correction`. */
export function variance(node: Node, axes: Axes, correction: number, options: ReductionOptions = {}): Node {
  const float = cast(node, 'float32')
  const count = product(normalizeAxes(axes, node.shape.length).map((axis) => at(node.shape, axis)))
  const centred = arithmetic('sub', float, mean(float, axes, { keepDim: true }))
  const squares = reduce('reduceSum', arithmetic('mul', centred, centred), axes, options)
  return arithmetic('mul', squares, 1 / Math.max(0, count - correction))
}

/** Where the largest element along `axis` stands; the first of equal ones. */
export function argmax(node: Node, axis: number, options: ReductionOptions = {}): Node {
  const chosen = normalizeAxis(axis, node.shape.length)
  if (node.shape[chosen] === 0) {
    throw new ShapeError(`the largest of no elements does not exist: shape ${formatShape(node.shape)}, axis ${axis}.`)
  }
  const wide = widen(node)
  const reduced = makeNode('argmax', [wide], { axis: chosen })
  return options.keepDim ? reduced : reshape(reduced, dropAxes(node.shape, [chosen]))
}
