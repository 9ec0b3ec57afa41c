/** What a training run is asked to do, what it reports and what callbacks see of it. */
import type { AsyncDataset, Dataset } from '../data/dataset.ts'
import type { DataLoader } from '../data/loader.ts'
import type { GraphMetric } from '../metrics/graph.ts'
import type { Module } from '../nn/module.ts'
import type { StateDict } from '../nn/state-dict.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import type { Schedule } from '../optim/schedule.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { EpochRecord } from './record.ts'
import type { TrainingState } from './state.ts'

export type AnyDataset = Dataset | AsyncDataset

/** A network that takes a batch of inputs. */
export type Network<Output = Tensor> = Module<[x: Tensor], Output>

/** What a training run tells the loss. */
export interface LossOptions {
  readonly reduction?: 'mean'
  /** One factor for each class, when class weights are asked for. */
  readonly weight?: Tensor
}

/** A loss as a scalar that is a mean over the batch. */
export type LossFunction<Output = Tensor> = (output: Output, target: Tensor, options: LossOptions) => Tensor

/** What is judged: the loss, the metrics and how to find the scores in what the network gives. */
export interface Judgement<Output = Tensor> {
  readonly loss: LossFunction<Output>
  /** Figures by name; default: accuracy where targets are class numbers, none otherwise. */
  readonly metrics?: Readonly<Record<string, GraphMetric>>
  /** The tensor that metrics and reports look at; default: the output, or the first tensor of an array. */
  readonly scores?: (output: Output) => Tensor
  /** A label that means "no answer" to the loss; it is then no error among class numbers. */
  readonly ignoreIndex?: number
  /** A factor for each class in the loss, or 'balanced': samples / (classes · samples of the class). */
  readonly classWeights?: 'balanced' | readonly number[]
}

export interface FitOptions<Output = Tensor> extends Judgement<Output> {
  /** A data set, visited in a new random order each epoch, or a loader of your own. */
  readonly train: AnyDataset | DataLoader
  readonly validation?: AnyDataset
  /** Judged once at the end, with the best weights. */
  readonly test?: AnyDataset
  readonly optimizer: Optimizer
  /** How many passes over the training set, at most. */
  readonly epochs: number
  /** Samples a step. Default 64. */
  readonly batchSize?: number
  /** Samples a step of validation and test. Default 256. */
  readonly evaluationBatchSize?: number
  /** Order of the samples and random draws of the network. Default 0. */
  readonly seed?: number
  readonly schedule?: Schedule
  readonly callbacks?: readonly Callback[]
  /** Batches whose gradients are averaged before each update. Default 1. */
  readonly accumulate?: number
  /** Limits on the gradient before each update: its norm, or each element. */
  readonly clip?: { readonly norm?: number; readonly value?: number }
  /** Judge and keep a running mean of the weights. */
  readonly ema?: { readonly decay?: number }
  /** Added to the loss in training only, for instance `() => loss.l1Penalty(net.parameters()).mul(1e-4)`. */
  readonly penalty?: () => Tensor
  /** Which figure tells the best epoch. Default: the validation loss, without validation the training loss. */
  readonly monitor?: Monitor
  /** Put the best weights back at the end. Default: when there is a validation set. */
  readonly restoreBest?: boolean
  /** Stops after the current step; what was learned can be saved and resumed. */
  readonly signal?: AbortSignal
  /** Goes on from a saved state, to the bit. */
  readonly resume?: TrainingState
  /** Milliseconds from any origin, for the column Seconds and for pauses; never changes a result. */
  readonly now?: () => number
}

/** A figure by its name in `EpochRecord`, or in its `metrics`. */
export interface Monitor {
  readonly figure: string
  /** Whether small or large is good. */
  readonly mode: 'min' | 'max'
}

/** How far the current epoch is; loss and accuracy are means over the epoch so far. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps since the beginning of training. */
  readonly step: number
  /** Samples seen in this epoch. */
  readonly done: number
  readonly total: number
  readonly loss: number
  /** 0 to 1; absent where it is not judged. */
  readonly accuracy?: number | undefined
  /** The loss of this batch alone. */
  readonly batchLoss: number
}

/** Means over a data set. */
export interface Evaluation {
  readonly loss: number
  readonly accuracy?: number | undefined
  readonly metrics: Readonly<Record<string, number>>
  /** How many samples. */
  readonly count: number
}

/** The best epoch so far with a copy of its weights. */
export interface Best {
  readonly epoch: number
  readonly value: number
  readonly state: StateDict
}

/** Why a run ended. */
export type StopReason = 'finished' | 'stopped' | 'interrupted' | 'failed'

export interface FitResult {
  readonly history: readonly EpochRecord[]
  readonly best: Best | undefined
  readonly reason: StopReason
  /** In words, when it did not simply finish. */
  readonly message?: string | undefined
  readonly test?: Evaluation | undefined
}

/** What callbacks see of a run. */
export interface TrainingView {
  readonly model: Network<unknown>
  readonly optimizer: Optimizer
  readonly options: FitOptions<never>
  /** The epoch in progress, from 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps since the beginning of training. */
  readonly steps: number
  readonly history: readonly EpochRecord[]
  readonly best: Best | undefined
  readonly monitor: Monitor
  /** Whether the run goes on from a saved state. */
  readonly resumed: boolean
  /** Ends the run after the current epoch. */
  stop(message: string): void
  /** Whether the best weights are put back at the end. */
  restoreBest(restore: boolean): void
  /** Everything needed to go on to the bit, as of now. */
  captureState(): Promise<TrainingState>
}

/** Hooks into a run; all are optional and awaited. */
export interface Callback {
  /** Tells its saved state from those of other callbacks. */
  readonly name: string
  onStart?(view: TrainingView): void | Promise<void>
  onStep?(view: TrainingView, report: StepReport): void | Promise<void>
  onEpochEnd?(view: TrainingView, record: EpochRecord): void | Promise<void>
  /** After every `onEpochEnd`: the place to save, when all callbacks have made up their minds. */
  afterEpoch?(view: TrainingView, record: EpochRecord): void | Promise<void>
  /** The last step is done, the last weights are in place. */
  onStop?(view: TrainingView, reason: StopReason): void | Promise<void>
  /** Best weights restored, test set judged. */
  onEnd?(view: TrainingView, result: FitResult): void | Promise<void>
  /** What must be kept to resume; plain JSON. */
  saveState?(): unknown
  restoreState?(state: unknown): void
}
