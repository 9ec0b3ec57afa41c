/** Operators by hand-worked values where ONNX's own tests, as far as they are at hand, have no case. */
import { describe, expect, test } from 'vitest'
import { type Tensor, tensor } from '../../../index.ts'
import type { FileArray } from '../../element-formats.ts'
import { type AttributeValue, encodeTensor, makeOnnxFile, OnnxModel } from '../index.ts'
import { operators } from '../operators.ts'

interface Call {
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly opset?: number
  /** Constants after the inputs. */
  readonly constants?: readonly FileArray[]
  readonly outputs?: number
}

const ints = (...values: number[]): FileArray => ({
  shape: [values.length],
  dtype: 'int32',
  data: Int32Array.from(values),
})
const int = (value: number): FileArray => ({ shape: [], dtype: 'int32', data: Int32Array.of(value) })
const floats = (...values: number[]): FileArray => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
})

/** Applies one operator to tensors. */
async function apply(operator: string, inputs: readonly Tensor[], call: Call = {}): Promise<unknown[]> {
  const { attributes = {}, opset = 18, constants = [], outputs = 1 } = call
  const names = inputs.map((_, index) => `x${index}`)
  const settings = constants.map((_, index) => `c${index}`)
  const results = Array.from({ length: outputs }, (_, index) => `y${index}`)
  const file = makeOnnxFile({
    nodes: [{ operator, inputs: [...names, ...settings], outputs: results, attributes }],
    inputs: Object.fromEntries(inputs.map(({ shape, dtype }, index) => [`x${index}`, { shape, dtype }])),
    outputs: Object.fromEntries(results.map((name) => [name, []])),
    initializers: constants.map((array, index) => encodeTensor(`c${index}`, array, { int64: array.dtype === 'int32' })),
    opset,
  })
  const found = new OnnxModel(file).run(Object.fromEntries(inputs.map((input, index) => [`x${index}`, input])))
  return Promise.all(results.map((name) => found[name]?.toArray()))
}

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
])
const whole = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })

describe('whole numbers 7, -7, 7', () => {
  test.each<[string, number[], number[], Call]>([
    ['Div', [-2, -3, -3], [-3, 2, -2], {}],
    ['Mod', [-2, -3, -3], [-1, -1, -2], {}],
    ['Mod', [-2, -3, -3], [1, -1, 1], { attributes: { fmod: 1 } }],
    ['Pow', [2, 3, 2], [49, -343, 49], {}],
    ['Max', [1, 3, -2], [7, 3, 7], {}],
  ])('%s and %j', async (operator, other, expected, call) => {
    expect(await apply(operator, [whole([7, -7, 7]), whole(other)], call)).toEqual([expected])
  })
})

describe('element by element', () => {
  test.each<[string, number[], number[], Call]>([
    ['Mod', [5.5, -5.5], [1.5, -1.5], { attributes: { fmod: 1 }, constants: [floats(2)] }],
    ['Shrink', [-2, 0.2, 3], [-1.5, 0, 2.5], { attributes: { bias: { float: 0.5 }, lambd: { float: 1 } } }],
    ['HardSigmoid', [-9, 0, 1], [0, 0.5, 0.75], { attributes: { alpha: { float: 0.25 } } }],
    ['Clip', [-3, 0.5, 9], [0, 0.5, 6], { constants: [floats(0), floats(6)] }],
    ['Clip', [-3, 0.5, 9], [-1, 0.5, 9], { opset: 6, attributes: { min: { float: -1 } } }],
    ['Sign', [-3, 0, 9], [-1, 0, 1], {}],
    ['Ceil', [-1.5, 1.2], [-1, 2], {}],
    ['IsInf', [1, Number.NEGATIVE_INFINITY], [0, 1], {}],
    ['IsInf', [1, Number.NEGATIVE_INFINITY], [0, 0], { attributes: { detect_negative: 0 } }],
    ['Cast', [-1.7, 0, 2.9], [-1, 0, 2], { attributes: { to: 7 } }],
    ['Cast', [-1.7, 0, 2.9], [1, 0, 1], { attributes: { to: 9 } }],
    ['Cosh', [0], [1], {}],
    ['Atanh', [0], [0], {}],
  ])('%s of %j', async (operator, x, expected, call) => {
    const [result] = (await apply(operator, [tensor(x)], call)) as number[][]
    expect(result?.map((value) => Math.round(value * 1e5) / 1e5)).toEqual(expected)
  })

  test('version 6 aligns the second operand to an axis', async () => {
    const call = { opset: 6, attributes: { broadcast: 1, axis: 0 } }
    expect(await apply('Add', [matrix, tensor([10, 20])], call)).toEqual([
      [
        [11, 12, 13],
        [24, 25, 26],
      ],
    ])
  })
})

describe('places', () => {
  test('GatherND and ScatterND', async () => {
    const places = tensor(
      [
        [0, 2],
        [1, 0],
      ],
      { dtype: 'int32' },
    )
    expect(await apply('GatherND', [matrix, places])).toEqual([[3, 4]])
    expect(await apply('ScatterND', [matrix, places, tensor([0, 9])])).toEqual([
      [
        [1, 2, 0],
        [9, 5, 6],
      ],
    ])
    const rows = tensor([[1]], { dtype: 'int32' })
    expect(await apply('ScatterND', [matrix, rows, tensor([[1, 1, 1]])], { attributes: { reduction: 'add' } })).toEqual(
      [
        [
          [1, 2, 3],
          [5, 6, 7],
        ],
      ],
    )
  })

  test('ScatterElements, negative places from the end', async () => {
    const places = tensor([[-1], [0]], { dtype: 'int32' })
    expect(await apply('ScatterElements', [matrix, places, tensor([[7], [8]])], { attributes: { axis: 1 } })).toEqual([
      [
        [1, 2, 7],
        [8, 5, 6],
      ],
    ])
    await expect(
      apply('ScatterElements', [matrix, places, tensor([[7], [8]])], { attributes: { axis: 1, reduction: 'mul' } }),
    ).rejects.toThrow("operator ScatterElements (node 'ScatterElements_0') is not supported: reduction 'mul'.")
  })

  test('TopK, the smallest too', async () => {
    const x = tensor([3, 9, 4, 1])
    expect(await apply('TopK', [x], { constants: [ints(2)], outputs: 2 })).toEqual([
      [9, 4],
      [1, 2],
    ])
    const smallest = { constants: [ints(2)], outputs: 2, attributes: { largest: 0 } }
    expect(await apply('TopK', [x], smallest)).toEqual([
      [1, 3],
      [3, 0],
    ])
  })

  test('CumSum forwards, without itself, backwards', async () => {
    const x = tensor([1, 2, 3])
    expect(await apply('CumSum', [x], { constants: [int(0)] })).toEqual([[1, 3, 6]])
    expect(await apply('CumSum', [x], { constants: [int(0)], attributes: { exclusive: 1 } })).toEqual([[0, 1, 3]])
    expect(await apply('CumSum', [x], { constants: [int(0)], attributes: { reverse: 1 } })).toEqual([[6, 5, 3]])
  })
})

describe('shapes', () => {
  test('Range, Trilu, EyeLike', async () => {
    expect(await apply('Range', [], { constants: [int(2), int(9), int(3)] })).toEqual([[2, 5, 8]])
    expect(await apply('Trilu', [matrix], { constants: [int(1)] })).toEqual([
      [
        [0, 2, 3],
        [0, 0, 6],
      ],
    ])
    expect(await apply('EyeLike', [matrix], { attributes: { k: 1 } })).toEqual([
      [
        [0, 1, 0],
        [0, 0, 1],
      ],
    ])
  })

  test('older versions keep their settings as attributes', async () => {
    expect(await apply('Slice', [matrix], { opset: 9, attributes: { starts: [1], ends: [99], axes: [1] } })).toEqual([
      [
        [2, 3],
        [5, 6],
      ],
    ])
    expect(await apply('Pad', [tensor([1])], { opset: 2, attributes: { pads: [1, 0], value: { float: 5 } } })).toEqual([
      [5, 1],
    ])
    expect(await apply('Squeeze', [tensor([[1]])], { opset: 11, attributes: { axes: [0] } })).toEqual([[1]])
    expect(await apply('ReduceSum', [matrix], { opset: 11, attributes: { axes: [1], keepdims: 0 } })).toEqual([[6, 15]])
    expect(
      await apply('Upsample', [tensor([[[1, 2]]])], { opset: 7, attributes: { scales: { floats: [1, 1, 2] } } }),
    ).toEqual([[[[1, 1, 2, 2]]]])
  })

  test('Reshape keeps sizes of 0 and finds one of -1', async () => {
    expect(await apply('Reshape', [matrix], { constants: [ints(0, -1, 1)] })).toEqual([
      [
        [[1], [2], [3]],
        [[4], [5], [6]],
      ],
    ])
  })
})

test('Softmax up to version 12 takes all axes from its axis on as one', async () => {
  const x = tensor([
    [
      [0, 0],
      [0, 0],
    ],
  ])
  expect(await apply('Softmax', [x], { opset: 11, attributes: { axis: 1 } })).toEqual([
    [
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    ],
  ])
  expect(await apply('Softmax', [x], { attributes: { axis: 1 } })).toEqual([
    [
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    ],
  ])
})

test('Einsum over dots, with a missing output, with three operands', async () => {
  expect(await apply('Einsum', [matrix, matrix], { attributes: { equation: '...k,...k->...' } })).toEqual([[14, 77]])
  expect(await apply('Einsum', [matrix], { attributes: { equation: 'ba' } })).toEqual([
    [
      [1, 4],
      [2, 5],
      [3, 6],
    ],
  ])
  const call = { attributes: { equation: 'i,ij,j->' } }
  expect(await apply('Einsum', [tensor([1, 2]), matrix, tensor([1, 0, 1])], call)).toEqual([24])
})

test('training batch normalisation hands its statistics on', async () => {
  const x = tensor([[1], [3]])
  const ones = floats(1)
  const constants = [ones, floats(0), floats(0), ones]
  const call = { opset: 15, outputs: 3, constants, attributes: { training_mode: 1, epsilon: { float: 0 } } }
  const [y, mean, variance] = (await apply('BatchNormalization', [x], call)) as number[][]
  expect(y).toEqual([[-1], [1]])
  // momentum 0.9: 0.9 · 0 + 0.1 · 2 and 0.9 · 1 + 0.1 · 1
  expect(mean?.[0]).toBeCloseTo(0.2, 6)
  expect(variance?.[0]).toBeCloseTo(1, 6)
})

test('the table holds operators alone', () => {
  expect(Object.keys(operators).length).toBeGreaterThan(120)
  for (const [name, { apply: rule }] of Object.entries(operators))
    expect([name, typeof rule]).toEqual([name, 'function'])
})
