/** Interpreter rules of the contractions: matrix product, convolution and its two gradients, in the obvious loops. */
import { at, product } from '../../base/arrays.ts'
import type { ConvAttributes, NodeOf } from '../../ir/node.ts'
import { convWindow } from '../../ir/primitives.ts'
import { elementCount, type Shape } from '../../shape/shape.ts'
import type { RuleTable } from './rule.ts'
import { windowOffsets } from './sliding.ts'

function matmul(node: NodeOf<'matmul'>, operands: readonly Float64Array[]): Float64Array {
  const [a, b] = [at(operands, 0), at(operands, 1)]
  const [rows, columns] = [at(node.shape, node.shape.length - 2), at(node.shape, node.shape.length - 1)]
  const depth = at(at(node.inputs, 0).shape, node.shape.length - 1)
  const result = new Float64Array(elementCount(node.shape))
  for (let row = 0; row < product(node.shape.slice(0, -1)); row++) {
    const matrix = Math.floor(row / rows) * depth
    for (let k = 0; k < depth; k++) {
      const factor = a[row * depth + k] as number
      const inB = (matrix + k) * columns
      const inResult = row * columns
      for (let column = 0; column < columns; column++) {
        result[inResult + column] = (result[inResult + column] as number) + factor * (b[inB + column] as number)
      }
    }
  }
  return result
}

/** Shapes of the three tensors that a convolution and its gradients relate. */
interface Convolution {
  readonly x: Shape
  readonly weight: Shape
  readonly output: Shape
  readonly attributes: ConvAttributes
}

/** The start of one channel of x, one kernel plane of the weight and one channel of the output. */
type VisitPlanes = (inX: number, inWeight: number, inOutput: number) => void

/** Every pair of an input and an output channel that a kernel plane connects, for every example. */
function forEachPlane({ x, weight, output, attributes }: Convolution, visit: VisitPlanes): void {
  const [batch, channels, outChannels] = [at(x, 0), at(x, 1), at(weight, 0)]
  const groupChannels = at(weight, 1)
  const outPerGroup = outChannels / attributes.groups
  const [inSize, taps, outSize] = [product(x.slice(2)), product(weight.slice(2)), product(output.slice(2))]
  for (let example = 0; example < batch; example++) {
    for (let out = 0; out < outChannels; out++) {
      const firstChannel = example * channels + Math.floor(out / outPerGroup) * groupChannels
      for (let channel = 0; channel < groupChannels; channel++) {
        const plane = out * groupChannels + channel
        visit((firstChannel + channel) * inSize, plane * taps, (example * outChannels + out) * outSize)
      }
    }
  }
}

function offsetsOf({ x, weight, output, attributes }: Convolution): Int32Array {
  return windowOffsets(x.slice(2), output.slice(2), convWindow(attributes, weight.slice(2)))
}

function conv(node: NodeOf<'conv'>, operands: readonly Float64Array[]): Float64Array {
  const [x, weight] = [at(operands, 0), at(operands, 1)]
  const weightShape = at(node.inputs, 1).shape
  const convolution = {
    x: at(node.inputs, 0).shape,
    weight: weightShape,
    output: node.shape,
    attributes: node.attributes,
  }
  const offsets = offsetsOf(convolution)
  const [taps, outSize] = [product(weightShape.slice(2)), product(node.shape.slice(2))]
  const result = new Float64Array(elementCount(node.shape))
  forEachPlane(convolution, (inX, inWeight, inOutput) => {
    for (let position = 0; position < outSize; position++) {
      let sum = result[inOutput + position] as number
      for (let tap = 0; tap < taps; tap++) {
        const offset = offsets[position * taps + tap] as number
        if (offset >= 0) sum += (x[inX + offset] as number) * (weight[inWeight + tap] as number)
      }
      result[inOutput + position] = sum
    }
  })
  return result
}

function convInputGrad(node: NodeOf<'convInputGrad'>, operands: readonly Float64Array[]): Float64Array {
  const [gradient, weight] = [at(operands, 0), at(operands, 1)]
  const [output, weightShape] = [at(node.inputs, 0).shape, at(node.inputs, 1).shape]
  const convolution = { x: node.shape, weight: weightShape, output, attributes: node.attributes }
  const offsets = offsetsOf(convolution)
  const [taps, outSize] = [product(weightShape.slice(2)), product(output.slice(2))]
  const result = new Float64Array(elementCount(node.shape))
  forEachPlane(convolution, (inX, inWeight, inOutput) => {
    for (let position = 0; position < outSize; position++) {
      const factor = gradient[inOutput + position] as number
      for (let tap = 0; tap < taps; tap++) {
        const offset = offsets[position * taps + tap] as number
        if (offset < 0) continue
        result[inX + offset] = (result[inX + offset] as number) + factor * (weight[inWeight + tap] as number)
      }
    }
  })
  return result
}

function convWeightGrad(node: NodeOf<'convWeightGrad'>, operands: readonly Float64Array[]): Float64Array {
  const [x, gradient] = [at(operands, 0), at(operands, 1)]
  const [xShape, output] = [at(node.inputs, 0).shape, at(node.inputs, 1).shape]
  const convolution = { x: xShape, weight: node.shape, output, attributes: node.attributes }
  const offsets = offsetsOf(convolution)
  const [taps, outSize] = [product(node.shape.slice(2)), product(output.slice(2))]
  const result = new Float64Array(elementCount(node.shape))
  forEachPlane(convolution, (inX, inWeight, inOutput) => {
    for (let position = 0; position < outSize; position++) {
      const factor = gradient[inOutput + position] as number
      for (let tap = 0; tap < taps; tap++) {
        const offset = offsets[position * taps + tap] as number
        if (offset < 0) continue
        result[inWeight + tap] = (result[inWeight + tap] as number) + factor * (x[inX + offset] as number)
      }
    }
  })
  return result
}

export const contractionRules = { matmul, conv, convInputGrad, convWeightGrad } satisfies Partial<RuleTable>
