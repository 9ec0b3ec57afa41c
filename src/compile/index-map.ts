/**
 * Index maps: which element of a node a point of a kernel's iteration space refers to. Movement operations become arithmetic on
 * these maps; only a reshape that cuts across loops cannot be followed.
 */
import { at, sameNumbers } from '../base/arrays.ts'
import type { NodeOf } from '../ir/node.ts'
import { contiguousStrides, type Shape } from '../shape/shape.ts'
import type { Affine } from './expression.ts'

/** For each axis of a node its index as an affine function of the loop indices. */
export type IndexMap = readonly Affine[]

/** Loop d is axis d. */
export function identityMap(extents: Shape): IndexMap {
  return extents.map((_, axis) => ({ offset: 0, strides: extents.map((_, loop) => (loop === axis ? 1 : 0)) }))
}

export function sameAffine(a: Affine, b: Affine): boolean {
  return a.offset === b.offset && sameNumbers(a.strides, b.strides)
}

/** The position in a contiguous buffer of `shape`. */
export function linearize(map: IndexMap, shape: Shape, loops: number): Affine {
  const weights = contiguousStrides(shape)
  const strides = new Array<number>(loops).fill(0)
  let offset = 0
  map.forEach((axis, index) => {
    // An axis of size 1 has only index 0.
    if (shape[index] === 1) return
    const weight = at(weights, index)
    offset += axis.offset * weight
    for (let loop = 0; loop < loops; loop++) strides[loop] = at(strides, loop) + at(axis.strides, loop) * weight
  })
  return { offset, strides }
}

/** Finds the map whose position in a contiguous buffer of `shape` is `linear`; undefined when no affine one exists. */
export function delinearize(linear: Affine, shape: Shape, extents: Shape): IndexMap | undefined {
  const weights = contiguousStrides(shape)
  let rest = linear.offset
  if (rest < 0) return undefined
  const axes = shape.map((_, axis) => {
    const index = Math.floor(rest / at(weights, axis))
    rest -= index * at(weights, axis)
    return { offset: index, strides: new Array<number>(extents.length).fill(0) }
  })
  for (let loop = 0; loop < extents.length; loop++) {
    const stride = at(linear.strides, loop)
    if (stride === 0 || extents[loop] === 1) continue
    const axis = shape.findIndex(
      (size, index) => size > 1 && stride % at(weights, index) === 0 && Math.abs(stride) >= at(weights, index),
    )
    if (axis < 0) return undefined
    at(axes, axis).strides[loop] = stride / at(weights, axis)
  }
  return axes.every((axis, index) => withinSize(axis, at(shape, index), extents)) ? axes : undefined
}

function withinSize(axis: Affine, size: number, extents: Shape): boolean {
  let low = axis.offset
  let high = axis.offset
  axis.strides.forEach((stride, loop) => {
    const reach = stride * (at(extents, loop) - 1)
    if (reach > 0) high += reach
    else low += reach
  })
  return low >= 0 && high < Math.max(1, size)
}

const zero = (loops: number): Affine => ({ offset: 0, strides: new Array<number>(loops).fill(0) })

/** Movement that `viewRules` follows. */
export type ViewOp = 'transpose' | 'broadcast' | 'slice' | 'flip'

/** Movement that is only another way to look at the operand. */
export const viewRules: { readonly [P in ViewOp]: (node: NodeOf<P>, map: IndexMap, loops: number) => IndexMap } = {
  transpose({ attributes: { permutation } }, map) {
    const result: Affine[] = []
    permutation.forEach((axis, index) => {
      result[axis] = at(map, index)
    })
    return result
  },
  broadcast(node, map, loops) {
    const operand = at(node.inputs, 0)
    return map.map((axis, index) => (operand.shape[index] === 1 ? zero(loops) : axis))
  },
  slice({ attributes: { start, step } }, map) {
    return map.map((axis, index) => ({
      offset: at(start, index) + axis.offset * at(step, index),
      strides: axis.strides.map((stride) => stride * at(step, index)),
    }))
  },
  flip(node, map) {
    return map.map((axis, index) => {
      if (!node.attributes.axes.includes(index)) return axis
      const last = at(node.shape, index) - 1
      return { offset: last - axis.offset, strides: axis.strides.map((stride) => (stride === 0 ? 0 : -stride)) }
    })
  },
}
