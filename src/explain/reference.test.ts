/** Every attribution method against values that PyTorch computed for a small fixed network (scripts/references/explain.py). */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { noise, rebuild } from '../../scripts/goldens/networks.ts'
import { explain, fromTypedArray, nn, type Tensor } from '../index.ts'

interface Reference {
  readonly settings: {
    readonly target: number
    readonly steps: number
    readonly noises: number
    readonly patch: [number, number]
    readonly stride: [number, number]
    readonly fill: number
  }
  readonly values: Readonly<Record<string, readonly number[]>>
}

class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 3, { padding: 1 })
  bn1 = new nn.BatchNorm2d(6)
  relu1 = new nn.ReLU()
  conv2 = new nn.Conv2d(6, 6, 3, { padding: 1 })
  relu2 = new nn.ReLU()
  pool = new nn.MaxPool2d(2)
  conv3 = new nn.Conv2d(6, 8, 3)
  relu3 = new nn.ReLU()
  fc = new nn.Linear(128, 5)

  override forward(x: Tensor): Tensor {
    const first = this.relu1.forward(this.bn1.forward(this.conv1.forward(x)))
    const second = this.pool.forward(this.relu2.forward(first.add(this.conv2.forward(first))))
    return this.fc.forward(this.relu3.forward(this.conv3.forward(second)).flatten(1))
  }
}

const { settings, values } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/explain.json', import.meta.url), 'utf8'),
) as Reference
const { target } = settings
const net = new Net()
const shape = [3, 12, 12]
const image = fromTypedArray(noise(shape, 'input', 1), shape, 'float32')

/** Within 1e-4 of the reference, or of the largest number of the reference where that is above 1. */
function expectReference(found: ArrayLike<number> | undefined, name: string): void {
  const expected = values[name] ?? []
  expect(found?.length, name).toBe(expected.length)
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const error = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found?.[i] ?? Number.NaN))), 0)
  expect(size, name).toBeGreaterThan(1e-3)
  expect(error / Math.max(1, size), name).toBeLessThan(1e-4)
}

beforeAll(() => {
  for (const [key, variable] of net.namedState()) {
    if (variable.dtype === 'float32') variable.write(rebuild(key, variable.shape))
  }
})

describe('attributions as PyTorch computes them', () => {
  test('saliency, its score and gradient × input', async () => {
    const found = await explain.saliency(net, image, { target })
    expectReference(found.map, 'saliency')
    expect(found.score).toBeCloseTo(values.scores?.[target] ?? Number.NaN, 4)
    expectReference((await explain.gradientTimesInput(net, image, { target })).values, 'gradientTimesInput')
  })

  test('integrated gradients from a baseline', async () => {
    const baseline = fromTypedArray(noise(shape, 'baseline', 0.1), shape, 'float32')
    const options = { target, baseline, steps: settings.steps, batchSize: 4 }
    const found = await explain.integratedGradients(net, image, options)
    expectReference(found.values, 'integratedGradients')
    const sum = (values.integratedGradients ?? []).reduce((all, value) => all + value, 0)
    expect(found.completeness?.sum).toBeCloseTo(sum, 3)
  })

  test('SmoothGrad with given noise', async () => {
    const noises = fromTypedArray(
      noise([settings.noises, ...shape], 'noise', 0.3),
      [settings.noises, ...shape],
      'float32',
    )
    expectReference((await explain.smoothGrad(net, image, { target, noises, batchSize: 2 })).values, 'smoothGrad')
  })

  test('guided backpropagation and the deconvolutional network', async () => {
    expectReference((await explain.guidedBackprop(net, image, { target })).values, 'guidedBackprop')
    expectReference((await explain.deconvnet(net, image, { target })).values, 'deconvnet')
  })

  test('Grad-CAM, coarse and enlarged', async () => {
    const found = await explain.gradCam(net, image, { target, layer: 'relu2' })
    expectReference(found.coarse.map, 'gradCamCoarse')
    expectReference(found.map, 'gradCam')
  })

  test('occlusion with overlapping patches that reach over the edge', async () => {
    const { patch, stride, fill } = settings
    expectReference(
      (await explain.occlusion(net, image, { target, patch, stride, fill, batchSize: 7 })).map,
      'occlusion',
    )
  })

  test('a unit of a layer, and a whole channel', async () => {
    const unit = await explain.saliency(net, image, { target: { layer: 'conv2', channel: 4, place: [5, 7] } })
    expectReference(unit.values, 'unitGradient')
    const channel = await explain.saliency(net, image, { target: { layer: 'conv2', channel: 4 } })
    expectReference(channel.values, 'channelGradient')
  })

  test('the class with the highest score is explained unless told otherwise', async () => {
    const best = (values.scores ?? []).reduce((top, value, index, all) => (value > (all[top] ?? 0) ? index : top), 0)
    expect((await explain.saliency(net, image.unsqueeze(0))).unit).toEqual({
      layer: '',
      channel: best,
      place: undefined,
    })
  })
})
