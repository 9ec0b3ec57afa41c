/**
 * Activation functions, element by element unless said otherwise; any shape, same shape. They are written so that neither value nor
 * gradient overflows for large inputs. Defaults are PyTorch's; sources stand with each function.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, normalizeAxis } from '../shape/shape.ts'
import { type Tensor, where } from './tensor.ts'

/**
 * max(x, 0).
 *
 * @example
 * import { relu, tensor } from 'cognitron'
 * console.log(await relu(tensor([-1, 0, 2])).toArray()) // [0, 0, 2]
 */
export function relu(x: Tensor): Tensor {
  return x.relu()
}

/**
 * min(max(x, 0), 6).
 *
 * @example
 * import { relu6, tensor } from 'cognitron'
 * console.log(await relu6(tensor([-1, 3, 8])).toArray()) // [0, 3, 6]
 */
export function relu6(x: Tensor): Tensor {
  return x.clamp(0, 6)
}

/**
 * x for x > 0, else slope · x. Source: Maas et al. (2013).
 *
 * @example
 * import { leakyRelu, tensor } from 'cognitron'
 * console.log(await leakyRelu(tensor([-10, 2]), 0.1).toArray()) // [-1, 2]
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return where(x.gt(0), x, x.mul(slope))
}

/**
 * Leaky ReLU with learned slopes: `weight` has one slope, or one for each channel (axis 1). Throws ShapeError otherwise.
 * Source: He et al. (2015).
 *
 * @example
 * import { prelu, tensor } from 'cognitron'
 * console.log(await prelu(tensor([[-4, -8]]), tensor([0.25, 0.5])).toArray()) // [[-1, -4]]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.shape[1] ?? 1
  if (weight.size !== 1 && weight.size !== channels) {
    throw new ShapeError(
      `prelu has ${weight.size} slopes, so it expects [batch, ${weight.size}, ...], given shape ${formatShape(x.shape)}.`,
    )
  }
  const slope = weight.size === 1 ? weight.reshape() : weight.reshape(-1, ...Array<number>(x.rank - 2).fill(1))
  return where(x.gt(0), x, x.mul(slope))
}

/**
 * x for x > 0, else alpha (eˣ − 1). Source: Clevert et al. (2016).
 *
 * @example
 * import { elu, tensor } from 'cognitron'
 * console.log(await elu(tensor([-1, 2])).toArray()) // [-0.6321, 2]
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return where(x.gt(0), x, x.clamp(undefined, 0).exp().sub(1).mul(alpha))
}

/**
 * ELU whose derivative is continuous: x for x > 0, else alpha (e^(x / alpha) − 1). Source: Barron (2017).
 *
 * @example
 * import { celu, tensor } from 'cognitron'
 * console.log(await celu(tensor([-2, 2]), 2).toArray()) // [-1.2642, 2]
 */
export function celu(x: Tensor, alpha = 1): Tensor {
  return where(
    x.gt(0),
    x,
    x
      .clamp(undefined, 0)
      .mul(1 / alpha)
      .exp()
      .sub(1)
      .mul(alpha),
  )
}

/**
 * Scaled ELU, which keeps mean 0 and variance 1 from layer to layer. Source: Klambauer et al. (2017).
 *
 * @example
 * import { selu, tensor } from 'cognitron'
 * console.log(await selu(tensor([-1, 1])).toArray()) // [-1.1113, 1.0507]
 */
export function selu(x: Tensor): Tensor {
  return elu(x, 1.6732632423543772).mul(1.0507009873554805)
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example
 * import { sigmoid, tensor } from 'cognitron'
 * console.log(await sigmoid(tensor([-1000, 0, 1000])).toArray()) // [0, 0.5, 1]
 */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid()
}

/**
 * (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
 *
 * @example
 * import { tanh, tensor } from 'cognitron'
 * console.log(await tanh(tensor([0, 1])).toArray()) // [0, 0.7616]
 */
export function tanh(x: Tensor): Tensor {
  return x.tanh()
}

/**
 * log(1 + e^(beta x)) / beta; beyond `threshold` in beta x it is x itself.
 *
 * @example
 * import { softplus, tensor } from 'cognitron'
 * console.log(await softplus(tensor([0, 1000])).toArray()) // [0.6931, 1000]
 */
export function softplus(x: Tensor, { beta = 1, threshold = 20 }: { beta?: number; threshold?: number } = {}): Tensor {
  const scaled = beta === 1 ? x : x.mul(beta)
  const bent = scaled.clamp(undefined, threshold).exp().add(1).log()
  return where(scaled.gt(threshold), x, beta === 1 ? bent : bent.mul(1 / beta))
}

/**
 * log(1 / (1 + e⁻ˣ)), safe for any x.
 *
 * @example
 * import { logSigmoid, tensor } from 'cognitron'
 * console.log(await logSigmoid(tensor([-1000, 0])).toArray()) // [-1000, -0.6931]
 */
export function logSigmoid(x: Tensor): Tensor {
  return softplus(x.neg()).neg()
}

/**
 * x / (1 + |x|).
 *
 * @example
 * import { softsign, tensor } from 'cognitron'
 * console.log(await softsign(tensor([-1, 3])).toArray()) // [-0.5, 0.75]
 */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1))
}

/**
 * x − tanh x.
 *
 * @example
 * import { tanhshrink, tensor } from 'cognitron'
 * console.log(await tanhshrink(tensor([0, 1])).toArray()) // [0, 0.2384]
 */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(x.tanh())
}

/**
 * 0 within ±lambda, else x.
 *
 * @example
 * import { hardshrink, tensor } from 'cognitron'
 * console.log(await hardshrink(tensor([-1, 0.5, 2])).toArray()) // [-1, 0, 2]
 */
export function hardshrink(x: Tensor, lambda = 0.5): Tensor {
  return where(x.abs().gt(lambda), x, 0)
}

/**
 * x moved by lambda towards 0, 0 within ±lambda.
 *
 * @example
 * import { softshrink, tensor } from 'cognitron'
 * console.log(await softshrink(tensor([-1, 0.25, 2])).toArray()) // [-0.5, 0, 1.5]
 */
export function softshrink(x: Tensor, lambda = 0.5): Tensor {
  return x.sub(x.clamp(-lambda, lambda))
}

/**
 * x · sigmoid x, also called swish. Source: Elfwing et al. (2018).
 *
 * @example
 * import { silu, tensor } from 'cognitron'
 * console.log(await silu(tensor([0, 1])).toArray()) // [0, 0.7311]
 */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid())
}

/**
 * x · Φ(x) with the normal distribution function, or its approximation by tanh. Source: Hendrycks and Gimpel (2016).
 *
 * @example
 * import { gelu, tensor } from 'cognitron'
 * console.log(await gelu(tensor([-1, 1])).toArray()) // [-0.1587, 0.8413]
 */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  if (approximate === 'none') {
    return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
  }
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return x.mul(0.5).mul(inner.tanh().add(1))
}

/**
 * x · tanh(softplus x). Source: Misra (2019).
 *
 * @example
 * import { mish, tensor } from 'cognitron'
 * console.log(await mish(tensor([0, 1])).toArray()) // [0, 0.8651]
 */
export function mish(x: Tensor): Tensor {
  return x.mul(softplus(x).tanh())
}

/**
 * x limited to [min, max]. Throws ArgumentError unless min < max.
 *
 * @example
 * import { hardtanh, tensor } from 'cognitron'
 * console.log(await hardtanh(tensor([-3, 0.5, 3])).toArray()) // [-1, 0.5, 1]
 */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  if (!(min < max)) throw new ArgumentError(`hardtanh needs min < max, given ${min} and ${max}.`)
  return x.clamp(min, max)
}

/**
 * min(max(x + 3, 0), 6) / 6.
 *
 * @example
 * import { hardsigmoid, tensor } from 'cognitron'
 * console.log(await hardsigmoid(tensor([-3, 0, 3])).toArray()) // [0, 0.5, 1]
 */
export function hardsigmoid(x: Tensor): Tensor {
  return x
    .add(3)
    .clamp(0, 6)
    .mul(1 / 6)
}

/**
 * x · hardsigmoid x. Source: Howard et al. (2019).
 *
 * @example
 * import { hardswish, tensor } from 'cognitron'
 * console.log(await hardswish(tensor([-3, 0, 3])).toArray()) // [0, 0, 3]
 */
export function hardswish(x: Tensor): Tensor {
  return x.mul(hardsigmoid(x))
}

/**
 * x where x > threshold, else `value`.
 *
 * @example
 * import { tensor, threshold } from 'cognitron'
 * console.log(await threshold(tensor([0, 1, 2]), 1, -7).toArray()) // [-7, -7, 2]
 */
export function threshold(x: Tensor, limit: number, value: number): Tensor {
  return where(x.gt(limit), x, value)
}

/**
 * The perceptron's unit: +1 for x ≥ 0, else −1. Its gradient is 0. Source: Rosenblatt (1958).
 *
 * @example
 * import { signStep, tensor } from 'cognitron'
 * console.log(await signStep(tensor([-2, 0, 3])).toArray()) // [-1, 1, 1]
 */
export function signStep(x: Tensor): Tensor {
  return x.ge(0).to('float32').mul(2).sub(1)
}

/**
 * The threshold unit: 1 for x ≥ 0, else 0. Its gradient is 0. Source: McCulloch and Pitts (1943).
 *
 * @example
 * import { heavisideStep, tensor } from 'cognitron'
 * console.log(await heavisideStep(tensor([-2, 0, 3])).toArray()) // [0, 1, 1]
 */
export function heavisideStep(x: Tensor): Tensor {
  return x.ge(0).to('float32')
}

/**
 * The largest of each `pieces` neighbouring elements along `axis`: `[batch, k · pieces, ...] → [batch, k, ...]`.
 * Throws ShapeError when `pieces` does not divide the axis. Source: Goodfellow et al. (2013).
 *
 * @example
 * import { maxout, tensor } from 'cognitron'
 * console.log(await maxout(tensor([[1, 5, 7, 2]]), 2).toArray()) // [[5, 7]]
 */
export function maxout(x: Tensor, pieces: number, axis = 1): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  if (!Number.isInteger(pieces) || pieces < 1 || size % pieces !== 0) {
    throw new ShapeError(
      `maxout of ${pieces} pieces needs an axis that ${pieces} divides, given ${size} in shape ${formatShape(x.shape)}.`,
    )
  }
  return x.reshape(...x.shape.toSpliced(position, 1, size / pieces, pieces)).max(position + 1)
}

/**
 * The first half of an axis times the sigmoid of the second. Source: Dauphin et al. (2017).
 *
 * @throws ShapeError for an axis of odd size.
 * @example
 * import { glu, tensor } from 'cognitron'
 * console.log(await glu(tensor([[4, 6, 0, 0]])).toArray()) // [[2, 3]]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  if (size % 2 !== 0) {
    throw new ShapeError(`glu halves an axis, given ${size} elements in shape ${formatShape(x.shape)}.`)
  }
  return x.slice(position, 0, size / 2).mul(x.slice(position, size / 2).sigmoid())
}
