import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { encodePng, encodeStoredPng, type PngPicture } from './png.ts'

const picture = (channels: 1 | 3 | 4): PngPicture => ({
  width: 19,
  height: 7,
  channels,
  pixels: Uint8Array.from({ length: 19 * 7 * channels }, (_, i) => (i * 37 + (i % 5) * (i >> 3)) & 255),
})

/** What pngjs reads, in RGBA. */
const expected = ({ channels, pixels }: PngPicture): Uint8Array =>
  Uint8Array.from({ length: (pixels.length / channels) * 4 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 4), i % 4]
    if (channel === 3 && channels < 4) return 255
    return pixels[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0
  })

describe('PNG files as pngjs reads them', () => {
  test.each([1, 3, 4] as const)('%i channels, compressed and stored', async (channels) => {
    const source = picture(channels)
    for (const bytes of [await encodePng(source), encodeStoredPng(source)]) {
      const read = PNG.sync.read(Buffer.from(bytes))
      expect([read.width, read.height]).toEqual([19, 7])
      expect(Uint8Array.from(read.data)).toEqual(expected(source))
    }
  })

  test('smooth pictures become small', async () => {
    const pixels = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 64) + (i >> 6))
    expect((await encodePng({ width: 64, height: 64, channels: 1, pixels })).length).toBeLessThan(300)
  })

  test('a wrong number of bytes is refused', async () => {
    await expect(encodePng({ ...picture(3), height: 8 })).rejects.toThrow('a picture of 19 × 8 × 3 has not 399 bytes')
  })
})
