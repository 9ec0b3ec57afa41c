/** Mean and standard deviation of each channel of a data set's pictures, for normalising them. */
import type { AsyncDataset, Dataset } from './dataset.ts'
import { DataLoader } from './loader.ts'

export interface ChannelStatistics {
  readonly mean: number[]
  /** Of the whole population (divisor n). */
  readonly std: number[]
}

/**
 * Mean and standard deviation over all pixels of each channel (axis 0 of an input), as batches hold them: with pictures in
 * [0, 1] the result is what `normalize: { scale: 1 / 255, mean, std }` takes.
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const { mean, std } = await data.channelStatistics(data.syntheticDigits('train', { count: 100 }))
 * console.log(mean.length, std.length) // 1 1
 * ```
 */
export async function channelStatistics(dataset: Dataset | AsyncDataset): Promise<ChannelStatistics> {
  const channels = dataset.inputShape[0] ?? 1
  const sums = new Float64Array(channels)
  const squares = new Float64Array(channels)
  let count = 0
  for await (const { inputs, size } of new DataLoader(dataset, { batchSize: 64 }).stream(0, { reuse: true })) {
    const pixels = inputs.length / size / channels
    count += size * pixels
    for (let plane = 0; plane < size * channels; plane++) {
      let sum = 0
      let square = 0
      for (let index = plane * pixels; index < (plane + 1) * pixels; index++) {
        const value = inputs[index] as number
        sum += value
        square += value * value
      }
      const channel = plane % channels
      sums[channel] = (sums[channel] as number) + sum
      squares[channel] = (squares[channel] as number) + square
    }
  }
  const mean = Array.from(sums, (sum) => sum / count)
  const std = Array.from(squares, (square, channel) =>
    Math.sqrt(Math.max(0, square / count - (mean[channel] as number) ** 2)),
  )
  return { mean, std }
}
