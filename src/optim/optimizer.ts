/**
 * What all optimizers share: groups of parameters, slots beside each parameter, the one assignment of a step and the saved state.
 * A step is a graph like any other; inside `compile` it becomes part of the training program. Everything that changes from step to step
 * lives in variables, so that a saved state goes on to the bit.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, CognitronError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { assignAll, Parameter, type VariableTensor } from '../tensor/variable-tensor.ts'
import type { ParameterGroup } from './parameter-group.ts'
import { type Clock, OptimizerMemory, type OptimizerState } from './state.ts'

/** Parameters with settings of their own; what is left out is taken from the optimizer's options. */
export type GroupOptions<Options> = Partial<Options> & { readonly params: Iterable<Parameter> }

/** The parameters of an optimizer: one list, or groups. */
export type Parameters<Options> = Iterable<Parameter> | Iterable<GroupOptions<Options>>

/** One parameter's part of a step. */
export interface ParameterStep<Settings extends object> {
  readonly parameter: Parameter
  readonly gradient: Tensor
  readonly group: ParameterGroup<Settings>
  readonly settings: Readonly<Settings>
  /** Values that all parameters of the same age share, such as bias corrections. */
  readonly shared: Readonly<Record<string, Tensor>>
  /** Memory beside the parameter, of its shape; `initial` everywhere before the first step. */
  slot(name: string, initial?: number): VariableTensor
  /** Stores `value` in a slot at the end of the step and gives it back, without traces: what is smaller than 2⁻¹⁰⁰ becomes 0. */
  keep(target: VariableTensor, value: Tensor): Tensor
}

/** What the shared values of a step are computed from. */
export interface ClockStep<Settings extends object> {
  readonly group: ParameterGroup<Settings>
  readonly settings: Readonly<Settings>
  /** A scalar that persists, `initial` before the first step. */
  scalar(name: string, initial?: number): VariableTensor
  /** Stores `value` at the end of the step and gives it back. */
  advance(target: VariableTensor, value: Tensor): Tensor
}

/**
 * The base of all optimizers: `minimize(loss)`, or `loss.backward()`, `step()` and `zeroGrad()`.
 *
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([3]), [1])
 * const sgd = new optim.SGD([w], { lr: 0.25 })
 * for (let i = 0; i < 3; i++) sgd.minimize(w.square().sum()) // w ← w − ¼ · 2w
 * console.log(await w.data()) // Float32Array [ 0.375 ]
 */
export abstract class Optimizer<Options extends object = object, Settings extends object = object> {
  readonly groups: readonly ParameterGroup<Settings>[]
  readonly #memory: OptimizerMemory

  /** Throws ArgumentError when there is no parameter or one is given twice. */
  constructor(parameters: Parameters<Options>, options: Options, makeGroup: GroupMaker<Options, Settings>) {
    this.groups = toGroups<Options>(parameters).map(({ params, ...own }) =>
      makeGroup([...params], { ...options, ...withoutUndefined(own) } as unknown as Options),
    )
    const all = this.parameters
    if (all.length === 0) {
      throw new ArgumentError('an optimizer needs at least one parameter, given none; pass model.parameters().')
    }
    if (new Set(all).size !== all.length) {
      throw new ArgumentError('a parameter was given to an optimizer twice; put each into one group.')
    }
    this.#memory = new OptimizerMemory(this.constructor.name, all)
  }

  /** All parameters, group by group. */
  get parameters(): Parameter[] {
    return this.groups.flatMap((group) => [...group.parameters])
  }

  /** The learning rate of the first group; setting it sets that of every group. */
  get lr(): number {
    return at(this.groups, 0).lr
  }

  set lr(value: number) {
    for (const group of this.groups) group.lr = value
  }

  /**
   * One update of every parameter that has a gradient, all at once.
   *
   * @throws CognitronError when no parameter has one.
   */
  step(): void {
    const assignments: [VariableTensor, Tensor][] = []
    for (const group of this.groups) {
      const active = group.parameters.filter((parameter) => parameter.grad !== null)
      for (const [clock, members] of this.#memory.cohorts(active)) this.#stepCohort(group, clock, members, assignments)
    }
    if (assignments.length === 0) {
      throw new CognitronError(
        'no parameter of the optimizer has a gradient; call backward() on a loss that depends on them, or unfreeze some.',
      )
    }
    assignAll(assignments)
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const group of this.groups) for (const parameter of group.parameters) parameter.zeroGrad()
  }

  /** `loss.backward()`, `step()` and `zeroGrad()`. */
  minimize(loss: Tensor): void {
    loss.backward()
    this.step()
    this.zeroGrad()
  }

  /** Everything needed to go on to the bit: rates, slots and step counters. */
  async stateDict(): Promise<OptimizerState> {
    const groups = this.groups.map(({ lr, momentum, settings, parameters }) => ({
      lr,
      ...(momentum === undefined ? {} : { momentum }),
      settings: { ...settings },
      parameters: parameters.length,
    }))
    return this.#memory.save(groups)
  }

  /**
   * Takes over a saved state.
   *
   * @throws CognitronError when it is of another optimizer or of other parameters; nothing is changed then.
   */
  loadStateDict(state: OptimizerState): void {
    this.#memory.check(
      state,
      this.groups.map((group) => group.parameters.length),
    )
    this.#memory.load(state)
    this.groups.forEach((group, index) => {
      const saved = at(state.groups, index)
      group.lr = saved.lr
      if (saved.momentum !== undefined) group.momentum = saved.momentum
      group.configure(saved.settings as Partial<Settings>)
    })
  }

  /** Values shared by all parameters of one age; called once a step for each age. */
  protected advanceClock(_: ClockStep<Settings>): Record<string, Tensor> {
    return {}
  }

  /** The new value of one parameter. */
  protected abstract update(step: ParameterStep<Settings>): Tensor

  #stepCohort(
    group: ParameterGroup<Settings>,
    clock: Clock,
    members: readonly Parameter[],
    assignments: [VariableTensor, Tensor][],
  ): void {
    const { settings } = group
    const assign = (target: VariableTensor, value: Tensor): void => {
      assignments.push([target, value])
    }
    const shared = this.advanceClock({
      group,
      settings,
      scalar: (name, initial) => clock.scalar(name, initial),
      advance: (target, value) => {
        assign(target, value)
        return value
      },
    })
    for (const parameter of members) {
      const slot = (name: string, initial?: number): VariableTensor => this.#memory.slot(parameter, name, initial)
      const gradient = parameter.grad as Tensor
      const keep = (target: VariableTensor, value: Tensor): Tensor => {
        const kept = withoutTraces(value)
        assign(target, kept)
        return kept
      }
      assign(parameter, this.update({ parameter, gradient, group, settings, shared, slot, keep }))
    }
  }
}

/** So small that what it swallows moves no weight; half a unit in its last place is 2⁻¹⁰⁰. */
const TRACE = 2 ** -76

/**
 * Running means of gradients that have ceased fall without end, and processors take a hundred times as long for numbers below 2⁻¹²⁶.
 * To add a number and take it away again leaves multiples of 2⁻⁹⁹, so that 0 is reached.
 */
function withoutTraces(value: Tensor): Tensor {
  return value.add(TRACE).sub(TRACE)
}

/** Makes a group from its complete options. */
export type GroupMaker<Options, Settings extends object> = (
  parameters: readonly Parameter[],
  options: Options,
) => ParameterGroup<Settings>

/** Adds weightDecay · w, the gradient of ½ weightDecay · Σ w². */
export function withWeightDecay(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay))
}

function toGroups<Options>(parameters: Parameters<Options>): GroupOptions<Options>[] {
  const list = [...parameters] as (Parameter | GroupOptions<Options>)[]
  const [first] = list
  if (first === undefined || first instanceof Parameter) {
    return [{ params: list as Parameter[] } as unknown as GroupOptions<Options>]
  }
  return list as GroupOptions<Options>[]
}

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
