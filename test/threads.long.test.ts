/** 200 steps of the Fashion-MNIST network on one, two and three threads. */
import { expect, it } from 'vitest'
import { WasmBackend } from '../src/backends/wasm/index.ts'
import { type BitRun, fashionNet, trainedBits } from './support/train-bits.ts'

const run: BitRun = { model: fashionNet, input: [32, 1, 28, 28], classes: 10, steps: 200 }

it('weights after 200 steps have the same bits on any number of threads', async () => {
  const single = await trainedBits(new WasmBackend({ threads: 1 }), run)
  for (const threads of [2, 3]) {
    const backend = new WasmBackend({ threads })
    await backend.whenReady()
    expect(await trainedBits(backend, run)).toBe(single)
  }
})
