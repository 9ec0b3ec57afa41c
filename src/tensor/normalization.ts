/**
 * Normalisation as functions: by batch, layer, group, instance, neighbouring channels or vector length.
 * Sources: Ioffe and Szegedy (batch, 2015), Ba et al. (layer, 2016), Wu and He (group, 2018), Ulyanov et al. (instance, 2016),
 * Krizhevsky et al. (local response, 2012). Defaults are PyTorch's.
 */
import { at, product, range, sameNumbers } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor, type TensorLike, where } from './tensor.ts'
import { assignAll, type VariableTensor } from './variable-tensor.ts'

/** The learned scale and shift after a normalisation. */
export interface AffineOptions {
  readonly weight?: Tensor | null
  readonly bias?: Tensor | null
  /** Added to the variance, so that its root is never 0. Default 1e-5. */
  readonly eps?: number
}

export interface BatchNormOptions extends AffineOptions {
  /** The mean of each channel in evaluation; in training it is moved towards that of the batch. */
  readonly runningMean?: VariableTensor | null
  readonly runningVar?: VariableTensor | null
  /** Normalise by the statistics of the batch. Default: whether there are no running ones. */
  readonly training?: boolean
  /** The weight of the new batch in the running statistics. Default 0.1. */
  readonly momentum?: TensorLike
}

interface Statistics {
  readonly mean: Tensor
  /** With divisor n. */
  readonly variance: Tensor
  readonly count: number
}

/** Mean and variance over `axes`, which stay with size 1. */
function statisticsOf(x: Tensor, axes: readonly number[]): Statistics {
  const mean = x.mean(axes, { keepDim: true })
  return {
    mean,
    variance: x.sub(mean).square().mean(axes, { keepDim: true }),
    count: product(axes.map((axis) => at(x.shape, axis))),
  }
}

function standardizeBy(x: Tensor, { mean, variance }: Pick<Statistics, 'mean' | 'variance'>, eps: number): Tensor {
  return x.sub(mean).mul(variance.add(eps).rsqrt())
}

/** (x − mean) · scale + shift with one number per channel, axis 1; the small factors are multiplied before they meet x. */
function affineByChannel(
  x: Tensor,
  { mean, variance }: Pick<Statistics, 'mean' | 'variance'>,
  options: AffineOptions,
): Tensor {
  const { weight, bias, eps = 1e-5 } = options
  const inverse = variance.add(eps).rsqrt()
  const scaled = x.sub(mean).mul(weight ? inverse.mul(byChannel(weight, x.rank)) : inverse)
  return bias ? scaled.add(byChannel(bias, x.rank)) : scaled
}

function byChannel(values: Tensor, rank: number): Tensor {
  return values.reshape(1, -1, ...Array<number>(rank - 2).fill(1))
}

function checkChannels(what: string, x: Tensor, vectors: readonly (Tensor | null | undefined)[]): void {
  if (x.rank < 2) {
    throw new ShapeError(`${what} takes [batch, channels, ...], given shape ${formatShape(x.shape)}.`)
  }
  const wrong = vectors.find((vector) => vector && vector.size !== x.shape[1])
  if (!wrong) return
  throw new ShapeError(
    `${what} of ${wrong.size} channels expects [batch, ${wrong.size}, ...], given shape ${formatShape(x.shape)} with ` +
      `${x.shape[1]} channels.`,
  )
}

/** Moves running statistics towards those of a batch; the running variance has divisor n − 1. */
function updateRunning(options: BatchNormOptions, { mean, variance, count }: Statistics): void {
  const { runningMean, runningVar, momentum = 0.1 } = options
  if (!runningMean || !runningVar) return
  const unbiased = variance.mul(count / Math.max(1, count - 1))
  const moved = (running: VariableTensor, value: Tensor): [VariableTensor, Tensor] => {
    const fresh = value.detach().reshape(...running.shape)
    return [running, running.add(fresh.sub(running).mul(momentum))]
  }
  assignAll([moved(runningMean, mean), moved(runningVar, unbiased)])
}

/**
 * (x − μ) / √(σ² + eps) · weight + bias with μ and σ² of each channel over batch and space: `[batch, channels, ...]`, same shape.
 * In training the running statistics are updated: running ← (1 − momentum) running + momentum · batch.
 * Throws ShapeError when channels differ, and in training when a channel has only one value.
 *
 * @throws ArgumentError in evaluation without running statistics; ShapeError for a single value per channel in
 * training.
 * @example
 * import { batchNorm, tensor } from 'cognitron'
 * console.log(await batchNorm(tensor([[1], [3]]), { eps: 0 }).toArray()) // [[-1], [1]]
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { runningMean, runningVar, weight, bias } = options
  const training = options.training ?? !(runningMean && runningVar)
  checkChannels('batch normalisation', x, [runningMean, runningVar, weight, bias])
  if (!training) {
    if (!runningMean || !runningVar) {
      throw new ArgumentError('batch normalisation in evaluation needs runningMean and runningVar; pass both.')
    }
    const statistics = { mean: byChannel(runningMean, x.rank), variance: byChannel(runningVar, x.rank) }
    return affineByChannel(x, statistics, options)
  }
  const statistics = statisticsOf(x, range(x.rank).toSpliced(1, 1))
  if (statistics.count < 2) {
    throw new ShapeError(
      `batch normalisation in training needs more than one value per channel, given shape ${formatShape(x.shape)}; use a ` +
        'larger batch, or eval() to use the running statistics.',
    )
  }
  updateRunning(options, statistics)
  return affineByChannel(x, statistics, options)
}

/**
 * As `batchNorm`, but each sample is normalised by itself; running statistics, if given, are those of the mean sample.
 *
 * @throws ShapeError for inputs without spatial axes or with a single element in them.
 * @example
 * import { instanceNorm, tensor } from 'cognitron'
 * console.log(await instanceNorm(tensor([[[1, 3]], [[10, 30]]])).toArray()) // [[[-1, 1]], [[-1, 1]]]
 */
export function instanceNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { runningMean, runningVar, weight, bias } = options
  checkChannels('instance normalisation', x, [runningMean, runningVar, weight, bias])
  if (options.training === false && runningMean && runningVar) return batchNorm(x, { ...options, training: false })
  const statistics = statisticsOf(x, range(x.rank).slice(2))
  if (statistics.count < 2) {
    throw new ShapeError(
      `instance normalisation needs more than one value per channel and sample, given shape ${formatShape(x.shape)}.`,
    )
  }
  const { count } = statistics
  updateRunning(options, { mean: statistics.mean.mean(0), variance: statistics.variance.mean(0), count })
  return affineByChannel(x, statistics, options)
}

/**
 * Normalises over the trailing axes `normalizedShape`, with a weight and bias of that shape: `[..., ...normalizedShape]`, same
 * shape. Throws ShapeError when x does not end so.
 *
 * @example
 * import { layerNorm, tensor } from 'cognitron'
 * console.log(await layerNorm(tensor([[1, 3], [10, 30]]), [2]).toArray()) // [[-1, 1], [-1, 1]]
 */
export function layerNorm(x: Tensor, normalizedShape: readonly number[], options: AffineOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options
  checkTrailing('layer normalisation', x, normalizedShape)
  const axes = range(x.rank).slice(x.rank - normalizedShape.length)
  const normal = standardizeBy(x, statisticsOf(x, axes), eps)
  const scaled = weight ? normal.mul(weight) : normal
  return bias ? scaled.add(bias) : scaled
}

function checkTrailing(what: string, x: Tensor, shape: readonly number[]): void {
  if (shape.length > 0 && sameNumbers(x.shape.slice(-shape.length), shape)) return
  throw new ShapeError(`${what} expects [..., ${shape.join(', ')}], given shape ${formatShape(x.shape)}.`)
}

/**
 * x / √(mean x² + eps) · weight over the trailing axes. Source: Zhang and Sennrich (2019).
 *
 * @example
 * import { rmsNorm, tensor } from 'cognitron'
 * console.log(await rmsNorm(tensor([[1, 7]]), [2]).toArray()) // [[0.2, 1.4]]
 */
export function rmsNorm(x: Tensor, normalizedShape: readonly number[], options: AffineOptions = {}): Tensor {
  const { weight, eps = 2 ** -23 } = options
  checkTrailing('root-mean-square normalisation', x, normalizedShape)
  const axes = range(x.rank).slice(x.rank - normalizedShape.length)
  const normal = x.mul(x.square().mean(axes, { keepDim: true }).add(eps).rsqrt())
  return weight ? normal.mul(weight) : normal
}

/**
 * Divides the channels into `groups` and normalises each group of each sample: `[batch, channels, ...]`, same shape.
 * Throws ArgumentError when the groups do not divide the channels.
 *
 * @example
 * import { groupNorm, tensor } from 'cognitron'
 * console.log(await groupNorm(tensor([[1, 3, 10, 30]]), 2).toArray()) // [[-1, 1, -1, 1]]
 */
export function groupNorm(x: Tensor, groups: number, options: AffineOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options
  checkChannels('group normalisation', x, [weight, bias])
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)]
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ArgumentError(
      `group normalisation needs a number of groups that divides the ${channels} channels, given ${groups}.`,
    )
  }
  const grouped = x.reshape(batch, groups, -1)
  const normal = standardizeBy(grouped, statisticsOf(grouped, [2]), eps).reshape(...x.shape)
  const scaled = weight ? normal.mul(byChannel(weight, x.rank)) : normal
  return bias ? scaled.add(byChannel(bias, x.rank)) : scaled
}

export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: number
  /** Default 0.75. */
  readonly beta?: number
  /** Default 1. */
  readonly k?: number
}

/**
 * xᵢ / (k + alpha · mean of x² over `size` neighbouring channels)^beta, as in AlexNet: `[batch, channels, ...]`, same shape.
 * Channels outside count as 0 in the mean.
 *
 * @throws ArgumentError for a size below 1.
 * @example
 * import { localResponseNorm, ones } from 'cognitron'
 * const options = { alpha: 3, beta: 0.5, k: 1 }
 * console.log(await localResponseNorm(ones([1, 2, 1]), 1, options).toArray()) // [[[0.5], [0.5]]]
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options
  checkChannels('local response normalisation', x, [])
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError(`local response normalisation needs at least 1 neighbouring channel, given ${size}.`)
  }
  const squares = x.square().reshape(at(x.shape, 0), at(x.shape, 1), -1)
  const window = [
    { kernel: size, stride: 1, padding: [Math.floor(size / 2), Math.floor((size - 1) / 2)], dilation: 1 },
    { kernel: 1, stride: 1, padding: [0, 0], dilation: 1 },
  ] as const
  const sums = new Tensor(makeNode('sumPool', [squares.node], { window })).reshape(...x.shape)
  return x.div(
    sums
      .mul(alpha / size)
      .add(k)
      .pow(beta),
  )
}

export interface NormalizeOptions {
  /** The norm: 1 for sums of absolute values, 2 for Euclid's length, Infinity for the largest. Default 2. */
  readonly p?: number
  /** Default 1. */
  readonly axis?: number
  /** The smallest length that is divided by. Default 1e-12. */
  readonly eps?: number
}

/**
 * The length (Σ |x|^p)^(1/p) along `axes`, which stay with size 1 if `keepDim`. Its gradient at 0 is 0.
 *
 * @example
 * import { tensor, vectorNorm } from 'cognitron'
 * console.log(await vectorNorm(tensor([3, 4])).item()) // 5
 */
export function vectorNorm(
  x: Tensor,
  { p = 2, axes, keepDim = false }: { p?: number; axes?: number | readonly number[]; keepDim?: boolean } = {},
): Tensor {
  const size = x.abs()
  if (p === 1) return size.sum(axes, { keepDim })
  if (p === Number.POSITIVE_INFINITY) return size.max(axes, { keepDim })
  const total = (p === 2 ? x.square() : size.pow(p)).sum(axes, { keepDim })
  return rootOf(total, p)
}

/** total^(1/p), with gradient 0 instead of ∞ at 0. */
export function rootOf(total: Tensor, p: number): Tensor {
  if (p === 1) return total
  const zero = total.eq(0)
  const safe = where(zero, 1, total)
  return where(zero, 0, p === 2 ? safe.sqrt() : safe.pow(1 / p))
}

/**
 * Vectors along `axis` divided by their length: x / max(‖x‖ₚ, eps). Any shape, same shape.
 *
 * @example
 * import { normalize, tensor } from 'cognitron'
 * console.log(await normalize(tensor([[3, 4]])).toArray()) // [[0.6, 0.8]]
 */
export function normalize(x: Tensor, { p = 2, axis = 1, eps = 1e-12 }: NormalizeOptions = {}): Tensor {
  const length = vectorNorm(x, { p, axes: axis, keepDim: true })
  return x.div(length.clamp(eps))
}

/**
 * (x − μ) / √(σ² + eps) over `axes` (default: all but the first), the variance with divisor n. Any shape, same shape.
 *
 * @example
 * import { standardize, tensor } from 'cognitron'
 * console.log(await standardize(tensor([[1, 3], [10, 30]])).toArray()) // [[-1, 1], [-1, 1]]
 */
export function standardize(x: Tensor, { axes, eps = 1e-8 }: { axes?: readonly number[]; eps?: number } = {}): Tensor {
  const float = x.to('float32')
  return standardizeBy(float, statisticsOf(float, axes ?? range(x.rank).slice(1)), eps)
}
