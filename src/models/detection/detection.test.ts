/** Boxes, regions and detectors against values worked by hand; and that a detector learns to find squares. */
import { describe, expect, test } from 'vitest'
import { compile, grad, iota, manualSeed, models, nn, optim, type Tensor, tensor, zeros } from '../../index.ts'
import { RandomSequence } from '../../random/threefry.ts'

describe('boxes', () => {
  test('overlap', () => {
    expect(models.boxIoU([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3)
    expect(models.boxIoU([0, 0, 2, 2], [2, 2, 3, 3])).toBe(0)
    expect(models.boxIoU([0, 0, 4, 4], [1, 1, 3, 3])).toBe(0.25)
    expect(models.boxIoU([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0)
    expect(
      models.boxIoUMatrix(
        [[0, 0, 2, 2]],
        [
          [0, 0, 2, 2],
          [0, 0, 2, 1],
        ],
      ),
    ).toEqual([[1, 0.5]])
    expect(models.boxArea([3, 0, 1, 2])).toBe(0)
    expect(models.clipBox([-1, 2, 12, 30], { width: 10, height: 20 })).toEqual([0, 2, 10, 20])
  })

  test('regression targets and back', () => {
    // Centres (5, 5) and (10, 10), sizes 10 × 10 and 10 × 20.
    expect(models.encodeBox([0, 0, 10, 10], [5, 0, 15, 20])).toEqual([0.5, 0.5, 0, Math.log(2)])
    expect(models.decodeBox([0, 0, 10, 10], [0.5, 0.5, 0, Math.log(2)])).toEqual([5, 0, 15, 20])
    const [proposal, truth] = [
      [3, 4, 11, 9],
      [1.5, 6, 20, 7],
    ] as const
    const back = models.decodeBox(proposal, models.encodeBox(proposal, truth))
    for (const [index, value] of back.entries()) expect(value).toBeCloseTo(truth[index] ?? 0)
    const [, , right] = models.decodeBox([0, 0, 2, 2], [0, 0, 1e9, 0])
    expect(right).toBeCloseTo(1 + 62.5)
    expect(() => models.encodeBox([0, 0, 0, 5], truth)).toThrow(
      'a proposal needs x2 > x1 and y2 > y1, given [0, 0, 0, 5].',
    )
    expect(() => models.encodeBox(proposal, [2, 2, 1, 3])).toThrow('a true box needs')
  })

  test('non-maximum suppression', () => {
    const boxes = [
      [0, 0, 10, 10],
      [1, 0, 11, 10],
      [20, 0, 30, 10],
      [21, 0, 31, 10],
    ] as const
    // Neighbours overlap by 9 / 11.
    expect(models.nonMaximumSuppression(boxes, [0.8, 0.9, 0.7, 0.7])).toEqual([1, 2])
    expect(models.nonMaximumSuppression(boxes, [0.8, 0.9, 0.7, 0.7], { iouThreshold: 0.9 })).toEqual([1, 0, 2, 3])
    expect(models.nonMaximumSuppression(boxes, [0.8, 0.9, 0.7, 0.7], { labels: [0, 1, 0, 0] })).toEqual([1, 0, 2])
    expect(models.nonMaximumSuppression([], [])).toEqual([])
    expect(() => models.nonMaximumSuppression(boxes, [1])).toThrow('4 boxes need as many scores, given 1.')
    expect(() => models.nonMaximumSuppression(boxes, [1, 2, 3, 4], { labels: [1] })).toThrow('given 4 and 1 labels.')
  })
})

describe('roiPool', () => {
  const plane = iota([16], 0).to('float32').reshape(1, 1, 4, 4)
  // Worked by hand from the definition: both end cells count, parts are rounded outwards.
  test.each([
    ['the whole plane', [0, 0, 0, 3, 3], [5, 7, 13, 15]],
    ['three cells in two parts, which share one', [0, 0, 0, 2, 2], [5, 6, 9, 10]],
    ['a single cell', [0, 1, 2, 1, 2], [9, 9, 9, 9]],
    ['beyond the edge: parts without cells are 0', [0, 2, 2, 9, 9], [15, 0, 0, 0]],
    ['edges are rounded to the nearest cell', [0, 0.4, 0.6, 1.4, 1.6], [4, 5, 8, 9]],
  ])('%s', async (_, region, expected) => {
    const pooled = models.roiPool(plane, tensor([region]), { outputSize: 2 })
    expect(Array.from(await pooled.data())).toEqual(expected)
  })

  test('several pictures, channels and a scale', async () => {
    const features = iota([2 * 3 * 16], 0)
      .to('float32')
      .reshape(2, 3, 4, 4)
    const regions = tensor([
      [1, 0, 0, 6, 6],
      [0, 0, 0, 2, 2],
    ])
    const pooled = models.roiPool(features, regions, { outputSize: 1, spatialScale: 0.5 })
    expect(pooled.shape).toEqual([2, 3, 1, 1])
    // The last cell of picture 1 is 15 above the first of each channel; the second region has the cells up to (1, 1).
    expect(Array.from(await pooled.data())).toEqual([63, 79, 95, 5, 21, 37])
  })

  test('the gradient goes to the maxima', async () => {
    const pooled = models.roiPool(plane, tensor([[0, 0, 0, 3, 3]]), { outputSize: 2 })
    const [gradient] = grad(pooled.mul(tensor([1, 2, 3, 4]).reshape(1, 1, 2, 2)).sum(), [plane])
    expect(Array.from(await gradient.data())).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4])
  })

  test('what it refuses', () => {
    expect(() => models.roiPool(plane, tensor([[0, 1, 2, 3]]), { outputSize: 2 })).toThrow(
      'roiPool takes features [batch, channels, height, width] and regions [count, 5]',
    )
  })
})

describe('targets', () => {
  const objects = [
    { box: [0, 0, 10, 10], label: 3 },
    { box: [20, 20, 40, 40], label: 0 },
  ] as const
  const proposals = [
    [0, 0, 10, 8],
    [50, 50, 60, 60],
    [20, 20, 40, 26],
  ] as const

  test('each proposal is the object that it overlaps most', () => {
    const matches = models.matchProposals(proposals, objects, { background: 0.2 })
    expect(matches).toEqual([
      { object: 0, iou: 0.8 },
      { object: -1, iou: 0 },
      { object: -2, iou: 0.3 },
    ])
    expect(() => models.matchProposals(proposals, objects, { background: 0.6 })).toThrow(
      'given background 0.6 and foreground 0.5.',
    )
  })

  test('a batch has its share of objects, filled up with background', async () => {
    const { regions, labels, deltas } = models.regionTargets([proposals], [objects], { perPicture: 4, background: 0.2 })
    expect(await labels.toArray()).toEqual([4, 0, 0, 0])
    expect(((await regions.toArray()) as number[][]).slice(0, 2)).toEqual([
      [0, 0, 0, 10, 8],
      [0, 50, 50, 60, 60],
    ])
    const [first, second] = (await deltas.toArray()) as number[][]
    // From centre (5, 4) to (5, 5) in heights of 8, and from height 8 to 10.
    expect(first).toEqual([0, 0.125, 0, expect.closeTo(Math.log(1.25), 6)])
    expect(second).toEqual([0, 0, 0, 0])
    expect(() => models.regionTargets([[]], [objects])).toThrow('picture 0 has no proposal that is an object')
  })
})

test('regionLoss, worked by hand', async () => {
  const scores = zeros([2, 3])
  // Region 0 is class 2: deltas off by 2, 0.5, 0, 0. Region 1 is background: its deltas do not count.
  const deltas = tensor([
    [
      [9, 9, 9, 9],
      [9, 9, 9, 9],
      [2, 0.5, 0, 0],
    ],
    [
      [9, 9, 9, 9],
      [9, 9, 9, 9],
      [9, 9, 9, 9],
    ],
  ])
  const targets = { labels: tensor([2, 0], { dtype: 'int32' }), deltas: zeros([2, 4]) }
  expect(await models.regionLoss([scores, deltas], targets).item()).toBeCloseTo(Math.log(3) + (1.5 + 0.125) / 2, 5)
})

test('localizationLoss, worked by hand', async () => {
  const outputs = [zeros([1, 4]), tensor([[0, 0, 0.25, 1]])] as const
  const value = models.localizationLoss(outputs, tensor([[2, 0, 0, 0, 1]]))
  // |d| = 0.25 is beyond β = 0.1: 0.25 − 0.05, over four numbers, times 10.
  expect(await value.item()).toBeCloseTo(Math.log(4) + (10 * 0.2) / 4, 5)
})

/** Grey pictures with one bright square (label 0) or dark upright bar (label 1), and where it is. */
function scenes(count: number, seed: number) {
  const random = new RandomSequence(seed)
  const side = 24
  return Array.from({ length: count }, () => {
    const label = random.integer(2)
    const [width, height] = label === 0 ? [10, 10] : [5, 14]
    const [x, y] = [random.integer(side - width), random.integer(side - height)]
    const pixels = Array.from({ length: side * side }, (_, index) => {
      const [column, row] = [index % side, Math.floor(index / side)]
      const inside = column >= x && column < x + width && row >= y && row < y + height
      return (inside ? 1 - 2 * label : 0) + 0.1 * random.normal()
    })
    return { pixels, label, box: [x, y, x + width, y + height] as const, side }
  })
}

const picturesOf = (list: ReturnType<typeof scenes>): Tensor =>
  tensor(Float32Array.from(list.flatMap(({ pixels }) => pixels)), { shape: [list.length, 1, 24, 24] })

const backbone = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.ReLU(),
  )

describe('learning', () => {
  test('a region detector finds shapes from a grid of proposals', async () => {
    manualSeed(3)
    const net = new models.RegionDetector({
      classes: 2,
      backbone: backbone(),
      features: 16,
      spatialScale: 1 / 2,
      outputSize: 4,
      hidden: 32,
    })
    const proposals: models.Box[] = []
    for (let y = -2; y < 18; y += 4) {
      for (let x = -2; x < 20; x += 4) {
        proposals.push(models.clipBox([x, y, x + 10, y + 10], { width: 24, height: 24 }))
        proposals.push(models.clipBox([x, y, x + 6, y + 14], { width: 24, height: 24 }))
      }
    }
    const adam = new optim.Adam(net.parameters(), { lr: 3e-3 })
    const step = compile((x: Tensor, regions: Tensor, labels: Tensor, deltas: Tensor) => {
      const value = models.regionLoss(net.forward(x, regions), { labels, deltas })
      adam.minimize(value)
      return value
    })
    const training = scenes(64, 1)
    for (let pass = 0; pass < 20; pass++) {
      for (let start = 0; start < 64; start += 8) {
        const batch = training.slice(start, start + 8)
        const objects = batch.map((scene) => [scene])
        const { regions, labels, deltas } = models.regionTargets(
          batch.map(() => proposals),
          objects,
          { perPicture: 16, foregroundShare: 0.5 },
        )
        await step(picturesOf(batch), regions, labels, deltas)
      }
    }
    let found = 0
    for (const scene of scenes(12, 2)) {
      const [best] = await net.detect(picturesOf([scene]), proposals)
      if (best && best.label === scene.label && models.boxIoU(best.box, scene.box) > 0.5) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(11)
    await expect(net.detect(zeros([2, 1, 24, 24]), proposals)).rejects.toThrow('detect takes one picture and proposals')
  }, 120_000)

  test('a localisation net says what and where', async () => {
    manualSeed(4)
    const net = new models.LocalizationNet({ classes: 2, backbone: backbone(), features: 16, grid: 6, hidden: 64 })
    const adam = new optim.Adam(net.parameters(), { lr: 3e-3 })
    const targetsOf = (list: ReturnType<typeof scenes>): Tensor =>
      tensor(list.map(({ label, box, side }) => [label, ...box.map((edge) => edge / side)]))
    const step = compile((x: Tensor, y: Tensor) => {
      const value = models.localizationLoss(net.forward(x), y)
      adam.minimize(value)
      return value
    })
    const training = scenes(128, 5)
    for (let pass = 0; pass < 40; pass++) {
      for (let start = 0; start < 128; start += 32) {
        const batch = training.slice(start, start + 32)
        await step(picturesOf(batch), targetsOf(batch))
      }
    }
    const fresh = scenes(40, 6)
    const [scores, boxes] = net.forward(picturesOf(fresh))
    const labels = await scores.argmax(1).data()
    const places = (await boxes.mul(24).toArray()) as unknown as models.Box[]
    const good = fresh.filter(
      ({ label, box }, index) => labels[index] === label && models.boxIoU(places[index] ?? [0, 0, 0, 0], box) > 0.6,
    )
    expect(good.length).toBeGreaterThanOrEqual(36)
  }, 120_000)
})
