/**
 * How ONNX describes a window that slides over the spatial axes: kernel, strides, dilations, pads or the rule that makes them, and
 * ceil mode. Convolution and pooling share it.
 */
import { at, range } from '../../../base/arrays.ts'
import type { WindowAxis } from '../../../shape/shape.ts'
import type { Tensor } from '../../../tensor/index.ts'
import type { OperatorCall } from '../operator.ts'

/** A window along one axis of `size` elements; `pads` are those of the file, without what ceil mode adds. */
export interface SlidingAxis extends WindowAxis {
  readonly size: number
  readonly output: number
  readonly pads: readonly [before: number, after: number]
}

/** One axis of the file's attributes. */
interface AxisAttributes {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
}

export const reachOf = ({ kernel, dilation }: Pick<AxisAttributes, 'kernel' | 'dilation'>): number =>
  dilation * (kernel - 1) + 1

export function axisAttributes(call: OperatorCall, kernel: readonly number[]): AxisAttributes[] {
  const strides = call.ints('strides')
  const dilations = call.ints('dilations')
  return kernel.map((size, axis) => ({
    kernel: size,
    stride: strides?.[axis] ?? 1,
    dilation: dilations?.[axis] ?? 1,
  }))
}

/** The pads of the file: begin of every axis, then end of every axis. */
export function explicitPads(call: OperatorCall, rank: number): [number, number][] {
  const pads = call.ints('pads')
  return range(rank).map((axis) => [pads?.[axis] ?? 0, pads?.[axis + rank] ?? 0])
}

/** `total` split in halves, the odd one before for SAME_LOWER and after for SAME_UPPER. */
export function splitEvenly(total: number, autoPad: string): [number, number] {
  const small = Math.floor(total / 2)
  return autoPad === 'SAME_LOWER' ? [total - small, small] : [small, total - small]
}

/** The windows of a convolution or pooling with kernels of the given sizes over the spatial axes of x. */
export function slidingAxes(call: OperatorCall, x: Tensor, kernel: readonly number[]): SlidingAxis[] {
  const autoPad = call.text('auto_pad', 'NOTSET')
  const ceil = call.flag('ceil_mode')
  const explicit = explicitPads(call, kernel.length)
  return axisAttributes(call, kernel).map((axis, index) => {
    const size = at(x.shape, index + 2)
    const reach = reachOf(axis)
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const output = Math.ceil(size / axis.stride)
      const pads = splitEvenly(Math.max(0, (output - 1) * axis.stride + reach - size), autoPad)
      return { ...axis, size, output, pads, padding: pads }
    }
    const pads: [number, number] = autoPad === 'VALID' ? [0, 0] : at(explicit, index)
    const positions = (size + pads[0] + pads[1] - reach) / axis.stride
    const rounded = (ceil ? Math.ceil(positions) : Math.floor(positions)) + 1
    // A window that would begin in the padding at the end is left out.
    const output = ceil && (rounded - 1) * axis.stride >= size + pads[0] ? rounded - 1 : rounded
    const overhang = Math.max(pads[1], (output - 1) * axis.stride + reach - size - pads[0])
    return { ...axis, size, output, pads, padding: [pads[0], overhang] }
  })
}

/** What the window primitives take. */
export function windowOf(axes: readonly SlidingAxis[]): WindowAxis[] {
  return axes.map(({ kernel, stride, padding, dilation }) => ({ kernel, stride, padding, dilation }))
}
