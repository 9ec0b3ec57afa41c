/** The convolution and pooling of the page, by the library. */
import { avgPool2d, conv2d, data, fromTypedArray, maxPool2d, type Tensor } from 'cognitron'
import type { NumberMap, Picture, Result } from '../protocol.ts'
import type { ConvolutionSetup } from '../setup.ts'
import { pictureOf } from './pictures.ts'

/** The numbers in force: a person's own, or those of the named kernel. */
export function kernelOf(setup: ConvolutionSetup): number[] {
  return setup.weights.length > 0 ? [...setup.weights] : data.imageKernels[setup.kernel].flat()
}

export async function compute(setup: ConvolutionSetup, own?: Picture): Promise<Result> {
  const picture = pictureOf(setup, own)
  const kernel = kernelOf(setup)
  const side = Math.sqrt(kernel.length)
  const shared = { picture, kernel, side }
  try {
    const x = fromTypedArray(picture.values, [1, picture.channels, picture.height, picture.width], 'float32')
    // The same kernel for every channel; their results add up, as in a layer.
    const repeated = Array.from({ length: picture.channels }, () => kernel).flat()
    const weight = fromTypedArray(Float32Array.from(repeated), [1, picture.channels, side, side], 'float32')
    const { stride, padding, dilation } = setup
    const y = conv2d(x, weight, { stride, padding, dilation })
    const output = await mapOf(y)
    if (setup.pooling === 'none') return { ...shared, output }
    const pooled = setup.pooling === 'max' ? maxPool2d(y, setup.poolSize) : avgPool2d(y, setup.poolSize)
    return { ...shared, output, pooled: await mapOf(pooled) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ...shared, output: { height: 0, width: 0, values: new Float32Array() }, problem }
  }
}

async function mapOf(tensor: Tensor): Promise<NumberMap> {
  const [, , height = 0, width = 0] = tensor.shape
  return { height, width, values: (await tensor.data()) as Float32Array }
}
