/** Stochastic gradient descent with momentum; PyTorch's formulas. */
import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { where } from '../tensor/tensor.ts'
import { type ClockStep, Optimizer, type ParameterStep, type Parameters, withWeightDecay } from './optimizer.ts'
import { ParameterGroup } from './parameter-group.ts'

export interface SgdOptions {
  /** Default 0.01. */
  readonly lr?: number
  /** μ, how much of the last step is kept. Default 0. */
  readonly momentum?: number
  /** Damps what a gradient adds to the momentum: 1 − dampening. Default 0. */
  readonly dampening?: number
  /** λ: adds λ w to the gradient. Default 0. */
  readonly weightDecay?: number
  /** Looks ahead along the momentum (Sutskever et al. 2013). */
  readonly nesterov?: boolean
}

type SgdSettings = Required<Omit<SgdOptions, 'lr' | 'momentum'>>

/**
 * w ← w − lr · v with v ← μ v + (1 − dampening) g, g the gradient plus weightDecay · w; with `nesterov` w ← w − lr · (g + μ v).
 *
 * @throws ArgumentError when `nesterov` is asked for without momentum or with dampening, or lr is negative.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * const sgd = new optim.SGD([w], { lr: 0.1, momentum: 0.9 })
 * sgd.minimize(w.square().sum())
 * console.log(await w.data()) // Float32Array [ 0.8 ]
 */
export class SGD extends Optimizer<SgdOptions, SgdSettings> {
  constructor(parameters: Parameters<SgdOptions>, options: SgdOptions = {}) {
    super(parameters, options, (params, own) => {
      const { lr = 0.01, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = own
      if (nesterov && (momentum <= 0 || dampening !== 0)) {
        throw new ArgumentError(
          `nesterov needs a momentum above 0 and no dampening, given momentum ${momentum} and dampening ${dampening}.`,
        )
      }
      return new ParameterGroup(params, { lr, momentum }, { dampening, weightDecay, nesterov })
    })
  }

  /** With dampening, the first gradient still enters whole. */
  protected override advanceClock({ settings, scalar, advance }: ClockStep<SgdSettings>): Record<string, Tensor> {
    if (settings.dampening === 0) return {}
    const started = scalar('started')
    const entering = where(started.gt(0), 1 - settings.dampening, 1)
    advance(started, started.mul(0).add(1))
    return { entering }
  }

  protected override update(step: ParameterStep<SgdSettings>): Tensor {
    const { parameter, group, settings, shared } = step
    const gradient = withWeightDecay(step.gradient, parameter, settings.weightDecay)
    const momentum = group.momentumTensor
    if (!momentum) return parameter.sub(gradient.mul(group.rate))
    const buffer = step.slot('momentum_buffer')
    const entering = shared.entering ? gradient.mul(shared.entering) : gradient
    const velocity = step.keep(buffer, buffer.mul(momentum).add(entering))
    return parameter.sub((settings.nesterov ? gradient.add(velocity.mul(momentum)) : velocity).mul(group.rate))
  }
}
