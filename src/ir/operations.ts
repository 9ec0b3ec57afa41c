/**
 * Thin, typed constructors of nodes for the code that composes graphs: gradient rules and tensor operations.
 * They leave out what is seen at a glance to do nothing (x + 0, x · 1, a reshape to the same shape); all other simplification
 * is the compiler's. Operands must already have equal shapes and element types; `broadcastTo` makes them so.
 */
import { at, range, sameNumbers } from '../base/arrays.ts'
import type { DType } from '../base/dtype.ts'
import { keepAxes, type Shape } from '../shape/shape.ts'
import { makeNode } from './build.ts'
import type { Node, PrimitiveAttributes } from './node.ts'

/** `value` repeated over `shape`. */
export function scalar(value: number, shape: Shape = [], dtype: DType = 'float32'): Node {
  return broadcastTo(makeNode('constant', [], { value, dtype }), shape)
}

/** `value` in the shape and element type of `like`. */
export function scalarLike(like: Node, value: number): Node {
  return scalar(value, like.shape, like.dtype)
}

const detached = new WeakSet<Node>()

/**
 * The values of `x` as a leaf for differentiation: no gradient flows through it to `x`, and it counts as unknown even when `x`
 * is a constant, so that gradients with respect to it are complete.
 */
export function detach(x: Node): Node {
  const leaf = makeNode('reshape', [x], { shape: x.shape })
  detached.add(leaf)
  return leaf
}

/** Whether `node` was made by `detach`. */
export function isDetached(node: Node): boolean {
  return detached.has(node)
}

/** The number that every element of `node` is known to equal, if it is a constant under reshapes and broadcasts. */
export function constantValue(node: Node): number | undefined {
  let source = node
  while ((source.op === 'broadcast' || source.op === 'reshape') && !detached.has(source)) source = at(source.inputs, 0)
  return source.op === 'constant' ? source.attributes.value : undefined
}

// Element-wise, one operand.

export const neg = (x: Node): Node => makeNode('neg', [x], {})
export const abs = (x: Node): Node => makeNode('abs', [x], {})
export const exp = (x: Node): Node => makeNode('exp', [x], {})
export const log = (x: Node): Node => makeNode('log', [x], {})
export const sqrt = (x: Node): Node => makeNode('sqrt', [x], {})
export const sin = (x: Node): Node => makeNode('sin', [x], {})
export const cos = (x: Node): Node => makeNode('cos', [x], {})
export const tanh = (x: Node): Node => makeNode('tanh', [x], {})
export const sigmoid = (x: Node): Node => makeNode('sigmoid', [x], {})
export const erf = (x: Node): Node => makeNode('erf', [x], {})
export const floor = (x: Node): Node => makeNode('floor', [x], {})
export const round = (x: Node): Node => makeNode('round', [x], {})
export const not = (x: Node): Node => makeNode('not', [x], {})

/** x with elements of `dtype`. */
export function cast(x: Node, dtype: DType): Node {
  return x.dtype === dtype ? x : makeNode('cast', [x], { dtype })
}

// Element-wise, two and three operands.

/** a + b */
export function add(a: Node, b: Node): Node {
  if (constantValue(b) === 0) return a
  if (constantValue(a) === 0) return b
  return makeNode('add', [a, b], {})
}

/** a − b */
export function sub(a: Node, b: Node): Node {
  return constantValue(b) === 0 ? a : makeNode('sub', [a, b], {})
}

/** a · b */
export function mul(a: Node, b: Node): Node {
  if (constantValue(b) === 1) return a
  if (constantValue(a) === 1) return b
  return makeNode('mul', [a, b], {})
}

/** a / b */
export function div(a: Node, b: Node): Node {
  return constantValue(b) === 1 ? a : makeNode('div', [a, b], {})
}

/** factor · x */
export function scale(x: Node, factor: number): Node {
  return factor === -1 ? neg(x) : mul(x, scalarLike(x, factor))
}

export const max = (a: Node, b: Node): Node => makeNode('max', [a, b], {})
export const min = (a: Node, b: Node): Node => makeNode('min', [a, b], {})
export const pow = (a: Node, b: Node): Node => makeNode('pow', [a, b], {})
export const mod = (a: Node, b: Node): Node => makeNode('mod', [a, b], {})
export const and = (a: Node, b: Node): Node => makeNode('and', [a, b], {})
export const or = (a: Node, b: Node): Node => makeNode('or', [a, b], {})
export const equal = (a: Node, b: Node): Node => makeNode('equal', [a, b], {})
export const less = (a: Node, b: Node): Node => makeNode('less', [a, b], {})
export const lessEqual = (a: Node, b: Node): Node => makeNode('lessEqual', [a, b], {})

/** Elements of `a` where `condition` holds, of `b` elsewhere. */
export function where(condition: Node, a: Node, b: Node): Node {
  return a === b ? a : makeNode('where', [condition, a, b], {})
}

// Reductions; reduced axes stay with size 1.

/** The sum over `axes`. */
export function reduceSum(x: Node, axes: readonly number[]): Node {
  return sameNumbers(x.shape, keepAxes(x.shape, axes)) ? x : makeNode('reduceSum', [x], { axes })
}

export const reduceMax = (x: Node, axes: readonly number[]): Node => makeNode('reduceMax', [x], { axes })
export const reduceMin = (x: Node, axes: readonly number[]): Node => makeNode('reduceMin', [x], { axes })
export const reduceProduct = (x: Node, axes: readonly number[]): Node => makeNode('reduceProduct', [x], { axes })
export const argmax = (x: Node, axis: number): Node => makeNode('argmax', [x], { axis })

// Movement.

/** x with the same elements in the same order under another shape. */
export function reshape(x: Node, shape: Shape): Node {
  return sameNumbers(x.shape, shape) ? x : makeNode('reshape', [x], { shape })
}

/** x repeated to `shape` by NumPy's rule: missing leading axes are added, sizes of 1 are repeated. */
export function broadcastTo(x: Node, shape: Shape): Node {
  const missing = shape.length - x.shape.length
  const aligned = reshape(x, [...range(missing).map(() => 1), ...x.shape])
  return sameNumbers(aligned.shape, shape) ? aligned : makeNode('broadcast', [aligned], { shape })
}

/** The adjoint of `broadcastTo`: sums the repeated axes away, so that the result has `shape`. */
export function sumTo(x: Node, shape: Shape): Node {
  const missing = x.shape.length - shape.length
  const repeated = range(x.shape.length).filter(
    (axis) => x.shape[axis] !== (axis < missing ? 1 : shape[axis - missing]),
  )
  const kept = repeated.length === 0 ? x : makeNode('reduceSum', [x], { axes: repeated })
  return reshape(kept, shape)
}

/** Axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Node, permutation: readonly number[]): Node {
  return sameNumbers(permutation, range(permutation.length)) ? x : makeNode('transpose', [x], { permutation })
}

/** `[…, m, n]` → `[…, n, m]` */
export function matrixTranspose(x: Node): Node {
  const rank = x.shape.length
  return transpose(x, [...range(rank - 2), rank - 1, rank - 2])
}

/** x with `padding[axis] = [before, after]` elements of `value` around it; negative numbers crop. */
export function pad(x: Node, padding: PrimitiveAttributes['pad']['padding'], value = 0): Node {
  const start = padding.map(([before]) => Math.max(0, -before))
  const size = x.shape.map((length, axis) => length - at(start, axis) - Math.max(0, -at(padding, axis)[1]))
  const cropped = slice(x, start, size)
  const border = padding.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const)
  if (border.every(([before, after]) => before + after === 0)) return cropped
  return makeNode('pad', [cropped], { padding: border, value })
}

/** Axis i made `step[i]` times as long, with zeros after each element. */
export function spread(x: Node, step: readonly number[]): Node {
  if (step.every((each) => each === 1)) return x
  const columns = reshape(
    x,
    x.shape.flatMap((size, axis) => (step[axis] === 1 ? [size] : [size, 1])),
  )
  const padding = step.flatMap((each): [number, number][] =>
    each === 1
      ? [[0, 0]]
      : [
          [0, 0],
          [0, each - 1],
        ],
  )
  return reshape(
    pad(columns, padding),
    x.shape.map((size, axis) => size * at(step, axis)),
  )
}

/** `size[axis]` elements of every axis, beginning at `start[axis]`, every `step[axis]`-th (1 when left out). */
export function slice(
  x: Node,
  start: readonly number[],
  size: readonly number[],
  step: readonly number[] = start.map(() => 1),
): Node {
  return sameNumbers(x.shape, size) ? x : makeNode('slice', [x], { start, size, step })
}

/** `count` elements of one axis, from `start` on. */
export function sliceAxis(x: Node, axis: number, start: number, count: number): Node {
  return slice(
    x,
    x.shape.map((_, index) => (index === axis ? start : 0)),
    x.shape.map((size, index) => (index === axis ? count : size)),
  )
}

/** The tensors one after the other along `axis`. */
export function concat(inputs: readonly Node[], axis: number): Node {
  return inputs.length === 1 ? at(inputs, 0) : makeNode('concat', inputs, { axis })
}

/** x with the order of elements along `axes` turned round. */
export function flip(x: Node, axes: readonly number[]): Node {
  return axes.every((axis) => x.shape[axis] === 1) ? x : makeNode('flip', [x], { axes })
}

// Indexing and contraction.

/** out[…, i, …] = x[…, indices[…, i, …], …] along `axis`. */
export const gather = (x: Node, indices: Node, axis: number): Node => makeNode('gather', [x, indices], { axis })

/** The adjoint of `gather`; the result has `size` elements along `axis`. */
export const scatterAdd = (updates: Node, indices: Node, axis: number, size: number): Node =>
  makeNode('scatterAdd', [updates, indices], { axis, size })

/** `[…, m, k] · […, k, n] → […, m, n]` */
export const matmul = (a: Node, b: Node): Node => makeNode('matmul', [a, b], {})

/** 0, 1, 2, … along `axis`, int32. */
export const iota = (shape: Shape, axis: number): Node => makeNode('iota', [], { shape, axis })
