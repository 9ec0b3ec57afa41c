/** A learned table of vectors. */
import { product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { Parameter, type Tensor, where } from '../tensor/index.ts'
import { embedding } from '../tensor/linear.ts'
import { normalArray } from '../tensor/random.ts'
import { checkCounts } from './linear.ts'
import { Module } from './module.ts'

/**
 * Row numbers to vectors: int32 `[...] → [..., embeddingDim]`. Rows start normal; row `paddingIdx` starts as zeros and
 * learns nothing. Throws ArgumentError when the numbers are not whole.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * const words = new nn.Embedding(1000, 16)
 * console.log(words.forward(tensor([5, 7], { dtype: 'int32' })).shape) // [2, 16]
 */
export class Embedding extends Module {
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly paddingIdx: number | null
  /** `[numEmbeddings, embeddingDim]` */
  weight: Parameter

  constructor(numEmbeddings: number, embeddingDim: number, { paddingIdx = null }: { paddingIdx?: number | null } = {}) {
    super()
    checkCounts('Embedding', { numEmbeddings, embeddingDim })
    const row = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx
    if (row !== null && !(Number.isInteger(row) && row >= 0 && row < numEmbeddings)) {
      throw new ArgumentError(`Embedding has rows 0 to ${numEmbeddings - 1}, given paddingIdx ${paddingIdx}.`)
    }
    const shape = [numEmbeddings, embeddingDim]
    const values = normalArray(shape, 0, 1)
    if (row !== null) values.fill(0, row * embeddingDim, row * embeddingDim + product(shape) / numEmbeddings)
    this.numEmbeddings = numEmbeddings
    this.embeddingDim = embeddingDim
    this.paddingIdx = row
    this.weight = new Parameter(values, shape)
  }

  override forward(x: Tensor): Tensor {
    const vectors = embedding(x, this.weight)
    if (this.paddingIdx === null) return vectors
    const padding = x.eq(this.paddingIdx).unsqueeze(-1)
    return where(padding, vectors.detach(), vectors)
  }

  override get label(): string {
    return `Embedding ${this.numEmbeddings} × ${this.embeddingDim}`
  }

  override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}`
  }
}
