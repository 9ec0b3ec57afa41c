/** Convolution and transposed convolution of ONNX, with pads that may differ at both ends of an axis. */
import { at } from '../../../base/arrays.ts'
import { makeNode } from '../../../ir/build.ts'
import { Tensor } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { axisAttributes, explicitPads, reachOf, slidingAxes, splitEvenly } from './window.ts'

function withBias(call: OperatorCall, x: Tensor): Tensor {
  const bias = call.optional(2)
  return bias ? x.add(bias.reshape(1, -1, ...Array<number>(x.rank - 2).fill(1))) : x
}

function conv(call: OperatorCall): Tensor {
  const [x, weight] = [call.input(0), call.input(1)]
  call.demand(x.rank === weight.rank && x.rank >= 3, 'input and weight have other ranks', x.shape, weight.shape)
  const axes = slidingAxes(call, x, weight.shape.slice(2))
  const node = makeNode('conv', [x.node, weight.node], {
    stride: axes.map(({ stride }) => stride),
    padding: axes.map(({ pads }) => pads),
    dilation: axes.map(({ dilation }) => dilation),
    groups: call.int('group', 1),
  })
  return withBias(call, new Tensor(node))
}

/** Pads and the elements to add at the end of one axis of a transposed convolution. */
interface TransposedAxis {
  readonly pads: readonly [number, number]
  readonly output: number
}

/** A wanted output size, or the rule SAME, decides the pads; otherwise the pads decide the size. */
function transposedAxes(call: OperatorCall, x: Tensor, kernel: readonly number[]): TransposedAxis[] {
  const autoPad = call.text('auto_pad', 'NOTSET')
  const wanted = call.ints('output_shape')
  const extra = call.ints('output_padding')
  const explicit = explicitPads(call, kernel.length)
  return axisAttributes(call, kernel).map((axis, index) => {
    const size = at(x.shape, index + 2)
    const whole = (size - 1) * axis.stride + reachOf(axis) + (extra?.[index] ?? 0)
    const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER' ? size * axis.stride : undefined
    const output = wanted?.at(index - kernel.length) ?? same
    if (output === undefined) {
      const pads: [number, number] = autoPad === 'VALID' ? [0, 0] : at(explicit, index)
      return { pads, output: whole - pads[0] - pads[1] }
    }
    const total = Math.max(0, whole - output)
    // Only here SAME_UPPER puts the odd element at the end; the default puts it at the beginning.
    return { pads: splitEvenly(total, autoPad === 'SAME_UPPER' ? autoPad : 'SAME_LOWER'), output }
  })
}

function convTranspose(call: OperatorCall): Tensor {
  const [x, weight] = [call.input(0), call.input(1)]
  call.demand(x.rank === weight.rank && x.rank >= 3, 'input and weight have other ranks', x.shape, weight.shape)
  const kernel = weight.shape.slice(2)
  const axes = transposedAxes(call, x, kernel)
  const attributes = axisAttributes(call, kernel)
  // What reaches beyond the last window is cut to what the primitive can have, and filled with zeros afterwards.
  const reached = axes.map(({ pads, output }, index) => {
    const { stride, kernel: size, dilation } = at(attributes, index)
    const most =
      (at(x.shape, index + 2) - 1) * stride + reachOf({ kernel: size, dilation }) - pads[0] - pads[1] + stride - 1
    return Math.min(output, most)
  })
  const node = makeNode('convInputGrad', [x.node, weight.node], {
    stride: attributes.map(({ stride }) => stride),
    padding: axes.map(({ pads }) => pads),
    dilation: attributes.map(({ dilation }) => dilation),
    groups: call.int('group', 1),
    inputSize: reached,
  })
  const missing = axes.map(({ output }, index): [number, number] => [0, output - at(reached, index)])
  return withBias(call, new Tensor(node).pad([[0, 0], [0, 0], ...missing]))
}

export const convolution: OperatorTable = {
  Conv: rule(conv),
  ConvTranspose: rule(convTranspose),
}
