/** Movement of elements on nodes: argument checks in the user's words around the primitives. `Tensor` wraps them. */
import { at, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import type { Node } from '../ir/node.ts'
import * as ops from '../ir/operations.ts'
import { formatShape, normalizeAxes, normalizeAxis, resolveReshape, type Shape } from '../shape/shape.ts'

/** Same elements in row-major order under another shape; one size may be −1. */
export function reshape(node: Node, shape: Shape): Node {
  return ops.reshape(node, resolveReshape(node.shape, shape))
}

export function permute(node: Node, order: readonly number[]): Node {
  const permutation = order.map((axis) => normalizeAxis(axis, node.shape.length))
  if (new Set(permutation).size !== node.shape.length) {
    throw new ArgumentError(`permute needs every axis of ${formatShape(node.shape)} once, given ${formatShape(order)}.`)
  }
  return ops.transpose(node, permutation)
}

/** Exchanges two axes. */
export function swapAxes(node: Node, axis0: number, axis1: number): Node {
  const rank = node.shape.length
  const order = range(rank)
  const a = normalizeAxis(axis0, rank)
  const b = normalizeAxis(axis1, rank)
  order[a] = b
  order[b] = a
  return permute(node, order)
}

/** Merges axes `from` … `to` into one. */
export function flatten(node: Node, from: number, to: number): Node {
  const rank = node.shape.length
  if (rank === 0) return reshape(node, [1])
  const first = normalizeAxis(from, rank)
  const last = normalizeAxis(to, rank)
  if (first > last) throw new ArgumentError(`flatten needs its first axis before its last, given ${from} and ${to}.`)
  return reshape(node, [
    ...node.shape.slice(0, first),
    node.shape.slice(first, last + 1).reduce((count, size) => count * size, 1),
    ...node.shape.slice(last + 1),
  ])
}

/** Removes axes of size 1: the given ones, or all. */
export function squeeze(node: Node, axes?: number | readonly number[]): Node {
  const chosen = normalizeAxes(axes, node.shape.length)
  return reshape(
    node,
    node.shape.filter((size, axis) => size !== 1 || !chosen.includes(axis)),
  )
}

/** Inserts an axis of size 1 before `axis`. */
export function unsqueeze(node: Node, axis: number): Node {
  const position = normalizeAxis(axis, node.shape.length + 1)
  return reshape(node, node.shape.toSpliced(position, 0, 1))
}

/** Repeats axes of size 1 up to `shape`; −1 keeps a size. */
export function expand(node: Node, shape: Shape): Node {
  const missing = shape.length - node.shape.length
  const wanted = shape.map((size, axis) => (size === -1 ? (node.shape[axis - missing] ?? -1) : size))
  const fits = missing >= 0 && node.shape.every((size, axis) => size === 1 || size === wanted[axis + missing])
  if (!fits || wanted.some((size) => size < 0)) {
    throw new ShapeError(
      `a tensor of shape ${formatShape(node.shape)} cannot expand to ${formatShape(shape)}; only axes of size 1 repeat.`,
    )
  }
  return ops.broadcastTo(node, wanted)
}

/** A border of `value` around the tensor; `padding` is [before, after] per axis, negative numbers crop. */
export function pad(node: Node, padding: readonly (readonly [number, number])[], value: number): Node {
  if (padding.length !== node.shape.length) {
    throw new ArgumentError(
      `pad needs [before, after] for each of the ${node.shape.length} axes, given ${padding.length} pairs.`,
    )
  }
  const kept = node.shape.map((length, axis) => {
    const [before, after] = at(padding, axis)
    return length + Math.min(0, before) + Math.min(0, after)
  })
  if (kept.some((length) => length < 0)) {
    throw new ShapeError(`cropping ${formatShape(node.shape)} by ${JSON.stringify(padding)} leaves less than nothing.`)
  }
  return ops.pad(node, padding, value)
}

/** Elements `start` ≤ i < `stop` of one axis in steps of `step`, with Python's negative indices; step < 0 runs backwards. */
export function slice(node: Node, axis: number, start?: number, stop?: number, step = 1): Node {
  const position = normalizeAxis(axis, node.shape.length)
  const length = at(node.shape, position)
  if (!Number.isInteger(step) || step === 0)
    throw new ArgumentError(`a slice needs a whole step other than 0, given ${step}.`)
  const clamp = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high)
  const ones = node.shape.map(() => 1)
  const zeros = node.shape.map(() => 0)
  if (step > 0) {
    const first = clamp(start ?? 0, 0, length)
    const count = Math.max(0, Math.ceil((clamp(stop ?? length, 0, length) - first) / step))
    return ops.slice(node, zeros.with(position, first), node.shape.with(position, count), ones.with(position, step))
  }
  const first = clamp(start ?? length - 1, -1, length - 1)
  const last = stop === undefined ? -1 : clamp(stop, -1, length - 1)
  const count = Math.max(0, Math.ceil((last - first) / step))
  const flipped = ops.flip(node, [position])
  const from = length - 1 - first
  return ops.slice(flipped, zeros.with(position, from), node.shape.with(position, count), ones.with(position, -step))
}

/** Reverses the given axes. */
export function flip(node: Node, axes: number | readonly number[]): Node {
  return ops.flip(node, normalizeAxes(axes, node.shape.length))
}

/** Joins tensors along an axis. */
export function concat(nodes: readonly Node[], axis: number): Node {
  const first = nodes[0]
  if (!first) throw new ArgumentError('concat needs at least one tensor, given none.')
  return ops.concat(nodes, normalizeAxis(axis, first.shape.length))
}
