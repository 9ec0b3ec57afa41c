/** Activation functions as layers; formulas and sources stand with the functions of `tensor/activation.ts`. */
import * as activation from '../tensor/activation.ts'
import { Parameter, type Tensor } from '../tensor/index.ts'
import { Module } from './module.ts'

/**
 * max(x, 0).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ReLU().forward(tensor([-1, 0, 2])).toArray()) // [0, 0, 2]
 */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.relu(x)
  }
}

/**
 * min(max(x, 0), 6).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ReLU6().forward(tensor([-1, 3, 8])).toArray()) // [0, 3, 6]
 */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return activation.relu6(x)
  }
}

/**
 * x for x > 0, else negativeSlope · x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.LeakyReLU(0.1).forward(tensor([-10, 2])).toArray()) // [-1, 2]
 */
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

/**
 * Leaky ReLU with one learned slope, or one per channel (axis 1).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * const layer = new nn.PReLU(2)
 * console.log(await layer.forward(tensor([[-4, -8]])).toArray()) // [[-1, -2]]
 */
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

/**
 * x for x > 0, else alpha (eˣ − 1).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ELU().forward(tensor([-1, 2])).toArray()) // [-0.6321, 2]
 */
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

/**
 * x for x > 0, else alpha (e^(x / alpha) − 1).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.CELU(2).forward(tensor([-2, 2])).toArray()) // [-1.2642, 2]
 */
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

/**
 * Scaled ELU of self-normalising networks.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.SELU().forward(tensor([-1, 1])).toArray()) // [-1.1113, 1.0507]
 */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.selu(x)
  }
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Sigmoid().forward(tensor([-1000, 0, 1000])).toArray()) // [0, 0.5, 1]
 */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.sigmoid(x)
  }
}

/**
 * log sigmoid x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.LogSigmoid().forward(tensor([-1000, 0])).toArray()) // [-1000, -0.6931]
 */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.logSigmoid(x)
  }
}

/**
 * Hyperbolic tangent.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Tanh().forward(tensor([0, 1])).toArray()) // [0, 0.7616]
 */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return activation.tanh(x)
  }
}

/**
 * x − tanh x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Tanhshrink().forward(tensor([0, 1])).toArray()) // [0, 0.2384]
 */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return activation.tanhshrink(x)
  }
}

/**
 * 0 within ±lambda, else x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Hardshrink().forward(tensor([-1, 0.5, 2])).toArray()) // [-1, 0, 2]
 */
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

/**
 * x moved by lambda towards 0.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Softshrink().forward(tensor([-1, 0.25, 2])).toArray()) // [-0.5, 0, 1.5]
 */
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

/**
 * log(1 + e^(beta x)) / beta.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Softplus().forward(tensor([0, 1000])).toArray()) // [0.6931, 1000]
 */
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

/**
 * x / (1 + |x|).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Softsign().forward(tensor([-1, 3])).toArray()) // [-0.5, 0.75]
 */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return activation.softsign(x)
  }
}

/**
 * x · sigmoid x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.SiLU().forward(tensor([0, 1])).toArray()) // [0, 0.7311]
 */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return activation.silu(x)
  }
}

/**
 * x · Φ(x), exact or approximated by tanh.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.GELU().forward(tensor([-1, 1])).toArray()) // [-0.1587, 0.8413]
 */
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

/**
 * x · tanh(softplus x).
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Mish().forward(tensor([0, 1])).toArray()) // [0, 0.8651]
 */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return activation.mish(x)
  }
}

/**
 * x limited to [minVal, maxVal]. Throws ArgumentError unless minVal < maxVal.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Hardtanh(-2, 2).forward(tensor([-3, 1, 3])).toArray()) // [-2, 1, 2]
 */
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

/**
 * x · hardsigmoid x.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Hardswish().forward(tensor([-3, 0, 3])).toArray()) // [0, 0, 3]
 */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return activation.hardswish(x)
  }
}

/**
 * min(max(x + 3, 0), 6) / 6.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Hardsigmoid().forward(tensor([-3, 0, 3])).toArray()) // [0, 0.5, 1]
 */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return activation.hardsigmoid(x)
  }
}

/**
 * x where x > threshold, else value.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Threshold(1, -7).forward(tensor([0, 1, 2])).toArray()) // [-7, -7, 2]
 */
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

/**
 * The perceptron's unit: +1 for x ≥ 0, else −1; no gradient passes.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Sign().forward(tensor([-2, 0, 3])).toArray()) // [-1, 1, 1]
 */
export class Sign extends Module {
  override forward(x: Tensor): Tensor {
    return activation.signStep(x)
  }
}

/**
 * The threshold unit: 1 for x ≥ 0, else 0; no gradient passes.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Heaviside().forward(tensor([-2, 0, 3])).toArray()) // [0, 1, 1]
 */
export class Heaviside extends Module {
  override forward(x: Tensor): Tensor {
    return activation.heavisideStep(x)
  }
}

/**
 * The largest of each `pieces` neighbouring channels: `[batch, k · pieces, ...] → [batch, k, ...]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Maxout(2).forward(tensor([[1, 5, 7, 2]])).toArray()) // [[5, 7]]
 */
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

/**
 * The first half of an axis times the sigmoid of the second.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.GLU().forward(tensor([[4, 6, 0, 0]])).toArray()) // [[2, 3]]
 */
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
