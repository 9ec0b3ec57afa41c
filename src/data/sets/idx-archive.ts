/** What MNIST and Fashion-MNIST share: four IDX files, 60,000 training and 10,000 test pictures of 28 × 28 grey pixels. */
import { ArgumentError } from '../../base/errors.ts'
import type { ArrayDataset } from '../array-dataset.ts'
import { type IdxArray, idxDataset, readIdx } from '../parsers/idx.ts'
import type { DatasetEntry, DatasetParts, FileCollection, FileSource, LoadOptions } from './entry.ts'

/** The four files: pictures and labels for training and test. */
export const archiveFileNames = {
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz',
} as const

export interface ArchiveDescription {
  readonly description: string
  readonly classNames: readonly string[]
  readonly licence: string
  readonly collection: FileCollection
}

/** A registry entry for four IDX files. */
export function archiveEntry(archive: ArchiveDescription): DatasetEntry {
  return {
    ...archive,
    name: archive.collection.name,
    inputShape: [1, 28, 28],
    trainLength: 60_000,
    testLength: 10_000,
    load: (options) => loadArchive(archive, options),
  }
}

async function loadArchive(archive: ArchiveDescription, options: LoadOptions = {}): Promise<DatasetParts> {
  const { collection } = archive
  const { source } = options
  if (!source) {
    throw new ArgumentError(
      `"${collection.name}" is read from files, so load needs a source; in Node use loadDataSet of cognitron/data/node.`,
    )
  }
  const part = async (images: string, labels: string): Promise<ArrayDataset> => {
    const [pictures, classes] = [await open(source, collection, images), await open(source, collection, labels)]
    return idxDataset(pictures.array, classes.array, {
      name: collection.name,
      classNames: archive.classNames,
      imagesName: pictures.name,
      labelsName: classes.name,
    })
  }
  const train = await part(archiveFileNames.trainImages, archiveFileNames.trainLabels)
  const test = await part(archiveFileNames.testImages, archiveFileNames.testLabels)
  return { train, test }
}

async function open(
  source: FileSource,
  collection: FileCollection,
  name: string,
): Promise<{ array: IdxArray; name: string }> {
  const file = collection.files.find((candidate) => candidate.name === name)
  if (!file) throw new ArgumentError(`The collection "${collection.name}" lists no file ${name}.`)
  const found = await source(file, collection)
  return { array: await readIdx(found.bytes, found.name), name: found.name }
}
