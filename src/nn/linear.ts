/** Layers that multiply by learned matrices, and those that only reshape. Default weights are PyTorch's. */
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import type { Parameter, Tensor } from '../tensor/index.ts'
import { bilinear, linear } from '../tensor/linear.ts'
import { defaultParameter } from './fan.ts'
import { Module } from './module.ts'

export interface LinearOptions {
  /** Whether a learned number is added to each output. Default true. */
  readonly bias?: boolean
}

/** Throws ArgumentError unless every count is a whole number of at least 1. */
export function checkCounts(layer: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 1) continue
    throw new ArgumentError(`${layer} needs ${name} to be a whole number of at least 1, given ${count}.`)
  }
}

/**
 * x · weightᵀ + bias: `[..., inFeatures] → [..., outFeatures]`. Throws ShapeError for another last axis.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Linear(784, 10).forward(zeros([64, 784])).shape) // [64, 10]
 */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  /** `[outFeatures, inFeatures]` */
  weight: Parameter
  /** `[outFeatures]` */
  bias: Parameter | null

  constructor(inFeatures: number, outFeatures: number, { bias = true }: LinearOptions = {}) {
    super()
    checkCounts('Linear', { inFeatures, outFeatures })
    this.inFeatures = inFeatures
    this.outFeatures = outFeatures
    this.weight = defaultParameter([outFeatures, inFeatures], inFeatures)
    this.bias = bias ? defaultParameter([outFeatures], inFeatures) : null
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }

  override get label(): string {
    return `Linear ${this.inFeatures} → ${this.outFeatures}`
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`
  }
}

/**
 * x1 · weight[o] · x2 + bias[o]: `[..., in1Features], [..., in2Features] → [..., outFeatures]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Bilinear(4, 5, 3).forward(zeros([8, 4]), zeros([8, 5])).shape) // [8, 3]
 */
export class Bilinear extends Module<[x1: Tensor, x2: Tensor]> {
  /** `[outFeatures, in1Features, in2Features]` */
  weight: Parameter
  bias: Parameter | null

  constructor(in1Features: number, in2Features: number, outFeatures: number, { bias = true }: LinearOptions = {}) {
    super()
    checkCounts('Bilinear', { in1Features, in2Features, outFeatures })
    this.weight = defaultParameter([outFeatures, in1Features, in2Features], in1Features)
    this.bias = bias ? defaultParameter([outFeatures], in1Features) : null
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias)
  }

  override get label(): string {
    const [out, in1, in2] = this.weight.shape
    return `Bilinear ${in1}, ${in2} → ${out}`
  }

  override extraRepr(): string {
    const [out, in1, in2] = this.weight.shape
    return `in1Features=${in1}, in2Features=${in2}, outFeatures=${out}, bias=${this.bias !== null}`
  }
}

/**
 * Gives its input back.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.Identity().forward(tensor([1, 2])).toArray()) // [1, 2]
 */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x
  }
}

/**
 * Merges axes `startAxis` (default 1) to `endAxis` (default the last): `[batch, c, h, w] → [batch, c · h · w]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Flatten().forward(zeros([8, 3, 4, 5])).shape) // [8, 60]
 */
export class Flatten extends Module {
  readonly startAxis: number
  readonly endAxis: number

  constructor(startAxis = 1, endAxis = -1) {
    super()
    this.startAxis = startAxis
    this.endAxis = endAxis
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.startAxis, this.endAxis)
  }

  override extraRepr(): string {
    return `startAxis=${this.startAxis}, endAxis=${this.endAxis}`
  }
}

/**
 * Splits one axis into several: `[batch, c · h · w] → [batch, c, h, w]`. Throws ShapeError when the sizes do not multiply to it.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.Unflatten(1, [3, 4, 5]).forward(zeros([8, 60])).shape) // [8, 3, 4, 5]
 */
export class Unflatten extends Module {
  readonly axis: number
  readonly sizes: readonly number[]

  constructor(axis: number, sizes: readonly number[]) {
    super()
    this.axis = axis
    this.sizes = sizes
  }

  override forward(x: Tensor): Tensor {
    const position = this.axis < 0 ? this.axis + x.rank : this.axis
    if (position < 0 || position >= x.rank) {
      throw new ShapeError(`Unflatten of axis ${this.axis} needs that axis, given shape ${formatShape(x.shape)}.`)
    }
    return x.reshape(...x.shape.toSpliced(position, 1, ...this.sizes))
  }

  override extraRepr(): string {
    return `axis=${this.axis}, sizes=${formatShape(this.sizes)}`
  }
}
