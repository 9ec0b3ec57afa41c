/** Checked access for numeric loops, so that no caller needs a non-null assertion. */
import { fault } from './errors.ts'

/** `array[index]`; a broken index is a fault of the library. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index]
  if (value === undefined) fault(`index ${index} outside an array of ${array.length}`)
  return value
}

/** The product of all values; 1 for none. */
export function product(values: readonly number[]): number {
  let result = 1
  for (const value of values) result *= value
  return result
}

/** 0, 1, …, count − 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
