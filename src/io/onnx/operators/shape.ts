/** Operators of ONNX that move elements, make tensors from shapes, or ask for shapes. */
import { at, product, range } from '../../../base/arrays.ts'
import { broadcastShapes, normalizeAxis } from '../../../shape/shape.ts'
import * as functional from '../../../tensor/functional.ts'
import { concat, eye, full, iota, type Tensor, tensor, where } from '../../../tensor/index.ts'
import type { PaddingMode } from '../../../tensor/padding.ts'
import { dtypeOfElementType } from '../element-types.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { axesOf } from './elementwise.ts'

const wholeNumbers = (values: readonly number[]): Tensor =>
  tensor([...values], { shape: [values.length], dtype: 'int32' })

/** 0 keeps the size of the input unless `allowzero` is set, −1 stands for the rest. */
function reshape(call: OperatorCall): Tensor {
  const x = call.input(0)
  const wanted = call.intsOrInput('shape', 1) ?? []
  const keepsZeros = call.flag('allowzero')
  return x.reshape(...wanted.map((size, axis) => (size === 0 && !keepsZeros ? at(x.shape, axis) : size)))
}

function flatten(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axis = call.int('axis', 1)
  const split = axis < 0 ? axis + x.rank : axis
  return x.reshape(product(x.shape.slice(0, split)), product(x.shape.slice(split)))
}

function squeeze(call: OperatorCall): Tensor {
  return call.input(0).squeeze(call.intsOrInput('axes', 1))
}

function unsqueeze(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axes = call.intsOrInput('axes', 1) ?? []
  const rank = x.rank + axes.length
  const positions = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b)
  return positions.reduce((result, axis) => result.unsqueeze(axis), x)
}

function slice(call: OperatorCall): Tensor {
  const x = call.input(0)
  const starts = call.intsOrInput('starts', 1) ?? []
  const ends = call.intsOrInput('ends', 2) ?? []
  const axes = call.intsOrInput('axes', 3) ?? range(starts.length)
  const steps = call.numbers(4)
  return axes.reduce(
    (result, axis, index) => result.slice(axis, at(starts, index), at(ends, index), steps?.[index] ?? 1),
    x,
  )
}

function split(call: OperatorCall): Tensor[] {
  const x = call.input(0)
  const axis = call.axis(x, 0)
  const length = at(x.shape, axis)
  const parts = call.outputCount
  const even = Math.ceil(length / parts)
  const sizes = call.intsOrInput('split', 1) ?? range(parts).map((part) => Math.min(even, length - part * even))
  let start = 0
  return sizes.map((size) => {
    const part = x.slice(axis, start, start + size)
    start += size
    return part
  })
}

const paddingModes: Readonly<Record<string, PaddingMode>> = {
  constant: 'constant',
  reflect: 'reflect',
  edge: 'replicate',
  wrap: 'circular',
}

function pad(call: OperatorCall): Tensor {
  const x = call.input(0)
  const mode = paddingModes[call.text('mode', 'constant')]
  if (!mode) call.unsupported(`padding of mode '${call.text('mode', '')}'`)
  const pads = call.ints('pads') ?? call.ints('paddings') ?? call.requiredNumbers(1)
  const value = call.opset < 11 ? call.float('value', 0) : (call.numbers(2)?.[0] ?? 0)
  const axes = axesOf(x, call.numbers(3))
  const pairs = range(x.rank).map(() => [0, 0])
  axes.forEach((axis, index) => {
    pairs[axis] = [at(pads, index), at(pads, index + axes.length)]
  })
  return functional.pad(x, pairs.reverse().flat(), { mode, value })
}

/** Crops or pads the given axes around their centre. */
function centerCropPad(call: OperatorCall): Tensor {
  const x = call.input(0)
  const wanted = call.requiredNumbers(1)
  const axes = axesOf(x, call.ints('axes'))
  const padding = range(x.rank).map((): [number, number] => [0, 0])
  axes.forEach((axis, index) => {
    const extra = at(wanted, index) - at(x.shape, axis)
    // The odd element is padded at the end and cropped at the end.
    const before = extra >= 0 ? Math.floor(extra / 2) : -Math.floor(-extra / 2)
    padding[axis] = [before, extra - before]
  })
  return x.pad(padding)
}

function tile(call: OperatorCall): Tensor {
  const x = call.input(0)
  if (call.opset >= 6) return functional.tile(x, call.requiredNumbers(1))
  const counts = range(x.rank).map(() => 1)
  counts[normalizeAxis(at(call.requiredNumbers(2), 0), x.rank)] = at(call.requiredNumbers(1), 0)
  return functional.tile(x, counts)
}

function expand(call: OperatorCall): Tensor {
  const x = call.input(0)
  return x.expand(...broadcastShapes(x.shape, call.requiredNumbers(1)))
}

/** `DCR` counts blocks before channels, `CRD` channels before blocks. */
function depthToSpace(call: OperatorCall): Tensor {
  const x = call.input(0)
  const size = call.int('blocksize', 1)
  if (call.text('mode', 'DCR') === 'CRD') return functional.pixelShuffle(x, size)
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape
  const out = channels / size ** 2
  return x
    .reshape(batch, size, size, out, height, width)
    .permute(0, 3, 4, 1, 5, 2)
    .reshape(batch, out, height * size, width * size)
}

function spaceToDepth(call: OperatorCall): Tensor {
  const x = call.input(0)
  const size = call.int('blocksize', 1)
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape
  return x
    .reshape(batch, channels, height / size, size, width / size, size)
    .permute(0, 3, 5, 1, 2, 4)
    .reshape(batch, channels * size ** 2, height / size, width / size)
}

function constant(call: OperatorCall): Tensor {
  const value = call.tensor('value')
  if (value) return value
  const floats = call.floats('value_floats')
  if (floats) return tensor([...floats], { shape: [floats.length] })
  const ints = call.ints('value_ints')
  if (ints) return wholeNumbers(ints)
  if (call.has('value_float')) return tensor(call.float('value_float', 0))
  if (call.has('value_int')) return tensor(call.int('value_int', 0), { dtype: 'int32' })
  return call.unsupported('its value is a text or a sparse tensor')
}

function constantOfShape(call: OperatorCall): Tensor {
  const value = call.tensor('value')
  const number = value?.node.op === 'input' ? (value.node.attributes.source.data?.[0] ?? 0) : 0
  return full(call.requiredNumbers(0), number, value?.dtype ?? 'float32')
}

function sequence(call: OperatorCall): Tensor {
  const [start, limit, delta] = range(3).map((index) => at(call.requiredNumbers(index), 0)) as [number, number, number]
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  const values = range(count).map((index) => start + index * delta)
  return tensor(values, { shape: [count], dtype: call.input(0).dtype })
}

function trilu(call: OperatorCall): Tensor {
  const x = call.input(0)
  const diagonal = call.numbers(1)?.[0] ?? 0
  return (call.flag('upper', true) ? functional.triu(x, diagonal) : functional.tril(x, diagonal)).to(x.dtype)
}

function eyeLike(call: OperatorCall): Tensor {
  const x = call.input(0)
  const [rows = 0, columns = 0] = x.shape
  const dtype = call.has('dtype') ? dtypeOfElementType(call.int('dtype', 1), `the result of ${call.what}`) : x.dtype
  const shifted = iota([rows, columns], 1)
    .sub(iota([rows, columns], 0))
    .eq(call.int('k', 0))
  return call.int('k', 0) === 0 ? eye(rows, columns).to(dtype) : shifted.to(dtype)
}

/** Values [off, on] at the given places of a new axis; negative places count from its end, others outside leave it off. */
function oneHot(call: OperatorCall): Tensor {
  const depth = at(call.requiredNumbers(1), 0)
  const indices = call.input(0).to('int32')
  const values = call.input(2)
  const axis = normalizeAxis(call.int('axis', -1), indices.rank + 1)
  const wrapped = where(indices.lt(0), indices.add(depth), indices).unsqueeze(axis)
  const shape = indices.shape.toSpliced(axis, 0, depth)
  return where(iota(shape, axis).eq(wrapped), values.slice(0, 1, 2).reshape(), values.slice(0, 0, 1).reshape())
}

export const shape: OperatorTable = {
  Reshape: rule(reshape, { settings: [1] }),
  Flatten: rule(flatten),
  Squeeze: rule(squeeze, { settings: [1] }),
  Unsqueeze: rule(unsqueeze, { settings: [1] }),
  Transpose: rule((call) => {
    const x = call.input(0)
    return x.permute(...(call.ints('perm') ?? range(x.rank).reverse()))
  }),
  Concat: rule((call) => {
    const inputs = call.inputs()
    return concat(inputs, call.axis(at(inputs, 0), 1))
  }),
  Slice: rule(slice, { settings: [1, 2, 3, 4] }),
  Split: rule(split, { settings: [1] }),
  Pad: rule(pad, { settings: [1, 2, 3] }),
  CenterCropPad: rule(centerCropPad, { settings: [1] }),
  Tile: rule(tile, { settings: [1, 2] }),
  Expand: rule(expand, { settings: [1] }),
  DepthToSpace: rule(depthToSpace),
  SpaceToDepth: rule(spaceToDepth),
  Shape: rule((call) => {
    const { shape: sizes } = call.input(0)
    return wholeNumbers(sizes.slice(call.int('start', 0), call.has('end') ? call.int('end', 0) : sizes.length))
  }),
  Size: rule((call) => tensor(call.input(0).size, { dtype: 'int32' })),
  Constant: rule(constant),
  ConstantOfShape: rule(constantOfShape, { settings: [0] }),
  Range: rule(sequence, { settings: [0, 1, 2] }),
  Trilu: rule(trilu, { settings: [1] }),
  EyeLike: rule(eyeLike),
  OneHot: rule(oneHot, { settings: [1] }),
}
