/** A running mean of the weights, which often tests better than the last weights (Polyak and Juditsky 1992). */
import { at } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError, CognitronError } from '../base/errors.ts'
import { elementCount } from '../shape/shape.ts'
import { where } from '../tensor/tensor.ts'
import { assignAll, type Parameter, VariableTensor } from '../tensor/variable-tensor.ts'

/**
 * w̄ ← decay · w̄ + (1 − decay) · w at each `update()`, from w̄ = w; a graph operation like an optimizer's step.
 *
 * @throws ArgumentError for a decay outside [0, 1).
 * @example
 * import { optim, Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([0]), [1])
 * const average = new optim.ExponentialMovingAverage([w], { decay: 0.5 })
 * average.update() // w̄ = 0
 * w.write([1])
 * average.update() // w̄ = ½
 * await average.withAverages(async () => console.log(await w.data())) // Float32Array [ 0.5 ]
 */
export class ExponentialMovingAverage {
  readonly parameters: readonly Parameter[]
  readonly averages: readonly VariableTensor[]
  readonly decay: number
  readonly #started = new VariableTensor(new Float32Array(1), [])
  #borrowed: TypedArray[] | undefined

  constructor(parameters: Iterable<Parameter>, options: { decay?: number } = {}) {
    this.decay = options.decay ?? 0.999
    if (!(this.decay >= 0 && this.decay < 1)) {
      throw new ArgumentError(`the decay of an average of weights is a number in [0, 1), given ${this.decay}.`)
    }
    this.parameters = [...parameters]
    this.averages = this.parameters.map(({ shape }) => new VariableTensor(new Float32Array(elementCount(shape)), shape))
  }

  /** Takes the present weights into the mean. */
  update(): void {
    const share = where(this.#started.gt(0), 1 - this.decay, 1)
    const moved = this.parameters.map((parameter, index) => {
      const average = at(this.averages, index)
      return [average, average.add(parameter.sub(average).mul(share))] as const
    })
    assignAll([...moved, [this.#started, this.#started.mul(0).add(1)]])
  }

  /** Runs `work` with the averages in place of the weights, then puts the weights back, also after an error. */
  async withAverages<T>(work: () => Promise<T>): Promise<T> {
    if (this.#borrowed) throw new CognitronError('the averages are in place already; withAverages does not nest.')
    if ((await this.#started.item()) === 0) return work()
    const weights = await Promise.all(this.parameters.map(({ variable }) => variable.read()))
    const averages = await Promise.all(this.averages.map(({ variable }) => variable.read()))
    this.#borrowed = weights
    this.parameters.forEach((parameter, index) => void parameter.write(at(averages, index)))
    try {
      return await work()
    } finally {
      this.parameters.forEach((parameter, index) => void parameter.write(at(weights, index)))
      this.#borrowed = undefined
    }
  }

  /** The variables to save, by name. */
  namedState(): Map<string, VariableTensor> {
    const named = this.averages.map((average, index): [string, VariableTensor] => [String(index), average])
    return new Map([['started', this.#started], ...named])
  }
}
