/** Limits on gradients between `backward` and `step`; graph operations, so they are part of a compiled step. */
import { ArgumentError } from '../base/errors.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Parameter } from '../tensor/variable-tensor.ts'

/** The gradients there are. */
function withGradients(parameters: Iterable<Parameter>): [Parameter, Tensor][] {
  const found: [Parameter, Tensor][] = []
  for (const parameter of parameters) if (parameter.grad) found.push([parameter, parameter.grad])
  return found
}

/**
 * The norm of all gradients taken together as one vector: √Σ g² (2, default), Σ |g| (1) or max |g| (Infinity); a scalar tensor.
 *
 * @throws ArgumentError for another kind of norm.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([3, 4]), [2])
 * w.square().sum().backward()
 * console.log(await optim.gradNorm([w]).item()) // 10
 */
export function gradNorm(parameters: Iterable<Parameter>, options: { normType?: number } = {}): Tensor {
  const { normType = 2 } = options
  const gradients = withGradients(parameters).map(([, gradient]) => gradient)
  const combine = (of: (g: Tensor) => Tensor, join: (a: Tensor, b: Tensor) => Tensor): Tensor =>
    gradients.map(of).reduce(join, zeros([]))
  if (normType === 2) {
    return combine(
      (g) => g.square().sum(),
      (a, b) => a.add(b),
    ).sqrt()
  }
  if (normType === 1) {
    return combine(
      (g) => g.abs().sum(),
      (a, b) => a.add(b),
    )
  }
  if (normType === Number.POSITIVE_INFINITY) {
    return combine(
      (g) => g.abs().max(),
      (a, b) => a.maximum(b),
    )
  }
  throw new ArgumentError(`the norm of gradients is of type 1, 2 or Infinity, given ${normType}.`)
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)) so that their common norm is at most `maxNorm`; gives the norm before.
 *
 * @throws ArgumentError unless maxNorm is above 0.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([3, 4]), [2])
 * w.square().sum().backward()
 * const norm = optim.clipGradNorm([w], 1) // 10
 * console.log(await w.grad?.toArray()) // [0.6, 0.8]
 */
export function clipGradNorm(
  parameters: Iterable<Parameter>,
  maxNorm: number,
  options: { normType?: number } = {},
): Tensor {
  if (!(maxNorm > 0)) throw new ArgumentError(`clipGradNorm needs a maxNorm above 0, given ${maxNorm}.`)
  const list = [...parameters]
  const norm = gradNorm(list, options)
  const scale = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1)
  for (const [parameter, gradient] of withGradients(list)) parameter.grad = gradient.mul(scale)
  return norm
}

/**
 * Limits every element of every gradient to [−limit, limit].
 *
 * @throws ArgumentError unless the limit is above 0.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([3, 0.1]), [2])
 * w.square().sum().backward()
 * optim.clipGradValue([w], 1)
 * console.log(await w.grad?.toArray()) // [1, 0.2]
 */
export function clipGradValue(parameters: Iterable<Parameter>, limit: number): void {
  if (!(limit > 0)) throw new ArgumentError(`clipGradValue needs a limit above 0, given ${limit}.`)
  for (const [parameter, gradient] of withGradients(parameters)) parameter.grad = gradient.clamp(-limit, limit)
}
