/** What the Playground's page and its worker say to each other. */
import type { Points } from './points.ts'
import type { Change, ClassSet, OutputKind, RegressionSet, Setup } from './setup.ts'

/** Heat maps have so many pixels a side. */
export const GRID = 100

/** The numbers of a layer in the flat array of weights: `[units, inputs]` row by row, then a bias for each unit. */
export interface LayerPlan {
  readonly inputs: number
  readonly units: number
  readonly weightsAt: number
  readonly biasesAt: number
}

/** What a network looks like; stays while it trains. */
export interface Plan {
  readonly layers: readonly LayerPlan[]
  readonly parameters: number
  readonly output: OutputKind
  readonly classes: number
  readonly train: Points
  readonly test: Points
  /** Values of the inputs over the grid, one map of GRID² after the other. */
  readonly inputMaps: Float32Array
}

/** Why training cannot go on. */
export interface Diagnosis {
  readonly epoch: number
  readonly sentence: string
  readonly advice: readonly ('lowerRate' | 'goBack' | 'clearOutliers')[]
}

/** The figures of recorded epochs, in columns. */
export interface Curves {
  readonly epochs: Float64Array
  readonly trainLoss: Float64Array
  readonly testLoss: Float64Array
  readonly trainScore: Float64Array
  readonly testScore: Float64Array
}

export interface Frame {
  readonly epoch: number
  /** Batches trained in all. */
  readonly step: number
  readonly running: boolean
  readonly epochsPerSecond: number
  readonly trainLoss: number
  readonly testLoss: number
  /** Accuracy, or R² for regression. */
  readonly trainScore: number
  readonly testScore: number
  /** Test points by true class (row) and predicted class; empty for regression. */
  readonly confusion: readonly number[]
  readonly weights: Float32Array
  /** For each layer its units' maps of GRID² values one after the other; y runs downwards. */
  readonly maps: readonly Float32Array[]
  /** Rises whenever recorded epochs were added or thinned. */
  readonly curvesVersion: number
  /** Every so many epochs one is recorded. */
  readonly curvesStride: number
  /** Absent when nothing changed since the version the page has. */
  readonly curves?: Curves
  readonly diagnosis?: Diagnosis
  /** Why it stopped by itself. */
  readonly stopped?: 'epochs' | 'loss'
}

export interface Thumbnail {
  readonly name: ClassSet | RegressionSet
  readonly points: Points
}

export interface FrameRequest {
  readonly maps: boolean
  readonly knownCurves: number
}

/** The methods of the Playground's worker. */
export interface PlaygroundEngine {
  /** Takes a set-up over; says what it had to make anew and, if the network is new, what it looks like. */
  configure(setup: Setup): { change: Change; plan: Plan }
  /** The same data and settings with fresh weights. */
  reset(): void
  start(): void
  stop(): void
  /** Trains so many batches; −1: to the end of the epoch. */
  step(batches: number): void
  frame(request: FrameRequest): Frame
  /** Puts a number at a place of the flat array of weights. */
  setWeight(place: number, value: number): void
  /** Back to the last weights that were sound. */
  goBack(): boolean
  thumbnails(setup: Setup): Thumbnail[]
  /** Own points from delimited text with columns x₁, x₂ and target. */
  readCsv(text: string, regression: boolean): { points: Points; note: string }
}
