/**
 * Boxes on the host: overlap, the regression targets of R-CNN and back, and the suppression of double finds. Boxes are corners in
 * pixels, [x1, y1, x2, y2], without the +1 of some older code.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'

/** Left, top, right, bottom. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

/** How to get from one box to another: shifts in widths and heights, logarithms of the ratios of sizes. */
export type BoxDelta = readonly [dx: number, dy: number, dw: number, dh: number]

/**
 * Width times height; 0 when right is left of left.
 *
 * @example
 * import { models } from 'cognitron'
 * console.log(models.boxArea([1, 1, 4, 3])) // 6
 */
export function boxArea([x1, y1, x2, y2]: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1)
}

/**
 * Intersection over union: |A ∩ B| / |A ∪ B|, from 0 (apart) to 1 (equal). 0 for two empty boxes.
 *
 * @example
 * import { models } from 'cognitron'
 * console.log(models.boxIoU([0, 0, 2, 2], [1, 0, 3, 2])) // 2 / 6 = 0.333…
 */
export function boxIoU(a: Box, b: Box): number {
  const overlap = boxArea([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])])
  const union = boxArea(a) + boxArea(b) - overlap
  return union > 0 ? overlap / union : 0
}

/**
 * `boxIoU` of every pair: `[a.length][b.length]`.
 *
 * @example
 * import { models } from 'cognitron'
 * console.log(models.boxIoUMatrix([[0, 0, 2, 2]], [[0, 0, 2, 1], [2, 2, 3, 3]])) // [[0.5, 0]]
 */
export function boxIoUMatrix(a: readonly Box[], b: readonly Box[]): number[][] {
  return a.map((first) => b.map((second) => boxIoU(first, second)))
}

interface CentredBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function centred(box: Box, what: string): CentredBox {
  const [x1, y1, x2, y2] = box
  if (!(x2 > x1) || !(y2 > y1)) {
    throw new ArgumentError(`${what} needs x2 > x1 and y2 > y1, given [${box.join(', ')}].`)
  }
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2, width: x2 - x1, height: y2 - y1 }
}

/**
 * The targets of box regression: with centres and sizes, t_x = (G_x − P_x) / P_w, t_y = (G_y − P_y) / P_h, t_w = ln(G_w / P_w),
 * t_h = ln(G_h / P_h). Source: Girshick et al., "Rich feature hierarchies for accurate object detection" (2013), appendix C.
 *
 * @throws ArgumentError for a box without width or height.
 * @example
 * import { models } from 'cognitron'
 * console.log(models.encodeBox([0, 0, 10, 10], [5, 0, 15, 20])) // [0.5, 0.5, 0, ln 2]
 */
export function encodeBox(proposal: Box, truth: Box): BoxDelta {
  const p = centred(proposal, 'a proposal')
  const g = centred(truth, 'a true box')
  return [(g.x - p.x) / p.width, (g.y - p.y) / p.height, Math.log(g.width / p.width), Math.log(g.height / p.height)]
}

/** Sizes grow by at most 1000 / 16, so that wild predictions do not overflow. */
const MOST_GROWTH = Math.log(1000 / 16)

/**
 * The box that `delta` leads to from `proposal`; the inverse of `encodeBox`. Growth is limited to 62.5 times.
 *
 * @throws ArgumentError for a proposal without width or height.
 * @example
 * import { models } from 'cognitron'
 * console.log(models.decodeBox([0, 0, 10, 10], [0.5, 0.5, 0, Math.log(2)])) // [5, 0, 15, 20]
 */
export function decodeBox(proposal: Box, [dx, dy, dw, dh]: BoxDelta): Box {
  const p = centred(proposal, 'a proposal')
  const [x, y] = [p.x + dx * p.width, p.y + dy * p.height]
  const halfWidth = (p.width * Math.exp(Math.min(dw, MOST_GROWTH))) / 2
  const halfHeight = (p.height * Math.exp(Math.min(dh, MOST_GROWTH))) / 2
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight]
}

/**
 * The part of a box inside a picture.
 *
 * @example
 * import { models } from 'cognitron'
 * console.log(models.clipBox([-1, 2, 12, 30], { width: 10, height: 20 })) // [0, 2, 10, 20]
 */
export function clipBox([x1, y1, x2, y2]: Box, { width, height }: { width: number; height: number }): Box {
  const inside = (value: number, most: number): number => Math.min(Math.max(value, 0), most)
  return [inside(x1, width), inside(y1, height), inside(x2, width), inside(y2, height)]
}

export interface SuppressionOptions {
  /** Boxes that overlap a better one by more than this are dropped. Default 0.5. */
  readonly iouThreshold?: number
  /** Boxes of different labels do not drop each other. */
  readonly labels?: readonly number[]
}

/**
 * Greedy non-maximum suppression: takes the box with the highest score, drops those that overlap it too much, and goes on. Gives the
 * numbers of the boxes that stay, best first; of equal scores the first one.
 *
 * @throws ArgumentError when boxes, scores and labels differ in number.
 * @example
 * import { models } from 'cognitron'
 * const boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]] as const
 * console.log(models.nonMaximumSuppression(boxes, [0.8, 0.9, 0.7])) // [1, 2]
 */
export function nonMaximumSuppression(
  boxes: readonly Box[],
  scores: ArrayLike<number>,
  { iouThreshold = 0.5, labels }: SuppressionOptions = {},
): number[] {
  if (scores.length !== boxes.length || (labels && labels.length !== boxes.length)) {
    const more = labels ? ` and ${labels.length} labels` : ''
    throw new ArgumentError(`${boxes.length} boxes need as many scores, given ${scores.length}${more}.`)
  }
  const order = boxes.map((_, index) => index).sort((a, b) => at(scores, b) - at(scores, a) || a - b)
  const kept: number[] = []
  for (const index of order) {
    const rival = kept.some(
      (other) =>
        (!labels || labels[other] === labels[index]) && boxIoU(at(boxes, other), at(boxes, index)) > iouThreshold,
    )
    if (!rival) kept.push(index)
  }
  return kept
}
