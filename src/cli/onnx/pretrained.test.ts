import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { runWithOnnxRuntime } from '../../../test/support/onnx-runtime.ts'
import { sharedData } from '../../../test/support/shared-data.ts'
import { compile, fromTypedArray, type Tensor } from '../../index.ts'
import { loadNpy } from '../../io/files.ts'
import { OnnxModel } from '../../io/onnx/index.ts'
import { loadOnnx } from './files.ts'

const pretrained = sharedData('data/pretrained')
const mnist = sharedData('data/mnist')

async function load(name: string): Promise<OnnxModel> {
  return new OnnxModel(await loadOnnx(`${pretrained}/${name}`))
}

describe.skipIf(!pretrained)('networks from other systems', () => {
  test('MobileNetV2 gives the probabilities of ONNX Runtime', async () => {
    const model = await load('mobilenetv2-imagenet/mobilenetv2_1.0_224.onnx')
    expect(model.parameters().length).toBe(106)
    const count = 3 * 224 * 224
    const ramp = Float32Array.from({ length: count }, (_, index) => (index / count) * 2 - 1)
    const result = await model.forward(fromTypedArray(ramp, [1, 3, 224, 224], 'float32')).data()
    const { data } = await loadNpy(`${pretrained}/mobilenetv2-imagenet/reference_probabilities_ramp.npy`)
    const deviation = Math.max(...result.map((value, index) => Math.abs(value - (data[index] ?? Number.NaN))))
    expect(deviation).toBeLessThan(5e-6)
  })

  test.skipIf(!mnist)('the published MNIST network is right on 98.9 % of every second test image', async () => {
    const model = await load('small-onnx/opt-mnist.onnx')
    const images = gunzipSync(readFileSync(`${mnist}/t10k-images-idx3-ubyte.gz`)).subarray(16)
    const labels = gunzipSync(readFileSync(`${mnist}/t10k-labels-idx1-ubyte.gz`)).subarray(8)
    const forward = compile((x: Tensor) => model.forward(x))
    let right = 0
    for (let image = 0; image < 10_000; image += 2) {
      const pixels = Float32Array.from(images.subarray(image * 784, (image + 1) * 784))
      const scores = await (await forward(fromTypedArray(pixels, [1, 1, 28, 28], 'float32'))).data()
      if (scores.indexOf(Math.max(...scores)) === labels[image]) right += 1
    }
    expect(right / 5000).toBeCloseTo(0.989, 3)
  })

  test('a face detector whose weights are listed as inputs too', async () => {
    const path = `${pretrained}/small-onnx/ultraface-RFB-320_simplified.onnx`
    const file = await loadOnnx(path)
    const model = new OnnxModel(file)
    expect(model.inputs.map(({ name }) => name)).toEqual(['input'])
    const values = Float32Array.from({ length: 3 * 240 * 320 }, (_, index) => Math.sin(index / 100))
    const input = fromTypedArray(values, [1, 3, 240, 320], 'float32')
    const expected = await runWithOnnxRuntime(file, { input })
    for (const [name, tensor] of Object.entries(model.run({ input }))) {
      const wanted = expected[name]?.data ?? []
      const result = await tensor.data()
      expect(result.length).toBe(wanted.length)
      expect(Math.max(...result.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))))).toBeLessThan(
        1e-4,
      )
    }
  })
})
