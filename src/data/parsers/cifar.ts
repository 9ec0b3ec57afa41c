/**
 * CIFAR-10 in its binary version: records of 3073 bytes, a class number and then 1024 red, 1024 green and 1024 blue pixels of a
 * 32 × 32 picture, row by row. Works on bytes, plain or gzip. Source: A. Krizhevsky, "Learning multiple layers of features from
 * tiny images", 2009, and the description that comes with the data.
 */
import { at } from '../../base/arrays.ts'
import { FormatError } from '../../base/errors.ts'
import { ArrayDataset } from '../array-dataset.ts'
import { gunzipIfNeeded } from '../inflate.ts'
import type { Normalization } from '../normalization.ts'

const PIXEL_BYTES = 3 * 32 * 32
const RECORD_BYTES = 1 + PIXEL_BYTES

export const cifar10ClassNames: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
]

export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * The pictures `[3, 32, 32]` of one or more binary batches, values in [0, 1] unless `normalize` says otherwise.
 *
 * @throws FormatError for a file that is no whole number of records, or a class above 9; the message names file and record.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const set = await data.readCifar10([{ name: 'batch.bin', bytes: new Uint8Array(3073) }])
 * console.log(set.inputShape, set.classNames?.[0]) // [ 3, 32, 32 ] airplane
 * ```
 */
export async function readCifar10(
  files: readonly NamedBytes[],
  options: { normalize?: Normalization } = {},
): Promise<ArrayDataset> {
  const batches: NamedBytes[] = []
  for (const { name, bytes } of files) batches.push({ name, bytes: await gunzipIfNeeded(bytes, name) })
  for (const { name, bytes } of batches) {
    if (bytes.length > 0 && bytes.length % RECORD_BYTES === 0) continue
    throw new FormatError(
      `${name} has ${bytes.length} bytes, which is no whole number of CIFAR-10 records of ${RECORD_BYTES} bytes; ` +
        'use the binary version of the data, and fetch the file again if it is cut short.',
    )
  }
  const count = batches.reduce((sum, { bytes }) => sum + bytes.length / RECORD_BYTES, 0)
  const pixels = new Uint8Array(count * PIXEL_BYTES)
  const labels = new Uint8Array(count)
  let index = 0
  for (const { name, bytes } of batches) {
    for (let start = 0; start < bytes.length; start += RECORD_BYTES, index++) {
      labels[index] = checkedClass(at(bytes, start), name, start / RECORD_BYTES)
      pixels.set(bytes.subarray(start + 1, start + RECORD_BYTES), index * PIXEL_BYTES)
    }
  }
  return new ArrayDataset({
    inputs: pixels,
    targets: labels,
    inputShape: [3, 32, 32],
    name: 'cifar-10',
    classNames: cifar10ClassNames,
    normalize: options.normalize ?? { scale: 1 / 255 },
  })
}

function checkedClass(label: number, name: string, record: number): number {
  if (label < cifar10ClassNames.length) return label
  throw new FormatError(`${name}, record ${record} has the class ${label}, but CIFAR-10 has the classes 0 to 9.`)
}
