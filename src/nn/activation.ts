/** Activation functions as layers; formulas and sources stand with the functions of `tensor/activation.ts` and `softmax.ts`. */
import * as activation from '../tensor/activation.ts'
import { Parameter, type Tensor } from '../tensor/index.ts'
import { logSoftmax, softmax, softmin } from '../tensor/softmax.ts'
import { Module } from './module.ts'

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.relu(x)
  }
}

/** min(max(x, 0), 6). */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return activation.relu6(x)
  }
}

/** x for x > 0, else negativeSlope · x. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number

  constructor(negativeSlope = 0.01) {
    super()
    this.negativeSlope = negativeSlope
  }

  override forward(x: Tensor): Tensor {
    return activation.leakyRelu(x, this.negativeSlope)
  }

  override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`
  }
}

/** Leaky ReLU with one learned slope, or one per channel (axis 1). */
export class PReLU extends Module {
  weight: Parameter

  constructor(numParameters = 1, { init = 0.25 }: { init?: number } = {}) {
    super()
    this.weight = new Parameter(new Float32Array(numParameters).fill(init), [numParameters])
  }

  override forward(x: Tensor): Tensor {
    return activation.prelu(x, this.weight)
  }

  override extraRepr(): string {
    return `numParameters=${this.weight.size}`
  }
}

/** x for x > 0, else alpha (eˣ − 1). */
export class ELU extends Module {
  readonly alpha: number

  constructor(alpha = 1) {
    super()
    this.alpha = alpha
  }

  override forward(x: Tensor): Tensor {
    return activation.elu(x, this.alpha)
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}`
  }
}

/** x for x > 0, else alpha (e^(x / alpha) − 1). */
export class CELU extends Module {
  readonly alpha: number

  constructor(alpha = 1) {
    super()
    this.alpha = alpha
  }

  override forward(x: Tensor): Tensor {
    return activation.celu(x, this.alpha)
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}`
  }
}

/** Scaled ELU of self-normalising networks. */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.selu(x)
  }
}

/** 1 / (1 + e⁻ˣ). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.sigmoid(x)
  }
}

/** log sigmoid x. */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.logSigmoid(x)
  }
}

/** Hyperbolic tangent. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return activation.tanh(x)
  }
}

/** x − tanh x. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return activation.tanhshrink(x)
  }
}

/** 0 within ±lambda, else x. */
export class Hardshrink extends Module {
  readonly lambda: number

  constructor(lambda = 0.5) {
    super()
    this.lambda = lambda
  }

  override forward(x: Tensor): Tensor {
    return activation.hardshrink(x, this.lambda)
  }
}

/** x moved by lambda towards 0. */
export class Softshrink extends Module {
  readonly lambda: number

  constructor(lambda = 0.5) {
    super()
    this.lambda = lambda
  }

  override forward(x: Tensor): Tensor {
    return activation.softshrink(x, this.lambda)
  }
}

/** log(1 + e^(beta x)) / beta. */
export class Softplus extends Module {
  readonly beta: number
  readonly threshold: number

  constructor(beta = 1, threshold = 20) {
    super()
    this.beta = beta
    this.threshold = threshold
  }

  override forward(x: Tensor): Tensor {
    return activation.softplus(x, { beta: this.beta, threshold: this.threshold })
  }

  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`
  }
}

/** x / (1 + |x|). */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return activation.softsign(x)
  }
}

/** x · sigmoid x. */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.silu(x)
  }
}

/** x · Φ(x), exact or approximated by tanh. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    this.approximate = approximate
  }

  override forward(x: Tensor): Tensor {
    return activation.gelu(x, { approximate: this.approximate })
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}

/** x · tanh(softplus x). */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return activation.mish(x)
  }
}

/** x limited to [minVal, maxVal]. Throws ArgumentError unless minVal < maxVal. */
export class Hardtanh extends Module {
  readonly minVal: number
  readonly maxVal: number

  constructor(minVal = -1, maxVal = 1) {
    super()
    this.minVal = minVal
    this.maxVal = maxVal
  }

  override forward(x: Tensor): Tensor {
    return activation.hardtanh(x, this.minVal, this.maxVal)
  }

  override extraRepr(): string {
    return `minVal=${this.minVal}, maxVal=${this.maxVal}`
  }
}

/** x · hardsigmoid x. */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return activation.hardswish(x)
  }
}

/** min(max(x + 3, 0), 6) / 6. */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.hardsigmoid(x)
  }
}

/** x where x > threshold, else value. */
export class Threshold extends Module {
  readonly threshold: number
  readonly value: number

  constructor(threshold: number, value: number) {
    super()
    this.threshold = threshold
    this.value = value
  }

  override forward(x: Tensor): Tensor {
    return activation.threshold(x, this.threshold, this.value)
  }

  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}`
  }
}

/** The perceptron's unit: +1 for x ≥ 0, else −1; no gradient passes. */
export class Sign extends Module {
  override forward(x: Tensor): Tensor {
    return activation.signStep(x)
  }
}

/** The threshold unit: 1 for x ≥ 0, else 0; no gradient passes. */
export class Heaviside extends Module {
  override forward(x: Tensor): Tensor {
    return activation.heavisideStep(x)
  }
}

/** The largest of each `pieces` neighbouring channels: `[batch, k · pieces, ...] → [batch, k, ...]`. */
export class Maxout extends Module {
  readonly pieces: number
  readonly axis: number

  constructor(pieces: number, axis = 1) {
    super()
    this.pieces = pieces
    this.axis = axis
  }

  override forward(x: Tensor): Tensor {
    return activation.maxout(x, this.pieces, this.axis)
  }

  override extraRepr(): string {
    return `pieces=${this.pieces}, axis=${this.axis}`
  }
}

/** The first half of an axis times the sigmoid of the second. */
export class GLU extends Module {
  readonly axis: number

  constructor(axis = -1) {
    super()
    this.axis = axis
  }

  override forward(x: Tensor): Tensor {
    return activation.glu(x, this.axis)
  }
}

/** What layers share that normalise along an axis. */
abstract class AlongAxis extends Module {
  readonly axis: number

  /** Default: the last axis for vectors and matrices of samples, as PyTorch recommends to write out. */
  constructor(axis = -1) {
    super()
    this.axis = axis
  }

  override extraRepr(): string {
    return `axis=${this.axis}`
  }
}

/** e^xᵢ / Σⱼ e^xⱼ along an axis. */
export class Softmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmax(x, this.axis)
  }
}

/** e^−xᵢ / Σⱼ e^−xⱼ along an axis. */
export class Softmin extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmin(x, this.axis)
  }
}

/** log softmax along an axis. */
export class LogSoftmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis)
  }
}

/** Softmax over the channels of `[batch, channels, height, width]`. */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    return softmax(x, -3)
  }
}
