/**
 * How stored numbers become network inputs: y = (x · scale − mean) / std, with mean and std for all values or for each channel
 * (axis 0 of a sample). Images stay uint8 in memory and are converted while a batch is gathered; for bytes the conversion is a
 * table of 256 values per channel, so it costs one load.
 */
import { product } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'

/** y = (x · scale − mean) / std; `mean` and `std` are one number or one per channel. */
export interface Normalization {
  readonly scale?: number
  readonly mean?: number | readonly number[]
  readonly std?: number | readonly number[]
}

/** Scale and offset of one channel: y = x · factor + offset, computed in double precision. */
interface ChannelRule {
  readonly scale: number
  readonly mean: number
  readonly std: number
}

/** A normalisation made ready for samples of one shape. */
export class Normalizer {
  readonly #rules: readonly ChannelRule[]
  readonly #channelSize: number
  readonly #tables: readonly Float32Array[]

  constructor(normalization: Normalization, inputShape: readonly number[]) {
    const scale = normalization.scale ?? 1
    const perChannel = Math.max(channelCount(normalization.mean), channelCount(normalization.std))
    const channels = Math.max(perChannel, 1)
    if (channels > 1 && inputShape[0] !== channels) {
      throw new ArgumentError(
        `The normalisation has ${channels} channels, but a sample has shape [${inputShape.join(', ')}]; ` +
          'give one mean and std for each entry of its first axis.',
      )
    }
    this.#rules = Array.from({ length: channels }, (_, channel) => ({
      scale,
      mean: pick(normalization.mean, channel, 0),
      std: pick(normalization.std, channel, 1),
    }))
    for (const { std } of this.#rules) {
      if (!(std > 0)) throw new ArgumentError(`A standard deviation must be above 0; given ${std}.`)
    }
    this.#channelSize = product(inputShape) / channels
    this.#tables = this.#rules.map((rule) => Float32Array.from({ length: 256 }, (_, byte) => apply(rule, byte)))
  }

  /** Converts one sample at `from` in `source` to `to` in `target`. */
  convert(source: TypedArray, from: number, target: TypedArray, to: number): void {
    const size = this.#channelSize
    for (let channel = 0; channel < this.#rules.length; channel++) {
      const start = from + channel * size
      const place = to + channel * size
      if (source instanceof Uint8Array) {
        const table = this.#tables[channel] as Float32Array
        for (let i = 0; i < size; i++) target[place + i] = table[source[start + i] as number] as number
      } else {
        const rule = this.#rules[channel] as ChannelRule
        for (let i = 0; i < size; i++) target[place + i] = apply(rule, source[start + i] as number)
      }
    }
  }
}

function apply(rule: ChannelRule, value: number): number {
  return (value * rule.scale - rule.mean) / rule.std
}

function channelCount(value: number | readonly number[] | undefined): number {
  return typeof value === 'object' ? value.length : 0
}

function pick(value: number | readonly number[] | undefined, channel: number, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value === 'number') return value
  const chosen = value.length === 1 ? value[0] : value[channel]
  if (chosen === undefined) throw new ArgumentError('Mean and std must have the same number of channels.')
  return chosen
}
