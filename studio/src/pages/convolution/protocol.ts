/** What the Convolution page and its worker say to each other. */
import type { ConvolutionSetup } from './setup.ts'

/** Channels one after the other, each row by row, values from 0 to 1. */
export interface Picture {
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly values: Float32Array
}

/** One map of numbers. */
export interface NumberMap {
  readonly height: number
  readonly width: number
  readonly values: Float32Array
}

export interface Result {
  readonly picture: Picture
  /** The side of the kernel and its numbers row by row. */
  readonly side: number
  readonly kernel: readonly number[]
  readonly output: NumberMap
  readonly pooled?: NumberMap
  /** Why there is no output. */
  readonly problem?: string
}

export interface ConvolutionEngine {
  compute(setup: ConvolutionSetup): Result
  /** Takes a person's own picture; it stays in this browser. */
  setOwn(picture: Picture): void
}
