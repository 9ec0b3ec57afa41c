/**
 * Event files that TensorBoard reads: TFRecord frames with masked CRC-32C around protocol-buffer messages, written by hand. Scalars, texts,
 * pictures and histograms. Works on bytes, so it runs in browsers; `train/node` writes files. Sources: TensorFlow's `tfrecord` format,
 * `event.proto` and `summary.proto`; CRC-32C as in RFC 3720.
 */

/** What one event records under a tag. */
export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | {
      readonly tag: string
      readonly image: { readonly width: number; readonly height: number; readonly png: Uint8Array }
    }
  | { readonly tag: string; readonly histogram: ArrayLike<number> }

export interface SummaryEvent {
  /** The number on TensorBoard's axis, such as the step or the epoch. */
  readonly step: number
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly values: readonly SummaryValue[]
}

/**
 * The first record of every event file.
 *
 * @example
 * import { io } from 'cognitron'
 * console.log(io.eventFileHeader(0).length > 12) // true
 */
export function eventFileHeader(wallTime: number): Uint8Array {
  return frame(message([double(1, wallTime), text(3, 'brain.Event:2')]))
}

/**
 * One event as a record, to be appended to an event file.
 *
 * @example
 * import { io } from 'cognitron'
 * const record = io.eventRecord({ step: 1, wallTime: 0, values: [{ tag: 'loss', scalar: 0.5 }] })
 * console.log(record.length > 16) // true
 */
export function eventRecord({ step, wallTime, values }: SummaryEvent): Uint8Array {
  const summary = message(values.map((value) => bytes(1, message(summaryValue(value)))))
  return frame(message([double(1, wallTime), integer(2, step), bytes(5, summary)]))
}

function summaryValue(value: SummaryValue): Uint8Array[] {
  const tag = text(1, value.tag)
  if ('scalar' in value) return [tag, float(2, value.scalar)]
  if ('histogram' in value) return [tag, bytes(5, message(histogram(value.histogram)))]
  const { width, height, png } = value.image
  // Colour space 3 is RGB; the picture itself says what it is.
  return [tag, bytes(4, message([integer(1, height), integer(2, width), integer(3, 3), bytes(4, png)]))]
}

const BUCKETS = 30

function histogram(values: ArrayLike<number>): Uint8Array[] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let sum = 0
  let squares = 0
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
    squares += value * value
    count += 1
  }
  if (count === 0) return [double(3, 0)]
  const width = (high - low) / BUCKETS || 1
  const counts = new Float64Array(BUCKETS)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    const bucket = Math.min(BUCKETS - 1, Math.floor((value - low) / width))
    counts[bucket] = (counts[bucket] as number) + 1
  }
  const limits = Float64Array.from(counts, (_, bucket) => low + (bucket + 1) * width)
  return [
    double(1, low),
    double(2, high),
    double(3, count),
    double(4, sum),
    double(5, squares),
    doubles(6, limits),
    doubles(7, counts),
  ]
}

// Protocol buffers: a field is its number and wire type, then the value.

function message(fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((length, field) => length + field.length, 0))
  let offset = 0
  for (const field of fields) {
    whole.set(field, offset)
    offset += field.length
  }
  return whole
}

function varint(value: number): number[] {
  const digits: number[] = []
  let rest = value
  while (rest >= 128) {
    digits.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...digits, rest]
}

function key(field: number, wireType: number): number[] {
  return varint(field * 8 + wireType)
}

function integer(field: number, value: number): Uint8Array {
  return Uint8Array.from([...key(field, 0), ...varint(value)])
}

function double(field: number, value: number): Uint8Array {
  return message([Uint8Array.from(key(field, 1)), littleEndian(8, (view) => view.setFloat64(0, value, true))])
}

function float(field: number, value: number): Uint8Array {
  return message([Uint8Array.from(key(field, 5)), littleEndian(4, (view) => view.setFloat32(0, value, true))])
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return message([Uint8Array.from([...key(field, 2), ...varint(content.length)]), content])
}

function text(field: number, content: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(content))
}

/** Packed repeated doubles. */
function doubles(field: number, values: Float64Array): Uint8Array {
  const packed = littleEndian(values.length * 8, (view) => {
    values.forEach((value, index) => {
      view.setFloat64(index * 8, value, true)
    })
  })
  return bytes(field, packed)
}

function littleEndian(size: number, write: (view: DataView) => void): Uint8Array {
  const content = new Uint8Array(size)
  write(new DataView(content.buffer))
  return content
}

// TFRecord: length, its checksum, the data, its checksum.

function frame(data: Uint8Array): Uint8Array {
  const length = littleEndian(8, (view) => view.setBigUint64(0, BigInt(data.length), true))
  return message([length, checksum(length), data, checksum(data)])
}

/** TensorFlow rotates and shifts checksums so that those of data that holds checksums stay good. */
function checksum(data: Uint8Array): Uint8Array {
  const crc = crc32c(data)
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  return littleEndian(4, (view) => view.setUint32(0, masked, true))
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/**
 * The CRC-32C (Castagnoli) of the bytes, as an unsigned number.
 *
 * @example
 * import { io } from 'cognitron'
 * console.log(io.crc32c(new TextEncoder().encode('123456789')).toString(16)) // e3069283
 */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (let index = 0; index < data.length; index++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (data[index] as number)) & 255] as number)
  }
  return (crc ^ 0xffffffff) >>> 0
}
