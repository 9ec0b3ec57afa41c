import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../base/errors.ts'
import {
  decodeTensor,
  encodeTensor,
  makeOnnxFile,
  type OnnxTensor,
  readOnnxFile,
  readOnnxTensor,
  writeOnnxFile,
} from './index.ts'

const tensorOf = (...bytes: number[]): OnnxTensor => readOnnxTensor(new BinaryReader(Uint8Array.from(bytes)), 'x.pb')

const file = makeOnnxFile({
  nodes: [
    {
      operator: 'LeakyRelu',
      inputs: ['x'],
      outputs: ['y'],
      name: 'bend',
      attributes: {
        alpha: { float: 0.5 },
        axis: -1,
        axes: [0, -2],
        mode: 'edge',
        scales: { floats: [1, 2.5] },
        value: { tensor: { shape: [2], dtype: 'int32', data: Int32Array.of(-1, 7) } },
      },
    },
  ],
  inputs: { x: ['batch', 3] },
  outputs: { y: { shape: ['batch', 3], dtype: 'int32' } },
  initializers: [encodeTensor('w', { shape: [2, 1], dtype: 'float32', data: Float32Array.of(1.5, -2) })],
})

test('bytes as the protobuf specification lays them out', () => {
  // dims 2 and 3 one by one, float32, name "ab", float_data packed.
  const tensor = tensorOf(8, 1, 8, 2, 16, 1, 66, 2, 0x61, 0x62, 34, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0)
  expect(tensor).toMatchObject({ dims: [1, 2], dataType: 1, name: 'ab', floatData: [1, -2] })
  expect(decodeTensor(tensor)).toEqual({ shape: [1, 2], dtype: 'float32', data: Float32Array.of(1, -2) })
  // A negative int64 is ten bytes; unknown field 12 (a text) is passed over.
  expect(tensorOf(58, 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 98, 1, 0x7a).int64Data).toEqual([-1])
})

test('a file reads back as it was written, and equal files give equal bytes', () => {
  const bytes = writeOnnxFile(file, new BinaryWriter())
  const read = readOnnxFile(new BinaryReader(bytes))
  expect(read.graph.node[0]).toMatchObject({ name: 'bend', opType: 'LeakyRelu', input: ['x'], output: ['y'] })
  expect(read.graph.node[0]?.attribute.map(({ name, f, i, ints, floats }) => [name, f, i, ints, floats])).toEqual([
    ['alpha', 0.5, undefined, [], []],
    ['axis', undefined, -1, [], []],
    ['axes', undefined, undefined, [0, -2], []],
    ['mode', undefined, undefined, [], []],
    ['scales', undefined, undefined, [], [1, 2.5]],
    ['value', undefined, undefined, [], []],
  ])
  const value = read.graph.node[0]?.attribute[5]?.t
  expect(value && decodeTensor(value).data).toEqual(Int32Array.of(-1, 7))
  expect(read.graph.input[0]?.type?.tensorType?.shape?.dim).toEqual([{ dimParam: 'batch' }, { dimValue: 3 }])
  expect(read.opsetImport).toEqual([{ domain: '', version: 17 }])
  expect(writeOnnxFile(read, new BinaryWriter())).toEqual(bytes)
})

describe('damaged files', () => {
  test('cut anywhere', () => {
    const bytes = writeOnnxFile(file, new BinaryWriter())
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readOnnxFile(new BinaryReader(bytes.subarray(0, length)), 'net.onnx')).toThrow(
        /^net\.onnx is not an ONNX (file or is damaged: .+; fetch|model: it has no graph; fetch) or export it again\.$/,
      )
    }
  })

  test.each([
    ['a picture', [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]],
    ['text', [...'hello world'].map((letter) => letter.charCodeAt(0))],
  ])('%s', (_, bytes) => {
    const attempt = (): unknown => readOnnxFile(new BinaryReader(Uint8Array.from(bytes)), 'cat.jpg')
    expect(attempt).toThrow(FormatError)
    expect(attempt).toThrow(/^cat\.jpg is not an ONNX/)
  })
})

describe('element types', () => {
  const raw = (dataType: number, dims: number[], bytes: number[]): OnnxTensor => ({
    ...encodeTensor('t', { shape: dims, dtype: 'uint8', data: Uint8Array.from(bytes) }),
    dataType,
  })

  test('whole numbers of every width become int32, doubles float32', () => {
    expect(decodeTensor(raw(3, [2], [0xff, 2])).data).toEqual(Int32Array.of(-1, 2))
    expect(decodeTensor(raw(5, [1], [0, 0x80])).data).toEqual(Int32Array.of(-32768))
    expect(decodeTensor(raw(7, [1], [5, 0, 0, 0, 0, 0, 0, 0])).data).toEqual(Int32Array.of(5))
    expect(decodeTensor(raw(11, [1], [0, 0, 0, 0, 0, 0, 0xf8, 0xbf])).data).toEqual(Float32Array.of(-1.5))
    expect(decodeTensor(raw(9, [2], [0, 1]))).toEqual({ shape: [2], dtype: 'bool', data: Uint8Array.of(0, 1) })
  })

  test('the largest int64 means "to the end"; other large numbers are refused', () => {
    const largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
    expect(decodeTensor(raw(7, [1], largest)).data).toEqual(Int32Array.of(2 ** 31 - 1))
    expect(() => decodeTensor(raw(7, [1], [0, 0, 0, 0, 1, 0, 0, 0]))).toThrow(
      "tensor 't': element 0 is 4294967296, which does not fit int32.",
    )
  })

  test.each([
    [10, 'float16'],
    [16, 'bfloat16'],
    [8, 'string'],
    [14, 'complex64'],
    [99, 'number 99'],
  ])('%i is refused as %s', (dataType, name) => {
    expect(() => decodeTensor(raw(dataType, [1], [0, 0]))).toThrow(
      `tensor 't' has the element type ${name}, which is not supported; convert the model to float32.`,
    )
  })

  test('a number of values that is not that of the shape', () => {
    expect(() => decodeTensor(raw(2, [2, 2], [1, 2, 3]))).toThrow(
      "tensor 't' of shape [2, 2] needs 4 values, the file has 3; it is damaged, export it again.",
    )
  })
})
