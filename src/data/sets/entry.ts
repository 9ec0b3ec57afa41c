/**
 * What a named data set says of itself: which files it needs and where they are published. Where the bytes come from (a folder,
 * the cache, the network) is the business of a `FileSource`, so that sets load in the browser too; Node's is in `data/node`.
 */
import type { Dataset } from '../dataset.ts'

/** A file that a data set needs. */
export interface RemoteFile {
  readonly name: string
  readonly byteLength: number
  readonly sha256: string
}

/** Where the files of a set are published. */
export interface FileCollection {
  /** The set's name; also its folder in the cache. */
  readonly name: string
  /** Addresses of folders that hold the files, tried in order; each ends with a slash. */
  readonly baseUrls: readonly string[]
  readonly files: readonly RemoteFile[]
}

/** Gives the bytes of a file of a collection and the name to call it in messages. */
export type FileSource = (file: RemoteFile, collection: FileCollection) => Promise<{ bytes: Uint8Array; name: string }>

export interface DatasetParts {
  readonly train: Dataset
  readonly test: Dataset
}

export interface LoadOptions {
  /** Where files come from; not needed by sets that are generated. */
  readonly source?: FileSource | undefined
  /** Seed of generated sets. */
  readonly seed?: number | undefined
}

export interface DatasetEntry {
  readonly name: string
  readonly description: string
  readonly classNames: readonly string[]
  /** Shape of one input. */
  readonly inputShape: readonly number[]
  readonly trainLength: number
  readonly testLength: number
  readonly licence: string
  /** The files it needs; absent for a generated set. */
  readonly collection?: FileCollection
  load(options?: LoadOptions): Promise<DatasetParts>
}
