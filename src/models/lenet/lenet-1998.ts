/**
 * LeNet-5 as published in 1998: learned subsampling, sparse connections from the second to the third layer, and output units that
 * measure the distance to a drawn digit. The common modern form is `leNet5`.
 */
import { at } from '../../base/arrays.ts'
import { ShapeError } from '../../base/errors.ts'
import * as nn from '../../nn/index.ts'
import { formatShape } from '../../shape/shape.ts'
import { conv2d, fromTypedArray, type Parameter, pad, type Tensor, VariableTensor } from '../../tensor/index.ts'
import { digitCodes } from './digit-codes.ts'
import { lecunUniform, Subsampling, scaledTanh, zeroParameter } from './trainable-layers.ts'

/** Table I of the paper: the maps of S2 that each of the 16 maps of C3 sees. */
const connections: readonly (readonly number[])[] = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
]
const kernels = connections.flatMap((sources, map) => sources.map((source) => map * 6 + source))

/** `[96, 60]`: puts the 60 kernels in their places among the 16 × 6 pairs of maps. */
function placement(): Tensor {
  const matrix = new Float32Array(96 * kernels.length)
  kernels.forEach((place, kernel) => {
    matrix[place * kernels.length + kernel] = 1
  })
  return fromTypedArray(matrix, [96, kernels.length], 'float32')
}

/** The sparse convolution C3: `[batch, 6, 14, 14] → [batch, 16, 10, 10]` with 60 kernels of 5 × 5. */
class SparseConvolution extends nn.Module {
  /** `[60, 5, 5]`, in the order of table I, map by map. */
  weight: Parameter
  /** `[16]` */
  bias: Parameter
  readonly #placement = placement()

  constructor() {
    super()
    this.weight = lecunUniform([kernels.length, 5, 5], 4 * 25)
    this.bias = zeroParameter([16])
  }

  override forward(x: Tensor): Tensor {
    const dense = this.#placement.matmul(this.weight.reshape(kernels.length, 25)).reshape(16, 6, 5, 5)
    return conv2d(x, dense, { bias: this.bias })
  }
}

function lecunConv2d(inChannels: number, outChannels: number): nn.Conv2d {
  const layer = new nn.Conv2d(inChannels, outChannels, 5)
  layer.weight = lecunUniform(layer.weight.shape, inChannels * 25)
  if (layer.bias) nn.init.zeros(layer.bias)
  return layer
}

/**
 * LeNet-5 of the paper: `[batch, 1, 28, 28] → [batch, 10]` (or 32 × 32, which 28 × 28 is padded to). The scores are −Σ (x − wᵢ)² for the
 * 84 units x of F6 and the fixed code wᵢ of digit i, so the largest wins and `crossEntropy` is the competitive loss of the paper.
 * The published 60,000 parameters (156 + 12 + 1,516 + 32 + 48,120 + 10,164); the codes are a buffer of ±1, drawings of 7 × 12 made
 * for this library in the style of the paper's figure 3.
 *
 * Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998).
 *
 * @throws ShapeError for pictures of another size.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.LeNet1998()
 * console.log(net.forward(zeros([1, 1, 28, 28])).shape) // [1, 10]
 */
export class LeNet1998 extends nn.Module {
  c1: nn.Conv2d
  s2: Subsampling
  c3: SparseConvolution
  s4: Subsampling
  c5: nn.Conv2d
  f6: nn.Linear
  /** `[10, 84]` of ±1. */
  codes: VariableTensor

  constructor() {
    super()
    this.c1 = lecunConv2d(1, 6)
    this.s2 = new Subsampling(6)
    this.c3 = new SparseConvolution()
    this.s4 = new Subsampling(16)
    this.c5 = lecunConv2d(16, 120)
    this.f6 = new nn.Linear(120, 84)
    this.f6.weight = lecunUniform([84, 120], 120)
    if (this.f6.bias) nn.init.zeros(this.f6.bias)
    this.codes = new VariableTensor(digitCodes(), [10, 84])
  }

  override forward(x: Tensor): Tensor {
    const [, channels, height, width] = x.shape
    if (x.rank !== 4 || channels !== 1 || height !== width || (height !== 28 && height !== 32)) {
      throw new ShapeError(`LeNet1998 takes grey pictures [batch, 1, 28, 28], given shape ${formatShape(x.shape)}.`)
    }
    const input = height === 28 ? pad(x, [2, 2, 2, 2]) : x
    const second = scaledTanh(this.s2.forward(scaledTanh(this.c1.forward(input))))
    const fourth = scaledTanh(this.s4.forward(scaledTanh(this.c3.forward(second))))
    const fifth = scaledTanh(this.c5.forward(fourth)).flatten(1)
    const sixth = scaledTanh(this.f6.forward(fifth))
    const batch = at(x.shape, 0)
    return sixth.reshape(batch, 1, 84).sub(this.codes).square().sum(2).neg()
  }
}
