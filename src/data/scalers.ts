/**
 * Scalers for the columns of tables: standard, min–max and quantile. `fit` learns from training rows, `transform` applies,
 * `inverse` goes back; statistics are kept in double precision and can be saved as JSON. Definitions are scikit-learn's
 * (sklearn.preprocessing: StandardScaler, MinMaxScaler, QuantileTransformer), so that published recipes carry over.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError, CognitronError, ShapeError } from '../base/errors.ts'
import { normalCdf, normalQuantile } from './normal-distribution.ts'

/** Numbers in rows and columns, row-major. */
export interface Matrix {
  readonly data: Float32Array | Float64Array
  readonly shape: readonly [rows: number, columns: number]
}

/** What all scalers have; a NaN stays a NaN and is left out of the statistics. */
export interface Scaler {
  fit(matrix: Matrix): this
  transform(matrix: Matrix): Matrix
  inverse(matrix: Matrix): Matrix
  /** All that was learnt, for a JSON file; `scalerFromJson` makes the scaler again. */
  toJSON(): ScalerState
}

export type ScalerState =
  | { readonly kind: 'standard'; readonly mean: number[]; readonly scale: number[] }
  | { readonly kind: 'min-max'; readonly range: [number, number]; readonly min: number[]; readonly max: number[] }
  | { readonly kind: 'quantile'; readonly output: 'uniform' | 'normal'; readonly quantiles: number[][] }

/** `[rows, columns]` and the data's length agree, and there is something to learn from. */
function checkMatrix(matrix: Matrix, columns?: number): void {
  const [rows, width] = matrix.shape
  if (rows * width !== matrix.data.length) {
    throw new ShapeError(
      `A matrix of ${rows} rows and ${width} columns needs ${rows * width} numbers; given ${matrix.data.length}.`,
    )
  }
  if (columns !== undefined && columns !== width) {
    throw new ShapeError(`The scaler was fitted on ${columns} columns; given ${width}.`)
  }
}

/** The finite and infinite values of one column; at least one is needed. */
function columnValues(matrix: Matrix, column: number): Float64Array {
  const [rows, width] = matrix.shape
  const values = new Float64Array(rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    const value = matrix.data[row * width + column] as number
    if (!Number.isNaN(value)) values[count++] = value
  }
  if (count === 0) throw new ArgumentError(`Column ${column + 1} has no value to learn from; leave it out.`)
  return values.subarray(0, count)
}

function fitColumns<Statistic>(matrix: Matrix, learn: (values: Float64Array) => Statistic): Statistic[] {
  checkMatrix(matrix)
  return Array.from({ length: matrix.shape[1] }, (_, column) => learn(columnValues(matrix, column)))
}

/** A new matrix of the same kind, every value replaced by `map(value, statistic of its column)`. */
function mapColumns<Statistic>(
  matrix: Matrix,
  statistics: readonly Statistic[] | undefined,
  map: (value: number, statistic: Statistic) => number,
): Matrix {
  if (!statistics) throw new CognitronError('The scaler has not been fitted; call fit with the training rows first.')
  checkMatrix(matrix, statistics.length)
  const [rows, width] = matrix.shape
  const data = matrix.data.slice()
  for (let column = 0; column < width; column++) {
    const statistic = at(statistics, column)
    for (let row = 0; row < rows; row++) {
      const place = row * width + column
      data[place] = map(data[place] as number, statistic)
    }
  }
  return { data, shape: matrix.shape }
}

interface Standard {
  readonly mean: number
  readonly scale: number
}

/**
 * Zero mean and unit variance: y = (x − mean) / std, with the standard deviation of the whole population (divisor n). A column
 * that does not vary is only centred.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const scaler = new data.StandardScaler().fit({ data: Float64Array.of(1, 3), shape: [2, 1] })
 * console.log(scaler.transform({ data: Float64Array.of(5), shape: [1, 1] }).data) // Float64Array(1) [ 3 ]
 * ```
 */
export class StandardScaler implements Scaler {
  #columns: Standard[] | undefined

  fit(matrix: Matrix): this {
    this.#columns = fitColumns(matrix, (values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
      // Rounding alone must not pass for variation; scikit-learn's bound.
      const noise = Number.EPSILON * values.length * variance + (values.length * mean * Number.EPSILON) ** 2
      return { mean, scale: variance <= noise ? 1 : Math.sqrt(variance) }
    })
    return this
  }

  transform(matrix: Matrix): Matrix {
    return mapColumns(matrix, this.#columns, (value, { mean, scale }) => (value - mean) / scale)
  }

  inverse(matrix: Matrix): Matrix {
    return mapColumns(matrix, this.#columns, (value, { mean, scale }) => value * scale + mean)
  }

  toJSON(): ScalerState {
    const columns = this.#columns ?? []
    return { kind: 'standard', mean: columns.map(({ mean }) => mean), scale: columns.map(({ scale }) => scale) }
  }

  static fromState(mean: readonly number[], scale: readonly number[]): StandardScaler {
    const scaler = new StandardScaler()
    scaler.#columns = mean.map((value, column) => ({ mean: value, scale: at(scale, column) }))
    return scaler
  }
}

interface Extent {
  readonly min: number
  readonly max: number
}

/**
 * A given range, 0 to 1 by default: y = (x − min) / (max − min) · (high − low) + low. Values outside the training range go
 * outside; a column that does not vary becomes `low`.
 *
 * @throws ArgumentError for a range that is not ascending.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const scaler = new data.MinMaxScaler({ range: [-1, 1] }).fit({ data: Float64Array.of(0, 10), shape: [2, 1] })
 * console.log(scaler.transform({ data: Float64Array.of(5), shape: [1, 1] }).data) // Float64Array(1) [ 0 ]
 * ```
 */
export class MinMaxScaler implements Scaler {
  readonly range: readonly [number, number]
  #columns: Extent[] | undefined

  constructor(options: { range?: readonly [number, number] } = {}) {
    this.range = options.range ?? [0, 1]
    if (!(this.range[0] < this.range[1])) {
      throw new ArgumentError(`A range must ascend; given ${this.range[0]} to ${this.range[1]}.`)
    }
  }

  fit(matrix: Matrix): this {
    this.#columns = fitColumns(matrix, (values) => ({
      min: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
      max: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    }))
    return this
  }

  transform(matrix: Matrix): Matrix {
    const [low, high] = this.range
    return mapColumns(
      matrix,
      this.#columns,
      (value, { min, max }) => ((value - min) / (max - min || 1)) * (high - low) + low,
    )
  }

  inverse(matrix: Matrix): Matrix {
    const [low, high] = this.range
    return mapColumns(
      matrix,
      this.#columns,
      (value, { min, max }) => ((value - low) / (high - low)) * (max - min || 1) + min,
    )
  }

  toJSON(): ScalerState {
    const columns = this.#columns ?? []
    const [low, high] = this.range
    const [min, max] = [columns.map((column) => column.min), columns.map((column) => column.max)]
    return { kind: 'min-max', range: [low, high], min, max }
  }

  static fromState(range: readonly [number, number], min: readonly number[], max: readonly number[]): MinMaxScaler {
    const scaler = new MinMaxScaler({ range })
    scaler.#columns = min.map((value, column) => ({ min: value, max: at(max, column) }))
    return scaler
  }
}

/** Probabilities this close to 0 or 1 are taken as the ends; scikit-learn's bound. */
const BOUND = 1e-7
const CLIP = normalQuantile(1 - (BOUND - Number.EPSILON))

/**
 * The rank of a value among the training values, as a uniform number in [0, 1] or as the normal number of that probability.
 * Between `quantiles` evenly spaced quantiles it is interpolated linearly, from both sides, so that ties map to the middle.
 * Values outside the training range map to the ends.
 *
 * @throws ArgumentError for fewer than 2 quantiles.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const scaler = new data.QuantileTransformer().fit({ data: Float64Array.of(1, 2, 100), shape: [3, 1] })
 * console.log(scaler.transform({ data: Float64Array.of(2), shape: [1, 1] }).data) // Float64Array(1) [ 0.5 ]
 * ```
 */
export class QuantileTransformer implements Scaler {
  readonly output: 'uniform' | 'normal'
  readonly quantiles: number
  #columns: Float64Array[] | undefined

  constructor(options: { quantiles?: number; output?: 'uniform' | 'normal' } = {}) {
    this.output = options.output ?? 'uniform'
    this.quantiles = options.quantiles ?? 1000
    if (!Number.isInteger(this.quantiles) || this.quantiles < 2) {
      throw new ArgumentError(`Quantiles must be a whole number of at least 2; given ${this.quantiles}.`)
    }
  }

  /** Learns min(quantiles, rows) quantiles of each column. */
  fit(matrix: Matrix): this {
    const count = Math.max(2, Math.min(this.quantiles, matrix.shape[0]))
    this.#columns = fitColumns(matrix, (values) => evenQuantiles(values.sort(), count))
    return this
  }

  transform(matrix: Matrix): Matrix {
    return mapColumns(matrix, this.#columns, (value, quantiles) => {
      const rank = rankOf(value, quantiles, this.output)
      if (this.output === 'uniform') return rank
      return Math.max(-CLIP, Math.min(CLIP, normalQuantile(rank)))
    })
  }

  inverse(matrix: Matrix): Matrix {
    return mapColumns(matrix, this.#columns, (value, quantiles) => {
      if (Number.isNaN(value)) return value
      const rank = this.output === 'normal' ? normalCdf(value) : value
      const bound = this.output === 'normal' ? BOUND : 0
      if (rank - bound <= 0) return at(quantiles, 0)
      if (rank + bound >= 1) return at(quantiles, quantiles.length - 1)
      return quantileAt(quantiles, rank)
    })
  }

  toJSON(): ScalerState {
    return { kind: 'quantile', output: this.output, quantiles: (this.#columns ?? []).map((column) => [...column]) }
  }

  static fromState(output: 'uniform' | 'normal', quantiles: readonly (readonly number[])[]): QuantileTransformer {
    const scaler = new QuantileTransformer({ output, quantiles: Math.max(2, quantiles[0]?.length ?? 2) })
    scaler.#columns = quantiles.map((column) => Float64Array.from(column))
    return scaler
  }
}

/**
 * The scaler that `toJSON` described.
 *
 * @example
 * import { data } from 'cognitron'
 * const table: data.Matrix = { shape: [2, 1], data: new Float32Array([10, 20]) }
 * const saved = JSON.stringify(new data.MinMaxScaler().fit(table))
 * const again = data.scalerFromJson(JSON.parse(saved))
 * console.log([...again.transform(table).data]) // [0, 1]
 */
export function scalerFromJson(state: ScalerState): Scaler {
  if (state.kind === 'standard') return StandardScaler.fromState(state.mean, state.scale)
  if (state.kind === 'min-max') return MinMaxScaler.fromState(state.range, state.min, state.max)
  return QuantileTransformer.fromState(state.output, state.quantiles)
}

/** The values at `fraction` of the way through sorted values, interpolated linearly. */
function quantileAt(sorted: Float64Array, fraction: number): number {
  const place = fraction * (sorted.length - 1)
  const below = Math.min(sorted.length - 1, Math.floor(place))
  const low = at(sorted, below)
  const high = sorted[below + 1] ?? low
  return low + (high - low) * (place - below)
}

function evenQuantiles(sorted: Float64Array, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => quantileAt(sorted, index / (count - 1)))
}

function rankOf(value: number, quantiles: Float64Array, output: 'uniform' | 'normal'): number {
  if (Number.isNaN(value)) return value
  const first = at(quantiles, 0)
  const last = at(quantiles, quantiles.length - 1)
  const bound = output === 'normal' ? BOUND : 0
  if (value - bound < first || value === first) return 0
  if (value + bound > last || value === last) return 1
  // Where quantiles tie, the rank is the mean of the lowest and the highest place of the tie.
  const high = placeBelow(value, quantiles, true)
  const low = placeBelow(value, quantiles, false)
  return (high + low) / 2 / (quantiles.length - 1)
}

/** The interpolated place of `value` among sorted quantiles; `after` takes the last of equal ones, else the first. */
function placeBelow(value: number, quantiles: Float64Array, after: boolean): number {
  let low = 0
  let high = quantiles.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const quantile = quantiles[middle] as number
    if (after ? quantile <= value : quantile < value) low = middle + 1
    else high = middle
  }
  const above = after ? low : Math.max(1, low)
  const left = at(quantiles, above - 1)
  const right = quantiles[above] ?? left
  return above - 1 + (right > left ? (value - left) / (right - left) : 0)
}
