/** Masks in colours, pixel by pixel. */
import { describe, expect, test } from 'vitest'
import { explain } from '../index.ts'

describe('drawMask', () => {
  const picture = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(100, 200) } as const

  test('over a picture: both mixed by the opacity, ignored pixels show the picture', () => {
    const drawing = explain.drawMask(Int32Array.of(1, -100), picture, {
      picture,
      opacity: 0.25,
      colours: [
        [0, 0, 0],
        [200, 0, 100],
      ],
    })
    expect([...drawing.pixels]).toEqual([125, 75, 100, 255, 200, 200, 200, 255])
  })

  test('alone: full colours, ignored pixels are empty, colours begin again', () => {
    const drawing = explain.drawMask([8, -1], { width: 1, height: 2 })
    expect([...drawing.pixels]).toEqual([230, 159, 0, 255, 0, 0, 0, 0])
  })

  test('what does not fit is refused', () => {
    expect(() => explain.drawMask([1], picture)).toThrow('a mask of 1 pixels is not 2 × 1; give its own size.')
    expect(() => explain.drawMask([1], { width: 1, height: 1 }, { picture })).toThrow(
      'the picture is 2 × 1, its mask 1 × 1; bring them to one size.',
    )
    expect(() => explain.drawMask([1, 1], picture, { opacity: 2 })).toThrow('an opacity is from 0 to 1, given 2.')
  })
})
