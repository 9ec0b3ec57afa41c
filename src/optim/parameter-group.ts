/**
 * Parameters that are updated with the same settings. What a schedule changes from step to step (the rate and the momentum) lives in
 * variables, so that a compiled training step reads it without being recorded again; the other settings are part of the recording and
 * changing them records a new one.
 */
import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { observe } from '../tensor/trace.ts'
import { type Parameter, VariableTensor } from '../tensor/variable-tensor.ts'

/** A number on the host with its copy for compiled steps. */
class Rate {
  #value: number
  readonly variable: VariableTensor

  constructor(value: number) {
    this.#value = value
    this.variable = new VariableTensor(Float32Array.of(value), [])
  }

  get value(): number {
    return this.#value
  }

  set value(value: number) {
    if (value === this.#value) return
    this.#value = value
    this.variable.write([value])
  }
}

/**
 * Parameters that an optimizer treats alike: a learning rate, perhaps a momentum, and settings of its own.
 *
 * @example
 * import { nn, optim, Parameter } from 'cognitron'
 * const net = new nn.Linear(2, 1)
 * const sgd = new optim.SGD([{ params: [net.weight], lr: 0.1 }, { params: [net.bias as Parameter] }], { lr: 0.01 })
 * console.log(sgd.groups.map(({ lr }) => lr)) // [0.1, 0.01]
 */
export class ParameterGroup<Settings extends object = object> {
  readonly parameters: readonly Parameter[]
  /** The rate that schedules start from; set by the first schedule. */
  initialLr: number | undefined
  readonly #lr: Rate
  readonly #momentum: Rate | undefined
  #settings: Readonly<Settings>

  /** `momentum` is left out for optimizers that have none. */
  constructor(parameters: readonly Parameter[], rates: { lr: number; momentum?: number }, settings: Settings) {
    checkRate('lr', rates.lr)
    this.parameters = parameters
    this.#lr = new Rate(rates.lr)
    this.#momentum = rates.momentum === undefined ? undefined : new Rate(rates.momentum)
    this.#settings = Object.freeze({ ...settings })
  }

  /** The learning rate of the next step. Throws ArgumentError when it is set to a negative or undefined number. */
  get lr(): number {
    return this.#lr.value
  }

  set lr(value: number) {
    checkRate('lr', value)
    this.#lr.value = value
  }

  /** The momentum (β₁ of the Adam family) of the next step; undefined for optimizers that have none. */
  get momentum(): number | undefined {
    return this.#momentum?.value
  }

  set momentum(value: number) {
    if (!this.#momentum) throw new ArgumentError('this optimizer has no momentum to set.')
    checkRate('momentum', value)
    this.#momentum.value = value
  }

  /** The other settings; a compiled step is recorded again when they change. */
  get settings(): Readonly<Settings> {
    return observe(() => this.#settings)
  }

  /** Changes settings for the steps to come. */
  configure(changes: Partial<Settings>): void {
    this.#settings = Object.freeze({ ...this.#settings, ...changes })
  }

  /** The learning rate as a scalar tensor of the graph. */
  get rate(): Tensor {
    return this.#lr.variable
  }

  /** The momentum as a scalar tensor of the graph; undefined when it is 0 and need not be computed. */
  get momentumTensor(): Tensor | undefined {
    const momentum = this.#momentum
    return momentum && observe(() => momentum.value !== 0) ? momentum.variable : undefined
  }
}

export function checkRate(name: string, value: number): void {
  if (value >= 0 && Number.isFinite(value)) return
  throw new ArgumentError(`${name} is a number of at least 0, given ${value}.`)
}
