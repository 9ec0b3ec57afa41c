/**
 * The perceptron: one threshold unit with Rosenblatt's rule, step by step and readable. Computed on the host in double precision,
 * because every update depends on the one before; `loss.perceptron` is the same rule as a loss for the engine.
 */

import { ArgumentError } from '../../base/errors.ts'
import * as nn from '../../nn/index.ts'
import { permutation } from '../../random/permutation.ts'
import type { Tensor } from '../../tensor/index.ts'
import { generator } from '../../tensor/random.ts'
import { type Answers, type Rows, readSamples, rowsTensor, type Samples } from './samples.ts'

export interface PerceptronFitOptions {
  /** η, the size of a correction. Default 0.5, which adds or subtracts the input itself. */
  readonly lr?: number
  /** Passes over the samples after which to give up. Default 1000. */
  readonly maxEpochs?: number
  /** Visit the samples in a new random order in each pass. Default false: in the given order. */
  readonly shuffle?: boolean
}

/** One correction. */
export interface PerceptronUpdate {
  /** The pass, from 1. */
  readonly epoch: number
  /** Which sample was answered wrongly, from 0. */
  readonly sample: number
  /** t, −1 or 1. */
  readonly target: number
  /** o, what the unit said. */
  readonly output: number
  /** Δw = η (t − o) x. */
  readonly weightChange: readonly number[]
  /** η (t − o). */
  readonly biasChange: number
  /** The weights after the correction. */
  readonly weights: readonly number[]
  readonly bias: number
}

export interface PerceptronReport {
  /** Whether a whole pass had no mistake. */
  readonly converged: boolean
  /**
   * 'separated': all answers are right; 'cycle': the weights came back to where they had been, so the rule will never end;
   * 'limit': `maxEpochs` passes were not enough to tell.
   */
  readonly reason: 'separated' | 'cycle' | 'limit'
  /** Passes made, the last one without mistakes included. */
  readonly epochs: number
  /** Every correction in order. */
  readonly updates: readonly PerceptronUpdate[]
  /** Mistakes of each pass. */
  readonly mistakes: readonly number[]
  /** The outcome as a sentence. */
  readonly message: string
}

/** Weights while they are learned. */
interface Unit {
  readonly weights: Float64Array
  bias: number
}

/**
 * o = 1 if w · x + b > 0, else −1, trained by Δw = η (t − o) x: `[samples, features] → [samples]`. `forward` gives the score w · x + b.
 * Weights start at 0. For samples that a plane separates the rule ends after finitely many updates (Novikoff 1962); if it comes back
 * to weights that it had before, it never will, and `fit` says so.
 *
 * Source: Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain" (1958).
 *
 * @example
 * import { models } from 'cognitron'
 * const corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
 * const and = new models.Perceptron(2)
 * console.log((await and.fit(corners, [-1, -1, -1, 1])).reason, await and.predict(corners)) // separated [-1, -1, -1, 1]
 * const xor = new models.Perceptron(2)
 * console.log((await xor.fit(corners, [-1, 1, 1, -1])).reason) // cycle
 */
export class Perceptron extends nn.Module {
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
   * Goes on from the present weights until a pass makes no mistake.
   *
   * @throws ArgumentError for targets other than −1 and 1, or options out of range; ShapeError when rows do not fit.
   */
  async fit(rows: Rows, targets: Answers, options: PerceptronFitOptions = {}): Promise<PerceptronReport> {
    const { lr = 0.5, maxEpochs = 1000, shuffle = false } = options
    if (!(lr > 0)) throw new ArgumentError(`a perceptron learns with a rate above 0, given ${lr}.`)
    if (!(maxEpochs >= 1)) throw new ArgumentError(`maxEpochs is at least 1, given ${maxEpochs}.`)
    const samples = await readSamples(rows, targets, this.linear.inFeatures)
    checkSigns(samples)
    const unit = await this.#read()
    const report = learn(unit, samples, { lr, maxEpochs, shuffle })
    this.linear.weight.write(unit.weights)
    this.linear.bias?.write([unit.bias])
    return report
  }

  /** −1 or 1 for each row. */
  async predict(rows: Rows): Promise<number[]> {
    const scores = await this.forward(rowsTensor(rows, this.linear.inFeatures)).data()
    return Array.from(scores, (score) => (score > 0 ? 1 : -1))
  }

  async #read(): Promise<Unit> {
    const bias = (await this.linear.bias?.data())?.[0] ?? 0
    return { weights: Float64Array.from(await this.linear.weight.data()), bias }
  }
}

function checkSigns({ answers }: Samples): void {
  const index = answers.findIndex((value) => value !== 1 && value !== -1)
  if (index < 0) return
  throw new ArgumentError(`a perceptron learns targets −1 and 1, given ${answers[index]} for sample ${index}.`)
}

function learn(unit: Unit, samples: Samples, options: Required<PerceptronFitOptions>): PerceptronReport {
  const updates: PerceptronUpdate[] = []
  const mistakes: number[] = []
  const seen = new Set<string>()
  const report = (reason: PerceptronReport['reason']): PerceptronReport => {
    const outcome = { reason, epochs: mistakes.length, updates, mistakes }
    return { converged: reason === 'separated', ...outcome, message: sentence(outcome) }
  }
  const inOrder = Int32Array.from({ length: samples.count }, (_, index) => index)
  while (mistakes.length < options.maxEpochs) {
    // In a fixed order the weights at the start of a pass decide all that follows.
    const state = options.shuffle ? undefined : `${unit.weights.join()};${unit.bias}`
    if (state !== undefined && seen.has(state)) return report('cycle')
    if (state !== undefined) seen.add(state)
    const order = options.shuffle ? permutation(generator.host, samples.count) : inOrder
    const before = updates.length
    for (const sample of order) {
      const update = correct(unit, samples, sample, { lr: options.lr, epoch: mistakes.length + 1 })
      if (update) updates.push(update)
    }
    mistakes.push(updates.length - before)
    if (updates.length === before) return report('separated')
  }
  return report('limit')
}

/** Shows one sample; the correction, if the answer was wrong. */
function correct(
  unit: Unit,
  { inputs, answers, features }: Samples,
  sample: number,
  { lr, epoch }: { lr: number; epoch: number },
): PerceptronUpdate | undefined {
  const x = inputs.subarray(sample * features, (sample + 1) * features)
  const score = x.reduce((sum, value, index) => sum + value * (unit.weights[index] as number), unit.bias)
  const [target, output] = [answers[sample] as number, score > 0 ? 1 : -1]
  if (output === target) return undefined
  const biasChange = lr * (target - output)
  const weightChange = Array.from(x, (value) => biasChange * value)
  weightChange.forEach((change, index) => {
    unit.weights[index] = (unit.weights[index] as number) + change
  })
  unit.bias += biasChange
  return { epoch, sample, target, output, weightChange, biasChange, weights: [...unit.weights], bias: unit.bias }
}

function sentence({ reason, epochs, updates, mistakes }: Omit<PerceptronReport, 'message' | 'converged'>): string {
  const work = `after ${updates.length} updates in ${epochs} passes`
  if (reason === 'separated') return `all samples are answered rightly ${work}.`
  if (reason === 'cycle') {
    return `the weights returned to earlier ones ${work}: no plane separates these samples, the rule will never end.`
  }
  return `not converged ${work}, ${mistakes.at(-1)} mistakes in the last: no plane may separate these samples; raise maxEpochs to go on.`
}
