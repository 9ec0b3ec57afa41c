/** The page's own arithmetic and the library agree everywhere. */
import { expect, test } from 'vitest'
import { defaultState } from '../../../base/address.ts'
import { type ConvolutionSetup, kernelNames, outputSize, schema } from '../setup.ts'
import { sumOf, tapsAt } from '../window.ts'
import { compute } from './convolve.ts'

const base = defaultState(schema)

const variants: readonly Partial<ConvolutionSetup>[] = [
  {},
  { stride: 2, padding: 0 },
  { stride: 3, padding: 2, dilation: 2 },
  { picture: 'colours', padding: 4, dilation: 3 },
  { weights: Array.from({ length: 25 }, (_, index) => index - 12), padding: 2 },
  ...kernelNames.map((kernel) => ({ kernel, picture: 'shapes' as const })),
]

test.each(variants)(
  '%o: the window by hand gives the library’s output, of the size of the formula',
  async (changes) => {
    const setup = { ...base, ...changes }
    const { picture, kernel, side, output } = await compute(setup)
    expect([output.height, output.width]).toEqual([outputSize(28, side, setup), outputSize(28, side, setup)])
    for (let row = 0; row < output.height; row += 3) {
      for (let column = 0; column < output.width; column += 2) {
        const sum = sumOf(tapsAt(picture, kernel, setup, row, column))
        expect(output.values[row * output.width + column]).toBeCloseTo(sum, 3)
      }
    }
  },
)

test('max pooling takes the largest of each block', async () => {
  const { output, pooled } = await compute({ ...base, pooling: 'max', poolSize: 2 })
  expect([pooled?.height, pooled?.width]).toEqual([14, 14])
  const block = [0, 1, 28, 29].map((place) => output.values[10 * 28 + 12 + place] as number)
  expect(pooled?.values[5 * 14 + 6]).toBe(Math.max(...block))
})

test('a kernel that does not fit is explained by the library', async () => {
  const { problem } = await compute({
    ...base,
    weights: new Array(25).fill(1),
    dilation: 4,
    padding: 0,
    poolSize: 4,
    pooling: 'max',
    stride: 4,
  })
  expect(problem).toMatch(/4/)
})
