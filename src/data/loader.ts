/**
 * Mini-batches of a data set. The order of an epoch depends on (seed, epoch) and the random numbers of a sample's augmentation
 * on (seed, epoch, sample), so a run resumes in the middle of an epoch: `loader.batches(epoch, { from: batch })`.
 * Fed by data sets; feeds the training loop. Batches are gathered straight into one array each; no object is made per sample.
 */
import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { RandomSequence, threefry2x32 } from '../random/threefry.ts'
import { fromTypedArray, type Tensor } from '../tensor/index.ts'
import {
  type AsyncDataset,
  allocateBatch,
  type Dataset,
  type DatasetDescription,
  gatherSamples,
  isAsyncDataset,
  type Sample,
  writeSample,
} from './dataset.ts'
import { RandomSampler, type Sampler, SequentialSampler } from './sampler.ts'

/** Samples gathered into one array, sample by sample. */
export interface Batch {
  readonly inputs: TypedArray
  readonly targets: TypedArray
  /** `[size, …inputShape]` */
  readonly inputShape: readonly number[]
  /** `[size, …targetShape]` */
  readonly targetShape: readonly number[]
  /** Which samples of the data set these are. */
  readonly indices: Int32Array
  readonly size: number
  /** Its place in the epoch, from 0. */
  readonly index: number
  readonly epoch: number
}

/** Changes one sample while it is gathered, for example an augmentation; the shapes must stay. */
export type SampleTransform = (sample: Sample, dataset: DatasetDescription, random: RandomSequence) => Sample

/** Changes a whole batch, for example mix-up. */
export type BatchTransform = (batch: Batch, random: RandomSequence) => Batch

export interface DataLoaderOptions {
  readonly batchSize?: number
  /** Draw a new order for every epoch. */
  readonly shuffle?: boolean
  readonly seed?: number
  /** Leave out a last batch that is smaller than the others. */
  readonly dropLast?: boolean
  /** The order of visits, instead of `shuffle`. */
  readonly sampler?: Sampler
  readonly transform?: SampleTransform
  readonly batchTransform?: BatchTransform
  /** Batches of an on-demand data set that are loaded ahead. */
  readonly prefetch?: number
}

export interface EpochOptions {
  /** The first batch to give; earlier ones are passed over without being gathered. */
  readonly from?: number
  /** Gather every batch into the same two arrays, which are then valid until the next batch only. */
  readonly reuse?: boolean
}

/** Keys that keep the random numbers of transforms apart from those of shuffles. */
const SAMPLE_KEY = 0x73616d70
const BATCH_KEY = 0x62617463

/**
 * Cuts a data set into batches; PyTorch's defaults (batchSize 1, no shuffle, the last partial batch included).
 *
 * @throws ArgumentError for a batch size or a start that is not a whole number in range.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const loader = new data.DataLoader(data.toys.circle({ count: 10 }), { batchSize: 4, shuffle: true, seed: 1 })
 * for (const batch of loader.batches(0)) console.log(batch.size) // 4 4 2
 * for await (const [x, y] of loader) console.log(x.shape, y.shape) // [ 4, 2 ] [ 4, 1 ] …
 * ```
 */
export class DataLoader<Source extends Dataset | AsyncDataset = Dataset | AsyncDataset> {
  readonly dataset: Source
  readonly batchSize: number
  readonly dropLast: boolean
  readonly seed: number
  readonly sampler: Sampler
  /** The epoch that the next asynchronous iteration visits; every iteration moves it on by one. */
  epoch = 0
  readonly #transform: SampleTransform | undefined
  readonly #batchTransform: BatchTransform | undefined
  readonly #prefetch: number

  constructor(dataset: Source, options: DataLoaderOptions = {}) {
    this.dataset = dataset
    this.batchSize = options.batchSize ?? 1
    this.dropLast = options.dropLast ?? false
    this.seed = options.seed ?? 0
    this.#transform = options.transform
    this.#batchTransform = options.batchTransform
    this.#prefetch = options.prefetch ?? 2
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1) {
      throw new ArgumentError(`A batch size must be a whole number of at least 1; given ${this.batchSize}.`)
    }
    if (options.sampler && options.shuffle) {
      throw new ArgumentError('A sampler decides the order itself; leave out shuffle.')
    }
    this.sampler =
      options.sampler ??
      (options.shuffle ? new RandomSampler(dataset.length, { seed: this.seed }) : new SequentialSampler(dataset.length))
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.sampler.length / this.batchSize
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /** The batches of one epoch, gathered as they are asked for; only for data sets in memory. */
  *batches(epoch = 0, options: EpochOptions = {}): Generator<Batch, void, undefined> {
    const { dataset } = this
    if (isAsyncDataset(dataset)) {
      throw new ArgumentError(
        `"${dataset.name}" is loaded on demand; visit its batches with "for await (const batch of loader.stream(epoch))".`,
      )
    }
    const room = options.reuse ? allocateBatch(dataset, this.batchSize) : undefined
    for (const [index, indices] of this.#plan(epoch, options.from ?? 0)) {
      const { inputs, targets } = room ? cut(room, dataset, indices.length) : allocateBatch(dataset, indices.length)
      gatherSamples(dataset, indices, inputs, targets)
      if (this.#transform) this.#transformSamples(indices, epoch, inputs, targets)
      yield this.#finish(index, epoch, indices, inputs, targets)
    }
  }

  /** The batches of one epoch of any data set; those of an on-demand set are loaded ahead. */
  async *stream(epoch = 0, options: EpochOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const { dataset } = this
    if (!isAsyncDataset(dataset)) {
      yield* this.batches(epoch, options)
      return
    }
    const waiting: Promise<Batch>[] = []
    for (const [index, indices] of this.#plan(epoch, options.from ?? 0)) {
      const batch = this.#load(dataset, index, epoch, indices)
      // A failure is reported when its turn comes; until then it must not count as unhandled.
      batch.catch(() => undefined)
      waiting.push(batch)
      const first = waiting.length > this.#prefetch ? waiting.shift() : undefined
      if (first) yield await first
    }
    for (const batch of waiting) yield await batch
  }

  /** The batches of one epoch as `[inputs, targets]` tensors; only for data sets in memory. */
  *pairs(epoch = 0, options: { from?: number } = {}): Generator<[Tensor, Tensor], void, undefined> {
    for (const batch of this.batches(epoch, options)) yield this.tensors(batch)
  }

  /** `for await (const [x, y] of loader)` visits one epoch, and the next one the next time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[Tensor, Tensor], void, undefined> {
    const epoch = this.epoch++
    for await (const batch of this.stream(epoch)) yield this.tensors(batch)
  }

  /** A batch as `[inputs, targets]` tensors, which hold its arrays without copying them. */
  tensors(batch: Batch): [Tensor, Tensor] {
    return [
      fromTypedArray(batch.inputs, batch.inputShape, dtypeOf(batch.inputs, this.dataset.inputDType)),
      fromTypedArray(batch.targets, batch.targetShape, dtypeOf(batch.targets, this.dataset.targetDType)),
    ]
  }

  /** Batch number and sample indices, from batch `from` on. */
  *#plan(epoch: number, from: number): Generator<[number, Int32Array], void, undefined> {
    if (!Number.isInteger(epoch) || epoch < 0) {
      throw new ArgumentError(`An epoch must be a whole number of at least 0; given ${epoch}.`)
    }
    if (!Number.isInteger(from) || from < 0 || from > this.length) {
      throw new ArgumentError(
        `An epoch has ${this.length} batches, so it starts from 0 to ${this.length}; given ${from}.`,
      )
    }
    const order = this.sampler.indices(epoch)
    for (let index = from; index < this.length; index++) {
      const start = index * this.batchSize
      yield [index, order.slice(start, Math.min(start + this.batchSize, order.length))]
    }
  }

  async #load(dataset: AsyncDataset, index: number, epoch: number, indices: Int32Array): Promise<Batch> {
    const samples = await Promise.all(Array.from(indices, (sample) => dataset.load(sample)))
    const { inputs, targets } = allocateBatch(dataset, indices.length)
    samples.forEach((sample, slot) => {
      const changed = this.#transform?.(sample, dataset, this.#sampleRandom(epoch, indices[slot] as number)) ?? sample
      writeSample(dataset, changed, slot, inputs, targets)
    })
    return this.#finish(index, epoch, indices, inputs, targets)
  }

  #transformSamples(indices: Int32Array, epoch: number, inputs: TypedArray, targets: TypedArray): void {
    const { dataset } = this
    const inputSize = inputs.length / indices.length
    const targetSize = targets.length / indices.length
    for (let slot = 0; slot < indices.length; slot++) {
      const sample: Sample = {
        input: inputs.subarray(slot * inputSize, (slot + 1) * inputSize),
        target: targets.subarray(slot * targetSize, (slot + 1) * targetSize),
      }
      const changed = this.#transform?.(sample, dataset, this.#sampleRandom(epoch, indices[slot] as number)) ?? sample
      writeSample(dataset, changed, slot, inputs, targets)
    }
  }

  #sampleRandom(epoch: number, sample: number): RandomSequence {
    const [seed, stream] = threefry2x32(this.seed, SAMPLE_KEY, sample, epoch)
    return new RandomSequence(seed, { stream })
  }

  #finish(index: number, epoch: number, indices: Int32Array, inputs: TypedArray, targets: TypedArray): Batch {
    const size = indices.length
    const inputShape = [size, ...this.dataset.inputShape]
    const targetShape = [size, ...this.dataset.targetShape]
    const batch: Batch = { inputs, targets, inputShape, targetShape, indices, size, index, epoch }
    if (!this.#batchTransform) return batch
    const [seed, stream] = threefry2x32(this.seed, BATCH_KEY, index, epoch)
    return this.#batchTransform(batch, new RandomSequence(seed, { stream }))
  }
}

/** The element type of a batch; a batch transform may have made floats of class numbers. */
function dtypeOf(array: TypedArray, promised: DType): DType {
  if (array instanceof Float32Array) return 'float32'
  return array instanceof Int32Array ? 'int32' : promised
}

/** The front part of a full batch's arrays, for a smaller batch. */
function cut(
  room: { inputs: TypedArray; targets: TypedArray },
  dataset: DatasetDescription,
  count: number,
): { inputs: TypedArray; targets: TypedArray } {
  const size = (shape: readonly number[]): number => shape.reduce((all, extent) => all * extent, count)
  return {
    inputs: room.inputs.subarray(0, size(dataset.inputShape)),
    targets: room.targets.subarray(0, size(dataset.targetShape)),
  }
}
