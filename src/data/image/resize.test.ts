import { describe, expect, test } from 'vitest'
import { cropToProportions, type Raster, toPlanes, withChannels } from './raster.ts'
import { resizePlanes, toInput } from './resize.ts'

const rows = [
  [0, 10, 20, 40, 80],
  [5, 15, 25, 45, 85],
  [200, 100, 50, 25, 0],
  [1, 2, 3, 4, 5],
  [9, 8, 7, 6, 5],
  [255, 0, 255, 0, 255],
]
const picture = Float32Array.from(rows.flat())

/** `Image.fromarray(rows, 'F').resize((width, height), Image.BILINEAR)` of Pillow 13.0.0. */
const pillow: Record<string, number[][]> = {
  '2x3': [
    [44.0179, 30.0278, 44.4107],
    [59.6429, 45.7361, 40.9464],
  ],
  '3x2': [
    [27.8247, 46.0065],
    [47.5739, 18.5284],
    [63.3247, 62.7532],
  ],
  '3x5': [
    [30.7143, 25.0, 26.4286, 40.0, 70.7143],
    [77.125, 41.125, 23.875, 17.25, 13.125],
    [113.2857, 3.7143, 112.7143, 3.1429, 112.1429],
  ],
  '9x8': [
    [0.0, 4.375, 10.625, 16.875, 26.25, 38.75, 62.5, 80.0],
    [2.5, 6.875, 13.125, 19.375, 28.75, 41.25, 65.0, 82.5],
    [37.5, 33.8542, 29.1667, 29.1667, 33.0729, 40.8854, 58.0729, 70.8333],
    [167.5, 131.7708, 83.3333, 58.3333, 40.3646, 29.4271, 20.3646, 14.1667],
    [100.5, 78.8438, 49.4688, 34.1562, 22.75, 15.25, 7.75, 2.5],
    [2.3333, 2.625, 3.0417, 3.4583, 3.875, 4.2917, 4.7083, 5.0],
    [7.6667, 7.375, 6.9583, 6.5417, 6.125, 5.7083, 5.2917, 5.0],
    [132.0, 76.0, 11.9375, 91.3125, 91.0, 11.0, 74.4375, 130.0],
    [255.0, 143.4375, 15.9375, 175.3125, 175.3125, 15.9375, 143.4375, 255.0],
  ],
  '1x1': [[44.6433]],
  '6x4': [
    [2.5, 14.1667, 31.6667, 70.0],
    [7.5, 19.1667, 36.6667, 75.0],
    [175.0, 79.1667, 35.4167, 6.25],
    [1.25, 2.4167, 3.5833, 4.75],
    [8.75, 7.5833, 6.4167, 5.25],
    [191.25, 106.25, 106.25, 191.25],
  ],
}

describe('resizing', () => {
  test.each(Object.keys(pillow))('5×6 to %s as Pillow does it', (name) => {
    const expected = pillow[name] ?? []
    const resized = resizePlanes(picture, [1, 6, 5], [expected.length, expected[0]?.length ?? 0])
    expect(resized).toHaveLength(expected.flat().length)
    resized.forEach((value, index) => {
      expect(Math.abs(value - (expected.flat()[index] ?? Number.NaN))).toBeLessThan(2e-4)
    })
  })

  test('halving weighs four neighbours 1 : 3 : 3 : 1, the border 3 : 3 : 1', () => {
    const resized = resizePlanes(Float32Array.of(0, 0, 8, 0, 0, 0), [1, 1, 6], [1, 3])
    expect([...resized].map((value) => Number(value.toFixed(4)))).toEqual([Number((8 / 7).toFixed(4)), 3, 0])
  })

  test('planes are independent and a picture of the right size is copied', () => {
    const two = Float32Array.of(...picture, ...picture.map((value) => -value))
    const resized = resizePlanes(two, [2, 6, 5], [3, 4])
    expect([...resized.subarray(12)]).toEqual([...resized.subarray(0, 12)].map((value) => -value))
    const copy = resizePlanes(picture, [1, 6, 5], [6, 5])
    expect(copy).toEqual(picture)
    expect(copy.buffer).not.toBe(picture.buffer)
  })

  test('sizes that make no sense are refused', () => {
    expect(() => resizePlanes(picture, [1, 6, 5], [0, 5])).toThrow('whole numbers of at least 1, given 0.')
    expect(() => resizePlanes(picture, [3, 6, 5], [2, 2])).toThrow('a picture [3, 6, 5] has not 30 values.')
  })
})

describe('rasters', () => {
  const colours: Raster = { width: 2, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0, 10, 20, 30) }

  test('planes come channel by channel', () => {
    expect([...toPlanes(colours)]).toEqual([255, 10, 0, 20, 0, 30])
  })

  test('grey is 0.299 R + 0.587 G + 0.114 B', () => {
    expect([...withChannels(colours, 1).pixels]).toEqual([76, 18])
    expect([...withChannels(withChannels(colours, 1), 3).pixels]).toEqual([76, 76, 76, 18, 18, 18])
  })

  test('the middle in other proportions', () => {
    const wide: Raster = {
      width: 6,
      height: 2,
      channels: 1,
      pixels: Uint8Array.from({ length: 12 }, (_, index) => index),
    }
    expect(cropToProportions(wide, 10, 10)).toEqual({
      width: 2,
      height: 2,
      channels: 1,
      pixels: Uint8Array.of(2, 3, 8, 9),
    })
    expect(cropToProportions(wide, 3, 1)).toBe(wide)
  })

  test('as the input of a network: cut or stretched, 0 to 1', () => {
    const wide: Raster = { width: 4, height: 2, channels: 1, pixels: Uint8Array.of(0, 255, 255, 0, 0, 255, 255, 0) }
    const size = { channels: 3, height: 2, width: 2 } as const
    expect([...toInput(wide, size)]).toEqual(Array(12).fill(1))
    // The border of a halved row weighs 3 : 3 : 1.
    const stretched = toInput(wide, size, 'stretch')
    for (const value of stretched) expect(value).toBeCloseTo(4 / 7, 6)
  })
})
