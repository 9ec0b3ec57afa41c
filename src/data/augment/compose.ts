/** Puts augmentations together into what a `DataLoader` takes, and mix-up, which works on whole batches. */

import { at, product } from '../../base/arrays.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { permutation } from '../../random/permutation.ts'
import { RandomSequence } from '../../random/threefry.ts'
import type { DatasetDescription } from '../dataset.ts'
import type { BatchTransform, SampleTransform } from '../loader.ts'
import type { Augmentation, Picture } from './picture.ts'

/**
 * Applies a change with the given probability only.
 *
 * @example
 * import { data } from 'cognitron'
 * const transform = data.augment(data.sometimes(0.5, data.rotate({ degrees: 30 })), data.flipHorizontal())
 * console.log(typeof transform) // function
 */
export function sometimes(probability: number, change: Augmentation): Augmentation {
  return (picture, random) => (random.uniform() < probability ? change(picture, random) : picture)
}

/**
 * One augmentation after another on each picture, for `DataLoader`'s `transform`. The random numbers of a sample depend on the
 * loader's seed, the epoch and the sample alone.
 *
 * @throws ShapeError when inputs are not float32 pictures `[channels, height, width]`.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const transform = data.augment(data.rotate({ degrees: 10 }), data.gaussianNoise({ std: 0.02 }))
 * const digits = data.syntheticDigits('train', { count: 8 })
 * const [batch] = new data.DataLoader(digits, { batchSize: 8, transform, seed: 1 }).batches(0)
 * console.log(batch?.inputShape) // [ 8, 1, 28, 28 ]
 * ```
 */
export function augment(...steps: readonly Augmentation[]): SampleTransform {
  return (sample, dataset, random) => {
    let picture = pictureOf(sample.input, dataset)
    for (const step of steps) picture = step(picture, random)
    return { input: picture.data, target: sample.target }
  }
}

export interface AugmentPairOptions {
  /** The class of mask pixels that come in from outside the picture; default −100, which losses ignore. */
  readonly maskFill?: number
}

/**
 * The same for pictures whose targets are masks `[height, width]`: geometry moves both alike.
 *
 * @throws ShapeError when inputs are not pictures or targets are not masks of their size.
 * @example
 * import { data } from 'cognitron'
 * const transform = data.augmentPair([data.flipHorizontal(), data.rotate({ degrees: 10 })], { maskFill: 0 })
 * console.log(typeof transform) // function
 */
export function augmentPair(steps: readonly Augmentation[], options: AugmentPairOptions = {}): SampleTransform {
  return (sample, dataset, random) => {
    let picture = pictureOf(sample.input, dataset)
    const { height, width } = picture
    if (sample.target.length !== height * width) {
      throw new ShapeError(
        `"${dataset.name}" has targets of shape [${dataset.targetShape.join(', ')}]; expected masks [${height}, ${width}].`,
      )
    }
    const maskFill = options.maskFill ?? -100
    let mask: Picture = { data: Float32Array.from(sample.target), channels: 1, height, width, kind: 'mask', maskFill }
    for (const step of steps) {
      // The mask must see the numbers that its picture saw.
      const same = new RandomSequence(random.seed, { stream: random.stream, position: random.position })
      picture = step(picture, random)
      mask = step(mask, same)
    }
    return { input: picture.data, target: Int32Array.from(mask.data) }
  }
}

function pictureOf(input: ArrayLike<number>, dataset: DatasetDescription): Picture {
  const [channels, height, width] = dataset.inputShape
  if (dataset.inputShape.length !== 3 || dataset.inputDType !== 'float32') {
    throw new ShapeError(
      `"${dataset.name}" has ${dataset.inputDType} inputs of shape [${dataset.inputShape.join(', ')}]; ` +
        'augmentations take float32 pictures [channels, height, width].',
    )
  }
  return {
    data: input instanceof Float32Array ? input : Float32Array.from(input),
    channels: channels ?? 1,
    height: height ?? 1,
    width: width ?? 1,
    kind: 'picture',
  }
}

export interface MixUpOptions {
  /** Number of classes. */
  readonly classes: number
  /** λ is drawn from Beta(α, α); default 0.2. */
  readonly alpha?: number
}

/**
 * Mix-up, for `DataLoader`'s `batchTransform`: every input becomes λ · x + (1 − λ) · x′ with another sample x′ of the batch, and
 * class numbers become probabilities `[batch, classes]`, λ for its class and 1 − λ for the other's.
 * Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", arXiv:1710.09412.
 *
 * @throws ArgumentError for an α that is not above 0, or a class number outside `classes`.
 * @example
 * import { data } from 'cognitron'
 * const set = data.toys.circle({ count: 8, seed: 1, target: 'class' })
 * const loader = new data.DataLoader(set, { batchSize: 8, batchTransform: data.mixUp({ classes: 2 }) })
 * console.log([...loader.batches(0)].map(({ targetShape }) => targetShape)) // [[8, 2]]
 */
export function mixUp(options: MixUpOptions): BatchTransform {
  const { classes, alpha = 0.2 } = options
  if (!(alpha > 0)) throw new ArgumentError(`The alpha of mixUp is above 0; given ${alpha}.`)
  return (batch, random) => {
    const share = drawBeta(alpha, random)
    const partners = permutation(random, batch.size)
    const size = product(batch.inputShape) / batch.size
    const inputs = new Float32Array(batch.inputs.length)
    const targets = new Float32Array(batch.size * classes)
    for (let sample = 0; sample < batch.size; sample++) {
      const partner = at(partners, sample)
      for (let i = 0; i < size; i++) {
        inputs[sample * size + i] =
          share * (batch.inputs[sample * size + i] as number) +
          (1 - share) * (batch.inputs[partner * size + i] as number)
      }
      for (const [index, weight] of [
        [sample, share],
        [partner, 1 - share],
      ] as const) {
        const place = sample * classes + checkedClass(at(batch.targets, index), classes)
        targets[place] = (targets[place] as number) + weight
      }
    }
    return { ...batch, inputs, targets, targetShape: [batch.size, classes] }
  }
}

function checkedClass(label: number, classes: number): number {
  if (Number.isInteger(label) && label >= 0 && label < classes) return label
  throw new ArgumentError(`mixUp was told of ${classes} classes (0 to ${classes - 1}), but a target is ${label}.`)
}

/** A number of Beta(α, α), as a share of two gamma numbers. */
function drawBeta(alpha: number, random: RandomSequence): number {
  const first = drawGamma(alpha, random)
  const second = drawGamma(alpha, random)
  return first + second > 0 ? first / (first + second) : 0.5
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
function drawGamma(alpha: number, random: RandomSequence): number {
  if (alpha < 1) return drawGamma(alpha + 1, random) * (1 - random.uniform()) ** (1 / alpha)
  const d = alpha - 1 / 3
  for (;;) {
    const x = random.normal()
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}
