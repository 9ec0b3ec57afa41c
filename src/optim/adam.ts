/**
 * Adam and its descendants. Bias corrections are kept as running values c ← β c + (1 − β), which is 1 − βᵗ without the cancellation of
 * computing it from βᵗ, and follow a β₁ that a schedule changes.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { full } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type ClockStep, Optimizer, type ParameterStep, type Parameters, withWeightDecay } from './optimizer.ts'
import { ParameterGroup } from './parameter-group.ts'

export interface AdamOptions {
  /** Default 0.001. */
  readonly lr?: number
  /** Decay of the running mean and of the running square of the gradients. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Keeps the divisor off 0. Default 1e-8. */
  readonly eps?: number
  /** λ; see the class for what it does. */
  readonly weightDecay?: number
  /** Divide by the largest running square so far (Reddi, Kale, Kumar 2018). */
  readonly amsgrad?: boolean
}

interface AdamSettings {
  readonly beta2: number
  readonly eps: number
  readonly weightDecay: number
  readonly amsgrad: boolean
}

abstract class AdamFamily extends Optimizer<AdamOptions, AdamSettings> {
  constructor(parameters: Parameters<AdamOptions>, options: AdamOptions, weightDecayDefault: number) {
    super(parameters, options, (params, own) => {
      const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = weightDecayDefault, amsgrad = false } = own
      for (const beta of betas) {
        if (!(beta >= 0 && beta < 1)) throw new ArgumentError(`betas are numbers in [0, 1), given ${betas.join(', ')}.`)
      }
      const settings = { beta2: at(betas, 1), eps, weightDecay, amsgrad }
      return new ParameterGroup(params, { lr, momentum: at(betas, 0) }, settings)
    })
  }

  /** stepSize = lr / (1 − β₁ᵗ) and root = √(1 − β₂ᵗ). */
  protected override advanceClock({
    group,
    settings,
    scalar,
    advance,
  }: ClockStep<AdamSettings>): Record<string, Tensor> {
    const { beta2 } = settings
    const beta1 = group.momentumTensor ?? full([], 0)
    const rest = beta1.neg().add(1)
    const first = scalar('correction1')
    const second = scalar('correction2')
    const correction1 = advance(first, first.mul(beta1).add(rest))
    const correction2 = advance(second, second.mul(beta2).add(1 - beta2))
    return { beta1, rest, stepSize: group.rate.div(correction1), root: correction2.sqrt() }
  }

  /** w − stepSize · m / (√v / root + eps), from the gradient and the value of w given. */
  protected adamStep(step: ParameterStep<AdamSettings>, weights: Tensor, gradient: Tensor): Tensor {
    const { settings, shared } = step
    const { beta2, eps, amsgrad } = settings
    const mean = step.slot('exp_avg')
    const square = step.slot('exp_avg_sq')
    const newMean = step.keep(mean, mean.mul(shared.beta1 as Tensor).add(gradient.mul(shared.rest as Tensor)))
    const newSquare = step.keep(square, square.mul(beta2).add(gradient.square().mul(1 - beta2)))
    let divisor = newSquare
    if (amsgrad) {
      const largest = step.slot('max_exp_avg_sq')
      divisor = step.keep(largest, largest.maximum(newSquare))
    }
    const scale = divisor
      .sqrt()
      .div(shared.root as Tensor)
      .add(eps)
    return weights.sub(newMean.mul(shared.stepSize as Tensor).div(scale))
  }
}

/**
 * Adam (Kingma and Ba 2014): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − lr · m̂ / (√v̂ + eps) with m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ). `weightDecay` (default 0) adds λ w to the gradient.
 *
 * @throws ArgumentError for betas outside [0, 1) or a negative lr.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * const adam = new optim.Adam([w], { lr: 0.1 })
 * adam.minimize(w.square().sum()) // the first step has length lr
 * console.log(await w.data()) // Float32Array [ 0.9 ]
 */
export class Adam extends AdamFamily {
  constructor(parameters: Parameters<AdamOptions>, options: AdamOptions = {}) {
    super(parameters, options, 0)
  }

  protected override update(step: ParameterStep<AdamSettings>): Tensor {
    const gradient = withWeightDecay(step.gradient, step.parameter, step.settings.weightDecay)
    return this.adamStep(step, step.parameter, gradient)
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2017): w ← w · (1 − lr · weightDecay) before Adam's step; weightDecay
 * defaults to 0.01.
 *
 * @throws ArgumentError for betas outside [0, 1) or a negative lr.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * const adamW = new optim.AdamW([w], { lr: 0.1, weightDecay: 0.5 })
 * adamW.minimize(w.square().sum()) // 1 · (1 − 0.05) − 0.1
 * console.log(await w.data()) // Float32Array [ 0.85 ]
 */
export class AdamW extends AdamFamily {
  constructor(parameters: Parameters<AdamOptions>, options: AdamOptions = {}) {
    super(parameters, options, 0.01)
  }

  protected override update(step: ParameterStep<AdamSettings>): Tensor {
    const { parameter, group, settings } = step
    const { weightDecay } = settings
    const weights = weightDecay === 0 ? parameter : parameter.mul(group.rate.mul(-weightDecay).add(1))
    return this.adamStep(step, weights, step.gradient)
  }
}

export interface NAdamOptions {
  /** Default 0.002. */
  readonly lr?: number
  readonly betas?: readonly [number, number]
  readonly eps?: number
  /** λ: adds λ w to the gradient. */
  readonly weightDecay?: number
  /** ψ, how fast the momentum grows to β₁. Default 0.004. */
  readonly momentumDecay?: number
  /** Counts μ_t twice in the product for the next step, as PyTorch did before version 2; for going on with runs of that time. */
  readonly repeatedMomentum?: boolean
}

type NAdamSettings = Omit<AdamSettings, 'amsgrad'> & {
  readonly momentumDecay: number
  readonly repeatedMomentum: boolean
}

/**
 * Adam with Nesterov's look-ahead (Dozat 2016): the momentum μ_t = β₁ (1 − ½ · 0.96^(t ψ)) grows to β₁, and the step is
 * lr · [(1 − μ_t) / (1 − Πμ) · g + μ_(t+1) / (1 − Πμ μ_(t+1)) · m] / (√v̂ + eps).
 *
 * @throws ArgumentError for betas outside [0, 1) or a negative lr.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * new optim.NAdam([w], { lr: 0.1 }).minimize(w.square().sum())
 */
export class NAdam extends Optimizer<NAdamOptions, NAdamSettings> {
  constructor(parameters: Parameters<NAdamOptions>, options: NAdamOptions = {}) {
    super(parameters, options, (params, own) => {
      const { lr = 0.002, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = own
      const { momentumDecay = 0.004, repeatedMomentum = false } = own
      for (const beta of betas) {
        if (!(beta >= 0 && beta < 1)) throw new ArgumentError(`betas are numbers in [0, 1), given ${betas.join(', ')}.`)
      }
      const settings = { beta2: at(betas, 1), eps, weightDecay, momentumDecay, repeatedMomentum }
      return new ParameterGroup(params, { lr, momentum: at(betas, 0) }, settings)
    })
  }

  protected override advanceClock({
    group,
    settings,
    scalar,
    advance,
  }: ClockStep<NAdamSettings>): Record<string, Tensor> {
    const { beta2, momentumDecay, repeatedMomentum } = settings
    const beta1 = group.momentumTensor ?? full([], 0)
    const time = scalar('step')
    const second = scalar('correction2')
    const product = scalar('mu_product', 1)
    const now = advance(time, time.add(1))
    const correction2 = advance(second, second.mul(beta2).add(1 - beta2))
    const momentumAt = (t: Tensor): Tensor =>
      beta1.mul(
        t
          .mul(momentumDecay * Math.log(0.96))
          .exp()
          .mul(-0.5)
          .add(1),
      )
    const mu = momentumAt(now)
    const next = momentumAt(now.add(1))
    const newProduct = advance(product, product.mul(mu))
    const nextProduct = (repeatedMomentum ? newProduct.mul(mu) : newProduct).mul(next)
    const remaining = (p: Tensor): Tensor => p.neg().add(1)
    return {
      beta1,
      rest: remaining(beta1),
      root: correction2.sqrt(),
      gradientRate: group.rate.mul(remaining(mu)).div(remaining(newProduct)),
      meanRate: group.rate.mul(next).div(remaining(nextProduct)),
    }
  }

  protected override update(step: ParameterStep<NAdamSettings>): Tensor {
    const { parameter, settings, shared } = step
    const { beta2, eps, weightDecay } = settings
    const gradient = withWeightDecay(step.gradient, parameter, weightDecay)
    const mean = step.slot('exp_avg')
    const square = step.slot('exp_avg_sq')
    const newMean = step.keep(mean, mean.mul(shared.beta1 as Tensor).add(gradient.mul(shared.rest as Tensor)))
    const newSquare = step.keep(square, square.mul(beta2).add(gradient.square().mul(1 - beta2)))
    const scale = newSquare
      .sqrt()
      .div(shared.root as Tensor)
      .add(eps)
    const move = gradient.mul(shared.gradientRate as Tensor).add(newMean.mul(shared.meanRate as Tensor))
    return parameter.sub(move.div(scale))
  }
}
