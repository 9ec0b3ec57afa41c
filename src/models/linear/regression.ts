/** Logistic and softmax regression: one linear layer and a cross-entropy, solved to the minimum of the (regularised) risk. */
import { ArgumentError } from '../../base/errors.ts'
import { bceWithLogits, crossEntropy } from '../../loss/index.ts'
import * as nn from '../../nn/index.ts'
import { fromTypedArray, type Parameter, softmax, type Tensor } from '../../tensor/index.ts'
import { type LbfgsOptions, type LbfgsReport, minimizeLbfgs } from './lbfgs.ts'
import { type Answers, checkClasses, type Rows, readSamples, rowsTensor, type Samples } from './samples.ts'

export interface RegressionOptions {
  /**
   * λ: the mean loss plus ½ λ Σ w² is minimised, biases left out. scikit-learn's C is 1 / (λ · samples). Default 0: without a
   * penalty, for which samples that a plane separates have no finite solution.
   */
  readonly l2?: number
}

function zeroLinear(features: number, outputs: number): nn.Linear {
  const linear = new nn.Linear(features, outputs)
  for (const parameter of linear.parameters()) nn.init.zeros(parameter)
  return linear
}

function checkPenalty(l2: number): number {
  if (l2 >= 0) return l2
  throw new ArgumentError(`l2 is a number of at least 0, given ${l2}.`)
}

function solve(
  linear: nn.Linear,
  samples: Samples,
  l2: number,
  options: LbfgsOptions & { loss: (rows: Tensor) => Tensor },
): Promise<LbfgsReport> {
  const x = fromTypedArray(samples.inputs, [samples.count, samples.features], 'float32')
  const risk = (): Tensor => {
    const mean = options.loss(x)
    return l2 === 0
      ? mean
      : mean.add(
          linear.weight
            .square()
            .sum()
            .mul(l2 / 2),
        )
  }
  const parameters: Parameter[] = linear.parameters()
  return minimizeLbfgs(parameters, risk, options)
}

/**
 * P(yes | x) = σ(w · x + b), fitted by minimising the Bernoulli cross-entropy to the end (L-BFGS): `[samples, features] → [samples]`
 * scores; σ of them are probabilities. Weights start at 0.
 *
 * Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.2.
 *
 * @example
 * import { models } from 'cognitron'
 * const model = new models.LogisticRegression(1, { l2: 0.1 })
 * await model.fit([[-1], [1], [2]], [0, 1, 1])
 * console.log(await model.predict([[-2], [3]])) // [0, 1]
 */
export class LogisticRegression extends nn.Module {
  linear: nn.Linear
  readonly l2: number

  /** Throws ArgumentError for a negative penalty or no features. */
  constructor(features: number, { l2 = 0 }: RegressionOptions = {}) {
    super()
    this.linear = zeroLinear(features, 1)
    this.l2 = checkPenalty(l2)
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x).squeeze(-1)
  }

  /** Goes on from the present weights. Throws ArgumentError for answers other than 0 and 1, ShapeError when rows do not fit. */
  async fit(rows: Rows, answers: Answers, options: LbfgsOptions = {}): Promise<LbfgsReport> {
    const samples = await readSamples(rows, answers, this.linear.inFeatures)
    checkClasses(samples, 2)
    const target = fromTypedArray(Float32Array.from(samples.answers), [samples.count], 'float32')
    return solve(this.linear, samples, this.l2, { ...options, loss: (x) => bceWithLogits(this.forward(x), target) })
  }

  /** The probability of "yes" for each row. */
  async predictProbability(rows: Rows): Promise<number[]> {
    return Array.from(await this.forward(rowsTensor(rows, this.linear.inFeatures)).sigmoid().data())
  }

  /** 1 where "yes" is at least as likely as "no", else 0. */
  async predict(rows: Rows): Promise<number[]> {
    return (await this.predictProbability(rows)).map((probability) => (probability >= 0.5 ? 1 : 0))
  }
}

/**
 * P(class k | x) = softmax(W x + b)ₖ, fitted by minimising the categorical cross-entropy to the end (L-BFGS):
 * `[samples, features] → [samples, classes]` scores. Weights start at 0.
 *
 * Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.4.
 *
 * @example
 * import { models } from 'cognitron'
 * const model = new models.SoftmaxRegression(1, 3, { l2: 0.01 })
 * await model.fit([[-2], [-1], [0], [1], [2], [3]], [0, 0, 1, 1, 2, 2])
 * console.log(await model.predict([[-3], [0.5], [4]])) // [0, 1, 2]
 */
export class SoftmaxRegression extends nn.Module {
  linear: nn.Linear
  readonly l2: number

  /** Throws ArgumentError for a negative penalty, no features or no classes. */
  constructor(features: number, classes: number, { l2 = 0 }: RegressionOptions = {}) {
    super()
    this.linear = zeroLinear(features, classes)
    this.l2 = checkPenalty(l2)
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x)
  }

  /** Goes on from the present weights. Throws ArgumentError for answers that are no classes, ShapeError when rows do not fit. */
  async fit(rows: Rows, answers: Answers, options: LbfgsOptions = {}): Promise<LbfgsReport> {
    const samples = await readSamples(rows, answers, this.linear.inFeatures)
    checkClasses(samples, this.linear.outFeatures)
    const target = fromTypedArray(Int32Array.from(samples.answers), [samples.count], 'int32')
    return solve(this.linear, samples, this.l2, { ...options, loss: (x) => crossEntropy(this.forward(x), target) })
  }

  /** The probabilities of all classes for each row. */
  async predictProbabilities(rows: Rows): Promise<number[][]> {
    const scores = this.forward(rowsTensor(rows, this.linear.inFeatures))
    return (await softmax(scores, 1).toArray()) as number[][]
  }

  /** The likeliest class of each row. */
  async predict(rows: Rows): Promise<number[]> {
    return Array.from(await this.forward(rowsTensor(rows, this.linear.inFeatures)).argmax(1).data())
  }
}
