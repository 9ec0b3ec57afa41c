/**
 * Activation functions, element by element unless said otherwise; any shape, same shape. They are written so that neither value nor
 * gradient overflows for large inputs. Defaults are PyTorch's; sources stand with each function.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, normalizeAxis } from '../shape/shape.ts'
import { type Tensor, where } from './tensor.ts'

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  return x.relu()
}

/** min(max(x, 0), 6). */
export function relu6(x: Tensor): Tensor {
  return x.clamp(0, 6)
}

/** x for x > 0, else slope · x. Source: Maas et al. (2013). */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return where(x.gt(0), x, x.mul(slope))
}

/**
 * Leaky ReLU with learned slopes: `weight` has one slope, or one for each channel (axis 1). Throws ShapeError otherwise.
 * Source: He et al. (2015).
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

/** x for x > 0, else alpha (eˣ − 1). Source: Clevert et al. (2016). */
export function elu(x: Tensor, alpha = 1): Tensor {
  return where(x.gt(0), x, x.clamp(undefined, 0).exp().sub(1).mul(alpha))
}

/** ELU whose derivative is continuous: x for x > 0, else alpha (e^(x / alpha) − 1). Source: Barron (2017). */
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

/** Scaled ELU, which keeps mean 0 and variance 1 from layer to layer. Source: Klambauer et al. (2017). */
export function selu(x: Tensor): Tensor {
  return elu(x, 1.6732632423543772).mul(1.0507009873554805)
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid()
}

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanh(x: Tensor): Tensor {
  return x.tanh()
}

/** log(1 + e^(beta x)) / beta; beyond `threshold` in beta x it is x itself. */
export function softplus(x: Tensor, { beta = 1, threshold = 20 }: { beta?: number; threshold?: number } = {}): Tensor {
  const scaled = beta === 1 ? x : x.mul(beta)
  const bent = scaled.clamp(undefined, threshold).exp().add(1).log()
  return where(scaled.gt(threshold), x, beta === 1 ? bent : bent.mul(1 / beta))
}

/** log(1 / (1 + e⁻ˣ)), safe for any x. */
export function logSigmoid(x: Tensor): Tensor {
  return softplus(x.neg()).neg()
}

/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1))
}

/** x − tanh x. */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(x.tanh())
}

/** 0 within ±lambda, else x. */
export function hardshrink(x: Tensor, lambda = 0.5): Tensor {
  return where(x.abs().gt(lambda), x, 0)
}

/** x moved by lambda towards 0, 0 within ±lambda. */
export function softshrink(x: Tensor, lambda = 0.5): Tensor {
  return x.sub(x.clamp(-lambda, lambda))
}

/** x · sigmoid x, also called swish. Source: Elfwing et al. (2018). */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid())
}

/** x · Φ(x) with the normal distribution function, or its approximation by tanh. Source: Hendrycks and Gimpel (2016). */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  if (approximate === 'none') {
    return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
  }
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return x.mul(0.5).mul(inner.tanh().add(1))
}

/** x · tanh(softplus x). Source: Misra (2019). */
export function mish(x: Tensor): Tensor {
  return x.mul(softplus(x).tanh())
}

/** x limited to [min, max]. Throws ArgumentError unless min < max. */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  if (!(min < max)) throw new ArgumentError(`hardtanh needs min < max, given ${min} and ${max}.`)
  return x.clamp(min, max)
}

/** min(max(x + 3, 0), 6) / 6. */
export function hardsigmoid(x: Tensor): Tensor {
  return x
    .add(3)
    .clamp(0, 6)
    .mul(1 / 6)
}

/** x · hardsigmoid x. Source: Howard et al. (2019). */
export function hardswish(x: Tensor): Tensor {
  return x.mul(hardsigmoid(x))
}

/** x where x > threshold, else `value`. */
export function threshold(x: Tensor, limit: number, value: number): Tensor {
  return where(x.gt(limit), x, value)
}

/** The perceptron's unit: +1 for x ≥ 0, else −1. Its gradient is 0. Source: Rosenblatt (1958). */
export function signStep(x: Tensor): Tensor {
  return x.ge(0).to('float32').mul(2).sub(1)
}

/** The threshold unit: 1 for x ≥ 0, else 0. Its gradient is 0. Source: McCulloch and Pitts (1943). */
export function heavisideStep(x: Tensor): Tensor {
  return x.ge(0).to('float32')
}

/**
 * The largest of each `pieces` neighbouring elements along `axis`: `[batch, k · pieces, ...] → [batch, k, ...]`.
 * Throws ShapeError when `pieces` does not divide the axis. Source: Goodfellow et al. (2013).
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

/** The first half of an axis times the sigmoid of the second. Source: Dauphin et al. (2017). */
export function glu(x: Tensor, axis = -1): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  if (size % 2 !== 0) {
    throw new ShapeError(`glu halves an axis, given ${size} elements in shape ${formatShape(x.shape)}.`)
  }
  return x.slice(position, 0, size / 2).mul(x.slice(position, size / 2).sigmoid())
}
