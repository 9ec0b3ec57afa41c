/**
 * Pooling of regions: whatever its size, a box in a picture becomes a small grid of maxima. Composed of comparisons and maxima, so
 * the boxes are data of the program and gradients come free. Sources: Girshick, "Fast R-CNN" (2015); torchvision's `roi_pool`.
 */
import { at } from '../../base/arrays.ts'
import { ShapeError } from '../../base/errors.ts'
import { formatShape } from '../../shape/shape.ts'
import { indexSelect, iota, type Tensor, where } from '../../tensor/index.ts'

export interface RoiPoolOptions {
  /** Rows and columns of the result. */
  readonly outputSize: number
  /** Size of the features over size of the picture that boxes are given in, such as 1 / 16. Default 1. */
  readonly spatialScale?: number
}

/** To the nearest whole number, halves away from zero as C rounds them. */
function awayFromZero(x: Tensor): Tensor {
  return x.abs().add(0.5).floor().mul(x.sign())
}

/** Of one axis: which cells of the features each part of each region covers, `[regions, outputSize, size]`. */
function coverage(from: Tensor, to: Tensor, size: number, { outputSize, spatialScale = 1 }: RoiPoolOptions): Tensor {
  const regions = at(from.shape, 0)
  const cell = (edge: Tensor): Tensor => awayFromZero(edge.mul(spatialScale))
  const start = cell(from)
  const part = cell(to).sub(start).add(1).clamp(1).div(outputSize)
  const index = iota([regions, outputSize], 1).to('float32')
  const first = index.mul(part).floor().add(start).clamp(0, size).unsqueeze(2)
  const end = index.add(1).mul(part).ceil().add(start).clamp(0, size).unsqueeze(2)
  const position = iota([regions, outputSize, size], 2).to('float32')
  return position.ge(first).logicalAnd(position.lt(end))
}

/**
 * The maxima of `outputSize` × `outputSize` parts of each region: features `[batch, channels, height, width]` and regions
 * `[regions, 5]`, each [number of the picture, x1, y1, x2, y2], `→ [regions, channels, outputSize, outputSize]`. Edges are rounded
 * to whole cells and both end cells count, as in the paper; a part without cells is 0.
 *
 * @throws ShapeError for regions that are not `[regions, 5]` or features without four axes.
 * @example
 * import { iota, models, tensor } from 'cognitron'
 * const features = iota([16], 0).to('float32').reshape(1, 1, 4, 4)
 * const pooled = models.roiPool(features, tensor([[0, 0, 0, 3, 3]]), { outputSize: 2 })
 * console.log(await pooled.toArray()) // [[[[5, 7], [13, 15]]]]
 */
export function roiPool(features: Tensor, regions: Tensor, options: RoiPoolOptions): Tensor {
  if (features.rank !== 4 || regions.rank !== 2 || regions.shape[1] !== 5) {
    throw new ShapeError(
      'roiPool takes features [batch, channels, height, width] and regions [count, 5] of picture, x1, y1, x2, y2, given ' +
        `${formatShape(features.shape)} and ${formatShape(regions.shape)}.`,
    )
  }
  const { outputSize } = options
  const [, channels = 0, height = 0, width = 0] = features.shape
  const count = at(regions.shape, 0)
  const [picture, x1, y1, x2, y2] = [0, 1, 2, 3, 4].map((column) => regions.slice(1, column, column + 1)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const rows = coverage(y1, y2, height, options).reshape(count, 1, outputSize, height, 1)
  const columns = coverage(x1, x2, width, options).reshape(count, 1, 1, outputSize, width)
  const seen = indexSelect(features, 0, picture.reshape(count).to('int32'))
  const nothing = Number.NEGATIVE_INFINITY
  // A maximum over a rectangle is one over rows of one over columns.
  const byRow = where(rows, seen.reshape(count, channels, 1, height, width), nothing).max(3)
  const pooled = where(columns, byRow.reshape(count, channels, outputSize, 1, width), nothing).max(4)
  return where(pooled.eq(nothing), 0, pooled)
}
