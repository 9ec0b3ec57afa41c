/**
 * Explanations where the truth is known: a small shape decides the class of a scene, so a map that explains the network lies on the
 * shape. Chance puts the share of the shape's area there (about 4 %), a factor of 1.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { data, explain, fromTypedArray, loss, manualSeed, nn, optim, type Tensor, train } from '../index.ts'

const SIZE = 24
const SCENES = 24
const stage = (inputs: number, outputs: number): nn.Layer[] => [
  new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(outputs),
  new nn.ReLU(),
]

const makeNet = (): nn.Sequential =>
  new nn.Sequential(
    ...stage(3, 12),
    ...stage(12, 12),
    new nn.MaxPool2d(2),
    ...stage(12, 24),
    ...stage(24, 24),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(24, 3),
  )

let net: nn.Sequential
let accuracy = 0
const judged = data.shapeScenes('test', { count: 200, size: SIZE, classes: 3 })

beforeAll(async () => {
  manualSeed(1)
  net = makeNet()
  const { test } = await train.fit(net, {
    train: data.shapeScenes('train', { count: 900, size: SIZE, classes: 3 }).dataset,
    test: judged.dataset,
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 3e-3 }),
    epochs: 10,
    batchSize: 45,
    seed: 1,
  })
  accuracy = test?.accuracy ?? 0
}, 120_000)

type Method = (model: explain.Explainable, image: Tensor, target: number) => Promise<explain.Attribution>

const methods: Record<string, { run: Method; factor: number; pointing: number }> = {
  saliency: { run: (m, x, target) => explain.saliency(m, x, { target }), factor: 3, pointing: 0.6 },
  gradientTimesInput: { run: (m, x, target) => explain.gradientTimesInput(m, x, { target }), factor: 5, pointing: 0.8 },
  integratedGradients: {
    run: (m, x, target) => explain.integratedGradients(m, x, { target, steps: 16, baseline: 0.35 }),
    factor: 6,
    pointing: 0.8,
  },
  smoothGrad: {
    run: (m, x, target) => explain.smoothGrad(m, x, { target, samples: 12, noise: 0.1 }),
    factor: 3,
    pointing: 0.6,
  },
  guidedBackprop: { run: (m, x, target) => explain.guidedBackprop(m, x, { target }), factor: 4, pointing: 0.7 },
  deconvnet: { run: (m, x, target) => explain.deconvnet(m, x, { target }), factor: 1.5, pointing: 0.6 },
  gradCam: { run: (m, x, target) => explain.gradCam(m, x, { target }), factor: 2.5, pointing: 0.5 },
  occlusion: {
    run: (m, x, target) => explain.occlusion(m, x, { target, patch: 5, stride: 2, fill: 0.35 }),
    factor: 5,
    pointing: 0.8,
  },
}

/** Mean factor over chance and the share of scenes whose strongest place lies on the shape. */
async function judge(
  run: Method,
  scenes = SCENES,
  model: explain.Explainable = net,
): Promise<{ factor: number; pointing: number }> {
  let [factor, hits] = [0, 0]
  for (let scene = 0; scene < scenes; scene++) {
    const { input, target } = judged.dataset.get(scene)
    const map = await run(model, fromTypedArray(input, [3, SIZE, SIZE], 'float32'), target[0] ?? 0)
    const mask = judged.masks.subarray(scene * SIZE * SIZE, (scene + 1) * SIZE * SIZE)
    factor += explain.energyInside(map, mask, { both: true }).factor / scenes
    const { row, column } = explain.strongestPlace(map)
    hits += mask[row * SIZE + column] ?? 0
  }
  return { factor, pointing: hits / scenes }
}

const firstScene = (): { image: Tensor; target: number } => sceneAt(0)

const sceneAt = (scene: number): { image: Tensor; target: number } => {
  const { input, target } = judged.dataset.get(scene)
  return { image: fromTypedArray(input, [3, SIZE, SIZE], 'float32'), target: target[0] ?? 0 }
}

describe('a small shape decides the class', () => {
  test('the network has learned it', () => expect(accuracy).toBeGreaterThan(0.9))

  test.each(Object.keys(methods))('%s points at the shape', async (name) => {
    const { run, factor, pointing } = methods[name] as (typeof methods)[string]
    const found = await judge(run)
    expect(found.factor).toBeGreaterThan(factor)
    expect(found.pointing).toBeGreaterThanOrEqual(pointing)
  })

  test('integrated gradients are complete, better with more steps', async () => {
    // Summed over scenes, for what is to be completed may happen to be nearly nothing in one.
    const error = async (steps: number): Promise<number> => {
      let [missed, expected] = [0, 0]
      for (let scene = 0; scene < 4; scene++) {
        const { image, target } = sceneAt(scene)
        const { completeness } = await explain.integratedGradients(net, image, { target, steps })
        missed += completeness?.error ?? Number.NaN
        expected += Math.abs(completeness?.expected ?? Number.NaN)
      }
      return missed / expected
    }
    const fine = await error(256)
    expect(fine).toBeLessThan(0.01)
    expect(fine).toBeLessThan(await error(4))
  })

  test('with random weights the maps change, and point at the shape by chance only', async () => {
    const { image, target } = firstScene()
    const before = await judge((m, x, t) => explain.saliency(m, x, { target: t }), 8)
    const result = await explain.randomizationTest(net, image, (m, x) => explain.saliency(m, x, { target }))
    expect(result.passed).toBe(true)
    expect(result.stages).toHaveLength(9)
    expect(result.stages[0]?.layer).toBe('15')
    const after = await judge((m, x, t) => explain.saliency(m, x, { target: t }), 8)
    // The weights are back.
    expect(after).toEqual(before)
    manualSeed(7)
    const untrained = await judge((m, x, t) => explain.saliency(m, x, { target: t }), 8, makeNet())
    expect(untrained.factor).toBeLessThan(1.5)
    expect(before.factor).toBeGreaterThan(2.5 * untrained.factor)
  })

  test('a map that ignores the weights fails the check', async () => {
    const { image } = firstScene()
    const edges: explain.Explain = async (model, x) => {
      const map = await explain.saliency(model, x)
      return { ...map, map: Float32Array.from(await image.slice(0, 0, 1).flatten().data()) }
    }
    const { passed, stages } = await explain.randomizationTest(net, image, edges)
    expect(passed).toBe(false)
    expect(stages.at(-1)?.correlation).toBeCloseTo(1, 6)
  })

  test('covering what the map calls important destroys the answer sooner than covering at random', async () => {
    const { image, target } = firstScene()
    const map = await explain.occlusion(net, image, { target, patch: 5, stride: 2, fill: 0.35 })
    const reversed = { ...map, map: map.map.map((value) => -value) }
    const options = { missing: 0.35, steps: 16 }
    const deletion = await explain.pixelCurve(net, image, map, options)
    expect(deletion.area).toBeLessThan((await explain.pixelCurve(net, image, reversed, options)).area)
    const insertion = await explain.pixelCurve(net, image, map, { ...options, mode: 'insertion' })
    expect(insertion.area).toBeGreaterThan(deletion.area)
    expect(insertion.probabilities.at(-1)).toBeCloseTo(deletion.probabilities[0] ?? Number.NaN, 5)
  })
})
