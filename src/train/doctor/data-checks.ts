/** Checks of data sets: classes that are rare, inputs of odd scale, samples of the test set that were trained on. */
import { classCounts, isAsyncDataset } from '../../data/dataset.ts'
import type { AnyDataset } from '../types.ts'
import { type Finding, share, shown } from './finding.ts'

/**
 * How evenly the classes are filled.
 *
 * @example
 * import { data, train } from 'cognitron'
 * const finding = train.doctor.checkLabelBalance(data.toys.circle({ count: 40, seed: 1, target: 'class' }))
 * console.log(finding.status) // ok
 */
export function checkLabelBalance(dataset: AnyDataset): Finding {
  const check = 'balance of the classes'
  if (dataset.targetDType === 'float32' || dataset.targetShape.length > 0) {
    return { check, status: 'ok', message: 'The targets are no single classes.', figures: {} }
  }
  const counts = classCounts(dataset)
  const nameOf = (label: number): string => dataset.classNames?.[label] ?? String(label)
  const figures = Object.fromEntries(Array.from(counts, (count, label) => [nameOf(label), count]))
  const rarest = counts.indexOf(Math.min(...counts))
  const most = Math.max(...counts)
  const least = counts[rarest] ?? 0
  if (least === 0) {
    const message = `Class "${nameOf(rarest)}" has no sample at all; it cannot be learned. Add samples or drop the class.`
    return { check, status: 'problem', message, figures }
  }
  const seen = `The most frequent class has ${shown(most / least)} times the samples of the rarest ("${nameOf(rarest)}", ${least})`
  if (most / least < 3) return { check, status: 'ok', message: `${seen}.`, figures }
  return {
    check,
    status: most / least < 20 ? 'warning' : 'problem',
    message: `${seen}. Use class weights or a balanced sampler, and look at recall by class.`,
    figures,
  }
}

/**
 * Mean and spread of the inputs, of at most `samples` samples (default 256), and values that are not finite.
 *
 * @example
 * import { data, train } from 'cognitron'
 * const finding = await train.doctor.checkInputScale(data.toys.circle({ count: 40, seed: 1 }))
 * console.log(finding.message)
 */
export async function checkInputScale(dataset: AnyDataset, options: { samples?: number } = {}): Promise<Finding> {
  const check = 'scale of the inputs'
  const count = Math.min(dataset.length, options.samples ?? 256)
  let n = 0
  let mean = 0
  let squares = 0
  for (let index = 0; index < count; index++) {
    for (const value of await inputOf(dataset, index)) {
      if (!Number.isFinite(value)) {
        const message = `The input of sample ${index} of "${dataset.name}" holds ${value}; correct the data.`
        return { check, status: 'problem', message, figures: { sample: index } }
      }
      n += 1
      const from = value - mean
      mean += from / n
      squares += from * (value - mean)
    }
  }
  const std = Math.sqrt(squares / Math.max(1, n))
  const figures = { mean, std }
  const seen = `The inputs have mean ${shown(mean)} and standard deviation ${shown(std)}`
  if (std === 0)
    return { check, status: 'problem', message: `${seen}; all are the same, nothing can be learned.`, figures }
  if (Math.abs(mean) > 10 || std > 10 || std < 0.01) {
    const message = `${seen}. Standardise them (subtract the mean, divide by the standard deviation).`
    return { check, status: 'warning', message, figures }
  }
  return { check, status: 'ok', message: `${seen}.`, figures }
}

/**
 * Whether samples of the test set, or nearly the same bits of input, stand in the training set, too.
 *
 * @example
 * import { data, train } from 'cognitron'
 * const set = data.toys.circle({ count: 40, seed: 1 })
 * console.log((await train.doctor.checkDuplicates(set, set)).status) // problem: all of them
 */
export async function checkDuplicates(train: AnyDataset, test: AnyDataset): Promise<Finding> {
  const check = 'test samples in the training set'
  const seen = new Map<string, number>()
  for (let index = 0; index < train.length; index++) seen.set(fingerprint(await inputOf(train, index)), index)
  const pairs: (readonly [number, number])[] = []
  for (let index = 0; index < test.length; index++) {
    const twin = seen.get(fingerprint(await inputOf(test, index)))
    if (twin !== undefined) pairs.push([index, twin])
  }
  const part = pairs.length / Math.max(1, test.length)
  const figures = { duplicates: pairs.length, share: part }
  const [first] = pairs
  if (!first) return { check, status: 'ok', message: 'No test sample stands in the training set.', figures }
  return {
    check,
    status: part < 0.01 ? 'warning' : 'problem',
    message: `${pairs.length} of ${test.length} test samples (${share(part)}) stand in the training set, for instance test sample ${first[0]} as training sample ${first[1]}; test figures are too good. Split the data anew.`,
    figures,
  }
}

async function inputOf(dataset: AnyDataset, index: number): Promise<ArrayLike<number> & Iterable<number>> {
  return (isAsyncDataset(dataset) ? await dataset.load(index) : dataset.get(index)).input
}

/** Two hashes of the values and their number; equal inputs have equal fingerprints, others practically never. */
function fingerprint(values: ArrayLike<number>): string {
  const bits = new Int32Array(Float32Array.from(values).buffer)
  let [a, b] = [0x811c9dc5, 0x9e3779b9]
  for (const word of bits) {
    a = Math.imul(a ^ word, 0x01000193)
    b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0x85ebca6b)
  }
  return `${values.length}:${a}:${b}`
}
