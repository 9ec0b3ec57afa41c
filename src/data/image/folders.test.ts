/** Folders of pictures, masks, CIFAR-10 and channel statistics, with decoders made for the test and real files where at hand. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../base/errors.ts'
import { channelStatistics } from '../channel-statistics.ts'
import { classCounts } from '../dataset.ts'
import { DataLoader } from '../loader.ts'
import { listFiles, openClassFolder } from '../node/image-files.ts'
import { readCifar10 } from '../parsers/cifar.ts'
import { split } from '../split.ts'
import { ClassFolderDataset, classFolderIndex, loadPictures, type PictureSource } from './class-folder.ts'
import type { Raster } from './raster.ts'
import { type MaskClass, maskClasses, nearestPixels, pairMasks, SegmentationDataset } from './segmentation.ts'

const shared = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const cifar = join(shared, 'data/cifar10-lossless-4000/data_batch_1_first4000.bin.gz')
if (!existsSync(cifar)) console.warn(`SKIPPED: the CIFAR-10 records, because ${cifar} is absent`)

/** A file of this test: width, height, channels, then the pixels; a file that starts with 0 is broken. */
const decode = (bytes: Uint8Array, name: string): Raster => {
  const [width = 0, height = 0, channels = 0] = bytes
  if (width === 0) throw new FormatError(`${name} is broken.`)
  return { width, height, channels: channels === 3 ? 3 : 1, pixels: bytes.slice(3) }
}

const files: Record<string, Uint8Array> = {
  'cat/1.png': Uint8Array.of(2, 2, 1, 0, 51, 102, 255),
  'cat/2.png': Uint8Array.of(0),
  'dog/1.png': Uint8Array.of(2, 2, 1, 255, 255, 255, 255),
}
const source: PictureSource = {
  read: async (path) => files[path] ?? new Uint8Array(),
  decode: async (bytes, path) => decode(bytes, path),
}
const size = { channels: 1, height: 2, width: 2 } as const

describe('class folders', () => {
  test('paths become classes by their folder', () => {
    const index = classFolderIndex([
      'b/2.JPG',
      'readme.txt',
      'top.png',
      'a/x/1.jpeg',
      'b/.hidden.png',
      '.git/a.png',
      'b/1.png',
    ])
    expect(index).toEqual({
      paths: ['a/x/1.jpeg', 'b/1.png', 'b/2.JPG'],
      labels: Int32Array.of(1, 0, 0),
      classNames: ['b', 'x'],
    })
    expect(() => classFolderIndex(['1.png', 'a/b.txt'])).toThrow('Among 2 files is no picture (.png, .jpg) in a folder')
  })

  test('pictures are read when needed, in [0, 1] or normalised', async () => {
    const set = new ClassFolderDataset(classFolderIndex(Object.keys(files)), source, { size })
    expect([...(await set.load(0)).input].map((value) => value.toFixed(3))).toEqual([
      '0.000',
      '0.200',
      '0.400',
      '1.000',
    ])
    expect((await set.load(2)).target).toEqual(Int32Array.of(1))
    const normal = new ClassFolderDataset(set.index, source, { size, normalize: { mean: [0.5], std: [0.5] } })
    expect([...(await normal.load(2)).input]).toEqual([1, 1, 1, 1])
    const parts = split(set, [0.5, 0.5], { seed: 1, stratified: true })
    expect(parts.map((part) => part.length)).toEqual([2, 1])
  })

  test('a broken file is an error with its name', async () => {
    const set = new ClassFolderDataset(classFolderIndex(Object.keys(files)), source, { size })
    const visit = async () => {
      for await (const batch of new DataLoader(set, { batchSize: 3 }).stream()) void batch
    }
    await expect(visit()).rejects.toThrow('cat/2.png is broken.')
    await expect(loadPictures(set.index, source, { size })).rejects.toThrow('cat/2.png is broken.')
  })

  test('or is left out and listed', async () => {
    const index = classFolderIndex(Object.keys(files))
    const { dataset, broken } = await loadPictures(index, source, { size, onBroken: 'skip' })
    expect(broken).toEqual([{ path: 'cat/2.png', reason: 'cat/2.png is broken.' }])
    expect([dataset.length, [...classCounts(dataset)], [...dataset.rawInputs.subarray(0, 4)]]).toEqual([
      2,
      [1, 1],
      [0, 51, 102, 255],
    ])
    const none: PictureSource = { ...source, read: async () => Uint8Array.of(0) }
    await expect(loadPictures(index, none, { size, onBroken: 'skip' })).rejects.toThrow(
      'None of the 3 pictures can be read; the first says: cat/1.png is broken.',
    )
  })

  test('on the disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cognitron-pictures-'))
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    expect(await listFiles(folder)).toEqual(['cat/1.png', 'cat/2.png', 'dog/1.png'])
    const set = await openClassFolder(folder, decode, { size })
    expect([set.length, set.classNames]).toEqual([3, ['cat', 'dog']])
    await expect(set.load(1)).rejects.toThrow(`${join(folder, 'cat/2.png')} is broken.`)
    rmSync(folder, { recursive: true })
    await expect(listFiles(folder)).rejects.toThrow(`Cannot read the folder ${folder}: there is no such file or folder`)
  })
})

describe('masks', () => {
  const classes: readonly MaskClass[] = [
    { name: 'water', colour: [226, 169, 41] },
    { name: 'land', colour: [132, 41, 246] },
  ]
  const mask: Raster = {
    width: 2,
    height: 2,
    channels: 3,
    pixels: Uint8Array.of(226, 169, 41, 132, 41, 246, 132, 41, 246, 0, 0, 0),
  }

  test('colours become classes', () => {
    expect([...maskClasses(mask, classes, 'm.png', { unknown: -100 })]).toEqual([0, 1, 1, -100])
    expect(() => maskClasses(mask, classes, 'm.png')).toThrow(
      'm.png has the colour 0, 0, 0 at column 1, row 1, which is no class; add it to the classes, or give unknown',
    )
  })

  test('the nearest pixel, no mixed colours', () => {
    const row: Raster = { width: 4, height: 1, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4) }
    expect([...nearestPixels(row, { width: 2, height: 1 }).pixels]).toEqual([2, 4])
    expect([...nearestPixels(row, { width: 8, height: 1 }).pixels]).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  })

  test('pairs by name', () => {
    const pairs = pairMasks(['t/images/b.jpg', 't/images/a.jpg'], ['t/masks/a.png', 't/masks/b.png'])
    expect(pairs).toEqual([
      { image: 't/images/a.jpg', mask: 't/masks/a.png' },
      { image: 't/images/b.jpg', mask: 't/masks/b.png' },
    ])
    expect(() => pairMasks(['images/c.jpg'], ['masks/a.png'])).toThrow(
      'The picture images/c.jpg has no mask among 1 masks',
    )
  })

  test('a data set of pairs, both cut alike', async () => {
    const bytesOf = ({ width, height, channels, pixels }: Raster) => Uint8Array.of(width, height, channels, ...pixels)
    const wide: Raster = { width: 4, height: 2, channels: 1, pixels: Uint8Array.of(0, 255, 0, 0, 0, 255, 0, 0) }
    const [blue, red] = [
      [226, 169, 41],
      [132, 41, 246],
    ]
    const colours = [blue, red, blue, blue, blue, red, blue, blue].flatMap((colour) => colour ?? [])
    const stored: Record<string, Uint8Array> = {
      i: bytesOf(wide),
      m: bytesOf({ ...wide, channels: 3, pixels: Uint8Array.from(colours) }),
      small: bytesOf(mask),
    }
    const pictures: PictureSource = { read: async (path) => stored[path] ?? new Uint8Array(), decode }
    const set = new SegmentationDataset(
      [
        { image: 'i', mask: 'm' },
        { image: 'i', mask: 'small' },
      ],
      pictures,
      { size, classes },
    )
    const { input, target } = await set.load(0)
    // The middle two columns of four.
    expect([[...input], [...target]]).toEqual([
      [1, 0, 1, 0],
      [1, 0, 1, 0],
    ])
    expect(set.targetShape).toEqual([2, 2])
    await expect(set.load(1)).rejects.toThrow('i is 4 × 2 but its mask small is 2 × 2; both must have the same size.')
  })
})

describe('CIFAR-10', () => {
  const record = (label: number, value: number) => new Uint8Array(3073).fill(value).fill(label, 0, 1)

  test('records become planes of colour', async () => {
    const first = record(6, 0)
    first[1 + 1024] = 255
    const set = await readCifar10([
      { name: 'a', bytes: first },
      { name: 'b', bytes: record(9, 51) },
    ])
    expect([set.length, set.get(0).target[0], set.classNames?.[9]]).toEqual([2, 6, 'truck'])
    expect([set.get(0).input[1023], set.get(0).input[1024]]).toEqual([0, 1])
    const { mean, std } = await channelStatistics(set)
    // Half of all pixels are 0.2; green has one 1 among 2048.
    expect(mean.map((value) => value.toFixed(6))).toEqual(['0.100000', (0.1 + 1 / 2048).toFixed(6), '0.100000'])
    expect(std[0]).toBeCloseTo(0.1, 6)
  })

  test.each([
    [new Uint8Array(3000), 'x.bin has 3000 bytes, which is no whole number of CIFAR-10 records of 3073 bytes'],
    [new Uint8Array(0), 'x.bin has 0 bytes'],
    [record(10, 0), 'x.bin, record 0 has the class 10, but CIFAR-10 has the classes 0 to 9.'],
  ])('refuses %#', async (bytes, message) => {
    await expect(readCifar10([{ name: 'x.bin', bytes }])).rejects.toThrow(message)
  })

  test.runIf(existsSync(cifar))('the official records', async () => {
    const set = await readCifar10([{ name: cifar, bytes: readFileSync(cifar) }])
    expect([...classCounts(set)]).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413])
    expect([...set.labels().slice(0, 10)]).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    expect([...set.rawInputs.subarray(0, 8)]).toEqual([59, 43, 50, 68, 98, 119, 139, 145])
    const { mean, std } = await channelStatistics(set)
    // The published statistics of all 50,000: 0.4914 0.4822 0.4465 and 0.2470 0.2435 0.2616.
    ;[0.4914, 0.4822, 0.4465].forEach((value, channel) => {
      expect(Math.abs((mean[channel] ?? 0) - value)).toBeLessThan(0.01)
    })
    ;[0.247, 0.2435, 0.2616].forEach((value, channel) => {
      expect(Math.abs((std[channel] ?? 0) - value)).toBeLessThan(0.005)
    })
  })
})
