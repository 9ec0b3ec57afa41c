/** What a region detector should have said: proposals matched with the true boxes, and a balanced choice among them. */

import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { permutation } from '../../random/permutation.ts'
import { fromTypedArray, type Tensor } from '../../tensor/index.ts'
import { generator } from '../../tensor/random.ts'
import { type Box, boxIoU, encodeBox } from './boxes.ts'

/** A true object of a picture. */
export interface TrueObject {
  readonly box: Box
  /** From 0. */
  readonly label: number
}

/** The true object that a proposal overlaps most. */
export interface Match {
  /** Its number; −1 for background, −2 for proposals in between, which are left out. */
  readonly object: number
  readonly iou: number
}

export interface MatchOptions {
  /** A proposal that overlaps an object by at least this is that object. Default 0.5. */
  readonly foreground?: number
  /** One that overlaps all by less than this is background. Default 0.5. */
  readonly background?: number
}

/**
 * Matches each proposal with the true object of the largest overlap.
 *
 * @throws ArgumentError unless 0 ≤ background ≤ foreground ≤ 1.
 * @example
 * import { models } from 'cognitron'
 * const truth = [{ box: [0, 0, 10, 10], label: 3 }] as const
 * console.log(models.matchProposals([[0, 0, 10, 8], [50, 50, 60, 60]], truth)) // objects 0 and −1, IoU 0.8 and 0
 */
export function matchProposals(
  proposals: readonly Box[],
  objects: readonly TrueObject[],
  { foreground = 0.5, background = 0.5 }: MatchOptions = {},
): Match[] {
  if (!(background >= 0) || !(background <= foreground) || !(foreground <= 1)) {
    throw new ArgumentError(
      `matching needs 0 ≤ background ≤ foreground ≤ 1, given background ${background} and foreground ${foreground}.`,
    )
  }
  return proposals.map((proposal) => {
    let [best, iou] = [-1, 0]
    objects.forEach(({ box }, index) => {
      const overlap = boxIoU(proposal, box)
      if (overlap > iou) [best, iou] = [index, overlap]
    })
    if (iou >= foreground && best >= 0) return { object: best, iou }
    return { object: iou < background ? -1 : -2, iou }
  })
}

export interface RegionTargetOptions extends MatchOptions {
  /** Regions to choose in each picture. Default 64. */
  readonly perPicture?: number
  /** The largest share of them that are objects. Default 0.25. */
  readonly foregroundShare?: number
}

/** A training batch of a region detector. */
export interface RegionTargets {
  /** `[regions, 5]` */
  readonly regions: Tensor
  /** `[regions]`, 0 the background, label + 1 otherwise. */
  readonly labels: Tensor
  /** `[regions, 4]`, zeros for background. */
  readonly deltas: Tensor
}

/**
 * Chooses regions of every picture of a batch, objects and background in fixed shares as far as there are enough (proposals are
 * repeated to fill up, so that all batches have one shape), and says what the detector should answer. Random choices come from the
 * library's generator.
 *
 * @throws ArgumentError when a picture has no proposal that counts.
 * @example
 * import { models } from 'cognitron'
 * const objects = [[{ box: [0, 0, 10, 10], label: 3 }]] as const
 * const { labels } = models.regionTargets([[[0, 0, 10, 8], [50, 50, 60, 60]]], objects, { perPicture: 4 })
 * console.log(await labels.toArray()) // [4, 0, 0, 0]
 */
export function regionTargets(
  proposals: readonly (readonly Box[])[],
  objects: readonly (readonly TrueObject[])[],
  options: RegionTargetOptions = {},
): RegionTargets {
  const { perPicture = 64, foregroundShare = 0.25 } = options
  const regions: number[] = []
  const labels: number[] = []
  const deltas: number[] = []
  proposals.forEach((boxes, picture) => {
    const truths = objects[picture] ?? []
    const matches = matchProposals(boxes, truths, options)
    for (const index of choose(matches, { perPicture, foregroundShare, picture })) {
      const box = at(boxes, index)
      const truth = truths[at(matches, index).object]
      regions.push(picture, ...box)
      labels.push(truth ? truth.label + 1 : 0)
      deltas.push(...(truth ? encodeBox(box, truth.box) : [0, 0, 0, 0]))
    }
  })
  const count = labels.length
  return {
    regions: fromTypedArray(Float32Array.from(regions), [count, 5], 'float32'),
    labels: fromTypedArray(Int32Array.from(labels), [count], 'int32'),
    deltas: fromTypedArray(Float32Array.from(deltas), [count, 4], 'float32'),
  }
}

function choose(
  matches: readonly Match[],
  { perPicture, foregroundShare, picture }: { perPicture: number; foregroundShare: number; picture: number },
): number[] {
  const having = (wanted: (object: number) => boolean): number[] =>
    shuffled(matches.flatMap(({ object }, index) => (wanted(object) ? [index] : [])))
  const front = having((object) => object >= 0)
  const back = having((object) => object === -1)
  if (front.length + back.length === 0) {
    throw new ArgumentError(
      `picture ${picture} has no proposal that is an object or background; give it more proposals.`,
    )
  }
  const wanted = back.length === 0 ? perPicture : Math.round(perPicture * foregroundShare)
  const first = front.slice(0, wanted)
  const rest = back.length > 0 ? back : front
  return Array.from(
    { length: perPicture },
    (_, index) => first[index] ?? at(rest, (index - first.length) % rest.length),
  )
}

function shuffled(values: readonly number[]): number[] {
  return Array.from(permutation(generator.host, values.length), (index) => at(values, index))
}
