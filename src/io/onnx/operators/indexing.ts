/** Operators of ONNX that pick or place elements by number: gather, scatter, the k largest, running sums. */
import { at, product, range } from '../../../base/arrays.ts'
import { contiguousStrides } from '../../../shape/shape.ts'
import * as functional from '../../../tensor/functional.ts'
import { type Tensor, where, zeros } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'

/** Negative numbers count from the end of an axis of `size` elements. */
function wrapped(indices: Tensor, size: number): Tensor {
  const whole = indices.to('int32')
  return where(whole.lt(0), whole.add(size), whole)
}

function gather(call: OperatorCall): Tensor {
  const [x, indices] = [call.input(0), call.input(1)]
  const axis = call.axis(x, 0)
  const list = wrapped(indices, at(x.shape, axis)).flatten()
  return functional.indexSelect(x, axis, list).reshape(...x.shape.toSpliced(axis, 1, ...indices.shape))
}

function gatherElements(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axis = call.axis(x, 0)
  return functional.gather(x, axis, wrapped(call.input(1), at(x.shape, axis)))
}

/** Row-major numbers of the places that the last axis of `indices` names in the axes `first` … of a tensor. */
function flatPlaces(indices: Tensor, sizes: readonly number[]): Tensor {
  const strides = contiguousStrides(sizes)
  const parts = sizes.map((size, axis) =>
    wrapped(indices.slice(-1, axis, axis + 1), size)
      .squeeze(-1)
      .mul(at(strides, axis)),
  )
  return parts.reduce((sum, part) => sum.add(part))
}

function gatherND(call: OperatorCall): Tensor {
  const [x, indices] = [call.input(0), call.input(1)]
  const batchAxes = call.int('batch_dims', 0)
  const depth = at(indices.shape, indices.rank - 1)
  const batch = x.shape.slice(0, batchAxes)
  const indexed = x.shape.slice(batchAxes, batchAxes + depth)
  const rest = x.shape.slice(batchAxes + depth)
  const places = flatPlaces(indices, indexed).reshape(product(batch), -1, 1)
  const rows = x.reshape(product(batch), product(indexed), product(rest))
  const picked = functional.gather(rows, 1, places.expand(product(batch), at(places.shape, 1), product(rest)))
  return picked.reshape(...indices.shape.slice(0, -1), ...rest)
}

/** Values placed into a copy of x; places that occur twice are added up, or undefined by the standard. */
function placed(call: OperatorCall, x: Tensor, axis: number, indices: Tensor, updates: Tensor): Tensor {
  const reduction = call.text('reduction', 'none')
  if (reduction === 'add') return functional.scatterAdd(x, axis, indices, updates)
  if (reduction !== 'none') call.unsupported(`reduction '${reduction}'`)
  const empty = zeros(x.shape, x.dtype)
  const sums = functional.scatterAdd(empty, axis, indices, updates)
  const hits = functional.scatterAdd(zeros(x.shape, 'int32'), axis, indices, zeros(updates.shape, 'int32').add(1))
  return where(hits.gt(0), sums, x)
}

function scatterElements(call: OperatorCall): Tensor {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)]
  const axis = call.axis(x, 0)
  const size = at(x.shape, axis)
  const fits = indices.shape.every((length, index) => index === axis || length === x.shape[index])
  if (!fits) call.unsupported('indices that are smaller than the input off the axis')
  return placed(call, x, axis, wrapped(indices, size), updates)
}

function scatterND(call: OperatorCall): Tensor {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)]
  const depth = at(indices.shape, indices.rank - 1)
  const [indexed, rest] = [x.shape.slice(0, depth), x.shape.slice(depth)]
  const places = flatPlaces(indices, indexed).reshape(-1, 1)
  const count = at(places.shape, 0)
  const rows = x.reshape(product(indexed), product(rest))
  const result = placed(call, rows, 0, places.expand(count, product(rest)), updates.reshape(count, product(rest)))
  return result.reshape(...x.shape)
}

function topK(call: OperatorCall): Tensor[] {
  const x = call.input(0)
  const count = call.opset < 10 ? call.int('k', 1) : at(call.requiredNumbers(1), 0)
  const axis = call.axis(x, -1)
  if (call.flag('largest', true)) {
    const { values, indices } = functional.topK(x, count, axis)
    return [values, indices]
  }
  const { values, indices } = functional.topK(x.neg(), count, axis)
  return [values.neg(), indices]
}

function cumSum(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axis = at(call.requiredNumbers(1), 0)
  const position = axis < 0 ? axis + x.rank : axis
  const forward = call.flag('reverse') ? x.flip(position) : x
  const sums = functional.cumsum(forward, position)
  const shift = range(x.rank).map((index) => (index === position ? ([1, -1] as const) : ([0, 0] as const)))
  const shifted = call.flag('exclusive') ? sums.pad(shift) : sums
  return call.flag('reverse') ? shifted.flip(position) : shifted
}

export const indexing: OperatorTable = {
  Gather: rule(gather),
  GatherElements: rule(gatherElements),
  GatherND: rule(gatherND),
  ScatterElements: rule(scatterElements),
  Scatter: rule(scatterElements),
  ScatterND: rule(scatterND),
  TopK: rule(topK, { settings: [1] }),
  CumSum: rule(cumSum, { settings: [1] }),
}
