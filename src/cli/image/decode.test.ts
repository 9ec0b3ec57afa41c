import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../base/errors.ts'
import type { Raster } from '../../data/image/raster.ts'
import { turnUpright } from '../../data/image/upright.ts'
import { decodeImage, readImageFile } from './decode.ts'
import { readOrientation } from './exif.ts'

interface Picture {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly pixels: string
}

const fixture = new URL('../../../test/fixtures/pictures.json', import.meta.url)
const { pictures }: { pictures: Record<string, Picture> } = JSON.parse(readFileSync(fixture, 'utf8'))
const bytesOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(pictures[name]?.file ?? '', 'base64'))

/** The largest difference between decoded pixels and what Pillow reads. */
function largestDifference(name: string): number {
  const picture = pictures[name]
  const raster = decodeImage(bytesOf(name), name)
  expect(raster).toMatchObject({ width: picture?.width, height: picture?.height, channels: picture?.channels })
  const expected = Buffer.from(picture?.pixels ?? '', 'base64')
  expect(raster.pixels.length).toBe(expected.length)
  return raster.pixels.reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? -1000))), 0)
}

describe('pictures as Pillow reads them', () => {
  test.each(['rgb', 'grey', 'palette', 'bilevel', 'sixteen', 'pngOrientation', 'alpha'])('PNG: %s', (name) => {
    expect(largestDifference(name)).toBeLessThanOrEqual(name === 'alpha' ? 1 : 0)
  })

  // T.81 bounds the inverse transform only; the decoder of CMYK rounds differently.
  test.each([
    ['baseline', 0],
    ['progressive', 0],
    ['greyJpeg', 0],
    ['restart', 0],
    ['orientation6', 0],
    ['subsampled', 0],
    ['cmyk', 4],
  ])('JPEG: %s within %i of 255', (name, tolerance) => {
    expect(largestDifference(name)).toBeLessThanOrEqual(tolerance)
  })
})

describe('damaged files get one sentence with their name', () => {
  const refusal = (bytes: Uint8Array): string => {
    try {
      decodeImage(bytes, 'cat.img')
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError)
      return error instanceof Error ? error.message : ''
    }
    throw new Error('it was accepted')
  }

  test.each([
    ['baseline', 'JPEG'],
    ['progressive', 'JPEG'],
    ['rgb', 'PNG'],
  ])('%s cut anywhere', (name, format) => {
    const bytes = bytesOf(name)
    for (let length = 8; length < bytes.length - 1; length += 7) {
      expect(refusal(bytes.subarray(0, length))).toBe(
        `cat.img: the ${format} stops in the middle; copy or download it again.`,
      )
    }
  })

  test('a PNG with a wrong checksum', () => {
    const bytes = bytesOf('rgb')
    bytes[45] = (bytes[45] ?? 0) ^ 0xff
    expect(refusal(bytes)).toMatch(/^cat\.img: the PNG is damaged \(.+\); copy or download it again\.$/)
  })

  test('a JPEG with a broken table', () => {
    const bytes = bytesOf('baseline')
    const table = bytes.findIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xc4)
    bytes.fill(0, table + 5, table + 21)
    expect(refusal(bytes)).toMatch(/^cat\.img: the JPEG is damaged \(.+\); copy or download it again\.$/)
  })

  test('more pixels than fit', () => {
    const png = bytesOf('rgb')
    new DataView(png.buffer).setUint32(16, 100_000)
    new DataView(png.buffer).setUint32(20, 100_000)
    expect(refusal(png)).toBe(
      'cat.img: 100000 × 100000 pixels are more than are read at once; make the picture smaller.',
    )
  })

  test.each([
    ['', 'the file is empty'],
    ['GIF89a', 'this is a GIF'],
    ['RIFF\0\0\0\0WEBPVP8 ', 'this is a WebP'],
    ['\0\0\0\x18ftypheic', 'this is a HEIC'],
    ['hello', 'this is no picture in a known format'],
  ])('another format: %j', (text, reason) => {
    expect(refusal(Buffer.from(text, 'latin1'))).toBe(`cat.img: ${reason}; pictures are read as PNG or JPEG.`)
  })

  test('a file on disk is named with its path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cognitron-'))
    const path = join(folder, 'half.jpg')
    writeFileSync(path, bytesOf('baseline').subarray(0, 300))
    await expect(readImageFile(path)).rejects.toThrow(`${path}: the JPEG stops in the middle`)
    await expect(readImageFile(`${path}x`)).rejects.toThrow(`Cannot read ${path}x: there is no such file or folder`)
    rmSync(folder, { recursive: true })
  })
})

describe('orientation', () => {
  // The letter F as a camera writes it for each orientation (EXIF specification, figure of the tag).
  const upright = ['11', '10', '11', '10']
  const stored: Record<number, string[]> = {
    1: upright,
    2: ['11', '01', '11', '01'],
    3: ['01', '11', '01', '11'],
    4: ['10', '11', '10', '11'],
    5: ['1111', '1010'],
    6: ['1010', '1111'],
    7: ['0101', '1111'],
    8: ['1111', '0101'],
  }
  const rasterOf = (rows: readonly string[]): Raster => ({
    width: rows[0]?.length ?? 0,
    height: rows.length,
    channels: 1,
    pixels: Uint8Array.from(rows.join(''), Number),
  })

  test.each(Object.keys(stored).map(Number))('%i is turned upright', (orientation) => {
    expect(turnUpright(rasterOf(stored[orientation] ?? []), orientation)).toEqual(rasterOf(upright))
  })

  test('the tag is found in both byte orders, and damaged EXIF counts as none', () => {
    const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
    const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0]
    expect(readOrientation(Uint8Array.from(little))).toBe(6)
    expect(readOrientation(Uint8Array.from(big))).toBe(8)
    for (let length = 0; length < little.length; length++) {
      expect(readOrientation(Uint8Array.from(little.slice(0, length)))).toBe(1)
    }
  })
})
