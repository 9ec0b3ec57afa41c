/** Interpreter rules that move values without computing: views, joins, and access by index. */
import { at, product } from '../../base/arrays.ts'
import type { Node, NodeOf } from '../../ir/node.ts'
import { contiguousStrides, elementCount, type Shape } from '../../shape/shape.ts'
import { addIn } from './arithmetic.ts'
import { type RuleTable, type View, walk } from './rule.ts'

const contiguous = (shape: Shape): View => ({ offset: 0, strides: contiguousStrides(shape) })

/** `result[to] = source[from]` for every element of `shape`. */
function copy(shape: Shape, source: Float64Array, from: View, result: Float64Array, to: View): void {
  walk(shape, from, to, (inSource, inResult) => {
    result[inResult] = source[inSource] as number
  })
}

/** The node's elements read from its operand through `view`. */
function readThrough(node: Node, operands: readonly Float64Array[], view: View): Float64Array {
  const result = new Float64Array(elementCount(node.shape))
  copy(node.shape, at(operands, 0), view, result, contiguous(node.shape))
  return result
}

const offsetOf = (position: readonly number[], strides: readonly number[]): number =>
  position.reduce((offset, index, axis) => offset + index * at(strides, axis), 0)

/** Visits every element of the indices of a gather or scatter along `axis` of a tensor with `size` there. */
function walkIndices(
  indicesNode: Node,
  indices: Float64Array,
  { axis, size }: { axis: number; size: number },
  visit: (outside: number, inside: number) => void,
): void {
  const inner = product(indicesNode.shape.slice(axis + 1))
  const count = at(indicesNode.shape, axis)
  for (let position = 0; position < indices.length; position++) {
    const outer = Math.floor(position / (count * inner))
    const index = Math.min(Math.max(indices[position] as number, 0), size - 1)
    visit(position, (outer * size + index) * inner + (position % inner))
  }
}

function scatterAdd(node: NodeOf<'scatterAdd'>, operands: readonly Float64Array[]): Float64Array {
  const updates = at(operands, 0)
  const add = addIn[node.dtype]
  const result = new Float64Array(elementCount(node.shape))
  walkIndices(at(node.inputs, 1), at(operands, 1), node.attributes, (from, to) => {
    if (to >= 0) result[to] = add(result[to] as number, updates[from] as number)
  })
  return result
}

export const movementRules = {
  // Values are never changed in place, so a reshape may share them.
  reshape: (_, operands) => at(operands, 0),
  transpose(node, operands) {
    const strides = contiguousStrides(at(node.inputs, 0).shape)
    const permuted = node.attributes.permutation.map((axis) => at(strides, axis))
    return readThrough(node, operands, { offset: 0, strides: permuted })
  },
  broadcast(node, operands) {
    const shape = at(node.inputs, 0).shape
    const strides = contiguousStrides(shape).map((stride, axis) => (at(shape, axis) === 1 ? 0 : stride))
    return readThrough(node, operands, { offset: 0, strides })
  },
  pad(node, operands) {
    const shape = at(node.inputs, 0).shape
    const strides = contiguousStrides(node.shape)
    const before = node.attributes.padding.map(([first]) => first)
    const result = new Float64Array(elementCount(node.shape)).fill(node.attributes.value)
    copy(shape, at(operands, 0), contiguous(shape), result, { offset: offsetOf(before, strides), strides })
    return result
  },
  slice(node, operands) {
    const { start, step } = node.attributes
    const strides = contiguousStrides(at(node.inputs, 0).shape)
    const view = { offset: offsetOf(start, strides), strides: strides.map((stride, axis) => stride * at(step, axis)) }
    return readThrough(node, operands, view)
  },
  concat(node, operands) {
    const strides = contiguousStrides(node.shape)
    const result = new Float64Array(elementCount(node.shape))
    let offset = 0
    node.inputs.forEach(({ shape }, index) => {
      copy(shape, at(operands, index), contiguous(shape), result, { offset, strides })
      offset += at(shape, node.attributes.axis) * at(strides, node.attributes.axis)
    })
    return result
  },
  flip(node, operands) {
    const strides = contiguousStrides(node.shape)
    const { axes } = node.attributes
    const last = node.shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0))
    const turned = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride))
    return readThrough(node, operands, { offset: offsetOf(last, strides), strides: turned })
  },
  gather(node, operands) {
    const x = at(operands, 0)
    const { axis } = node.attributes
    const size = at(at(node.inputs, 0).shape, axis)
    const result = new Float64Array(elementCount(node.shape))
    // Nothing can be read along an axis of size 0; such elements stay 0.
    if (size === 0) return result
    walkIndices(at(node.inputs, 1), at(operands, 1), { axis, size }, (to, from) => {
      result[to] = x[from] as number
    })
    return result
  },
  scatterAdd,
} satisfies Partial<RuleTable>
