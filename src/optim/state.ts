/**
 * What an optimizer remembers between steps: slots beside each parameter and clocks. A clock holds the scalars that count steps; all
 * parameters that got their first gradient in the same step share one, so that a layer that is unfrozen later starts with fresh
 * corrections, as in PyTorch, without a counter for every parameter.
 */

import { at, sameNumbers } from '../base/arrays.ts'
import { CognitronError } from '../base/errors.ts'
import { remembered } from '../base/remembered.ts'
import type { TensorData } from '../nn/state-dict.ts'
import { elementCount, formatShape } from '../shape/shape.ts'
import { observe } from '../tensor/trace.ts'
import { type Parameter, VariableTensor } from '../tensor/variable-tensor.ts'

/** A saved optimizer: plain settings and tensors by name (`3.exp_avg` is the slot of parameter 3, `clock.0.…` a counter). */
export interface OptimizerState {
  readonly optimizer: string
  readonly groups: readonly SavedGroup[]
  /** For each parameter the number of its clock, −1 before its first step. */
  readonly clocks: readonly number[]
  readonly tensors: ReadonlyMap<string, TensorData>
}

export interface SavedGroup {
  readonly lr: number
  readonly momentum?: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly parameters: number
}

interface Slot {
  readonly variable: VariableTensor
  /** What it holds before the first step. */
  initial: number
}

/** Scalars that count the steps of some parameters. */
export class Clock {
  readonly scalars = new Map<string, Slot>()

  scalar(name: string, initial = 0): VariableTensor {
    return slotIn(this.scalars, name, [], initial)
  }
}

export class OptimizerMemory {
  readonly #optimizer: string
  readonly #parameters: readonly Parameter[]
  readonly #slots: readonly Map<string, Slot>[]
  readonly #index: ReadonlyMap<Parameter, number>
  #clocks: Clock[] = []
  #clockOf = new Map<Parameter, Clock>()

  constructor(optimizer: string, parameters: readonly Parameter[]) {
    this.#optimizer = optimizer
    this.#parameters = parameters
    this.#slots = parameters.map(() => new Map())
    this.#index = new Map(parameters.map((parameter, index) => [parameter, index]))
  }

  slot(parameter: Parameter, name: string, initial = 0): VariableTensor {
    return slotIn(at(this.#slots, this.#index.get(parameter) ?? -1), name, parameter.shape, initial)
  }

  /** The parameters by clock; those that have none yet share a new one. */
  cohorts(active: readonly Parameter[]): Map<Clock, Parameter[]> {
    // A compiled step holds the clocks it was recorded with; loading a state may share them out anew.
    observe(() => this.#clockOf)
    const cohorts = new Map<Clock, Parameter[]>()
    let fresh: Clock | undefined
    for (const parameter of active) {
      const clock = remembered(this.#clockOf, parameter, () => {
        fresh ??= this.#newClock()
        return fresh
      })
      remembered(cohorts, clock, () => []).push(parameter)
    }
    return cohorts
  }

  #newClock(): Clock {
    const clock = new Clock()
    this.#clocks.push(clock)
    return clock
  }

  async save(groups: readonly SavedGroup[]): Promise<OptimizerState> {
    const tensors = new Map<string, TensorData>()
    for (const [name, { variable }] of this.#entries()) {
      tensors.set(name, { data: await variable.variable.read(), shape: variable.shape, dtype: variable.dtype })
    }
    const clocks = this.#parameters.map((parameter) => {
      const clock = this.#clockOf.get(parameter)
      return clock ? this.#clocks.indexOf(clock) : -1
    })
    return { optimizer: this.#optimizer, groups, clocks, tensors }
  }

  /** Throws CognitronError unless the state is of such an optimizer over such parameters. */
  check(state: OptimizerState, groupSizes: readonly number[]): void {
    if (state.optimizer !== this.#optimizer) {
      throw new CognitronError(
        `the saved state is of the optimizer ${state.optimizer}, this one is ${this.#optimizer}; resume with ${state.optimizer}.`,
      )
    }
    const sizes = state.groups.map((group) => group.parameters)
    if (!sameNumbers(sizes, groupSizes) || state.clocks.length !== this.#parameters.length) {
      throw new CognitronError(
        `the saved optimizer has groups of ${sizes.join(' + ')} parameters, this one of ${groupSizes.join(' + ')}; ` +
          'make it from the same model with the same groups.',
      )
    }
    for (const [name, tensor] of state.tensors) {
      const parameter = this.#parameterOf(name)
      if (!parameter || sameNumbers(parameter.shape, tensor.shape)) continue
      throw new CognitronError(
        `the saved optimizer state "${name}" has shape ${formatShape(tensor.shape)}, but parameter ` +
          `${name.split('.', 1)[0]} has ${formatShape(parameter.shape)}; it belongs to another model.`,
      )
    }
  }

  load(state: OptimizerState): void {
    for (const [, slot] of this.#entries()) slot.variable.write(filled(slot.variable.shape, slot.initial))
    while (this.#clocks.length <= Math.max(-1, ...state.clocks)) this.#newClock()
    this.#clockOf = new Map()
    state.clocks.forEach((clock, index) => {
      if (clock >= 0) this.#clockOf.set(at(this.#parameters, index), at(this.#clocks, clock))
    })
    for (const [name, tensor] of state.tensors) {
      const [owner, ...rest] = name.split('.')
      const slots = owner === 'clock' ? at(this.#clocks, Number(rest.shift())).scalars : at(this.#slots, Number(owner))
      slotIn(slots, rest.join('.'), tensor.shape, 0).write(tensor.data)
    }
  }

  #parameterOf(name: string): Parameter | undefined {
    return this.#parameters[Number(name.split('.', 1)[0])]
  }

  *#entries(): Generator<[string, Slot]> {
    for (const [index, slots] of this.#slots.entries()) {
      for (const [name, slot] of slots) yield [`${index}.${name}`, slot]
    }
    for (const [index, clock] of this.#clocks.entries()) {
      for (const [name, slot] of clock.scalars) yield [`clock.${index}.${name}`, slot]
    }
  }
}

function slotIn(slots: Map<string, Slot>, name: string, shape: readonly number[], initial: number): VariableTensor {
  const slot = remembered(slots, name, () => ({ variable: new VariableTensor(filled(shape, initial), shape), initial }))
  slot.initial = initial
  return slot.variable
}

function filled(shape: readonly number[], value: number): Float32Array {
  return new Float32Array(elementCount(shape)).fill(value)
}
