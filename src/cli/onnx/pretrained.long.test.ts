/** Large networks: the light models of the ONNX project, and the published top-5 lists of MobileNetV2 on photographs. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import { sharedData } from '../../../test/support/shared-data.ts'
import { cropToProportions, toPlanes } from '../../data/image/raster.ts'
import { resizeRaster } from '../../data/image/resize.ts'
import { compile, fromTypedArray, type Tensor } from '../../index.ts'
import { OnnxModel } from '../../io/onnx/index.ts'
import { readImageFile } from '../image/decode.ts'
import { loadOnnx } from './files.ts'
import { verifyFolder } from './verify.ts'

const suites = sharedData('data/onnx-backend-tests')
const pretrained = sharedData('data/pretrained/mobilenetv2-imagenet')
const photos = sharedData('data/photos')

test.skipIf(!suites)('whole networks with synthetic weights', async () => {
  const { terminal, output } = memoryTerminal()
  await verifyFolder(`${suites}/light`, {}, terminal)
  expect(output().trimEnd().split('\n').at(-1)).toBe('9 pass, 0 fail, 0 unsupported')
})

type Entry = [classNumber: number, name: string, probability: number]

describe.skipIf(!pretrained || !photos)('MobileNetV2 on photographs', () => {
  test('the reference top-5 lists, upright, centre square, bilinear 224', async () => {
    const model = new OnnxModel(await loadOnnx(`${pretrained}/mobilenetv2_1.0_224.onnx`))
    const forward = compile((x: Tensor) => model.forward(x))
    const text = readFileSync(`${pretrained}/reference_top5_on_photos.json`, 'utf8')
    const references = JSON.parse(text) as Record<string, Entry[]>
    expect(Object.keys(references).length).toBeGreaterThan(10)
    for (const [photo, expected] of Object.entries(references)) {
      const picture = resizeRaster(cropToProportions(await readImageFile(`${photos}/${photo}`), 224, 224), [224, 224])
      const input = toPlanes(picture).map((value) => value / 127.5 - 1)
      const probabilities = await (await forward(fromTypedArray(input, [1, 3, 224, 224], 'float32'))).data()
      const ranked = [...probabilities.keys()].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
      expect([photo, ...ranked.slice(0, 5)]).toEqual([photo, ...expected.map(([number]) => number)])
      for (const [number, , probability] of expected) expect(probabilities[number]).toBeCloseTo(probability, 2)
    }
  })
})
