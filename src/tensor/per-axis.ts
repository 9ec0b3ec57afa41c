/** Settings that are one number for all spatial axes or one number per axis, and checks that sliding operations share. */
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, type WindowAxis } from '../shape/shape.ts'
import type { Tensor } from './tensor.ts'

/** One number for every spatial axis, or one per axis (`[height, width]`). */
export type PerAxis = number | readonly number[]

/** The setting for each of `rank` axes. Throws ArgumentError unless they are whole numbers of at least `least`. */
export function perAxis(value: PerAxis, rank: number, what: string, least = 0): number[] {
  const list = typeof value === 'number' ? Array<number>(rank).fill(value) : [...value]
  if (list.length === rank && list.every((each) => Number.isInteger(each) && each >= least)) return list
  const many = rank === 1 ? 'or an array of one' : `or an array of ${rank} of them`
  throw new ArgumentError(
    `${what} must be a whole number of at least ${least}, ${many}, given ${JSON.stringify(value)}.`,
  )
}

/** `3 × 5`, as people write kernel sizes. */
export function formatSizes(sizes: readonly number[]): string {
  return sizes.join(' × ')
}

const axisNames = [
  ['length'],
  ['height', 'width'],
  ['depth', 'height', 'width'],
] as const satisfies readonly (readonly string[])[]

/** `[batch, channels, height, width]` with the words for `rank` spatial axes; `channels` may be a number. */
export function imageShape(rank: number, channels: number | string = 'channels'): string {
  return `[batch, ${channels}, ${(axisNames[rank - 1] ?? []).join(', ')}]`
}

/** Throws ShapeError unless `x` has `rank` spatial axes after its channels, with or without a batch axis before them. */
export function checkSpatialRank(x: Tensor, rank: number, what: string): void {
  if (x.rank === rank + 1 || x.rank === rank + 2) return
  const advice =
    x.rank < rank + 1 ? 'add the missing axes with unsqueeze or reshape' : 'merge or drop axes with reshape'
  throw new ShapeError(
    `${what} takes ${imageShape(rank)}, or the same without the batch axis, given shape ${formatShape(x.shape)}; ${advice}.`,
  )
}

/**
 * Throws ShapeError where (W − F + 2P) / S + 1 is not whole, with F the reach of a dilated window: an input whose last elements no
 * window sees. Everything else leaves them out, as PyTorch does.
 */
export function checkExact(what: string, sizes: readonly number[], windows: readonly WindowAxis[]): void {
  windows.forEach(({ kernel, stride, padding: [before, after], dilation }, axis) => {
    const size = sizes[axis] ?? 0
    const reach = dilation * (kernel - 1) + 1
    const rest = (size + before + after - reach) % stride
    if (rest === 0) return
    const name = axisNames[windows.length - 1]?.[axis]
    const places = `(${size} − ${reach} + ${before + after}) / ${stride} + 1 = ${(size + before + after - reach) / stride + 1}`
    throw new ShapeError(
      `${what}: along the ${name} there are ${places.replace(/(\.\d{2})\d+$/, '$1…')} places for the window, which is not a whole number; ` +
        `take inputs of ${size - rest} or ${size + stride - rest}, or another stride or padding, or leave \`exact\` out.`,
    )
  })
}
