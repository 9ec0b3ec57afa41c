/** Loads a named data set in Node. */
import type { DatasetParts } from '../sets/entry.ts'
import { dataSetNamed } from '../sets/registry.ts'
import { type FileSourceOptions, fileSource } from './file-source.ts'

export interface LoadDataSetOptions extends FileSourceOptions {
  /** Seed of generated sets. */
  readonly seed?: number | undefined
}

/**
 * The training and test part of a named data set, from `dataDir`, the cache or the network.
 *
 * @throws ArgumentError for an unknown name, FileError or DownloadError when a file cannot be had, FormatError when it is broken.
 * @example
 * ```ts
 * import { loadDataSet } from 'cognitron/data/node'
 * const { train, test } = await loadDataSet('synthetic-digits', { seed: 1 })
 * console.log(train.length, test.length) // 12000 2000
 * ```
 */
export function loadDataSet(name: string, options: LoadDataSetOptions = {}): Promise<DatasetParts> {
  return dataSetNamed(name).load({ source: fileSource(options), seed: options.seed })
}
