/**
 * Arithmetic on shapes: the sizes of a tensor's axes, outermost first. Everything here is pure and static;
 * nothing knows about tensors.
 */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'

export type Shape = readonly number[]

/** `[2, 3]` as people read it. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** How many elements a tensor of this shape holds. */
export function elementCount(shape: Shape): number {
  return product(shape)
}

/** The distance in elements between neighbours along each axis of a contiguous tensor. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= at(shape, axis)
  }
  return strides
}

/** Turns −rank ≤ axis < rank into 0 ≤ axis < rank. Throws ArgumentError outside that range. */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis
  if (Number.isInteger(axis) && normal >= 0 && normal < rank) return normal
  throw new ArgumentError(`axis ${axis} does not exist in a tensor of rank ${rank}; use ${-rank} to ${rank - 1}.`)
}

/** Sorted, distinct, non-negative axes; all of them when none are given. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return range(rank)
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(axis, rank))
  if (new Set(list).size !== list.length) throw new ArgumentError(`axes ${formatShape(list)} name one axis twice.`)
  return list.sort((a, b) => a - b)
}

/** NumPy's rule: align at the last axis, sizes are equal or 1. Throws ShapeError otherwise. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length)
  return range(rank).map((axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1
    const sizeB = b[axis - rank + b.length] ?? 1
    if (sizeA === sizeB || sizeB === 1) return sizeA
    if (sizeA === 1) return sizeB
    throw new ShapeError(
      `shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: aligned at the last axis, ` +
        `${sizeA} meets ${sizeB}; make them equal or one of them 1.`,
    )
  })
}

/** `shape` with the given axes set to 1. */
export function keepAxes(shape: Shape, reducedAxes: readonly number[]): number[] {
  return shape.map((size, axis) => (reducedAxes.includes(axis) ? 1 : size))
}

/** `shape` without the given axes. */
export function dropAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis))
}

/** One window axis: how a kernel walks over it. `padding` is [before, after]. */
export interface WindowAxis {
  readonly kernel: number
  readonly stride: number
  readonly padding: readonly [number, number]
  readonly dilation: number
}

/** ⌊(size + padding − dilation · (kernel − 1) − 1) / stride⌋ + 1, the number of positions of a window along an axis. */
export function windowOutputSize(size: number, axis: WindowAxis): number {
  const reach = axis.dilation * (axis.kernel - 1) + 1
  return Math.floor((size + axis.padding[0] + axis.padding[1] - reach) / axis.stride) + 1
}

/** Replaces the one −1 of `wanted` by what makes the element counts equal. Throws ShapeError when nothing does. */
export function resolveReshape(from: Shape, wanted: Shape): number[] {
  const count = elementCount(from)
  const open = wanted.indexOf(-1)
  const known = product(wanted.filter((size) => size !== -1))
  const resolved = wanted.map((size) => (size === -1 && known > 0 ? count / known : size))
  const valid = open === wanted.lastIndexOf(-1) && resolved.every((size) => Number.isInteger(size) && size >= 0)
  if (valid && elementCount(resolved) === count) return resolved
  throw new ShapeError(
    `a tensor of shape ${formatShape(from)} has ${count} elements and cannot be reshaped to ${formatShape(wanted)}; ` +
      'the sizes must multiply to the same number, and at most one may be -1.',
  )
}
