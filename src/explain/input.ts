/** The input that an explanation is about: one sample, as values on the host and their shape. */
import { product } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { fromTypedArray, type Tensor } from '../tensor/index.ts'

/** One sample: `[channels, height, width]` or `[features]`. */
export interface Sample {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/**
 * Takes a sample with or without a batch axis of size 1.
 *
 * @throws ShapeError for a batch of several, ArgumentError for numbers that are not finite.
 */
export async function readSample(image: Tensor): Promise<Sample> {
  const { shape } = image
  const batched = shape.length === 4 || shape.length === 2
  if (image.rank < 1 || image.rank > 4 || (batched && shape[0] !== 1)) {
    throw new ShapeError(
      `an explanation is about one picture [channels, height, width] or [1, channels, height, width], or one row [features]; ` +
        `given shape ${formatShape(shape)}.`,
    )
  }
  const data = Float32Array.from(await image.data())
  if (!data.every(Number.isFinite)) {
    throw new ArgumentError('the picture holds numbers that are not finite; check how it was read and normalised.')
  }
  return { data, shape: batched ? shape.slice(1) : shape }
}

/** The sample as a batch of one. */
export function asBatch(sample: Sample): Tensor {
  return fromTypedArray(sample.data, [1, ...sample.shape], 'float32')
}

/** `count` samples that lie one after the other in `data`. */
export function batchOf(data: Float32Array, count: number, shape: readonly number[]): Tensor {
  return fromTypedArray(data, [count, ...shape], 'float32')
}

/**
 * Asks `answer` about many variants of a sample, `batchSize` at a time; every batch has the same size, so that one program serves
 * all. `write` fills variant `index`. The last batch repeats its last variant.
 */
export async function forVariants(
  sample: Sample,
  options: { readonly count: number; readonly batchSize: number },
  write: (index: number, target: Float32Array) => void,
  answer: (batch: Tensor, indices: readonly number[]) => Promise<void>,
): Promise<void> {
  const size = product(sample.shape)
  const batchSize = Math.max(1, Math.min(options.batchSize, options.count))
  for (let start = 0; start < options.count; start += batchSize) {
    const data = new Float32Array(batchSize * size)
    const indices: number[] = []
    for (let slot = 0; slot < batchSize; slot++) {
      const index = Math.min(start + slot, options.count - 1)
      write(index, data.subarray(slot * size, (slot + 1) * size))
      if (start + slot < options.count) indices.push(index)
    }
    await answer(batchOf(data, batchSize, sample.shape), indices)
  }
}
