/** Middle and spread of a few readings. */
import { at } from '../../base/arrays.ts'

/** The middle value; the mean of the two middle ones of an even number. NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which a fraction of the values lies, interpolated linearly between neighbours. NaN for none. */
export function quantile(values: readonly number[], fraction: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const position = fraction * (sorted.length - 1)
  const below = Math.floor(position)
  const low = at(sorted, below)
  return low + (position - below) * (at(sorted, Math.ceil(position)) - low)
}
