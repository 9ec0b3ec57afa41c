/** Random leaves, reductions, movement and indexing. */

import { at, product, range } from '../../src/base/arrays.ts'
import { makeNode } from '../../src/ir/build.ts'
import * as ir from '../../src/ir/operations.ts'
import { permutation } from '../../src/random/permutation.ts'
import { elementCount, type Shape } from '../../src/shape/shape.ts'
import type { Move } from './elementwise-moves.ts'
import type { Grower } from './grower.ts'
import { isExact, isFloat, moved, result, shapeOf, sizeOf, tame, type Value } from './value.ts'

const leaf: Move = (grower) => grower.input()

const constant: Move = (grower) => {
  const dtype = grower.smooth ? 'float32' : grower.pick(['float32', 'int32', 'bool'] as const)
  const value = dtype === 'bool' ? grower.random.integer(2) : grower.between(-3, 3)
  return result(ir.scalar(value, grower.shape(), dtype), Math.abs(value), 0, true)
}

const iota: Move = (grower) => {
  const shape = grower.shape()
  if (shape.length === 0 || grower.smooth) return undefined
  const axis = grower.random.integer(shape.length)
  return result(ir.iota(shape, axis), at(shape, axis), 0)
}

/** Eighths of the unit interval, told apart exactly. */
const random: Move = (grower) => {
  if (grower.smooth) return undefined
  const shape = grower.shape()
  const data = Int32Array.of(grower.between(0, 99), grower.between(0, 99))
  const counter = makeNode('input', [], { source: { data }, shape: [2], dtype: 'int32' })
  const node = makeNode('random', [counter], { shape, stream: grower.between(-1, 3) })
  return result(ir.floor(ir.scale(node, 8)), 8, 0, true)
}

/** The axes to reduce over: one or more. */
function someAxes(grower: Grower, shape: Shape): number[] {
  const axes = range(shape.length).filter(() => grower.chance(0.5))
  return axes.length > 0 ? axes : [grower.random.integer(shape.length)]
}

const hasAxes = (value: Value): boolean => shapeOf(value).length > 0
const isNumeric = (value: Value): boolean => isFloat(value) || value.node.dtype === 'int32'

const sum: Move = (grower) => {
  const operand = grower.value((value) => isNumeric(value) && hasAxes(value))
  if (!operand) return undefined
  const axes = someAxes(grower, shapeOf(operand))
  const count = product(axes.map((axis) => at(shapeOf(operand), axis)))
  const { node, bound, error } = tame(operand)
  return result(ir.reduceSum(node, axes), count * bound, count * error, isExact(operand))
}

const extremum: Move = (grower) => {
  const operand = grower.value((value) => isNumeric(value) && hasAxes(value))
  if (!operand || grower.smooth) return undefined
  const { node, bound, error } = operand
  const axes = someAxes(grower, node.shape)
  // The maximum of nothing is infinite.
  if (axes.some((axis) => node.shape[axis] === 0)) return undefined
  return result(grower.pick([ir.reduceMax, ir.reduceMin])(node, axes), bound, error, isExact(operand))
}

const productOf: Move = (grower) => {
  const operand = grower.value((value) => isNumeric(value) && hasAxes(value))
  if (!operand) return undefined
  const axes = someAxes(grower, shapeOf(operand))
  const count = product(axes.map((axis) => at(shapeOf(operand), axis)))
  if (count > 16) return undefined
  const { node, bound, error } = operand.node.dtype === 'int32' ? operand : tame(operand, 3)
  const reduced = ir.reduceProduct(node, axes)
  const factor = Math.max(1, bound) ** Math.max(0, count - 1)
  const value = result(reduced, bound ** count, count * factor * error + factor * bound * count * 5e-7)
  const whole = isExact(operand) && bound ** count <= 2 ** 22
  return whole ? result(reduced, bound ** count, 0, true) : tame(value)
}

const argmax: Move = (grower) => {
  const operand = grower.value((value) => isNumeric(value) && isExact(value) && hasAxes(value))
  if (!operand || grower.smooth) return undefined
  const axis = grower.random.integer(shapeOf(operand).length)
  const size = at(shapeOf(operand), axis)
  return size === 0 ? undefined : result(ir.argmax(operand.node, axis), size, 0)
}

const reshape: Move = (grower) => {
  const operand = grower.value()
  if (!operand) return undefined
  const shape = [...shapeOf(operand)]
  if (grower.chance(0.4)) return moved(operand, ir.reshape(operand.node, [sizeOf(operand)]))
  const axis = shape.findIndex((size) => size > 3 && size % 2 === 0)
  if (axis >= 0 && grower.chance(0.6)) {
    const half = at(shape, axis) / 2
    return moved(
      operand,
      ir.reshape(
        operand.node,
        shape.toSpliced(
          axis,
          1,
          ...grower.pick([
            [2, half],
            [half, 2],
          ]),
        ),
      ),
    )
  }
  if (shape.length < 2) return moved(operand, ir.reshape(operand.node, [...shape, 1]))
  const first = grower.random.integer(shape.length - 1)
  const joined = at(shape, first) * at(shape, first + 1)
  return moved(operand, ir.reshape(operand.node, shape.toSpliced(first, 2, joined)))
}

const transpose: Move = (grower) => {
  const operand = grower.value((value) => shapeOf(value).length > 1)
  if (!operand) return undefined
  return moved(operand, ir.transpose(operand.node, [...permutation(grower.random, shapeOf(operand).length)]))
}

const flip: Move = (grower) => {
  const operand = grower.value(hasAxes)
  return operand && moved(operand, ir.flip(operand.node, someAxes(grower, shapeOf(operand))))
}

const cut: Move = (grower) => {
  const operand = grower.value((value) => hasAxes(value) && sizeOf(value) > 0)
  if (!operand) return undefined
  const shape = shapeOf(operand).map((size) => (grower.chance(0.5) ? size : grower.between(1, size)))
  return grower.fit(operand, shape)
}

const pad: Move = (grower) => {
  const operand = grower.value((value) => hasAxes(value))
  if (!operand) return undefined
  const padding = shapeOf(operand).map(() => {
    const sides = [grower.between(0, 2), grower.between(0, 2)] as const
    return grower.chance(0.5) ? ([0, 0] as const) : sides
  })
  const shape = shapeOf(operand).map((size, axis) => size + at(padding, axis)[0] + at(padding, axis)[1])
  return grower.fitsMemory(shape) ? grower.pad(operand, padding) : undefined
}

const concat: Move = (grower) => {
  const first = grower.value(hasAxes)
  if (!first) return undefined
  const axis = grower.random.integer(shapeOf(first).length)
  const parts = [first]
  for (const _ of range(grower.between(0, 3))) {
    const shape = grower.chance(0.4)
      ? shapeOf(first)
      : shapeOf(first).with(axis, grower.between(grower.smooth ? 1 : 0, 4))
    parts.push(grower.like(shape, first.node.dtype))
  }
  const node = ir.concat(
    parts.map((part) => part.node),
    axis,
  )
  if (!grower.fitsMemory(node.shape)) return undefined
  const bound = Math.max(...parts.map((part) => part.bound))
  return result(node, bound, Math.max(...parts.map((part) => part.error)), parts.every(isExact))
}

const gather: Move = (grower) => {
  const operand = grower.value(hasAxes)
  if (!operand) return undefined
  const axis = grower.random.integer(shapeOf(operand).length)
  const shape = shapeOf(operand).with(axis, grower.between(1, 9))
  if (!grower.fitsMemory(shape) || (at(shapeOf(operand), axis) === 0 && elementCount(shape) > 0)) return undefined
  return moved(operand, ir.gather(operand.node, grower.indices(shape).node, axis))
}

const scatter: Move = (grower) => {
  const operand = grower.value(hasAxes)
  if (!operand) return undefined
  const { node, bound, error } = tame(operand)
  const axis = grower.random.integer(node.shape.length)
  const size = grower.between(1, 9)
  if (!grower.fitsMemory(node.shape.with(axis, size))) return undefined
  const count = Math.max(1, at(node.shape, axis))
  const added = ir.scatterAdd(node, grower.indices(node.shape).node, axis, size)
  return result(added, count * bound, count * error, isExact(operand))
}

const broadcast: Move = (grower) => {
  const operand = grower.value((value) => shapeOf(value).includes(1) || shapeOf(value).length < 3)
  if (!operand) return undefined
  const wider = shapeOf(operand).map((size) => (size === 1 && grower.chance(0.7) ? grower.between(2, 9) : size))
  const shape = wider.length < 4 && grower.chance(0.4) ? [grower.between(1, 5), ...wider] : wider
  return grower.fitsMemory(shape) ? moved(operand, ir.broadcastTo(operand.node, shape)) : undefined
}

export const movementMoves: readonly Move[] = [
  leaf,
  constant,
  iota,
  random,
  sum,
  sum,
  extremum,
  productOf,
  argmax,
  reshape,
  reshape,
  transpose,
  transpose,
  flip,
  cut,
  cut,
  pad,
  concat,
  gather,
  scatter,
  broadcast,
]
