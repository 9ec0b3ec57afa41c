/** What the page and its worker say to each other. */
import type { Formula } from './formula.ts'
import type { Place } from './landscapes.ts'
import type { RacerName } from './setup.ts'

export interface RacerSettings {
  readonly name: RacerName
  readonly rate: number
  /** How much is kept from step to step; see `usualMemories`. */
  readonly memory: number
}

export interface RaceRequest {
  readonly formula: Formula
  readonly start: Place
  readonly racers: readonly RacerSettings[]
  readonly steps: number
}

/** The way of one racer, the start included. */
export interface Way {
  readonly name: RacerName
  readonly x: Float32Array
  readonly y: Float32Array
  readonly loss: Float32Array
}

export interface RaceEngine {
  race(request: RaceRequest): Way[]
  /** For each racer the rate of a list with which it comes down to `goal` first, or lowest. */
  bestRates(request: RaceRequest, rates: readonly number[], goal: number): number[]
}
