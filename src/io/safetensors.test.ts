/** safetensors on files written byte by byte from the format's description, and on PyTorch's reference values where they are at hand. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findDuplicateKey } from './json-keys.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const shared = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const goldens = join(shared, 'goldens/torch')
if (!existsSync(goldens)) console.warn(`SKIPPED: safetensors files of PyTorch, because ${goldens} is absent`)

/** A file from the text of its header and its data. */
function file(header: string, ...data: number[]): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

/** One tensor `a` of the format. */
const one = (dtype: string, ...data: number[]) =>
  file(`{"a":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,${data.length}]}}`, ...data)

describe('readSafetensors', () => {
  test('tensors and metadata in the order of the header', () => {
    const header =
      '{"__metadata__":{"made":"by hand"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[1,9]},' +
      '"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}   '
    const { tensors, metadata } = readSafetensors(file(header, 200, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0))
    expect([...tensors]).toEqual([
      ['b', { shape: [1, 2], dtype: 'float32', data: Float32Array.of(1, -2) }],
      ['a', { shape: [], dtype: 'uint8', data: Uint8Array.of(200) }],
    ])
    expect(metadata).toEqual({ made: 'by hand' })
  })

  test.each<[string, number[], string, number]>([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], 'float32', -1.5],
    ['F16', [0x55, 0x35], 'float32', 0.333_251_953_125],
    ['F16', [1, 0], 'float32', 2 ** -24],
    ['BF16', [0xab, 0xbe], 'float32', -0.333_984_375],
    ['I64', [0xfe, 255, 255, 255, 255, 255, 255, 255], 'int32', -2],
    ['I32', [0, 0, 1, 0], 'int32', 65536],
    ['I16', [0xff, 0xff], 'int32', -1],
    ['I8', [0x80], 'int32', -128],
    ['U16', [0xff, 0xff], 'int32', 65535],
    ['U8', [255], 'uint8', 255],
    ['BOOL', [1], 'bool', 1],
  ])('%s %j', (format, data, dtype, value) => {
    const tensor = readSafetensors(one(format, ...data)).tensors.get('a')
    expect([tensor?.dtype, tensor?.data[0]]).toEqual([dtype, value])
  })

  const entry = (start: number, end: number, shape = '[1]') =>
    `{"dtype":"F32","shape":${shape},"data_offsets":[${start},${end}]}`

  test.each<[string, Uint8Array, string]>([
    ['too short', Uint8Array.of(1, 2), 'w is not a safetensors file: it has 2 bytes'],
    ['no header length', new Uint8Array(16).fill(255), 'promise a header of 18446744073709552000 bytes'],
    [
      'cut in the header',
      file('{"a":1}').subarray(0, 12),
      'w is cut short: its header should end at byte 15, the file has 12',
    ],
    ['bad JSON', file('{"a":'), 'w has a header that is not JSON'],
    ['bad UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), 'w has a header that is not JSON'],
    ['a list', file('[1]'), 'w has a header that is not a JSON object'],
    ['a name twice', file(`{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 0, 0, 0, 0), 'w names "a" twice in its header'],
    ['metadata of numbers', file('{"__metadata__":{"a":1}}'), 'w has metadata that is not a list of texts'],
    ['an unknown format', one('F8', 0), 'w, tensor "a": the number format "F8" is unknown; known are F64, F32'],
    ['a bad shape', file(`{"a":${entry(0, 4, '[-1]')}}`), 'w, tensor "a": [-1] is not a shape.'],
    [
      'a bad offset',
      file('{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}'),
      'w, tensor "a": [0] is not a pair of offsets.',
    ],
    [
      'a wrong size',
      file(`{"a":${entry(0, 4, '[2]')}}`, 0, 0, 0, 0),
      'w, tensor "a": shape [2] of F32 needs 8 bytes, its offsets 0 to 4 give 4.',
    ],
    [
      'an offset outside',
      file(`{"a":${entry(0, 4)}}`, 0, 0),
      'w, tensor "a" ends at byte 4 of the data, but the file has 2',
    ],
    [
      'an overlap',
      file(`{"a":${entry(0, 4)},"b":${entry(2, 6)}}`, 0, 0, 0, 0, 0, 0),
      'w, tensor "b" overlaps tensor "a" (bytes 2 to 4).',
    ],
    [
      'a gap',
      file(`{"a":${entry(0, 4)},"b":${entry(6, 10)}}`, ...new Array(10).fill(0)),
      'w, tensor "b" leaves a gap: it starts at byte 6, the tensor before it ends at 4.',
    ],
    ['bytes at the end', file(`{"a":${entry(0, 4)}}`, 0, 0, 0, 0, 1), 'w has 1 bytes after its last tensor'],
    [
      'a large number',
      one('I64', 0, 0, 0, 0, 1, 0, 0, 0),
      'w, tensor "a": element 0 is 4294967296, which does not fit int32',
    ],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => readSafetensors(bytes, 'w')).toThrow(message)
  })
})

describe('writeSafetensors', () => {
  const weight = { shape: [1, 2], dtype: 'float32', data: Float32Array.of(1, -2) } as const
  const flag = { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) } as const

  test('the bytes of the format: header padded to 8, wide elements first', () => {
    const bytes = writeSafetensors({ flag, weight }, { metadata: { format: 'pt' } })
    const text =
      '{"__metadata__":{"format":"pt"},"flag":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]},' +
      '"weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    const padded = text.padEnd(Math.ceil(text.length / 8) * 8)
    expect(bytes).toEqual(file(padded, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 0, 1))
    expect(readSafetensors(bytes).tensors).toEqual(new Map(Object.entries({ flag, weight })))
  })

  test('order of names', () => {
    const names = (order: 'given' | 'sorted') =>
      [
        ...readSafetensors(
          writeSafetensors(
            new Map([
              ['b', flag],
              ['a', flag],
              ['10', flag],
            ]),
            { order },
          ),
        ).tensors.keys(),
      ].join()
    // JSON.parse moves whole numbers to the front; the bytes keep the order.
    expect(names('given')).toBe('10,b,a')
    expect(names('sorted')).toBe('10,a,b')
  })

  test('halves are rounded to the nearest, ties to even, as NumPy and PyTorch do', () => {
    const values = Float32Array.of(
      0.1,
      1e-5,
      6.1e-5,
      65519.9,
      65520,
      -1 / 3,
      2048.5,
      2049.5,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
    )
    const bits = (floatFormat: 'F16' | 'BF16', data: Float32Array) => {
      const bytes = writeSafetensors({ a: { shape: [data.length], dtype: 'float32', data } }, { floatFormat })
      return [...new Uint16Array(bytes.slice(-2 * data.length).buffer)]
    }
    expect(bits('F16', values)).toEqual([0x2e66, 0xa8, 0x3ff, 0x7bff, 0x7c00, 0xb555, 0x6800, 0x6801, 0x3c00, 0x3c02])
    expect(bits('BF16', Float32Array.of(0.1, 1.00390625, 1.01171875, 3.3895e38, -1 / 3))).toEqual([
      0x3dcd, 0x3f80, 0x3f82, 0x7f7f, 0xbeab,
    ])
  })

  test('refuses data that does not fit', () => {
    expect(() => writeSafetensors({ w: { ...weight, shape: [3] } })).toThrow(
      'Tensor "w" has shape [3] but 2 numbers; expected 3.',
    )
    expect(() => writeSafetensors({ w: { ...weight, dtype: 'int32' } })).toThrow('Tensor "w" holds int32')
    expect(() => writeSafetensors({ __metadata__: weight })).toThrow('cannot be named "__metadata__"')
  })
})

test('duplicate keys are found in nested objects, past escapes, and not among values', () => {
  expect(findDuplicateKey('{"a":{"b":"a","c":["b","b"]},"b":"b"}')).toBeUndefined()
  expect(findDuplicateKey('{"a":{"x":1,"\\u0078" : 2}}')).toBe('x')
  expect(findDuplicateKey('{"a\\"":1,"b":"}{","a\\"":2}')).toBe('a"')
})

describe.runIf(existsSync(goldens))('files written by the reference implementation', () => {
  test('all are read, and written again they hold the same', () => {
    const names = readdirSync(goldens).filter((name) => name.endsWith('.safetensors'))
    expect(names.length).toBeGreaterThan(50)
    for (const name of names) {
      const read = readSafetensors(readFileSync(join(goldens, name)), name)
      expect(read.tensors.size).toBeGreaterThan(0)
      const again = readSafetensors(writeSafetensors(read.tensors, { metadata: read.metadata }))
      expect(again).toEqual(read)
    }
  })
})
