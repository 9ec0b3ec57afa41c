/** Pooling, unpooling, adaptive pooling: values worked by hand, indices, messages. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { adaptiveMaxPoolWithIndices, arange, maxUnpool, nn, Parameter, tensor, zeros } from '../index.ts'

const square = arange(1, 17).to('float32').reshape(1, 1, 4, 4)
const row = (...values: number[]) => tensor([[values]])

test('MaxPool', async () => {
  await checkLayer(new nn.MaxPool2d(2), square, {
    output: [
      [
        [
          [6, 8],
          [14, 16],
        ],
      ],
    ],
  })
  await checkLayer(new nn.MaxPool1d(2), row(1, 5, 2, 3, 9), { output: [[[5, 3]]] })
  await checkLayer(new nn.MaxPool1d(2, { ceilMode: true }), row(1, 5, 2, 3, 9), { output: [[[5, 3, 9]]] })
  await checkLayer(new nn.MaxPool1d(3, { stride: 1, padding: 1 }), row(-1, -5, -2), { output: [[[-1, -1, -2]]] })
  await checkLayer(new nn.MaxPool1d(2, { stride: 1, dilation: 2 }), row(1, 5, 2, 3), { output: [[[2, 5]]] })
  await checkLayer(new nn.MaxPool3d(2), tensor([1, 2, 3, 4, 5, 6, 8, 7]).reshape(1, 1, 2, 2, 2), {
    output: [[[[[8]]]]],
  })
})

test('the gradient of equal maxima goes to the first', async () => {
  const x = new Parameter(Float32Array.of(2, 2, 1, 2), [1, 1, 4])
  new nn.MaxPool1d(4).forward(x).sum().backward()
  expect(await x.grad?.toArray()).toEqual([[[1, 0, 0, 0]]])
})

test('AvgPool', async () => {
  await checkLayer(new nn.AvgPool2d(2), square, {
    output: [
      [
        [
          [3.5, 5.5],
          [11.5, 13.5],
        ],
      ],
    ],
  })
  const padded = { stride: 1, padding: 1 }
  await checkLayer(new nn.AvgPool1d(3, padded), row(1, 2, 3, 4), { output: [[[1, 2, 3, 7 / 3]]] })
  await checkLayer(new nn.AvgPool1d(3, { ...padded, countIncludePad: false }), row(1, 2, 3, 4), {
    output: [[[1.5, 2, 3, 3.5]]],
  })
  await checkLayer(new nn.AvgPool1d(2, { ceilMode: true }), row(1, 2, 3), { output: [[[1.5, 3]]] })
  await checkLayer(new nn.AvgPool1d(2, { divisorOverride: 4 }), row(1, 2, 3, 4), { output: [[[0.75, 1.75]]] })
  await checkLayer(new nn.AvgPool3d(2), tensor([1, 2, 3, 4, 5, 6, 7, 8]).reshape(1, 1, 2, 2, 2), {
    output: [[[[[4.5]]]]],
  })
})

test('LPPool of power 2 is the length of the window', async () => {
  await checkLayer(new nn.LPPool1d(2, 2), row(3, 4, 5, -12), { output: [[[5, 13]]] })
  await checkLayer(new nn.LPPool2d(1, 2), square, {
    output: [
      [
        [
          [14, 22],
          [46, 54],
        ],
      ],
    ],
  })
  await checkLayer(new nn.LPPool3d(2, 2), tensor([1, 1, 1, 1, 2, 2, 2, 2]).reshape(1, 1, 2, 2, 2), {
    output: [[[[[Math.sqrt(20)]]]]],
  })
})

test('adaptive pooling of 5 into 2: windows 0–2 and 2–4', async () => {
  const five = row(1, 2, 3, 4, 8)
  await checkLayer(new nn.AdaptiveAvgPool1d(2), five, { output: [[[2, 5]]] })
  await checkLayer(new nn.AdaptiveMaxPool1d(2), five, { output: [[[3, 8]]] })
  const image = tensor([1, 2, 3, 4, 5, 6]).reshape(1, 1, 2, 3)
  await checkLayer(new nn.AdaptiveAvgPool2d([1, 2]), image, { output: [[[[3, 4]]]] })
  await checkLayer(new nn.AdaptiveAvgPool2d([null, 1]), image, { output: [[[[2], [5]]]] })
  await checkLayer(new nn.AdaptiveMaxPool2d([1, 2]), image, { output: [[[[5, 6]]]] })
  const cube = image.reshape(1, 1, 1, 2, 3)
  await checkLayer(new nn.AdaptiveAvgPool3d([1, 1, 2]), cube, { output: [[[[[3, 4]]]]] })
  await checkLayer(new nn.AdaptiveMaxPool3d(1), cube, { output: [[[[[6]]]]] })
})

test('global average pooling', async () => {
  await checkLayer(new nn.GlobalAvgPool1d(), row(1, 2, 6), { output: [[[3]]] })
  await checkLayer(new nn.GlobalAvgPool2d(), square, { output: [[[[8.5]]]] })
  await checkLayer(new nn.GlobalAvgPool3d(), square.unsqueeze(2), { output: [[[[[8.5]]]]] })
})

describe('indices and unpooling', () => {
  test('indices are flat positions of the plane', async () => {
    const [values, indices] = new nn.MaxPool2d(2).forwardWithIndices(square)
    expect(await values.toArray()).toEqual([
      [
        [
          [6, 8],
          [14, 16],
        ],
      ],
    ])
    expect(await indices.toArray()).toEqual([
      [
        [
          [5, 7],
          [13, 15],
        ],
      ],
    ])
    expect(indices.dtype).toBe('int32')
  })

  test('indices with padding, stride and dilation', async () => {
    const x = tensor([9, 1, 8, 2, 7, 3]).reshape(1, 1, 2, 3)
    const pool = new nn.MaxPool2d(2, { padding: 1, stride: [1, 2], dilation: [1, 2] })
    // Columns −1 and 1, then 1 and 3; rows −1 … 2 in pairs.
    const [values, indices] = pool.forwardWithIndices(x)
    expect(await values.toArray()).toEqual([
      [
        [
          [1, 1],
          [7, 7],
          [7, 7],
        ],
      ],
    ])
    expect(await indices.toArray()).toEqual([
      [
        [
          [1, 1],
          [4, 4],
          [4, 4],
        ],
      ],
    ])
  })

  test('adaptive indices', async () => {
    const [values, indices] = new nn.AdaptiveMaxPool1d(2).forwardWithIndices(row(1, 7, 3, 4, 5))
    expect(await values.toArray()).toEqual([[[7, 5]]])
    expect(await indices.toArray()).toEqual([[[1, 4]]])
    const [, first] = adaptiveMaxPoolWithIndices(row(4, 4, 4, 4, 4), 2, { rank: 1 })
    expect(await first.toArray()).toEqual([[[0, 2]]])
  })

  test('MaxUnpool puts the maxima back', async () => {
    const [values, indices] = new nn.MaxPool2d(2).forwardWithIndices(square)
    const restored = new nn.MaxUnpool2d(2).forward(values, indices)
    expect(await restored.toArray()).toEqual([
      [
        [
          [0, 0, 0, 0],
          [0, 6, 0, 8],
          [0, 0, 0, 0],
          [0, 14, 0, 16],
        ],
      ],
    ])
    const [short, places] = new nn.MaxPool1d(2).forwardWithIndices(row(1, 5, 3, 2, 9))
    expect(await new nn.MaxUnpool1d(2).forward(short, places, [5]).toArray()).toEqual([[[0, 5, 3, 0, 0]]])
    expect(new nn.MaxUnpool3d(2).forward(zeros([1, 1, 1, 1, 1]), zeros([1, 1, 1, 1, 1], 'int32')).shape).toEqual([
      1, 1, 2, 2, 2,
    ])
  })

  test('overlapping windows that chose one element give it back once', async () => {
    const [values, indices] = new nn.MaxPool1d(2, { stride: 1 }).forwardWithIndices(row(1, 5, 3))
    expect(await new nn.MaxUnpool1d(2, { stride: 1 }).forward(values, indices).toArray()).toEqual([[[0, 5, 0]]])
  })
})

describe('messages', () => {
  test.each([
    [
      () => new nn.MaxPool2d(5).forward(zeros([1, 1, 4, 4])),
      'MaxPool2d: maxPool2d: a window of 5 × 5 does not fit into an input of shape [1, 1, 4, 4] with padding 0 × 0; use a ' +
        'smaller window or a larger input.',
    ],
    [
      () => new nn.MaxPool2d(2, { padding: 2 }).forward(zeros([1, 1, 4, 4])),
      'padding is at most half the window, given padding 2 × 2 for a window of 2 × 2.',
    ],
    [
      () => new nn.AvgPool2d(2).forward(zeros([4, 4])),
      'takes [batch, channels, ...] with 2 spatial axes, given [4, 4]',
    ],
    [
      () => maxUnpool(zeros([1, 1, 2]), zeros([1, 1, 3], 'int32'), { kernelSize: 2, rank: 1 }),
      'maxUnpool1d needs one index per element, given values [1, 1, 2] and indices [1, 1, 3].',
    ],
    [() => new nn.AdaptiveAvgPool2d(0).forward(zeros([1, 1, 4, 4])), 'outputSize must be a whole number of at least 1'],
  ])('%#', (run, message) => {
    expect(run).toThrow(message)
  })
})
