/** Convolution layers: values worked by hand, default weights, messages. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { conv2d, nn, ones, tensor, zeros } from '../index.ts'

const nine = tensor([
  [
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
])
const row = (...values: number[]) => tensor([[values]])

describe('convolution', () => {
  test('1-D with padding and bias', async () => {
    await checkLayer(new nn.Conv1d(1, 1, 3, { padding: 1 }), row(1, 2, 4, 7), {
      state: { weight: [[[1, 0, -1]]], bias: [1] },
      output: [[[-1, -2, -4, 5]]],
    })
  })

  test('1-D with stride: every other position', async () => {
    await checkLayer(new nn.Conv1d(1, 1, 3, { padding: 1, stride: 2 }), row(1, 2, 4, 7), {
      state: { weight: [[[1, 0, -1]]], bias: [1] },
      output: [[[-1, -4]]],
    })
  })

  const square = [
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]
  test('2-D', async () => {
    await checkLayer(new nn.Conv2d(1, 1, 2, { bias: false }), nine, {
      state: { weight: square },
      output: [
        [
          [
            [37, 47],
            [67, 77],
          ],
        ],
      ],
    })
  })

  test('2-D with dilation: taps 1, 3, 7 and 9', async () => {
    await checkLayer(new nn.Conv2d(1, 1, 2, { bias: false, dilation: 2 }), nine, {
      state: { weight: square },
      output: [[[[1 + 2 * 3 + 3 * 7 + 4 * 9]]]],
    })
  })

  test('groups: each half of the channels by itself', async () => {
    await checkLayer(
      new nn.Conv1d(2, 2, 1, { bias: false, groups: 2 }),
      tensor([
        [
          [1, 2],
          [3, 4],
        ],
      ]),
      {
        state: { weight: [[[10]], [[100]]] },
        output: [
          [
            [10, 20],
            [300, 400],
          ],
        ],
      },
    )
  })

  test("padding 'same' with an even kernel puts the odd element at the end", async () => {
    await checkLayer(new nn.Conv1d(1, 1, 2, { padding: 'same', bias: false }), row(1, 2, 3), {
      state: { weight: [[[1, 1]]] },
      output: [[[3, 5, 3]]],
    })
  })

  test.each([
    ['circular', [6, 6, 6]],
    ['reflect', [5, 6, 7]],
    ['replicate', [4, 6, 8]],
    ['zeros', [3, 6, 5]],
  ] as const)('padding mode %s', async (paddingMode, output) => {
    await checkLayer(new nn.Conv1d(1, 1, 3, { padding: 1, paddingMode, bias: false }), row(1, 2, 3), {
      state: { weight: [[[1, 1, 1]]] },
      output: [[output]],
    })
  })

  test('3-D', async () => {
    await checkLayer(new nn.Conv3d(1, 1, 2, { bias: false }), tensor([1, 2, 3, 4, 5, 6, 7, 8]).reshape(1, 1, 2, 2, 2), {
      state: {
        weight: [
          [
            [
              [
                [1, 1],
                [1, 1],
              ],
              [
                [10, 10],
                [10, 10],
              ],
            ],
          ],
        ],
      },
      output: [[[[[1 + 2 + 3 + 4 + 10 * (5 + 6 + 7 + 8)]]]]],
    })
  })

  test('output sizes are ⌊(W − F + 2P) / S⌋ + 1', () => {
    const sizes = (kernel: number, options: object) =>
      new nn.Conv2d(3, 4, kernel, options).forward(zeros([1, 3, 227, 35])).shape
    expect(sizes(11, { stride: 4 })).toEqual([1, 4, 55, 7])
    expect(sizes(3, { padding: 'same' })).toEqual([1, 4, 227, 35])
    expect(sizes(3, { padding: 'valid', dilation: 3 })).toEqual([1, 4, 221, 29])
    expect(new nn.Conv2d(3, 4, [1, 7]).forward(zeros([3, 9, 9])).shape).toEqual([4, 9, 3])
  })

  test('and must be whole where that is asked for', () => {
    const exact = (stride: number) => new nn.Conv2d(3, 4, 11, { stride, exact: true })
    expect(exact(4).forward(zeros([1, 3, 227, 35])).shape).toEqual([1, 4, 55, 7])
    // The lecture's example: AlexNet's first layer on 224 pixels.
    expect(() => exact(4).forward(zeros([1, 3, 227, 224]))).toThrow(
      'Conv2d 3 → 4: conv2d: along the width there are (224 − 11 + 0) / 4 + 1 = 54.25 places for the window, which is not a whole ' +
        'number; take inputs of 223 or 227, or another stride or padding, or leave `exact` out.',
    )
    expect(() => exact(3).forward(zeros([1, 3, 12, 11]))).toThrow('(12 − 11 + 0) / 3 + 1 = 1.33… places')
    expect(() => new nn.MaxPool2d(2, { exact: true }).forward(zeros([1, 3, 8, 7]))).toThrow(
      'MaxPool2d: maxPool2d: along the width there are (7 − 2 + 0) / 2 + 1 = 3.5 places',
    )
    expect(new nn.MaxPool2d(2).forward(zeros([1, 3, 8, 7])).shape).toEqual([1, 3, 4, 3])
  })

  test('default weights lie within 1 / √fan-in', async () => {
    const { weight, bias } = new nn.Conv2d(4, 64, 3, { groups: 2 })
    expect(weight.shape).toEqual([64, 2, 3, 3])
    const largest = Math.max(...Array.from(await weight.data(), Math.abs))
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(18))
    expect(largest).toBeGreaterThan(0.98 / Math.sqrt(18))
    expect(bias?.shape).toEqual([64])
  })
})

describe('transposed convolution', () => {
  const state = { weight: [[[1, 1, 1]]], bias: [0] }

  test.each([
    [{ stride: 2 }, [1, 1, 3, 2, 2]],
    [{ stride: 2, padding: 1 }, [1, 3, 2]],
    [{ stride: 2, padding: 1, outputPadding: 1 }, [1, 3, 2, 2]],
    [{ dilation: 2 }, [1, 2, 1, 2, 1, 2]],
  ])('1-D %j', async (options, output) => {
    await checkLayer(new nn.ConvTranspose1d(1, 1, 3, options), row(1, 2), { state, output: [[output]] })
  })

  test('2-D: every element stamps the kernel', async () => {
    await checkLayer(
      new nn.ConvTranspose2d(1, 1, 2, { bias: false }),
      tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
      {
        state: {
          weight: [
            [
              [
                [1, 10],
                [100, 1000],
              ],
            ],
          ],
        },
        output: [
          [
            [
              [1, 12, 20],
              [103, 1234, 2040],
              [300, 3400, 4000],
            ],
          ],
        ],
      },
    )
  })

  test('3-D with groups', () => {
    const layer = new nn.ConvTranspose3d(4, 6, 2, { stride: 2, groups: 2 })
    expect(layer.weight.shape).toEqual([4, 3, 2, 2, 2])
    expect(layer.forward(zeros([1, 4, 2, 3, 4])).shape).toEqual([1, 6, 4, 6, 8])
  })
})

describe('messages', () => {
  test.each([
    [
      'channels',
      () => new nn.Conv2d(3, 8, 3).forward(zeros([2, 1, 9, 9])),
      'Conv2d 3 → 8: conv2d with weight [8, 3, 3, 3] expects 3 input channels, [batch, 3, height, width], given shape ' +
        '[2, 1, 9, 9] with 1.',
    ],
    [
      'a kernel that is too large',
      () => new nn.Conv2d(1, 1, 5, { dilation: 2, padding: 1 }).forward(zeros([1, 1, 4, 4])),
      'the kernel reaches over 9 × 9 elements, more than the padded input of 6 × 6 (input [1, 1, 4, 4]); use a smaller ' +
        'kernel, more padding or a larger input.',
    ],
    [
      'groups',
      () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
      'Conv2d with groups 4 needs numbers of channels that 4 divides, given 4 input and 6 output channels.',
    ],
    [
      'groups of the function',
      () => conv2d(zeros([1, 4, 5, 5]), ones([3, 2, 3, 3]), { groups: 2 }),
      'conv2d with groups 2 needs numbers of channels that 2 divides, given 4 input and 3 output channels.',
    ],
    [
      'axes',
      () => new nn.Conv2d(1, 1, 3).forward(zeros([9, 9])),
      'conv2d takes [batch, channels, height, width], or the same without the batch axis, given shape [9, 9]; add the ' +
        'missing axes with unsqueeze or reshape.',
    ],
    [
      'same with a stride',
      () => new nn.Conv1d(1, 1, 3, { padding: 'same', stride: 2 }).forward(zeros([1, 1, 9])),
      "padding 'same' keeps the size, which a stride of 2 cannot; use stride 1 or give the padding as numbers.",
    ],
    [
      'a kernel size',
      () => new nn.Conv2d(1, 1, [3, 0]),
      'kernelSize must be a whole number of at least 1, or an array of 2 of them, given [3,0].',
    ],
    [
      'a bias',
      () => conv2d(zeros([1, 1, 5, 5]), ones([3, 1, 3, 3]), { bias: zeros([2]) }),
      'conv2d needs a bias of shape [3], one number per output channel, given [2].',
    ],
    [
      'output padding',
      () => new nn.ConvTranspose1d(1, 1, 3, { stride: 2, outputPadding: 2 }).forward(zeros([1, 1, 4])),
      'outputPadding must stay below the stride or the dilation, given 2 with stride 2 and dilation 1.',
    ],
    [
      'too much padding of a transpose',
      () => new nn.ConvTranspose1d(1, 1, 3, { padding: 5 }).forward(zeros([1, 1, 4])),
      'would have size -4; use less padding.',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
