/** The inputs that can be computed from a point, with the Playground's formulas. */

import { EXTENT } from './points.ts'
import { GRID } from './protocol.ts'
import type { Feature } from './setup.ts'

export interface FeatureInfo {
  readonly formula: (x1: number, x2: number) => number
  /** The formula in the language of the library's example. */
  readonly code: string
  /** The label in parts: subscripts and superscripts are set as such. */
  readonly label: string
  readonly description: string
}

export const featureInfo: Readonly<Record<Feature, FeatureInfo>> = {
  x: { formula: (x1) => x1, code: 'x1', label: 'x₁', description: 'the horizontal place' },
  y: { formula: (_, x2) => x2, code: 'x2', label: 'x₂', description: 'the vertical place' },
  xSquared: { formula: (x1) => x1 * x1, code: 'x1 * x1', label: 'x₁²', description: 'the horizontal place squared' },
  ySquared: { formula: (_, x2) => x2 * x2, code: 'x2 * x2', label: 'x₂²', description: 'the vertical place squared' },
  xTimesY: { formula: (x1, x2) => x1 * x2, code: 'x1 * x2', label: 'x₁x₂', description: 'the product of both' },
  sinX: {
    formula: (x1) => Math.sin(x1),
    code: 'Math.sin(x1)',
    label: 'sin x₁',
    description: 'the sine of the horizontal place',
  },
  sinY: {
    formula: (_, x2) => Math.sin(x2),
    code: 'Math.sin(x2)',
    label: 'sin x₂',
    description: 'the sine of the vertical place',
  },
}

/** Inputs of a network for each point: `[points, features]`. */
export function featureMatrix(places: Float32Array, chosen: readonly Feature[]): Float32Array {
  const count = places.length / 2
  const matrix = new Float32Array(count * chosen.length)
  chosen.forEach((name, column) => {
    const { formula } = featureInfo[name]
    for (let index = 0; index < count; index++) {
      matrix[index * chosen.length + column] = formula(places[2 * index] as number, places[2 * index + 1] as number)
    }
  })
  return matrix
}

/** The middles of the pixels of a heat map over −6…6, row by row from the top. */
export function gridPlaces(): Float32Array {
  const places = new Float32Array(2 * GRID * GRID)
  const place = (pixel: number): number => ((pixel + 0.5) / GRID) * 2 * EXTENT - EXTENT
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) places.set([place(column), -place(row)], 2 * (row * GRID + column))
  }
  return places
}

/** One map of GRID² values for each feature. */
export function featureMaps(chosen: readonly Feature[]): Float32Array {
  const places = gridPlaces()
  return Float32Array.from(chosen.flatMap((name) => Array.from(featureMatrix(places, [name]))))
}
