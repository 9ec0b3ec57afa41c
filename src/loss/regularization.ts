/**
 * Penalties on weights, to be added to a loss: the regularised risk of the lectures, R(W) = Σ loss + λ · penalty. They leave out weight
 * decay proper, which is the optimizers' (`weightDecay`).
 */
import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Σ |w| over all given tensors; drives weights to exactly zero.
 *
 * @throws ArgumentError when no tensor is given.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.l1Penalty([tensor([1, -2])]).item()) // 3
 */
export function l1Penalty(parameters: Iterable<Tensor>): Tensor {
  return total('l1Penalty', parameters, (w) => w.abs().sum())
}

/**
 * Σ w² over all given tensors (without the ½); keeps weights small.
 *
 * @throws ArgumentError when no tensor is given.
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.l2Penalty([tensor([1, -2])]).item()) // 5
 */
export function l2Penalty(parameters: Iterable<Tensor>): Tensor {
  return total('l2Penalty', parameters, (w) => w.square().sum())
}

/**
 * ratio · Σ |w| + (1 − ratio) · ½ Σ w², the elastic net. Source: Zou and Hastie 2005.
 *
 * @throws ArgumentError when no tensor is given or the ratio lies outside [0, 1].
 * @example
 * import { loss, tensor } from 'cognitron'
 * console.log(await loss.elasticPenalty([tensor([1, -2])], { ratio: 0.5 }).item()) // 0.5 · 3 + 0.5 · 2.5 = 2.75
 */
export function elasticPenalty(parameters: Iterable<Tensor>, options: { ratio?: number } = {}): Tensor {
  const { ratio = 0.5 } = options
  if (!(ratio >= 0 && ratio <= 1)) throw new ArgumentError(`elasticPenalty needs a ratio in [0, 1], given ${ratio}.`)
  return total('elasticPenalty', parameters, (w) =>
    w
      .abs()
      .mul(ratio)
      .add(w.square().mul((1 - ratio) / 2))
      .sum(),
  )
}

function total(name: string, parameters: Iterable<Tensor>, penalty: (w: Tensor) => Tensor): Tensor {
  let sum: Tensor | undefined
  for (const parameter of parameters) {
    const value = penalty(parameter)
    sum = sum ? sum.add(value) : value
  }
  if (!sum) throw new ArgumentError(`${name} needs at least one parameter, given none.`)
  return sum
}
