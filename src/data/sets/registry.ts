/** The data sets that have a name, for the command line and the studio. Runs in the browser; reads no files itself. */
import { ArgumentError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import type { DatasetEntry } from './entry.ts'
import { fashionMnist } from './fashion-mnist.ts'
import { mnist } from './mnist.ts'
import { syntheticDigits } from './synthetic-digits.ts'

const digits: DatasetEntry = {
  name: 'synthetic-digits',
  description: 'drawn digits, 28 × 28 grey, generated from a seed; needs no download',
  classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
  inputShape: [1, 28, 28],
  trainLength: 12_000,
  testLength: 2_000,
  licence: 'MIT',
  load: async (options = {}) => ({
    train: syntheticDigits('train', { seed: options.seed ?? 0 }),
    test: syntheticDigits('test', { seed: options.seed ?? 0 }),
  }),
}

/** All named data sets. */
export const dataSets: Readonly<Record<string, DatasetEntry>> = {
  'fashion-mnist': fashionMnist,
  mnist,
  'synthetic-digits': digits,
}

/**
 * The named data set.
 *
 * @throws ArgumentError for an unknown name; the message lists the known ones.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * console.log(data.dataSetNamed('fashion-mnist').classNames[9]) // Ankle boot
 * ```
 */
export function dataSetNamed(name: string): DatasetEntry {
  const entry = Object.hasOwn(dataSets, name) ? dataSets[name] : undefined
  if (entry) return entry
  const meant = nearest(name, Object.keys(dataSets))
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new ArgumentError(`There is no data set "${name}"; known are ${Object.keys(dataSets).join(', ')}.${hint}`)
}
