/** What the networks of 1989 and 1998 share: their sigmoid, their first weights, and subsampling with learned coefficients. */
import * as nn from '../../nn/index.ts'
import type { Shape } from '../../shape/shape.ts'
import { avgPool2d, Parameter, type Tensor } from '../../tensor/index.ts'
import { uniformLater } from '../../tensor/random.ts'

/**
 * 1.7159 tanh(2x / 3), which is ±1 at ±1 and bends most there. Any shape, same shape. Source: LeCun et al. (1998), appendix A.
 *
 * @example
 * import { models, tensor } from 'cognitron'
 * console.log(await models.scaledTanh(tensor([1, -1])).toArray()) // [1, -1] to five digits
 */
export function scaledTanh(x: Tensor): Tensor {
  return x
    .mul(2 / 3)
    .tanh()
    .mul(1.7159)
}

/** Uniform in ±2.4 / fan, the rule of both papers. */
export function lecunUniform(shape: Shape, fan: number): Parameter {
  return new Parameter(uniformLater(shape, -2.4 / fan, 2.4 / fan), shape)
}

export function zeroParameter(shape: Shape): Parameter {
  return new Parameter(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape)
}

/** Four neighbours added, times a coefficient of the map, plus a bias of the map: `[batch, maps, h, w] → [batch, maps, h / 2, w / 2]`. */
export class Subsampling extends nn.Module {
  /** `[maps, 1, 1]` */
  weight: Parameter
  /** `[maps, 1, 1]` */
  bias: Parameter

  constructor(maps: number) {
    super()
    this.weight = lecunUniform([maps, 1, 1], 4)
    this.bias = zeroParameter([maps, 1, 1])
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, 2).mul(4).mul(this.weight).add(this.bias)
  }
}
