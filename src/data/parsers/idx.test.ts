/** The IDX parser on files written byte by byte from the format's description; sets.test.ts reads the published files. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { idxDataset, parseIdx, readIdx } from './idx.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

/** Two pictures of 2 × 3, and their labels. */
const images = bytes(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255)
const labels = bytes(0, 0, 8, 1, 0, 0, 0, 2, 4, 9)

describe('parseIdx', () => {
  test('bytes', () => {
    expect(parseIdx(images)).toEqual({
      shape: [2, 2, 3],
      dtype: 'uint8',
      data: bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255),
    })
  })

  test.each([
    ['signed byte', [0x09, 0xff], 'int32', -1],
    ['short', [0x0b, 0xff, 0xfe], 'int32', -2],
    ['int', [0x0c, 0x00, 0x01, 0x00, 0x00], 'int32', 65536],
    ['float', [0x0d, 0x3f, 0xc0, 0x00, 0x00], 'float32', 1.5],
    ['double', [0x0e, 0xc0, 0x04, 0, 0, 0, 0, 0, 0], 'float32', -2.5],
  ])('%s', (_name, [type = 0, ...value], dtype, expected) => {
    const array = parseIdx(bytes(0, 0, type, 1, 0, 0, 0, 1, ...value))
    expect([array.dtype, array.data[0]]).toEqual([dtype, expected])
  })

  test('a view into a larger buffer', () => {
    const padded = new Uint8Array(labels.length + 3)
    padded.set(labels, 3)
    expect(parseIdx(padded.subarray(3)).data).toEqual(bytes(4, 9))
  })

  test.each([
    [bytes(), 'x has 0 bytes, too few for an IDX header'],
    [bytes(1, 2, 3, 4, 5), 'x is not an IDX file: it starts with the number 16909060; files of images start with 2051'],
    [bytes(0, 0, 7, 1, 0, 0, 0, 0), 'x is not an IDX file: it starts with the number 1793'],
    [bytes(0, 0, 8, 0), 'x is not an IDX file'],
    [bytes(0, 0, 8, 3, 0, 0, 0, 2), 'x is cut short inside its header: 8 bytes where 16 are needed'],
    [
      images.subarray(0, 20),
      'x is cut short: its header promises 28 bytes, the file has 20 (shape 2 × 2 × 3 of unsigned byte)',
    ],
    [bytes(...labels, 7), 'x has 1 bytes after its end: its header promises 10 bytes, the file has 11'],
    [gzipSync(labels), 'x is a gzip file'],
  ])('refuses what is no IDX file: %#', (data, message) => {
    expect(() => parseIdx(data, 'x')).toThrow(message)
  })
})

describe('readIdx', () => {
  test('plain and gzip', async () => {
    expect((await readIdx(labels)).data).toEqual(bytes(4, 9))
    expect((await readIdx(gzipSync(labels))).data).toEqual(bytes(4, 9))
  })

  test('every byte count short of the end is reported as cut short', async () => {
    const packed = gzipSync(images)
    for (const length of [12, 20, packed.length - 9, packed.length - 1]) {
      await expect(readIdx(packed.subarray(0, length), 'a.gz')).rejects.toThrow(
        'a.gz: the compressed data is cut short; fetch or write the file again.',
      )
    }
  })

  test('a changed byte is reported as corrupt', async () => {
    const packed = Uint8Array.from(gzipSync(images))
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
    await expect(readIdx(packed, 'a.gz')).rejects.toThrow('a.gz: the compressed data is corrupt')
  })

  test('bytes after the gzip data are reported', async () => {
    await expect(readIdx(bytes(...gzipSync(images), 1, 2, 3), 'a.gz')).rejects.toThrow(
      'a.gz: there are extra bytes after the end of the compressed data',
    )
  })
})

describe('idxDataset', () => {
  const names = { name: 'tiny', imagesName: 'i.gz', labelsName: 'l.gz' }

  test('pictures in [0, 1] with their labels', () => {
    const set = idxDataset(parseIdx(images), parseIdx(labels), names)
    expect([set.length, set.inputShape, set.get(1).target[0]]).toEqual([2, [1, 2, 3], 9])
    expect(set.get(1).input[5]).toBe(1)
  })

  test.each([
    ['counts differ', images, bytes(0, 0, 8, 1, 0, 0, 0, 1, 4), 'i.gz has 2 images but l.gz has 1 labels'],
    ['labels as images', labels, labels, 'i.gz holds uint8 values of shape 2; expected grey images'],
    ['images as labels', images, images, 'l.gz holds uint8 values of shape 2 × 2 × 3; expected one byte per image'],
  ])('refuses: %s', (_name, first, second, message) => {
    expect(() => idxDataset(parseIdx(first), parseIdx(second), names)).toThrow(message)
  })

  test('a label without a class is named', () => {
    expect(() =>
      idxDataset(parseIdx(images), parseIdx(labels), { ...names, classNames: ['a', 'b', 'c', 'd', 'e'] }),
    ).toThrow('l.gz: label 1 is 9, but there are 5 classes (0 to 4)')
  })
})
