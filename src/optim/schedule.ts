/**
 * What all learning-rate schedules share. A schedule sets the rate of every group when it is made and again at each `step()`; compiled
 * training steps read it from a variable and are not recorded again. The formulas and their numbers are PyTorch's.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, CognitronError } from '../base/errors.ts'
import type { ParameterGroup } from './parameter-group.ts'

/** What a schedule needs of an optimizer. */
export interface Scheduled {
  readonly groups: readonly ParameterGroup[]
}

/** When a training loop calls `step()`: after every epoch or after every update. */
export type ScheduleUnit = 'epoch' | 'step'

export interface ScheduleOptions {
  /** Default 'epoch'; 'step' for one-cycle. */
  readonly every?: ScheduleUnit
}

/** A saved schedule: plain numbers. */
export type ScheduleState = Readonly<Record<string, number | null>>

/**
 * A learning rate that changes with the number of epochs or steps; every group keeps its own starting rate.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule: optim.Schedule = new optim.StepLR(sgd, { stepSize: 2 })
 * schedule.step()
 * schedule.step()
 * console.log(sgd.lr) // 0.01
 */
export abstract class Schedule {
  readonly optimizer: Scheduled
  readonly every: ScheduleUnit

  constructor(optimizer: Scheduled, every: ScheduleUnit = 'epoch') {
    this.optimizer = optimizer
    this.every = every
    for (const group of optimizer.groups) group.initialLr ??= group.lr
  }

  /** The rates in force, one a group. */
  get rates(): number[] {
    return this.optimizer.groups.map((group) => group.lr)
  }

  /** Moves on by one; `metric` is what a plateau schedule watches. */
  abstract step(metric?: number): void

  abstract stateDict(): ScheduleState

  abstract loadStateDict(state: ScheduleState): void
}

/**
 * A schedule whose rate depends on the number of steps alone.
 *
 * @example
 * import { nn, optim } from 'cognitron'
 * const sgd = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule: optim.PositionalSchedule = new optim.ExponentialLR(sgd, { gamma: 0.5 })
 * schedule.step()
 * console.log(sgd.lr) // 0.05
 */
export abstract class PositionalSchedule extends Schedule {
  #position = 0

  /** How many times `step()` was called. */
  get position(): number {
    return this.#position
  }

  /** The rate at `position` for a group that starts from `base`; `group` is its number. */
  abstract rateAt(position: number, base: number, group?: number): number

  /** The momentum at `position`; undefined leaves it alone. */
  momentumAt(_: number): number | undefined {
    return undefined
  }

  override step(): void {
    this.#position += 1
    this.apply()
  }

  override stateDict(): ScheduleState {
    return { position: this.#position }
  }

  /** Throws CognitronError when the state is not of such a schedule. */
  override loadStateDict(state: ScheduleState): void {
    this.#position = savedNumber(state, 'position')
    this.apply()
  }

  /** Sets rate and momentum of every group; called by subclasses once their settings are in place. */
  protected apply(): void {
    this.optimizer.groups.forEach((group, index) => {
      group.lr = this.rateAt(this.#position, group.initialLr ?? group.lr, index)
      const momentum = this.momentumAt(this.#position)
      if (momentum !== undefined && group.momentum !== undefined) group.momentum = momentum
    })
  }
}

export function savedNumber(state: ScheduleState, key: string): number {
  const value = state[key]
  if (typeof value === 'number') return value
  throw new CognitronError(`the saved schedule has no "${key}"; it was saved by another kind of schedule.`)
}

export function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new ArgumentError(`${name} is a whole number above 0, given ${value}.`)
}

/**
 * Follows schedules one after the other: schedule k + 1 starts anew at milestone k.
 */
export class SequentialLR extends PositionalSchedule {
  readonly #schedules: readonly PositionalSchedule[]
  readonly #milestones: readonly number[]

  /**
   * @throws ArgumentError unless there is one milestone fewer than schedules, in rising order.
   * @example
   * import { optim, Parameter } from 'cognitron'
   * const sgd = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: 0.1 })
   * const warmUp = new optim.LinearLR(sgd, { startFactor: 0.5, totalIters: 2 })
   * const decay = new optim.ExponentialLR(sgd, { gamma: 0.9 })
   * const schedule = new optim.SequentialLR(sgd, { schedules: [warmUp, decay], milestones: [2] })
   * for (let epoch = 0; epoch < 4; epoch++, schedule.step()) console.log(sgd.lr) // 0.05 0.075 0.1 0.09
   */
  constructor(
    optimizer: Scheduled,
    options: ScheduleOptions & { schedules: readonly PositionalSchedule[]; milestones: readonly number[] },
  ) {
    const { schedules, milestones } = options
    super(optimizer, options.every ?? schedules[0]?.every)
    const rising = milestones.every((milestone, index) => milestone > (milestones[index - 1] ?? 0))
    if (schedules.length !== milestones.length + 1 || !rising) {
      throw new ArgumentError(
        `SequentialLR needs one milestone fewer than schedules, in rising order; given ${schedules.length} schedules ` +
          `and milestones [${milestones.join(', ')}].`,
      )
    }
    this.#schedules = schedules
    this.#milestones = milestones
    this.apply()
  }

  override rateAt(position: number, base: number, group = 0): number {
    const [schedule, local] = this.#current(position)
    return schedule.rateAt(local, base, group)
  }

  override momentumAt(position: number): number | undefined {
    const [schedule, local] = this.#current(position)
    return schedule.momentumAt(local)
  }

  #current(position: number): [PositionalSchedule, number] {
    const index = this.#milestones.filter((milestone) => milestone <= position).length
    return [at(this.#schedules, index), position - (this.#milestones[index - 1] ?? 0)]
  }
}

/**
 * Applies several schedules together: their factors multiply.
 */
export class ChainedScheduler extends PositionalSchedule {
  readonly #schedules: readonly PositionalSchedule[]

  /**
   * @example
   * import { optim, Parameter } from 'cognitron'
   * const sgd = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: 0.1 })
   * const halve = new optim.ConstantLR(sgd, { factor: 0.5, totalIters: 2 })
   * const decay = new optim.ExponentialLR(sgd, { gamma: 0.9 })
   * const schedule = new optim.ChainedScheduler(sgd, { schedules: [halve, decay] })
   * schedule.step()
   * console.log(sgd.lr) // 0.1 · 0.5 · 0.9 = 0.045
   */
  constructor(optimizer: Scheduled, options: ScheduleOptions & { schedules: readonly PositionalSchedule[] }) {
    super(optimizer, options.every ?? options.schedules[0]?.every)
    this.#schedules = options.schedules
    this.apply()
  }

  override rateAt(position: number, base: number, group = 0): number {
    return this.#schedules.reduce((rate, schedule) => schedule.rateAt(position, rate, group), base)
  }

  override momentumAt(position: number): number | undefined {
    return this.#schedules.map((schedule) => schedule.momentumAt(position)).findLast((value) => value !== undefined)
  }
}
