/** What the page and its worker say to each other. */
import type { LayerShape, LayerSpec } from '../../base/layer-spec.ts'
import type { TrainSetup } from './setup.ts'

/** A file that was picked or dropped, with its path below what was. */
export interface OwnFile {
  readonly path: string
  readonly file: Blob
}

/** Pictures as bytes `[count, channels, height, width]` with their classes. */
export interface PictureBytes {
  readonly values: Uint8Array
  readonly labels: Uint8Array
}

export interface DataInfo {
  /** In words, such as "4,000 drawn digits". */
  readonly title: string
  readonly inputShape: readonly [channels: number, height: number, width: number]
  readonly classNames: readonly string[]
  readonly trainCount: number
  /** All test pictures. */
  readonly test: PictureBytes
  /** What could not be used, in words. */
  readonly note?: string
}

export type Phase = 'ready' | 'training' | 'paused' | 'finished' | 'failed'

/** The curves over epochs, in columns; what was not judged at a place is NaN. */
export interface Curves {
  readonly epochs: Float64Array
  readonly trainLoss: Float64Array
  readonly testLoss: Float64Array
  readonly trainAccuracy: Float64Array
  readonly testAccuracy: Float64Array
}

/** The figures of an epoch that is over. */
export interface EpochFigures {
  readonly epoch: number
  readonly trainLoss: number
  readonly trainAccuracy: number
  readonly testLoss: number
  readonly testAccuracy: number
  readonly seconds: number
}

export interface Frame {
  readonly phase: Phase
  /** Epochs that are over. */
  readonly epochs: number
  /** After how many it ends. */
  readonly target: number
  readonly step: number
  /** Of the current epoch: pictures seen and to see. */
  readonly done: number
  readonly total: number
  readonly picturesPerSecond: number
  readonly secondsLeft: number
  readonly last?: EpochFigures
  readonly best?: EpochFigures
  readonly curvesVersion: number
  /** Absent when nothing changed since the version that the page has. */
  readonly curves?: Curves
  /** Why it ended, when it did not simply finish. */
  readonly message?: string
}

/** What a layer gives for one picture. */
export interface LayerLook {
  readonly shape: LayerShape
  readonly values: Float32Array
}

export interface Look {
  readonly picture: number
  /** Probabilities of the classes. */
  readonly probabilities: Float32Array
  readonly layers: readonly LayerLook[]
  /** Weights `[count, channels, side, side]` of the first convolution. */
  readonly filters?: { readonly shape: readonly [number, number, number, number]; readonly values: Float32Array }
}

/** Units of a layer that give the same for every test picture looked at. */
export interface DeadUnits {
  readonly layer: number
  readonly units: number
  readonly dead: readonly number[]
}

export interface ClassFigures {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** How the network does on every test picture. */
export interface Judgement {
  readonly predicted: Uint8Array
  /** The probability of the predicted class. */
  readonly confidence: Float32Array
  readonly losses: Float32Array
  /** By true class (row) and predicted class. */
  readonly confusion: readonly number[]
  readonly classes: readonly ClassFigures[]
  readonly accuracy: number
  readonly loss: number
  /** Expected calibration error. */
  readonly calibrationError: number
  readonly deadUnits: readonly DeadUnits[]
  readonly deadOf: number
}

/** The texts and bytes of the run as files, for its folder. */
export interface RunRecord {
  readonly metrics: string
  readonly stats: string
  readonly best?: Uint8Array
  readonly parameters: number
}

/** Losses while the rate grows from very small to too large. */
export interface RateTrial {
  readonly rates: readonly number[]
  readonly losses: readonly number[]
  /** Absent when the loss never fell. */
  readonly suggestion?: number
}

export interface LoadedWeights {
  /** The layers that the file says it is of, when it says so. */
  readonly layers?: readonly LayerSpec[]
}

/** The methods of the worker. */
export interface TrainEngine {
  /** Draws the digits. Undefined when the pictures are to come from files. */
  prepare(setup: TrainSetup): DataInfo | undefined
  /** Reads IDX files or a folder of pictures. */
  read(files: readonly OwnFile[], setup: TrainSetup): DataInfo
  /** How far `read` is, 0 to 1. */
  progress(): number
  /** A fresh network, not yet trained. */
  build(setup: TrainSetup): void
  /** Settings that take effect at once. */
  adjust(setup: TrainSetup): void
  start(): void
  stop(): void
  /** Trains so many batches; −1: to the end of the epoch. */
  step(batches: number): void
  frame(knownCurves: number): Frame
  look(picture: number): Look | undefined
  judge(): Judgement | undefined
  /** Training pictures as the network gets them, as bytes. */
  samples(count: number, epoch: number): PictureBytes
  /** Tries rates and leaves the network as it was. */
  findRate(): RateTrial
  record(): RunRecord
  /** The weights as a safetensors file that names its layers. */
  weights(): Uint8Array
  /** Which layers a weights file says it is of. Throws when it is no such file. */
  inspect(bytes: Uint8Array, name: string): LoadedWeights
  load(bytes: Uint8Array, name: string): void
}
