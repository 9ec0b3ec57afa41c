/** The convolution of the page as a program for the library. */
import type { Result } from './protocol.ts'
import type { ConvolutionSetup } from './setup.ts'

export function convolutionCode(setup: ConvolutionSetup, result: Result | undefined): string {
  const { stride, padding, dilation, pooling, poolSize } = setup
  const side = result?.side ?? 3
  const kernel = result?.kernel ?? []
  const rows = Array.from({ length: side }, (_, row) => {
    const numbers = kernel.slice(row * side, (row + 1) * side).map((value) => Number(value.toFixed(6)))
    return `  [${numbers.join(', ')}],`
  })
  const own = setup.weights.length > 0
  const named = own ? `[\n${rows.join('\n')}\n]` : `data.imageKernels.${setup.kernel} // ${side} × ${side}`
  const names = [
    'conv2d',
    'data',
    ...(pooling === 'max' ? ['maxPool2d'] : pooling === 'average' ? ['avgPool2d'] : []),
    'tensor',
  ]
  const pool =
    pooling === 'none'
      ? ''
      : `\nconst pooled = ${pooling === 'max' ? 'maxPool2d' : 'avgPool2d'}(output, ${poolSize})\nconsole.log(pooled.shape)`
  return `import { ${names.join(', ')} } from 'cognitron'

const picture = data.syntheticDigits('test', { seed: ${setup.seed}, count: 1 }).get(0).input
const kernel = ${named}

// [batch, channels, height, width] and [out, in, height, width]
const x = tensor(picture, { shape: [1, 1, 28, 28] })
const weight = tensor([[kernel]])
const output = conv2d(x, weight, { stride: ${stride}, padding: ${padding}, dilation: ${dilation} })
console.log(output.shape)${pool}
`
}
