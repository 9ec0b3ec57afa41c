/** Products with learned weights as functions: linear and bilinear maps, and rows of a table. */
import { at } from '../base/arrays.ts'
import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { indexSelect } from './indexing.ts'
import type { Tensor } from './tensor.ts'

/**
 * x · weightᵀ + bias: `[..., in] → [..., out]`, weight `[out, in]`, bias `[out]`. Throws ShapeError when the last axis of x is not
 * `in`.
 *
 * @example
 * import { linear, tensor } from 'cognitron'
 * console.log(await linear(tensor([[1, 2]]), tensor([[3, 4]]), tensor([5])).toArray()) // [[16]]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (weight.rank !== 2) {
    throw new ShapeError(`linear takes a weight [out, in], given shape ${formatShape(weight.shape)}.`)
  }
  const inFeatures = at(weight.shape, 1)
  if (x.rank === 0 || x.shape[x.rank - 1] !== inFeatures) {
    throw new ShapeError(`expected [..., ${inFeatures}], given ${formatShape(x.shape)}; ${adviceFor(x, inFeatures)}.`)
  }
  const result = x.matmul(weight.mT)
  return bias ? result.add(bias) : result
}

function adviceFor(x: Tensor, inFeatures: number): string {
  const perSample = x.size / Math.max(1, x.shape[0] ?? 1)
  if (x.rank <= 2) return `the layer before gives ${x.shape.at(-1) ?? 1} features and this one takes ${inFeatures}`
  if (perSample === inFeatures) return 'flatten the input first: x.flatten(1)'
  return `flattened, a sample has ${perSample} features, and this layer takes ${inFeatures}`
}

/**
 * x1 · weight[o] · x2 + bias[o] for every output o: `[..., in1], [..., in2] → [..., out]`, weight `[out, in1, in2]`.
 * Throws ShapeError when the sizes do not fit.
 *
 * @example
 * import { bilinear, tensor } from 'cognitron'
 * console.log(await bilinear(tensor([[1, 2]]), tensor([[3]]), tensor([[[4], [5]]])).toArray()) // [[42]]
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const [out = 0, in1 = 0, in2 = 0] = weight.shape
  if (weight.rank !== 3 || x1.shape.at(-1) !== in1 || x2.shape.at(-1) !== in2) {
    throw new ShapeError(
      `bilinear with weight ${formatShape(weight.shape)} expects [..., ${in1}] and [..., ${in2}], given ` +
        `${formatShape(x1.shape)} and ${formatShape(x2.shape)}.`,
    )
  }
  const columns = weight.permute(1, 0, 2).reshape(in1, out * in2)
  const left = x1.matmul(columns).reshape(...x1.shape.slice(0, -1), out, in2)
  const result = left.mul(x2.unsqueeze(-2)).sum(-1)
  return bias ? result.add(bias) : result
}

/**
 * Rows of `weight` picked by number: int32 `[...] → [..., dim]`, weight `[rows, dim]`. Numbers outside are clamped to the nearest
 * row. Throws ArgumentError when the numbers are not whole.
 *
 * @throws ShapeError for a weight that is no matrix.
 * @example
 * import { embedding, tensor } from 'cognitron'
 * const vectors = tensor([[1, 2], [3, 4], [5, 6]])
 * console.log(await embedding(tensor([2, 0], { dtype: 'int32' }), vectors).toArray()) // [[5, 6], [1, 2]]
 */
export function embedding(indices: Tensor, weight: Tensor): Tensor {
  if (weight.rank !== 2) {
    throw new ShapeError(`embedding takes a weight [rows, dim], given shape ${formatShape(weight.shape)}.`)
  }
  return indexSelect(weight, 0, indices.flatten()).reshape(...indices.shape, at(weight.shape, 1))
}
