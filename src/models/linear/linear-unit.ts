/** The linear unit with the delta rule: gradient descent on the squared error, whole, sample by sample or in batches. */
import * as nn from '../../nn/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { type DescentReport, descend } from './descend.ts'
import { type Answers, type Rows, readSamples, rowsTensor } from './samples.ts'

export interface LinearUnitFitOptions {
  /**
   * How many samples each update looks at: 'batch' all, 'stochastic' one (incremental descent), 'mini-batch' `batchSize`.
   * Default 'batch'.
   */
  readonly mode?: 'batch' | 'stochastic' | 'mini-batch'
  /** Samples of an update in 'mini-batch' mode. Default 32. */
  readonly batchSize?: number
  /** η. Default 0.1; scale inputs to about ±1 first. */
  readonly lr?: number
  /** η of pass k is lr / (1 + decay · k); above 0 it quiets the noise of single samples. Default 0. */
  readonly decay?: number
  /** Passes at most. Default 1000. */
  readonly epochs?: number
  /** Stop when the error of a pass changed by less. Default 1e-9. */
  readonly tolerance?: number
}

/**
 * o = w · x + b, trained by the delta rule Δw = η · mean of (t − o) x over the samples of an update, which is gradient descent on
 * E = ½ mean (t − o)²: `[samples, features] → [samples]`. All three modes end at the least-squares solution. Weights start at 0.
 *
 * Source: Widrow and Hoff, "Adaptive switching circuits" (1960).
 *
 * @example
 * import { models } from 'cognitron'
 * const unit = new models.LinearUnit(1)
 * await unit.fit([[0], [1], [2]], [1, 3, 5], { lr: 0.3 })
 * console.log(await unit.predict([[3]])) // [7]
 */
export class LinearUnit extends nn.Module {
  linear: nn.Linear

  /** Throws ArgumentError unless `features` is a whole number of at least 1. */
  constructor(features: number) {
    super()
    this.linear = new nn.Linear(features, 1)
    for (const parameter of this.linear.parameters()) nn.init.zeros(parameter)
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x).squeeze(-1)
  }

  /**
   * Goes on from the present weights.
   *
   * @throws ShapeError when rows do not fit; ArgumentError for options out of range and for a rate at which the error explodes.
   */
  async fit(rows: Rows, targets: Answers, options: LinearUnitFitOptions = {}): Promise<DescentReport> {
    const { mode = 'batch', lr = 0.1, decay = 0, epochs = 1000, tolerance = 1e-9 } = options
    const samples = await readSamples(rows, targets, this.linear.inFeatures)
    const sizes = { batch: samples.count, stochastic: 1, 'mini-batch': options.batchSize ?? 32 }
    const error = (x: Tensor, t: Tensor): Tensor => this.forward(x).sub(t).square().mean().mul(0.5)
    const settings = { batchSize: sizes[mode], lr, decay, epochs, tolerance, answerType: 'float32' } as const
    return descend(this.parameters(), samples, error, settings)
  }

  /** One number for each row. */
  async predict(rows: Rows): Promise<number[]> {
    return Array.from(await this.forward(rowsTensor(rows, this.linear.inFeatures)).data())
  }
}
