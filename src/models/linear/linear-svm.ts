/** The linear support vector machine for several classes: hinge losses and a penalty on the weights, by gradient descent. */
import { ArgumentError } from '../../base/errors.ts'
import { multiClassHinge } from '../../loss/index.ts'
import * as nn from '../../nn/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { type DescentReport, descend } from './descend.ts'
import { type Answers, checkClasses, type Rows, readSamples, rowsTensor } from './samples.ts'

export interface LinearSvmOptions {
  /** λ, the weight of the penalty Σ W². Default 1e-3. */
  readonly lambda?: number
  /** Δ, by how much the right score must lead. Default 1. */
  readonly margin?: number
}

export interface LinearSvmFitOptions {
  /** Rows of an update. Default 32. */
  readonly batchSize?: number
  /** Default 0.1; scale inputs to about ±1 first. */
  readonly lr?: number
  /** The rate of pass k is lr / (1 + decay · k). Default 0.1. */
  readonly decay?: number
  /** Default 100. */
  readonly epochs?: number
  /** Stop when the risk of a pass changed by less. Default 0: use all passes. */
  readonly tolerance?: number
}

/**
 * Scores f = W x + b, fitted to minimise mean Σ over j ≠ y of max(0, f_j − f_y + Δ) + λ Σ W²:
 * `[samples, features] → [samples, classes]`. Weights start at 0; the random order of batches comes from the library's generator.
 *
 * Source: Weston and Watkins, "Support vector machines for multi-class pattern recognition" (1999).
 *
 * @example
 * import { models } from 'cognitron'
 * const svm = new models.LinearSvm(2, 3)
 * await svm.fit([[1, 0], [2, 0], [-1, 1], [-2, 2], [-1, -1], [-2, -2]], [0, 0, 1, 1, 2, 2])
 * console.log(await svm.predict([[3, 0], [-3, 3], [-3, -3]])) // [0, 1, 2]
 */
export class LinearSvm extends nn.Module {
  linear: nn.Linear
  readonly lambda: number
  readonly margin: number

  /** Throws ArgumentError for a negative λ or margin, no features or no classes. */
  constructor(features: number, classes: number, { lambda = 1e-3, margin = 1 }: LinearSvmOptions = {}) {
    super()
    if (!(lambda >= 0) || !(margin >= 0)) {
      throw new ArgumentError(`LinearSvm needs lambda and margin of at least 0, given ${lambda} and ${margin}.`)
    }
    this.linear = new nn.Linear(features, classes)
    for (const parameter of this.linear.parameters()) nn.init.zeros(parameter)
    this.lambda = lambda
    this.margin = margin
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x)
  }

  /** The regularised risk of rows `[samples, features]` with labels `[samples]`: a scalar. */
  risk(x: Tensor, labels: Tensor): Tensor {
    const hinge = multiClassHinge(this.forward(x), labels, { margin: this.margin })
    return hinge.add(this.linear.weight.square().sum().mul(this.lambda))
  }

  /** Goes on from the present weights. Throws ArgumentError for answers that are no classes, ShapeError when rows do not fit. */
  async fit(rows: Rows, answers: Answers, options: LinearSvmFitOptions = {}): Promise<DescentReport> {
    const { batchSize = 32, lr = 0.1, decay = 0.1, epochs = 100, tolerance = 0 } = options
    const samples = await readSamples(rows, answers, this.linear.inFeatures)
    checkClasses(samples, this.linear.outFeatures)
    const settings = { batchSize, lr, decay, epochs, tolerance, answerType: 'int32' } as const
    return descend(this.parameters(), samples, (x, labels) => this.risk(x, labels), settings)
  }

  /** The class with the highest score for each row. */
  async predict(rows: Rows): Promise<number[]> {
    return Array.from(await this.forward(rowsTensor(rows, this.linear.inFeatures)).argmax(1).data())
  }
}
