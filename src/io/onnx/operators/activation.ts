/** Activation operators of ONNX, soft maxima among them, and dropout. Defaults are the standard's. */
import { product } from '../../../base/arrays.ts'
import * as functional from '../../../tensor/functional.ts'
import { iota, ones, type Tensor, where } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorRule, type OperatorTable, rule } from '../operator.ts'

const unary = (apply: (x: Tensor, call: OperatorCall) => Tensor): OperatorRule =>
  rule((call) => apply(call.input(0), call))

/** Up to version 12 the axes from `axis` on count as one. */
const alongAxis = (apply: (x: Tensor, axis: number) => Tensor): OperatorRule =>
  unary((x, call) => {
    if (call.opset >= 13) return apply(x, call.axis(x, -1))
    const axis = call.axis(x, 1)
    const rows = x.reshape(product(x.shape.slice(0, axis)), -1)
    return apply(rows, 1).reshape(...x.shape)
  })

function hardmax(x: Tensor, axis: number): Tensor {
  return iota(x.shape, axis)
    .eq(x.argmax(axis, { keepDim: true }))
    .to('float32')
}

/** Slopes broadcast as in NumPy; up to version 6 a vector of them belongs to the channels, axis 1. */
function prelu(call: OperatorCall): Tensor {
  const [x, slope] = [call.input(0), call.input(1)]
  const byChannel = slope.rank === 1 && slope.size > 1 && slope.size === x.shape[1] && slope.size !== x.shape.at(-1)
  const aligned =
    byChannel || (call.opset < 7 && slope.size > 1)
      ? slope.reshape(-1, ...Array<number>(Math.max(0, x.rank - 2)).fill(1))
      : slope
  return where(x.lt(0), x.mul(aligned), x)
}

/** A network from a file is for inference: dropout passes its input on. */
function dropout(call: OperatorCall): (Tensor | undefined)[] {
  const x = call.input(0)
  const training = call.opset >= 12 ? (call.numbers(2)?.[0] ?? 0) : 1 - call.int('is_test', 1)
  const ratio = call.opset >= 12 ? (call.numbers(1)?.[0] ?? 0.5) : call.float('ratio', 0.5)
  if (training && ratio > 0) {
    call.unsupported('it drops elements at random, and the standard does not say which')
  }
  return [x, call.wants(1) ? ones(x.shape, call.opset < 10 ? 'float32' : 'bool') : undefined]
}

export const activation: OperatorTable = {
  Relu: unary((x) => functional.relu(x)),
  LeakyRelu: unary((x, call) => functional.leakyRelu(x, call.float('alpha', 0.01))),
  PRelu: rule(prelu),
  Elu: unary((x, call) => functional.elu(x, call.float('alpha', 1))),
  Celu: unary((x, call) => functional.celu(x, call.float('alpha', 1))),
  Selu: unary((x, call) =>
    functional.elu(x, call.float('alpha', 1.6732632423543772)).mul(call.float('gamma', 1.0507009873554805)),
  ),
  Sigmoid: unary((x) => x.sigmoid()),
  HardSigmoid: unary((x, call) => x.mul(call.float('alpha', 0.2)).add(call.float('beta', 0.5)).clamp(0, 1)),
  HardSwish: unary((x) => functional.hardswish(x)),
  Swish: unary((x, call) => x.mul(x.mul(call.float('alpha', 1)).sigmoid())),
  Tanh: unary((x) => x.tanh()),
  Softplus: unary((x) => functional.softplus(x)),
  Softsign: unary((x) => functional.softsign(x)),
  Mish: unary((x) => functional.mish(x)),
  Gelu: unary((x, call) =>
    functional.gelu(x, { approximate: call.text('approximate', 'none') === 'tanh' ? 'tanh' : 'none' }),
  ),
  ThresholdedRelu: unary((x, call) => functional.threshold(x, call.float('alpha', 1), 0)),
  Softmax: alongAxis((x, axis) => functional.softmax(x, axis)),
  LogSoftmax: alongAxis((x, axis) => functional.logSoftmax(x, axis)),
  Hardmax: alongAxis(hardmax),
  Dropout: rule(dropout, { settings: [1, 2] }),
}

/** The activations of recurrent operators by their name in lower case; `alpha` and `beta` are theirs. */
export const recurrentActivations: Readonly<Record<string, (x: Tensor, alpha?: number, beta?: number) => Tensor>> = {
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  affine: (x, alpha = 1, beta = 0) => x.mul(alpha).add(beta),
  leakyrelu: (x, alpha = 0.01) => functional.leakyRelu(x, alpha),
  thresholdedrelu: (x, alpha = 1) => functional.threshold(x, alpha, 0),
  scaledtanh: (x, alpha = 1, beta = 1) => x.mul(beta).tanh().mul(alpha),
  hardsigmoid: (x, alpha = 0.2, beta = 0.5) => x.mul(alpha).add(beta).clamp(0, 1),
  elu: (x, alpha = 1) => functional.elu(x, alpha),
  softsign: (x) => functional.softsign(x),
  softplus: (x) => functional.softplus(x),
}
