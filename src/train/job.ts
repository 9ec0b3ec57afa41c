/**
 * A training job as one value: model, data and how to learn. A TypeScript or JavaScript file that exports one by default can be given to
 * `cognitron train`; options on the command line go before what the file says.
 */
import type { GraphMetric } from '../metrics/graph.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import type { Schedule } from '../optim/schedule.ts'
import type { Parameter } from '../tensor/variable-tensor.ts'
import type { AnyDataset, LossFunction, Network } from './types.ts'

/** What the maker of an optimizer is told; absent where nobody asked for a value. */
export interface OptimizerWishes {
  readonly lr?: number
  readonly weightDecay?: number
}

/** How long a training may take. */
export interface TrainingLength {
  readonly epochs: number
  /** Updates of the weights in all epochs. */
  readonly steps: number
}

/**
 * A model with its data, and what else there is to say about its training.
 *
 * @example
 * import { data, models, type train } from 'cognitron'
 * const job: train.Job = {
 *   model: () => models.mlp([2, 8, 2], { activation: 'tanh' }),
 *   train: data.toys.spiral({ count: 500, seed: 1, target: 'class' }),
 *   test: data.toys.spiral({ count: 200, seed: 2, target: 'class' }),
 *   epochs: 20,
 * }
 * console.log(job.epochs) // 20
 */
export interface Job {
  /** What the run is called. Default: the name of the file. */
  readonly name?: string
  /** A network, or a function that makes one. */
  readonly model: Network | (() => Network)
  readonly train: AnyDataset
  /** Default: a part of the training set. */
  readonly validation?: AnyDataset
  readonly test?: AnyDataset
  /** Default: cross-entropy where targets are class numbers, mean squared error otherwise. */
  readonly loss?: LossFunction
  /** Default: Adam. */
  readonly optimizer?: (parameters: readonly Parameter[], wishes: OptimizerWishes) => Optimizer
  /** The learning rate over the whole training. Default: constant. */
  readonly schedule?: (optimizer: Optimizer, length: TrainingLength) => Schedule
  /** Figures by name; default: accuracy where targets are class numbers. */
  readonly metrics?: Readonly<Record<string, GraphMetric>>
  readonly epochs?: number
  readonly batchSize?: number
}

/** What a file may export by default: a job, or a function that makes one from the seed of the run. */
export type JobSource = Job | ((run: { readonly seed: number }) => Job | Promise<Job>)
