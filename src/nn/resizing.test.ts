/** Padding, resizing and embedding layers: values worked by hand or from PyTorch's documentation. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { nn, tensor, zeros } from '../index.ts'

const row = (...values: number[]) => tensor([[values]])
const two = tensor([
  [
    [
      [1, 2],
      [3, 4],
    ],
  ],
])

describe('padding', () => {
  test.each([
    ['ZeroPad1d', new nn.ZeroPad1d([1, 2]), [0, 1, 2, 3, 0, 0]],
    ['ConstantPad1d', new nn.ConstantPad1d(1, 9), [9, 1, 2, 3, 9]],
    ['ReflectionPad1d', new nn.ReflectionPad1d([2, 1]), [3, 2, 1, 2, 3, 2]],
    ['ReplicationPad1d', new nn.ReplicationPad1d([1, 4]), [1, 1, 2, 3, 3, 3, 3, 3]],
    ['CircularPad1d', new nn.CircularPad1d([1, 2]), [3, 1, 2, 3, 1, 2]],
  ])('%s', async (_, layer, output) => {
    await checkLayer(layer, row(1, 2, 3), { output: [[output]] })
  })

  test('of images: left, right, top, bottom', async () => {
    await checkLayer(new nn.ZeroPad2d([1, 0, 0, 1]), two, {
      output: [
        [
          [
            [0, 1, 2],
            [0, 3, 4],
            [0, 0, 0],
          ],
        ],
      ],
    })
    await checkLayer(new nn.ReflectionPad2d(1), two, {
      output: [
        [
          [
            [4, 3, 4, 3],
            [2, 1, 2, 1],
            [4, 3, 4, 3],
            [2, 1, 2, 1],
          ],
        ],
      ],
    })
    await checkLayer(new nn.ConstantPad2d([-1, 0, 0, 0], 5), two, { output: [[[[2], [4]]]] })
    expect(new nn.ReplicationPad3d(1).forward(zeros([1, 1, 2, 3, 4])).shape).toEqual([1, 1, 4, 5, 6])
    expect(new nn.CircularPad2d(1).forward(zeros([1, 1, 2, 3])).shape).toEqual([1, 1, 4, 5])
  })

  test('messages', () => {
    expect(() => new nn.ZeroPad2d([1, 2])).toThrow('ZeroPad2d takes one number or 4 numbers, given [1,2].')
    expect(() => new nn.ReflectionPad1d(3).forward(row(1, 2, 3))).toThrow(
      "'reflect' padding takes its border from the tensor itself: axis 2 of [1, 1, 3] has 3 elements, 4 are needed",
    )
    expect(() => new nn.ZeroPad2d(1).forward(zeros([3, 3]))).toThrow(
      'expected channels and 2 spatial axes, given [3, 3].',
    )
  })
})

describe('Upsample', () => {
  test('nearest', async () => {
    await checkLayer(new nn.Upsample({ scaleFactor: 2 }), two, {
      output: [
        [
          [
            [1, 1, 2, 2],
            [1, 1, 2, 2],
            [3, 3, 4, 4],
            [3, 3, 4, 4],
          ],
        ],
      ],
    })
    await checkLayer(new nn.Upsample({ size: 5 }), row(0, 1, 2), { output: [[[0, 0, 1, 1, 2]]] })
    await checkLayer(new nn.Upsample({ size: 2 }), row(0, 1, 2, 3, 4), { output: [[[0, 2]]] })
  })

  test('bilinear, as in the documentation of PyTorch', async () => {
    await checkLayer(new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), two, {
      output: [
        [
          [
            [1, 1.25, 1.75, 2],
            [1.5, 1.75, 2.25, 2.5],
            [2.5, 2.75, 3.25, 3.5],
            [3, 3.25, 3.75, 4],
          ],
        ],
      ],
    })
    const third = 1 / 3
    await checkLayer(new nn.Upsample({ scaleFactor: 2, mode: 'bilinear', alignCorners: true }), two, {
      output: [
        [
          [
            [1, 1 + third, 2 - third, 2],
            [2 - third, 2, 2 + third, 3 - third],
            [2 + third, 3 - third, 3, 3 + third],
            [3, 3 + third, 4 - third, 4],
          ],
        ],
      ],
    })
  })

  test('linear, trilinear, area', async () => {
    await checkLayer(new nn.Upsample({ size: 4, mode: 'linear' }), row(1, 3), { output: [[[1, 1.5, 2.5, 3]]] })
    await checkLayer(new nn.Upsample({ size: 2, mode: 'area' }), row(1, 3, 5, 9), { output: [[[2, 7]]] })
    await checkLayer(new nn.Upsample({ size: [1, 1, 4], mode: 'trilinear' }), tensor([1, 3]).reshape(1, 1, 1, 1, 2), {
      output: [[[[[1, 1.5, 2.5, 3]]]]],
    })
  })

  test('bicubic by the weights of Keys’ kernel', async () => {
    // At −¼ the taps are elements 0, 0, 0 and 1; element 1 has weight w(5/4) = −0.10546875.
    const x = tensor([0, 1, 0, 0]).reshape(1, 1, 1, 4)
    const y = new nn.Upsample({ size: [1, 8], mode: 'bicubic' }).forward(x)
    const values = Array.from(await y.data())
    expect(values[0]).toBeCloseTo(-0.10546875)
    // At ¾ element 1 is a quarter away: w(1/4).
    expect(values[2]).toBeCloseTo(0.87890625)
    expect(values[7]).toBe(0)
  })

  test('messages', () => {
    expect(() => new nn.Upsample({ scaleFactor: 2, size: 3 }).forward(two)).toThrow(
      'interpolate takes either size or scaleFactor; give exactly one of them.',
    )
    expect(() => new nn.Upsample({ scaleFactor: 2, mode: 'linear' }).forward(two)).toThrow(
      "interpolation 'linear' does not resize a tensor of shape [1, 1, 2, 2]",
    )
    expect(() => new nn.Upsample({ scaleFactor: 0.3 }).forward(two)).toThrow(
      'scaleFactor 0.3 leaves nothing of an axis of 2 elements.',
    )
  })
})

test('PixelShuffle moves channels into space, PixelUnshuffle back', async () => {
  const channels = tensor([1, 2, 3, 4]).reshape(1, 4, 1, 1)
  await checkLayer(new nn.PixelShuffle(2), channels, {
    output: [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
  })
  await checkLayer(new nn.PixelUnshuffle(2), two, { output: [[[[1]], [[2]], [[3]], [[4]]]] })
  expect(() => new nn.PixelShuffle(2).forward(zeros([1, 3, 2, 2]))).toThrow('takes [batch, k · 4, height, width]')
  expect(() => new nn.PixelUnshuffle(2).forward(zeros([1, 3, 3, 2]))).toThrow('with sizes that 2 divides')
})

describe('Embedding', () => {
  const rows = tensor([[2, 0]], { dtype: 'int32' })

  test('picks rows', async () => {
    const layer = new nn.Embedding(3, 2)
    layer.loadStateDict({ weight: { data: [1, 2, 3, 4, 5, 6], shape: [3, 2] } })
    expect(await layer.forward(rows).toArray()).toEqual([
      [
        [5, 6],
        [1, 2],
      ],
    ])
    layer
      .forward(tensor([1, 1], { dtype: 'int32' }))
      .sum()
      .backward()
    expect(await layer.weight.grad?.toArray()).toEqual([
      [0, 0],
      [2, 2],
      [0, 0],
    ])
  })

  test('the padding row is zero and learns nothing', async () => {
    const layer = new nn.Embedding(3, 2, { paddingIdx: -1 })
    expect(((await layer.weight.toArray()) as number[][])[2]).toEqual([0, 0])
    layer.forward(rows).sum().backward()
    expect(await layer.weight.grad?.toArray()).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
    ])
    expect(() => new nn.Embedding(3, 2, { paddingIdx: 3 })).toThrow('Embedding has rows 0 to 2, given paddingIdx 3.')
  })

  test('takes whole numbers', () => {
    expect(() => new nn.Embedding(3, 2).forward(tensor([1]))).toThrow("given float32; convert with to('int32').")
  })
})
