/**
 * Whole networks against torchvision, and published weights on published pictures. Here the networks that take seconds; all of
 * torchvision's are in `networks.long.test.ts`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runCase } from '../scripts/goldens/run-case.ts'
import { data, loss, models, train } from '../src/index.ts'
import { loadSafetensors } from '../src/io/node/index.ts'
import { goldensFolder, hasGoldens, sharedFolder } from './support/goldens.ts'

describe.skipIf(!hasGoldens)('torchvision networks: keys, shapes, counts, outputs', () => {
  test.each(['resnet18', 'squeezenet1_1', 'mobilenet_v2'])(
    '%s',
    async (name) => {
      expect(await runCase(`${goldensFolder}/network-${name}.json`)).toMatchObject({ status: 'pass' })
    },
    120_000,
  )
})

const weights = `${sharedFolder}/data/pretrained/resnet-cifar10/resnet20-12fca82f.safetensors`
const pictures = `${sharedFolder}/data/cifar10-lossless-4000/data_batch_1_first4000.bin.gz`
const hasWeights = existsSync(weights) && existsSync(pictures)
if (!hasWeights) console.warn(`SKIPPED: ResNet-20 on CIFAR-10, because ${weights} or ${pictures} is absent.`)

test.skipIf(!hasWeights)(
  'the published ResNet-20 recognises 99.75 % of 400 pictures that it was trained on',
  async () => {
    const net = models.cifarResnet20().eval()
    const { tensors } = await loadSafetensors(weights)
    net.loadStateDict(tensors)
    const normalize = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
    const set = await data.readCifar10([{ name: pictures, bytes: readFileSync(pictures) }], { normalize })
    const everyTenth = new data.Subset(
      set,
      Array.from({ length: 400 }, (_, index) => 10 * index),
    )
    const { accuracy } = await train.evaluate(net, everyTenth, { loss: loss.crossEntropy })
    expect(accuracy).toBe(0.9975)
  },
  120_000,
)
