/** The state of the Convolution page and its address. */
import { type Codec, choice, entry, list, number, type Schema, whole } from '../../base/address.ts'

export const pictureNames = ['digit', 'shapes', 'stripes', 'colours', 'own'] as const
export type PictureName = (typeof pictureNames)[number]

/** Names of the library's image kernels, in the order of the lectures. */
export const kernelNames = [
  'identity',
  'edgeDiagonal',
  'edgeLaplace',
  'edgeAll',
  'sharpen',
  'boxBlur',
  'gaussianBlur',
  'sobelX',
  'sobelY',
] as const
export type KernelName = (typeof kernelNames)[number]

export const poolings = ['none', 'max', 'average'] as const
export type Pooling = (typeof poolings)[number]

export interface ConvolutionSetup {
  readonly picture: PictureName
  /** Which digit is drawn. */
  readonly seed: number
  readonly kernel: KernelName
  /** Own numbers, row by row; none: those of `kernel`. */
  readonly weights: readonly number[]
  readonly stride: number
  readonly padding: number
  readonly dilation: number
  readonly pooling: Pooling
  readonly poolSize: number
  /** Position of the window, a place of the output. */
  readonly row: number
  readonly column: number
  readonly speed: number
}

/** Positions of the window a second. */
export const speeds = [1, 3, 10, 30, 60] as const

/** A square of 9 or 25 numbers. */
const weightsCodec: Codec<readonly number[]> = {
  parse(text) {
    const values = list(number({ min: -99, max: 99 }), { most: 25 }).parse(text) ?? []
    return values.length === 9 || values.length === 25 ? values : undefined
  },
  format: (values) => values.join(),
}

export const schema: Schema<ConvolutionSetup> = {
  picture: entry('picture', 'digit', choice(pictureNames)),
  seed: entry('seed', 3, whole({ min: 0, max: 9999 })),
  kernel: entry('kernel', 'sobelX', choice(kernelNames)),
  weights: entry('weights', [], weightsCodec),
  stride: entry('stride', 1, whole({ min: 1, max: 4 })),
  padding: entry('padding', 1, whole({ min: 0, max: 4 })),
  dilation: entry('dilation', 1, whole({ min: 1, max: 4 })),
  pooling: entry('pooling', 'none', choice(poolings)),
  poolSize: entry('poolSize', 2, whole({ min: 2, max: 4 })),
  row: entry('row', 9, whole({ min: 0, max: 200 })),
  column: entry('column', 6, whole({ min: 0, max: 200 })),
  speed: entry('speed', 2, whole({ min: 0, max: speeds.length - 1 })),
}

/** ⌊(W + 2P − D (F − 1) − 1) / S⌋ + 1 */
export function outputSize(
  size: number,
  kernel: number,
  { stride, padding, dilation }: { stride: number; padding: number; dilation: number },
): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
}
