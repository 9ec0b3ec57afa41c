/** The learning-rate schedules: PyTorch's names and numbers, in closed form so that any position can be asked for. */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { checkCount, PositionalSchedule, type Scheduled, type ScheduleOptions } from './schedule.ts'

/**
 * lr · γ^⌊t / stepSize⌋
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.StepLR(sgd, { stepSize: 2, gamma: 0.5 })
 * for (let epoch = 0; epoch < 4; epoch++) schedule.step()
 * console.log(sgd.lr) // 0.025
 */
export class StepLR extends PositionalSchedule {
  readonly #stepSize: number
  readonly #gamma: number

  /** `gamma` defaults to 0.1. */
  constructor(optimizer: Scheduled, options: ScheduleOptions & { stepSize: number; gamma?: number }) {
    super(optimizer, options.every)
    checkCount('stepSize', options.stepSize)
    this.#stepSize = options.stepSize
    this.#gamma = options.gamma ?? 0.1
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return base * this.#gamma ** Math.floor(position / this.#stepSize)
  }
}

/**
 * lr · γ for every milestone that is reached.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.MultiStepLR(sgd, { milestones: [2, 3] })
 * for (let epoch = 0; epoch < 4; epoch++) schedule.step()
 * console.log(sgd.lr) // 0.001
 */
export class MultiStepLR extends PositionalSchedule {
  readonly #milestones: readonly number[]
  readonly #gamma: number

  /** `gamma` defaults to 0.1. */
  constructor(optimizer: Scheduled, options: ScheduleOptions & { milestones: readonly number[]; gamma?: number }) {
    super(optimizer, options.every)
    this.#milestones = options.milestones
    this.#gamma = options.gamma ?? 0.1
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return base * this.#gamma ** this.#milestones.filter((milestone) => milestone <= position).length
  }
}

/**
 * lr · γᵗ
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.ExponentialLR(sgd, { gamma: 0.5 })
 * for (let epoch = 0; epoch < 3; epoch++) schedule.step()
 * console.log(sgd.lr) // 0.0125
 */
export class ExponentialLR extends PositionalSchedule {
  readonly #gamma: number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { gamma: number }) {
    super(optimizer, options.every)
    this.#gamma = options.gamma
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return base * this.#gamma ** position
  }
}

/**
 * lr · factor for the first `totalIters` steps, then lr. Defaults: a third, 5 steps.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.3 })
 * const schedule = new optim.ConstantLR(sgd, { totalIters: 1 })
 * console.log(sgd.lr) // 0.1
 * schedule.step()
 * console.log(sgd.lr) // 0.3
 */
export class ConstantLR extends PositionalSchedule {
  readonly #factor: number
  readonly #totalIters: number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { factor?: number; totalIters?: number } = {}) {
    super(optimizer, options.every)
    this.#factor = options.factor ?? 1 / 3
    this.#totalIters = options.totalIters ?? 5
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return position < this.#totalIters ? base * this.#factor : base
  }
}

/**
 * lr times a factor that goes straight from `startFactor` to `endFactor` in `totalIters` steps: a warm-up. Defaults: ⅓, 1, 5.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.LinearLR(sgd, { startFactor: 0, totalIters: 4 })
 * schedule.step()
 * console.log(sgd.lr) // 0.025
 */
export class LinearLR extends PositionalSchedule {
  readonly #start: number
  readonly #end: number
  readonly #totalIters: number

  constructor(
    optimizer: Scheduled,
    options: ScheduleOptions & { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super(optimizer, options.every)
    this.#start = options.startFactor ?? 1 / 3
    this.#end = options.endFactor ?? 1
    this.#totalIters = options.totalIters ?? 5
    checkCount('totalIters', this.#totalIters)
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    const part = Math.min(position, this.#totalIters) / this.#totalIters
    return base * (this.#start + (this.#end - this.#start) * part)
  }
}

/**
 * lr · (1 − t / totalIters)^power, then 0. Defaults: 5 steps, power 1.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.PolynomialLR(sgd, { totalIters: 4, power: 2 })
 * schedule.step()
 * schedule.step()
 * console.log(sgd.lr) // 0.025
 */
export class PolynomialLR extends PositionalSchedule {
  readonly #totalIters: number
  readonly #power: number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { totalIters?: number; power?: number } = {}) {
    super(optimizer, options.every)
    this.#totalIters = options.totalIters ?? 5
    this.#power = options.power ?? 1
    checkCount('totalIters', this.#totalIters)
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return base * (1 - Math.min(position, this.#totalIters) / this.#totalIters) ** this.#power
  }
}

/**
 * Half a cosine from lr down to `etaMin` in `tMax` steps (Loshchilov and Hutter 2016).
 *
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const sgd = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: 0.1 })
 * const schedule = new optim.CosineAnnealingLR(sgd, { tMax: 2 })
 * schedule.step()
 * console.log(sgd.lr) // 0.05
 */
export class CosineAnnealingLR extends PositionalSchedule {
  readonly #tMax: number
  readonly #etaMin: number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { tMax: number; etaMin?: number }) {
    super(optimizer, options.every)
    checkCount('tMax', options.tMax)
    this.#tMax = options.tMax
    this.#etaMin = options.etaMin ?? 0
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return cosine(base, this.#etaMin, position / this.#tMax)
  }
}

/**
 * Cosines that start anew: the first takes `t0` steps, each next `tMult` times as many (default 1).
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.CosineAnnealingWarmRestarts(sgd, { t0: 4 })
 * schedule.step()
 * schedule.step()
 * console.log(sgd.lr) // 0.05
 */
export class CosineAnnealingWarmRestarts extends PositionalSchedule {
  readonly #t0: number
  readonly #tMult: number
  readonly #etaMin: number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { t0: number; tMult?: number; etaMin?: number }) {
    super(optimizer, options.every)
    this.#t0 = options.t0
    this.#tMult = options.tMult ?? 1
    this.#etaMin = options.etaMin ?? 0
    checkCount('t0', this.#t0)
    checkCount('tMult', this.#tMult)
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    let length = this.#t0
    let since = position
    if (this.#tMult === 1) since %= length
    while (since >= length) {
      since -= length
      length *= this.#tMult
    }
    return cosine(base, this.#etaMin, since / length)
  }
}

export interface OneCycleOptions extends ScheduleOptions {
  /** The highest rate, for all groups or one for each. */
  readonly maxLr: number | readonly number[]
  readonly totalSteps: number
  /** The share of the cycle in which the rate rises. Default 0.3. */
  readonly pctStart?: number
  readonly annealStrategy?: 'cos' | 'linear'
  /** Let the momentum fall while the rate rises. Default true. */
  readonly cycleMomentum?: boolean
  readonly baseMomentum?: number
  readonly maxMomentum?: number
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number
  /** The last rate is the first / finalDivFactor. Default 10⁴. */
  readonly finalDivFactor?: number
}

/**
 * Rises to `maxLr` and falls far below the start, once a step; the momentum moves the other way (Smith and Topin 2017).
 *
 * @throws ArgumentError when it is stepped beyond `totalSteps`.
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const sgd = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: 0.1, momentum: 0.9 })
 * new optim.OneCycleLR(sgd, { maxLr: 0.5, totalSteps: 100 })
 * console.log(sgd.lr) // 0.5 / 25 = 0.02
 */
export class OneCycleLR extends PositionalSchedule {
  readonly #options: Required<Omit<OneCycleOptions, 'every'>>

  constructor(optimizer: Scheduled, options: OneCycleOptions) {
    super(optimizer, options.every ?? 'step')
    checkCount('totalSteps', options.totalSteps)
    this.#options = {
      pctStart: 0.3,
      annealStrategy: 'cos',
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      ...options,
    }
    const { maxLr } = options
    if (typeof maxLr !== 'number' && maxLr.length !== optimizer.groups.length) {
      throw new ArgumentError(
        `OneCycleLR needs one maxLr for each of the ${optimizer.groups.length} groups, given ${maxLr.length}.`,
      )
    }
    this.apply()
  }

  override rateAt(position: number, _: number, group = 0): number {
    const { maxLr, divFactor, finalDivFactor } = this.#options
    const highest = typeof maxLr === 'number' ? maxLr : at(maxLr, group)
    const first = highest / divFactor
    return this.#cycle(position, first, highest, first / finalDivFactor)
  }

  override momentumAt(position: number): number | undefined {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#options
    return cycleMomentum ? this.#cycle(position, maxMomentum, baseMomentum, maxMomentum) : undefined
  }

  #cycle(position: number, first: number, middle: number, last: number): number {
    const { totalSteps, pctStart, annealStrategy } = this.#options
    if (position > totalSteps) {
      throw new ArgumentError(`OneCycleLR was made for ${totalSteps} steps and stepped ${position} times.`)
    }
    const anneal = annealStrategy === 'cos' ? cosine : straight
    const turn = pctStart * totalSteps - 1
    const end = totalSteps - 1
    if (position <= turn) return anneal(first, middle, position / turn)
    return anneal(middle, last, (position - turn) / (end - turn))
  }
}

/**
 * lr · factor(t), with a function of the number of steps.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.LambdaLR(sgd, { lrLambda: (epoch) => 1 / (1 + epoch) })
 * schedule.step()
 * console.log(sgd.lr) // 0.05
 */
export class LambdaLR extends PositionalSchedule {
  readonly #factor: (position: number) => number

  constructor(optimizer: Scheduled, options: ScheduleOptions & { lrLambda: (position: number) => number }) {
    super(optimizer, options.every)
    this.#factor = options.lrLambda
    this.apply()
  }

  override rateAt(position: number, base: number): number {
    return base * this.#factor(position)
  }
}

function cosine(from: number, to: number, part: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part))
}

function straight(from: number, to: number, part: number): number {
  return from + (to - from) * part
}
