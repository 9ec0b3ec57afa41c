/** Losses on numbers: squared, absolute and their robust mixtures. Shapes of prediction and target are equal. */
import { ArgumentError } from '../base/errors.ts'
import { type Tensor, where } from '../tensor/tensor.ts'
import { checkSameShape, type ReductionOption, reduceLoss } from './reduction.ts'

/**
 * (input − target)², averaged over all elements.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.mse(tensor([1, 2]), tensor([1, 4])).item()) // 2
 */
export function mse(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  checkSameShape('mse', input, target)
  return reduceLoss(input.sub(target).square(), options.reduction)
}

/**
 * ½ (input − target)², the lectures' squared error, whose gradient is the plain difference; summed by default.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.squaredError(tensor([1, 2]), tensor([1, 4])).item()) // 2
 */
export function squaredError(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  checkSameShape('squaredError', input, target)
  return reduceLoss(input.sub(target).square().mul(0.5), options.reduction ?? 'sum')
}

/**
 * |input − target|, averaged over all elements.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.l1(tensor([1, 2]), tensor([1, 4])).item()) // 1
 */
export function l1(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  checkSameShape('l1', input, target)
  return reduceLoss(input.sub(target).abs(), options.reduction)
}

/**
 * With d = input − target: ½ d² / β where |d| < β, else |d| − ½ β; averaged. β = 0 is `l1`. Source: Girshick, "Fast R-CNN", 2015.
 *
 * @throws ShapeError when the shapes differ, ArgumentError when β is negative.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.smoothL1(tensor([3]), tensor([0])).item()) // 2.5
 */
export function smoothL1(input: Tensor, target: Tensor, options: ReductionOption & { beta?: number } = {}): Tensor {
  checkSameShape('smoothL1', input, target)
  const beta = options.beta ?? 1
  if (!(beta >= 0)) throw new ArgumentError(`smoothL1 needs a beta of at least 0, given ${beta}.`)
  if (beta === 0) return l1(input, target, options)
  return reduceLoss(quadraticThenLinear(input.sub(target), beta).div(beta), options.reduction)
}

/**
 * With d = input − target: ½ d² where |d| ≤ δ, else δ (|d| − ½ δ); averaged. Source: Huber 1964.
 *
 * @throws ShapeError when the shapes differ, ArgumentError unless δ is above 0.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.huber(tensor([3]), tensor([0]), { delta: 2 }).item()) // 4
 */
export function huber(input: Tensor, target: Tensor, options: ReductionOption & { delta?: number } = {}): Tensor {
  checkSameShape('huber', input, target)
  const delta = options.delta ?? 1
  if (!(delta > 0)) throw new ArgumentError(`huber needs a delta above 0, given ${delta}.`)
  return reduceLoss(quadraticThenLinear(input.sub(target), delta), options.reduction)
}

function quadraticThenLinear(difference: Tensor, threshold: number): Tensor {
  const size = difference.abs()
  const linear = size.sub(threshold / 2).mul(threshold)
  return where(size.le(threshold), difference.square().mul(0.5), linear)
}
