/** What the window sees at one position, worked out by hand beside the library. */
import type { Picture } from './protocol.ts'

/** One number of the kernel with the pixel below it. */
export interface Tap {
  readonly row: number
  readonly column: number
  /** Where in the picture; outside is padding. */
  readonly pictureRow: number
  readonly pictureColumn: number
  readonly weight: number
  /** The pixel's value in each channel, 0 in the padding. */
  readonly pixels: readonly number[]
  readonly product: number
}

interface Geometry {
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

export function tapsAt(
  picture: Picture,
  kernel: readonly number[],
  geometry: Geometry,
  row: number,
  column: number,
): Tap[] {
  const side = Math.sqrt(kernel.length)
  const { stride, padding, dilation } = geometry
  return kernel.map((weight, index) => {
    const [i, j] = [Math.floor(index / side), index % side]
    const pictureRow = row * stride - padding + i * dilation
    const pictureColumn = column * stride - padding + j * dilation
    const pixels = Array.from({ length: picture.channels }, (_, channel) =>
      pixelAt(picture, channel, pictureRow, pictureColumn),
    )
    const product = weight * pixels.reduce((sum, pixel) => sum + pixel, 0)
    return { row: i, column: j, pictureRow, pictureColumn, weight, pixels, product }
  })
}

function pixelAt({ values, height, width }: Picture, channel: number, row: number, column: number): number {
  if (row < 0 || column < 0 || row >= height || column >= width) return 0
  return values[(channel * height + row) * width + column] as number
}

export function sumOf(taps: readonly Tap[]): number {
  return taps.reduce((sum, tap) => sum + tap.product, 0)
}
