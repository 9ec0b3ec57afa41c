/** Nets that say what every pixel is, or where a thing is: judged by hand, and trained where the truth is known. */
import { describe, expect, test } from 'vitest'
import { data, loss, manualSeed, metrics, models, nn, optim, type Tensor, train } from '../index.ts'

/** Gives the colours of a picture as scores of classes. */
class Colours extends nn.Module<[x: Tensor], Tensor> {
  override forward(x: Tensor): Tensor {
    return x.mul(1)
  }
}

describe('judgeMasks', () => {
  // Four pixels whose largest colours are 0, 1, 1, 2.
  const inputs = Float32Array.of(1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1)
  const setWith = (...targets: number[]): data.ArrayDataset =>
    new data.ArrayDataset({ inputs, targets: Int32Array.from(targets), inputShape: [3, 2, 2], targetShape: [2, 2] })

  test('intersection over union by hand; ignored pixels do not count', async () => {
    const matrix = await train.judgeMasks(new Colours(), setWith(0, 1, 0, -100))
    // Class 0: 1 of 2; class 1: 1 of 2; class 2 neither occurs nor is predicted where pixels count.
    expect(matrix.total).toBe(3)
    expect(matrix.intersectionOverUnion()).toEqual([0.5, 0.5, Number.NaN])
    expect(matrix.meanIoU).toBe(0.5)
    expect((await train.judgeMasks(new Colours(), setWith(0, 1, 1, 2))).meanIoU).toBe(1)
  })

  test('masks of another size are refused', async () => {
    const flat = new data.ArrayDataset({ inputs, targets: Int32Array.of(0), inputShape: [3, 2, 2] })
    await expect(train.judgeMasks(new Colours(), flat)).rejects.toThrow(
      'but the network gives scores [1, 3, 2, 2]; expected [batch, classes, …] with the places of the masks.',
    )
  })
})

/** Scenes whose pixels are 0 for ground or 1 + the class of the shape. */
function masked(part: 'train' | 'test', count: number): data.ArrayDataset {
  const { dataset, masks } = data.shapeScenes(part, { count, size: 24, classes: 3 })
  const labels = dataset.labels()
  return new data.ArrayDataset({
    inputs: dataset.rawInputs,
    targets: Int32Array.from(masks, (inside, place) => (inside ? 1 + (labels[Math.floor(place / 576)] ?? 0) : 0)),
    inputShape: [3, 24, 24],
    targetShape: [24, 24],
    normalize: { scale: 1 / 255, mean: 0.4, std: 0.2 },
  })
}

test('a U-Net learns masks from cross-entropy and Dice, with pictures and masks moved alike', async () => {
  const [learned, unseen] = [masked('train', 240), masked('test', 60)]
  manualSeed(1)
  const net = new models.UNet({ classes: 4, width: 8, depth: 2 })
  await train.fit(net, {
    train: new data.DataLoader(learned, {
      batchSize: 12,
      shuffle: true,
      seed: 1,
      transform: data.augmentPair([data.flipHorizontal(), data.shift()]),
    }),
    loss: (scores, mask) => {
      const options = { ignoreIndex: data.IGNORED_PIXEL }
      return loss.crossEntropy(scores, mask, options).add(loss.softDice(scores, mask, options))
    },
    ignoreIndex: data.IGNORED_PIXEL,
    optimizer: new optim.Adam(net.parameters(), { lr: 5e-3 }),
    epochs: 12,
    seed: 1,
  })
  const matrix = await train.judgeMasks(net, unseen)
  // All ground: about 95 % of the pixels, nothing of the shapes.
  const share = matrix.rows()[0]?.reduce((sum, count) => sum + count, 0) ?? 0
  const majority = share / matrix.total / 4
  expect(majority).toBeLessThan(0.25)
  expect(matrix.meanIoU).toBeGreaterThan(0.85)
  expect(matrix.accuracy).toBeGreaterThan(0.99)
}, 120_000)

/** Scenes with class and corners of the box: `[class, x1, y1, x2, y2]`. */
function boxed(part: 'train' | 'test', count: number): data.ArrayDataset {
  const { dataset, boxes } = data.shapeScenes(part, { count, size: 24, classes: 3 })
  const targets = Float32Array.from({ length: count * 5 }, (_, place) => {
    const [scene, field] = [Math.floor(place / 5), place % 5]
    if (field === 0) return dataset.labels()[scene] ?? 0
    const [centre, extent] = [boxes[scene * 4 + ((field - 1) % 2)] ?? 0, boxes[scene * 4 + 2 + ((field - 1) % 2)] ?? 0]
    return field < 3 ? centre - extent / 2 : centre + extent / 2
  })
  const { rawInputs: inputs, inputShape } = dataset
  return new data.ArrayDataset({
    inputs,
    targets,
    inputShape,
    targetShape: [5],
    normalize: { scale: 1 / 255, mean: 0.4, std: 0.2 },
  })
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('a net with a class head and a box head finds the shape of a scene', async () => {
  const [learned, unseen] = [boxed('train', 1500), boxed('test', 100)]
  manualSeed(2)
  const unit = (from: number, to: number): nn.Layer[] => [
    new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
  ]
  const backbone = new nn.Sequential(...unit(3, 16), new nn.MaxPool2d(2), ...unit(16, 24), ...unit(24, 24))
  const net = new models.LocalizationNet({ classes: 3, backbone, features: 24, grid: 12, hidden: 48 })
  const { test: judged } = await train.fit(net, {
    train: learned,
    test: unseen,
    loss: (outputs, target) => models.localizationLoss(outputs, target),
    metrics: { accuracy: (scores, target) => metrics.correct(scores, target.slice(1, 0, 1).squeeze(1).to('int32')) },
    optimizer: new optim.Adam(net.parameters(), { lr: 3e-3 }),
    epochs: 16,
    batchSize: 30,
    seed: 2,
  })
  const found = await train.predict(net, unseen, { scores: ([, boxes]) => boxes })
  const boxAt = (values: ArrayLike<number>, start: number): models.Box =>
    Array.from({ length: 4 }, (_, edge) => values[start + edge]) as unknown as models.Box
  const truthBoxes = Array.from({ length: unseen.length }, (_, scene) => boxAt(unseen.rawTargets, scene * 5 + 1))
  const overlaps = truthBoxes.map((box, scene) => models.boxIoU(boxAt(found.data, scene * 4), box))
  const mean = meanOf(overlaps)
  // The best that is possible without looking: a box in the middle, as large as shapes are.
  const blind = meanOf(truthBoxes.map((box) => models.boxIoU([0.36, 0.36, 0.64, 0.64], box)))
  expect(judged?.accuracy).toBeGreaterThan(0.9)
  expect(blind).toBeLessThan(0.2)
  expect(mean).toBeGreaterThan(0.55)
}, 120_000)
