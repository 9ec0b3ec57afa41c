/** Pooling of ONNX: maxima with or without their places, averages, power means, and the way back. */
import { at, product, range } from '../../../base/arrays.ts'
import { makeNode } from '../../../ir/build.ts'
import { contiguousStrides } from '../../../shape/shape.ts'
import { maxUnpool } from '../../../tensor/functional.ts'
import { fromTypedArray, iota, Tensor } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { type SlidingAxis, slidingAxes, windowOf } from './window.ts'

function poolingAxes(call: OperatorCall, x: Tensor): SlidingAxis[] {
  const kernel = call.ints('kernel_shape') ?? []
  call.demand(
    kernel.length === x.rank - 2,
    'kernel_shape does not have one size for each spatial axis',
    kernel,
    x.shape,
  )
  return slidingAxes(call, x, kernel)
}

function maxPool(call: OperatorCall): (Tensor | undefined)[] {
  const given = call.input(0)
  const x = given.to('float32')
  const axes = poolingAxes(call, x)
  const values = new Tensor(makeNode('maxPool', [x.node], { window: windowOf(axes) })).to(given.dtype)
  return [values, call.wants(1) ? placesOfMaxima(call, x, axes) : undefined]
}

/** The number of each maximum in the whole tensor, row-major, or column-major within the spatial axes. */
function placesOfMaxima(call: OperatorCall, x: Tensor, axes: readonly SlidingAxis[]): Tensor {
  const taps = new Tensor(makeNode('maxPoolIndices', [x.node], { window: windowOf(axes) }))
  const sizes = axes.map(({ size }) => size)
  const strides = call.flag('storage_order') ? columnStrides(sizes) : contiguousStrides(sizes)
  const tapStrides = contiguousStrides(axes.map(({ kernel }) => kernel))
  const inPlane = axes.map((axis, index) => {
    const tap = taps.floorDivide(at(tapStrides, index)).remainder(axis.kernel)
    const first = iota(taps.shape, index + 2)
      .mul(axis.stride)
      .sub(axis.padding[0])
    return first.add(tap.mul(axis.dilation)).mul(at(strides, index))
  })
  const channels = at(x.shape, 1)
  const plane = iota(taps.shape, 0).mul(channels).add(iota(taps.shape, 1)).mul(product(sizes))
  return inPlane.reduce((sum, part) => sum.add(part), plane)
}

function columnStrides(sizes: readonly number[]): number[] {
  return sizes.map((_, axis) => product(sizes.slice(0, axis)))
}

const sumsOf = (x: Tensor, axes: readonly SlidingAxis[]): Tensor =>
  new Tensor(makeNode('sumPool', [x.node], { window: windowOf(axes) }))

/** How many taps of every window fall on the input, or with `includePad` on the input and the pads of the file. */
function tapCounts({ size, output, kernel, stride, dilation, pads }: SlidingAxis, includePad: boolean): number[] {
  const [low, high] = includePad ? [-pads[0], size + pads[1]] : [0, size]
  return range(output).map((position) => {
    const start = position * stride - pads[0]
    return range(kernel).filter((tap) => start + tap * dilation >= low && start + tap * dilation < high).length
  })
}

function averagePool(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axes = poolingAxes(call, x)
  const includePad = call.flag('count_include_pad')
  return axes.reduce(
    (result, axis, index) => {
      const counts = tapCounts(axis, includePad)
      const shape = axes.map((_, other) => (other === index ? counts.length : 1))
      return result.mul(
        fromTypedArray(
          Float32Array.from(counts, (count) => 1 / count),
          shape,
          'float32',
        ),
      )
    },
    sumsOf(x, axes),
  )
}

/** |x|^p, and its inverse on sums. */
const powerOf = (x: Tensor, p: number): Tensor => (p === 1 ? x.abs() : p === 2 ? x.square() : x.abs().pow(p))
const rootOf = (sums: Tensor, p: number): Tensor => (p === 1 ? sums : p === 2 ? sums.sqrt() : sums.pow(1 / p))

function lpPool(call: OperatorCall): Tensor {
  const p = call.opset < 2 ? call.float('p', 2) : call.int('p', 2)
  const x = powerOf(call.input(0), p)
  return rootOf(sumsOf(x, poolingAxes(call, x)), p)
}

function globalLpPool(call: OperatorCall): Tensor {
  const p = call.opset < 2 ? call.float('p', 2) : call.int('p', 2)
  const x = powerOf(call.input(0), p)
  return rootOf(x.sum(range(x.rank).slice(2), { keepDim: true }), p)
}

/** Values back to the places that MaxPool gave; a wanted shape beyond the natural one is filled with zeros. */
function unpool(call: OperatorCall): Tensor {
  const [x, places] = [call.input(0), call.input(1)]
  const kernel = call.ints('kernel_shape') ?? []
  const strides = call.ints('strides') ?? kernel.map(() => 1)
  const pads = call.ints('pads') ?? [...kernel, ...kernel].map(() => 0)
  const natural = kernel.map(
    (size, axis) =>
      (at(x.shape, axis + 2) - 1) * at(strides, axis) - at(pads, axis) - at(pads, axis + kernel.length) + size,
  )
  const rank = kernel.length
  if (rank !== 1 && rank !== 2 && rank !== 3) call.unsupported(`${rank} spatial axes`)
  const inPlane = places.to('int32').remainder(product(natural))
  const result = maxUnpool(x, inPlane, { kernelSize: kernel, stride: strides, outputSize: natural, rank })
  const wanted = call.numbers(2)?.slice(2) ?? natural
  const missing = wanted.map((size, axis): [number, number] => [0, size - at(natural, axis)])
  return result.pad([[0, 0], [0, 0], ...missing])
}

export const pooling: OperatorTable = {
  MaxPool: rule(maxPool),
  AveragePool: rule(averagePool),
  LpPool: rule(lpPool),
  GlobalLpPool: rule(globalLpPool),
  MaxUnpool: rule(unpool, { settings: [2] }),
}
