/** Normalisation layers: values worked by hand, running statistics, messages. */
import { describe, expect, test } from 'vitest'
import { checkLayer } from '../../test/check-layer.ts'
import { compile, nn, normalize, standardize, type Tensor, tensor, vectorNorm, zeros } from '../index.ts'

const keys = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
const affine = { weight: [1], bias: [0] }

describe('batch normalisation', () => {
  // Mean 4, variance 5; with eps 4 the divisor is 3.
  const image = tensor([1, 3, 5, 7]).reshape(2, 1, 1, 2)

  test('in training: statistics of the batch', async () => {
    await checkLayer(new nn.BatchNorm2d(1, { eps: 4 }), image, {
      state: affine,
      keys,
      output: [[[[-1, -1 / 3]]], [[[1 / 3, 1]]]],
    })
    await checkLayer(new nn.BatchNorm1d(1, { eps: 4 }), image.reshape(4, 1), {
      state: { weight: [3], bias: [10] },
      keys,
      output: [[7], [9], [11], [13]],
    })
    await checkLayer(new nn.BatchNorm3d(1, { eps: 4 }), image.reshape(2, 1, 1, 1, 2), {
      keys,
      output: [[[[[-1, -1 / 3]]]], [[[[1 / 3, 1]]]]],
    })
  })

  test('in evaluation: running statistics', async () => {
    await checkLayer(new nn.BatchNorm1d(1, { eps: 1 }), tensor([[1], [5]]), {
      state: { weight: [2], bias: [1], running_mean: [1], running_var: [3] },
      keys,
      training: false,
      output: [[1], [5]],
    })
  })

  test('running statistics move by the momentum, the variance with divisor n − 1', async () => {
    const layer = new nn.BatchNorm1d(1)
    const step = compile((x: Tensor) => layer.forward(x))
    await step(tensor([[1], [3]]))
    expect(await layer.runningMean?.item()).toBeCloseTo(0.1 * 2)
    expect(await layer.runningVar?.item()).toBeCloseTo(0.9 + 0.1 * 2)
    await step(tensor([[5], [5]]))
    expect(await layer.runningMean?.item()).toBeCloseTo(0.9 * 0.2 + 0.1 * 5)
    expect(await layer.numBatchesTracked?.item()).toBe(2)
    layer.eval()
    await step(tensor([[50], [60]]))
    expect(await layer.numBatchesTracked?.item()).toBe(2)
  })

  test('momentum null averages over all batches', async () => {
    const layer = new nn.BatchNorm1d(1, { momentum: null })
    for (const mean of [3, 6, 12]) await layer.forward(tensor([[mean - 1], [mean + 1]])).data()
    expect(await layer.runningMean?.item()).toBeCloseTo(7)
    expect(await layer.runningVar?.item()).toBeCloseTo(2)
  })

  test('without running statistics evaluation uses the batch', async () => {
    const layer = new nn.BatchNorm1d(1, { trackRunningStats: false, affine: false, eps: 0 })
    await checkLayer(layer, tensor([[1], [3]]), { keys: [], training: false, output: [[-1], [1]] })
  })
})

test('instance normalisation: each sample and channel by itself', async () => {
  const x = tensor([
    [
      [1, 3],
      [0, 4],
    ],
  ])
  const eps = 0
  await checkLayer(new nn.InstanceNorm1d(2, { eps }), x, {
    keys: [],
    output: [
      [
        [-1, 1],
        [-1, 1],
      ],
    ],
  })
  await checkLayer(new nn.InstanceNorm2d(2, { eps }), x.unsqueeze(3), {
    keys: [],
    output: [
      [
        [[-1], [1]],
        [[-1], [1]],
      ],
    ],
  })
  await checkLayer(new nn.InstanceNorm3d(2, { eps, affine: true }), x.reshape(1, 2, 2, 1, 1), {
    state: { weight: [1, 2], bias: [0, 10] },
    output: [
      [
        [[[-1]], [[1]]],
        [[[8]], [[12]]],
      ],
    ],
  })
})

test('layer normalisation', async () => {
  await checkLayer(new nn.LayerNorm(2, { eps: 3 }), tensor([[1, 3]]), {
    state: { weight: [2, 4], bias: [0, 1] },
    output: [[-1, 3]],
  })
  await checkLayer(new nn.LayerNorm([2], { eps: 3, bias: false }), tensor([[1, 3]]), {
    state: { weight: [2, 4] },
    output: [[-1, 2]],
  })
})

test('root-mean-square normalisation', async () => {
  await checkLayer(new nn.RMSNorm(2, { eps: 12.5 }), tensor([[3, 4]]), {
    state: { weight: [1, 10] },
    output: [[0.6, 8]],
  })
})

test('group normalisation', async () => {
  await checkLayer(new nn.GroupNorm(2, 4, { eps: 0 }), tensor([[[1], [3], [10], [14]]]), {
    state: { weight: [1, 1, 1, 3], bias: [0, 0, 0, 1] },
    output: [[[-1], [1], [-1], [4]]],
  })
})

test('local response normalisation over three channels', async () => {
  await checkLayer(new nn.LocalResponseNorm(3, { alpha: 3, beta: 1 }), tensor([[[1], [2], [3]]]), {
    output: [[[1 / 6], [2 / 15], [3 / 14]]],
  })
})

test('vector normalisation and input standardisation', async () => {
  const x = tensor([
    [3, 4],
    [0, 0],
  ])
  expect(await normalize(x).toArray()).toEqual([
    [expect.closeTo(0.6), expect.closeTo(0.8)],
    [0, 0],
  ])
  expect(await normalize(tensor([[1, -3]]), { p: 1 }).toArray()).toEqual([[0.25, -0.75]])
  expect(await vectorNorm(tensor([3, -4])).item()).toBeCloseTo(5)
  expect(await vectorNorm(tensor([3, -4]), { p: Number.POSITIVE_INFINITY }).item()).toBe(4)
  expect(
    await standardize(
      tensor([
        [1, 3],
        [5, 9],
      ]),
    ).toArray(),
  ).toEqual([
    [expect.closeTo(-1), expect.closeTo(1)],
    [expect.closeTo(-1), expect.closeTo(1)],
  ])
})

test.each([
  [
    () => new nn.BatchNorm2d(3).forward(zeros([2, 4, 5, 5])),
    'BatchNorm2d 3: expected [batch, 3, …, …], given [2, 4, 5, 5]; the channels are axis 1.',
  ],
  [
    () => new nn.BatchNorm1d(3).forward(zeros([2, 3, 5, 5])),
    'expected [batch, 3] or [batch, 3, …], given [2, 3, 5, 5]',
  ],
  [
    () => new nn.BatchNorm1d(3).forward(zeros([1, 3])),
    'batch normalisation in training needs more than one value per channel, given shape [1, 3]; use a larger batch, or ' +
      'eval() to use the running statistics.',
  ],
  [() => new nn.InstanceNorm1d(3).forward(zeros([2, 3, 1])), 'needs more than one value per channel and sample'],
  [
    () => new nn.LayerNorm([3, 4]).forward(zeros([2, 3, 5])),
    'LayerNorm [3, 4]: layer normalisation expects [..., 3, 4]',
  ],
  [
    () => new nn.GroupNorm(4, 6),
    'GroupNorm needs numChannels / numGroups to be a whole number of at least 1, given 1.5.',
  ],
  [() => new nn.GroupNorm(2, 6).forward(zeros([2, 4])), 'GroupNorm 6 in 2: expected [batch, 6, …], given [2, 4].'],
])('message %#', (run, message) => {
  expect(run).toThrow(message)
})
