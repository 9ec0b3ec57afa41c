/** Event files: checksums with known answers, and records read back by a small reader of protocol buffers. */
import { expect, test } from 'vitest'
import { crc32c, eventFileHeader, eventRecord } from './tensorboard.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

test('CRC-32C has its published check values', () => {
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283)
  // RFC 3720, B.4: 32 bytes of zeros and of ones.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
})

/** Fields of a message by number: numbers as they are, length-delimited ones as bytes. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<number, (number | Uint8Array)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = view.getUint8(at++)
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  const skip = (size: number): number => {
    at += size
    return at - size
  }
  while (at < bytes.length) {
    const key = varint()
    const values = found.get(key >> 3) ?? []
    found.set(key >> 3, values)
    if ((key & 7) === 0) values.push(varint())
    else if ((key & 7) === 1) values.push(view.getFloat64(skip(8), true))
    else if ((key & 7) === 5) values.push(view.getFloat32(skip(4), true))
    else {
      const length = varint()
      values.push(bytes.subarray(at, at + length))
      at += length
    }
  }
  return found
}

const only = (message: Map<number, (number | Uint8Array)[]>, field: number): Uint8Array =>
  message.get(field)?.[0] as Uint8Array
const payload = (record: Uint8Array): Uint8Array => record.subarray(12, record.length - 4)

test('the header names the version in a frame of length, checksum, data, checksum', () => {
  const record = eventFileHeader(1)
  const view = new DataView(record.buffer)
  expect(view.getBigUint64(0, true)).toBe(BigInt(record.length - 16))
  const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  expect(view.getUint32(8, true)).toBe(masked(crc32c(record.subarray(0, 8))))
  expect(view.getUint32(record.length - 4, true)).toBe(masked(crc32c(payload(record))))
  expect(new TextDecoder().decode(only(fields(payload(record)), 3))).toBe('brain.Event:2')
})

test('scalars, pictures and histograms', () => {
  const png = Uint8Array.of(1, 2, 3)
  const record = eventRecord({
    step: 300,
    wallTime: 2.5,
    values: [
      { tag: 'loss', scalar: 0.5 },
      { tag: 'digit', image: { width: 28, height: 27, png } },
      { tag: 'weights', histogram: [0, 1, 1, 3, Number.NaN] },
    ],
  })
  const event = fields(payload(record))
  expect([event.get(1), event.get(2)]).toEqual([[2.5], [300]])
  const values = (fields(only(event, 5)).get(1) as Uint8Array[]).map(fields)
  expect(values.map((value) => new TextDecoder().decode(only(value, 1)))).toEqual(['loss', 'digit', 'weights'])
  expect(values[0]?.get(2)).toEqual([0.5])
  const image = fields(only(values[1] as ReturnType<typeof fields>, 4))
  expect([image.get(1), image.get(2), image.get(4)]).toEqual([[27], [28], [png]])
  const histogram = fields(only(values[2] as ReturnType<typeof fields>, 5))
  // least, largest, count, sum, sum of squares
  expect([1, 2, 3, 4, 5].map((field) => histogram.get(field)?.[0])).toEqual([0, 3, 4, 5, 11])
  const packed = (field: number): number[] => {
    const bytes = only(histogram, field).slice()
    return [...new Float64Array(bytes.buffer)]
  }
  const counts = packed(7)
  expect([counts[0], counts[10], counts[29], counts.length]).toEqual([1, 2, 1, 30])
  expect(packed(6).at(-1)).toBeCloseTo(3, 12)
})
