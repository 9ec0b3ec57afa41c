/** The image kernels of the lectures, and the filtering of a picture with any kernel. */
import { at } from '../../base/arrays.ts'
import { ShapeError } from '../../base/errors.ts'
import type { Picture } from './picture.ts'

/** Rows of weights, as they lie on the picture (cross-correlation, as networks convolve). */
export type Kernel = readonly (readonly number[])[]

const scaled = (kernel: Kernel, factor: number): Kernel => kernel.map((row) => row.map((weight) => weight * factor))

/** Identity, three edge detectors, sharpen, box and Gaussian blur, and the two Sobel filters. */
export const imageKernels = {
  identity: [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ],
  edgeDiagonal: [
    [1, 0, -1],
    [0, 0, 0],
    [-1, 0, 1],
  ],
  edgeLaplace: [
    [0, 1, 0],
    [1, -4, 1],
    [0, 1, 0],
  ],
  edgeAll: [
    [-1, -1, -1],
    [-1, 8, -1],
    [-1, -1, -1],
  ],
  sharpen: [
    [0, -1, 0],
    [-1, 5, -1],
    [0, -1, 0],
  ],
  boxBlur: scaled(
    [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ],
    1 / 9,
  ),
  gaussianBlur: scaled(
    [
      [1, 2, 1],
      [2, 4, 2],
      [1, 2, 1],
    ],
    1 / 16,
  ),
  sobelX: [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ],
  sobelY: [
    [1, 2, 1],
    [0, 0, 0],
    [-1, -2, -1],
  ],
} satisfies Record<string, Kernel>

export type KernelName = keyof typeof imageKernels

/** How pixels outside the picture are made: 0, the border's value, or mirrored without repeating the border. */
export type Border = 'zero' | 'replicate' | 'reflect'

/**
 * Every channel filtered with a kernel of odd sides: out(r, c) = Σ kernel(i, j) · in(r + i − ⌊h/2⌋, c + j − ⌊w/2⌋). The size stays.
 *
 * @throws ShapeError for a kernel whose rows differ in length or whose sides are even.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const picture = { data: Float32Array.of(0, 9, 0), channels: 1, height: 1, width: 3, kind: 'picture' } as const
 * console.log(data.filterPicture(picture, data.imageKernels.boxBlur).data) // Float32Array(3) [ 1, 1, 1 ]
 * ```
 */
export function filterPicture(picture: Picture, kernel: Kernel, options: { border?: Border } = {}): Picture {
  const rows = kernel.length
  const columns = kernel[0]?.length ?? 0
  if (rows % 2 === 0 || columns % 2 === 0 || kernel.some((row) => row.length !== columns)) {
    throw new ShapeError(
      `A kernel has rows of one odd length and an odd number of them; given rows of ${kernel.map((row) => row.length).join(', ')}.`,
    )
  }
  const { height, width } = picture
  const border = options.border ?? 'zero'
  const data = new Float32Array(picture.data.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const weight = at(at(kernel, i), j)
      if (weight !== 0) addShifted(picture, weight, i - (rows >> 1), j - (columns >> 1), border, data)
    }
  }
  return { ...picture, data, height, width }
}

/** data += weight · picture moved by (down, right), one tap of the kernel. */
function addShifted(
  { data: source, channels, height, width }: Picture,
  weight: number,
  down: number,
  right: number,
  border: Border,
  data: Float32Array,
): void {
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const fromRow = insideBorder(row + down, height, border)
      if (fromRow < 0) continue
      const target = (channel * height + row) * width
      const start = (channel * height + fromRow) * width
      for (let column = 0; column < width; column++) {
        const fromColumn = insideBorder(column + right, width, border)
        if (fromColumn < 0) continue
        const place = target + column
        data[place] = (data[place] as number) + weight * (source[start + fromColumn] as number)
      }
    }
  }
}

/** The index that stands for `index`, or −1 for none. */
function insideBorder(index: number, size: number, border: Border): number {
  if (index >= 0 && index < size) return index
  if (border === 'zero') return -1
  if (border === 'replicate' || size === 1) return index < 0 ? 0 : size - 1
  const period = 2 * (size - 1)
  const folded = ((index % period) + period) % period
  return folded < size ? folded : period - folded
}
