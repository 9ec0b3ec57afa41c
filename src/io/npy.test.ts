/** .npy and .npz against files written by NumPy 1.24 (base64), read and written. */
import { describe, expect, test } from 'vitest'
import { crc32 } from './crc32.ts'
import type { FileArray } from './element-formats.ts'
import { readNpy, writeNpy } from './npy.ts'
import { readNpz, writeNpz } from './npz.ts'

/** numpy.lib.format.write_array of the arrays named in the tests. */
const npyFiles = {
  f4: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAPwAAgD8AAMA/AAAAQAAA',
    'IEA=',
  ],
  'f8 fortran': [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgMiksIH0gICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAABhAAAAAAAAA',
    'AEAAAAAAAAAgQAAAAAAAABBAAAAAAAAAJEAAAAAAAADwPwAAAAAAABxAAAAAAAAACEAAAAAAAAAiQAAAAAAAABRAAAAAAAAAJkA=',
  ],
  'f4 big': [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAP4AAAEAAAABAQAAAQIAAAECg',
    'AAA=',
  ],
  f2: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDcsKSwgfSAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAA8AMD/ewEAAHxUNQ==',
  ],
  'i8 v2': [
    'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAP7/////////AwAAAAAA',
    'AAA=',
  ],
  'u2 v3': [
    'k05VTVBZAwB0AAAAeydkZXNjcic6ICc8dTInLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//w==',
  ],
  bool: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==',
  ],
  scalar: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAACBA',
  ],
  empty: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=',
  ],
  'too large': [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAEAAA==',
  ],
  object: [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAA2NudW1weS5jb3JlLm11bHRpYXJy',
    'YXkKX3JlY29uc3RydWN0CnEAY251bXB5Cm5kYXJyYXkKcQFLAIVxAkMBYnEDh3EEUnEFKEsBSwGFcQZjbnVtcHkKZHR5cGUKcQdY',
    'AgAAAE84cQiJiIdxCVJxCihLA1gBAAAAfHELTk5OSv////9K/////0s/dHEMYoldcQ1OYXRxDmIu',
  ],
} as const

/** numpy.savez and numpy.savez_compressed. */
const npzFiles = {
  stored: [
    'UEsDBBQAAAAAAAAAIQBP6QAqmAAAAJgAAAAFABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog',
    'JzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAg',
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAUEsDBBQAAAAAAAAAIQB9R3lq',
    'hAAAAIQAAAAFABQAeS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29y',
    'ZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg',
    'ICAgICAgICAgICAgICAKBwAAAFBLAQIUAxQAAAAAAAAAIQBP6QAqmAAAAJgAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQIU',
    'AxQAAAAAAAAAIQB9R3lqhAAAAIQAAAAFAAAAAAAAAAAAAACAAc8AAAB5Lm5weVBLBQYAAAAAAgACAGYAAACKAQAAAAA=',
  ],
  deflated: [
    'UEsDBBQAAAAIAAAAIQD75YU0SQAAANAAAAAFABQAeC5ucHkBABAA0AAAAAAAAABJAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l',
    'oG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CqaaOgq1CmQDLgYqAwBQSwMEFAAAAAgAAAAhAH1HeWpIAAAA',
    'hAAAAAUAFAB5Lm5weQEAEACEAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoq6joJ6WX1RSlJgXn1+UkgoS',
    'd0vMKU4FihdnJBakAvkahjqaOgq1ChQALnYGBgYAUEsBAhQDFAAAAAgAAAAhAPvlhTRJAAAA0AAAAAUAAAAAAAAAAAAAAIABAAAA',
    'AHgubnB5UEsBAhQDFAAAAAgAAAAhAH1HeWpIAAAAhAAAAAUAAAAAAAAAAAAAAIABgAAAAHkubnB5UEsFBgAAAAACAAIAZgAAAP8A',
    'AAAAAA==',
  ],
} as const

const decode = (parts: readonly string[]) => Uint8Array.from(atob(parts.join('')), (letter) => letter.charCodeAt(0))
const npy = (name: keyof typeof npyFiles) => decode(npyFiles[name])

describe('readNpy', () => {
  test.each<[keyof typeof npyFiles, FileArray]>([
    ['f4', { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5) }],
    ['f4 big', { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5) }],
    ['f8 fortran', { shape: [2, 3, 2], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) }],
    ['i8 v2', { shape: [3], dtype: 'int32', data: Int32Array.of(1, -2, 3) }],
    ['u2 v3', { shape: [1], dtype: 'int32', data: Int32Array.of(65535) }],
    ['bool', { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) }],
    ['scalar', { shape: [], dtype: 'float32', data: Float32Array.of(2.5) }],
    ['empty', { shape: [0, 3], dtype: 'float32', data: new Float32Array() }],
  ])('%s', (name, expected) => {
    expect(readNpy(npy(name))).toEqual(expected)
  })

  test('halves: ordinary, largest, smallest and infinite', () => {
    expect([...readNpy(npy('f2')).data]).toEqual([0, 1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY, 0.333_007_812_5])
  })

  test.each<[string, Uint8Array, string]>([
    ['no .npy file', Uint8Array.of(1, 2, 3), 'a.npy is not a .npy file: it does not start with'],
    ['cut short', npy('f4').subarray(0, 140), 'a.npy is cut short: shape (2, 3) needs 152 bytes, the file has 140'],
    ['cut in the header', npy('f4').subarray(0, 60), 'a.npy is cut short inside its header'],
    [
      'too long',
      Uint8Array.of(...npy('f4'), 0),
      'a.npy has bytes after its end: shape (2, 3) needs 152 bytes, the file has 153',
    ],
    ['objects', npy('object'), "a.npy holds elements of the type '|O'; known are booleans, integers and floats"],
    ['a large number', npy('too large'), 'a.npy: element 0 is 1099511627776, which does not fit int32'],
    ['a new version', Uint8Array.from(npy('f4'), (byte, index) => (index === 6 ? 4 : byte)), 'a.npy has version 4'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(message)
  })
})

describe('writeNpy', () => {
  test.each<keyof typeof npyFiles>(['f4', 'bool', 'scalar', 'empty'])('gives the bytes of NumPy: %s', (name) => {
    expect(writeNpy(readNpy(npy(name)))).toEqual(npy(name))
  })

  test('refuses data that does not fit', () => {
    expect(() => writeNpy({ shape: [3], dtype: 'float32', data: new Float32Array(2) })).toThrow(
      'The array has shape [3] but 2 numbers; expected 3.',
    )
    expect(() => writeNpy({ shape: [2], dtype: 'int32', data: new Float32Array(2) })).toThrow('must be a Int32Array')
  })
})

describe('.npz', () => {
  test('stored and deflated archives of NumPy', async () => {
    const stored = await readNpz(decode(npzFiles.stored))
    expect([...stored.keys()]).toEqual(['x', 'y'])
    expect(stored.get('x')).toEqual({ shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5) })
    const deflated = await readNpz(decode(npzFiles.deflated))
    expect(deflated.get('x')).toEqual({ shape: [4, 5], dtype: 'float32', data: new Float32Array(20) })
    expect(deflated.get('y')?.data).toEqual(Int32Array.of(7))
  })

  test('what is written is read back, and equal arrays give equal bytes', async () => {
    const arrays = await readNpz(decode(npzFiles.stored))
    for (const compress of [false, true]) {
      const bytes = await writeNpz(arrays, { compress })
      expect(await readNpz(bytes)).toEqual(arrays)
      expect(await writeNpz(arrays, { compress })).toEqual(bytes)
    }
  })

  test('a changed number fails the checksum', async () => {
    const bytes = decode(npzFiles.stored)
    bytes[200] = 9
    await expect(readNpz(bytes, 'a.npz')).rejects.toThrow('a.npz, x.npy fails its checksum: the data is corrupt')
  })

  test('an archive that is cut short', async () => {
    await expect(readNpz(decode(npzFiles.stored).subarray(0, 300), 'a.npz')).rejects.toThrow(
      'a.npz is not a zip archive, or it is cut short',
    )
  })

  test('CRC-32 of the check text of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })
})
