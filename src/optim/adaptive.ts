/** Optimizers that divide by running sizes of the gradients: Adagrad, RMSprop, Adadelta; PyTorch's formulas. */
import type { Tensor } from '../tensor/tensor.ts'
import { type ClockStep, Optimizer, type ParameterStep, type Parameters, withWeightDecay } from './optimizer.ts'
import { ParameterGroup } from './parameter-group.ts'

export interface AdagradOptions {
  /** Default 0.01. */
  readonly lr?: number
  /** The rate of step t is lr / (1 + (t − 1) · lrDecay). Default 0. */
  readonly lrDecay?: number
  readonly weightDecay?: number
  /** What the sum of squares starts from. Default 0. */
  readonly initialAccumulatorValue?: number
  /** Default 1e-10. */
  readonly eps?: number
}

type AdagradSettings = Required<Omit<AdagradOptions, 'lr'>>

/**
 * Adagrad (Duchi, Hazan, Singer 2011): s ← s + g², w ← w − lr · g / (√s + eps).
 *
 * @throws ArgumentError when lr is negative.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * new optim.Adagrad([w], { lr: 0.1 }).minimize(w.square().sum())
 * console.log(await w.data()) // Float32Array [ 0.9 ]
 */
export class Adagrad extends Optimizer<AdagradOptions, AdagradSettings> {
  constructor(parameters: Parameters<AdagradOptions>, options: AdagradOptions = {}) {
    super(parameters, options, (params, own) => {
      const { lr = 0.01, lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10 } = own
      return new ParameterGroup(params, { lr }, { lrDecay, weightDecay, initialAccumulatorValue, eps })
    })
  }

  protected override advanceClock({
    group,
    settings,
    scalar,
    advance,
  }: ClockStep<AdagradSettings>): Record<string, Tensor> {
    if (settings.lrDecay === 0) return { rate: group.rate }
    const done = scalar('step')
    advance(done, done.add(1))
    return { rate: group.rate.div(done.mul(settings.lrDecay).add(1)) }
  }

  protected override update(step: ParameterStep<AdagradSettings>): Tensor {
    const { parameter, settings, shared } = step
    const gradient = withWeightDecay(step.gradient, parameter, settings.weightDecay)
    const sum = step.slot('sum', settings.initialAccumulatorValue)
    const newSum = step.keep(sum, sum.add(gradient.square()))
    return parameter.sub(gradient.mul(shared.rate as Tensor).div(newSum.sqrt().add(settings.eps)))
  }
}

export interface RMSpropOptions {
  /** Default 0.01. */
  readonly lr?: number
  /** Decay of the running square. Default 0.99. */
  readonly alpha?: number
  /** Default 1e-8. */
  readonly eps?: number
  readonly weightDecay?: number
  readonly momentum?: number
  /** Divide by the running standard deviation instead of the root of the running square. */
  readonly centered?: boolean
}

type RMSpropSettings = Required<Omit<RMSpropOptions, 'lr' | 'momentum'>>

/**
 * RMSprop (Hinton's lecture 6e, 2012): v ← α v + (1 − α) g², w ← w − lr · g / (√v + eps); with momentum the quotient gathers first.
 *
 * @throws ArgumentError when lr is negative.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * new optim.RMSprop([w], { lr: 0.01 }).minimize(w.square().sum()) // 1 − 0.01 · 2 / √(0.01 · 4)
 * console.log(await w.data()) // Float32Array [ 0.9 ]
 */
export class RMSprop extends Optimizer<RMSpropOptions, RMSpropSettings> {
  constructor(parameters: Parameters<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(parameters, options, (params, own) => {
      const { lr = 0.01, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0, centered = false } = own
      return new ParameterGroup(params, { lr, momentum }, { alpha, eps, weightDecay, centered })
    })
  }

  protected override update(step: ParameterStep<RMSpropSettings>): Tensor {
    const { parameter, group, settings } = step
    const { alpha, eps, centered, weightDecay } = settings
    const gradient = withWeightDecay(step.gradient, parameter, weightDecay)
    const square = step.slot('square_avg')
    const newSquare = step.keep(square, square.mul(alpha).add(gradient.square().mul(1 - alpha)))
    let variance = newSquare
    if (centered) {
      const mean = step.slot('grad_avg')
      const newMean = step.keep(mean, mean.mul(alpha).add(gradient.mul(1 - alpha)))
      variance = newSquare.sub(newMean.square()).maximum(0)
    }
    const quotient = gradient.div(variance.sqrt().add(eps))
    const momentum = group.momentumTensor
    if (!momentum) return parameter.sub(quotient.mul(group.rate))
    const buffer = step.slot('momentum_buffer')
    const velocity = step.keep(buffer, buffer.mul(momentum).add(quotient))
    return parameter.sub(velocity.mul(group.rate))
  }
}

export interface AdadeltaOptions {
  /** Default 1. */
  readonly lr?: number
  /** Decay of both running squares. Default 0.9. */
  readonly rho?: number
  /** Default 1e-6. */
  readonly eps?: number
  readonly weightDecay?: number
}

type AdadeltaSettings = Required<Omit<AdadeltaOptions, 'lr'>>

/**
 * Adadelta (Zeiler 2012): v ← ρ v + (1 − ρ) g², δ = g · √(u + eps) / √(v + eps), u ← ρ u + (1 − ρ) δ², w ← w − lr · δ.
 *
 * @throws ArgumentError when lr is negative.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([1]), [1])
 * new optim.Adadelta([w]).minimize(w.square().sum())
 */
export class Adadelta extends Optimizer<AdadeltaOptions, AdadeltaSettings> {
  constructor(parameters: Parameters<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(parameters, options, (params, own) => {
      const { lr = 1, rho = 0.9, eps = 1e-6, weightDecay = 0 } = own
      return new ParameterGroup(params, { lr }, { rho, eps, weightDecay })
    })
  }

  protected override update(step: ParameterStep<AdadeltaSettings>): Tensor {
    const { parameter, group, settings } = step
    const { rho, eps, weightDecay } = settings
    const gradient = withWeightDecay(step.gradient, parameter, weightDecay)
    const square = step.slot('square_avg')
    const moves = step.slot('acc_delta')
    const newSquare = step.keep(square, square.mul(rho).add(gradient.square().mul(1 - rho)))
    const delta = moves.add(eps).sqrt().div(newSquare.add(eps).sqrt()).mul(gradient)
    step.keep(moves, moves.mul(rho).add(delta.square().mul(1 - rho)))
    return parameter.sub(delta.mul(group.rate))
  }
}
