/**
 * Gates on the size of compiled training steps: kernels, arena, code and multiply-adds are the same on every machine, so they may
 * fail. A ceiling is the figure of its day and about 5 % more; lower it when the compiler gets better. Times are never judged.
 */
import { describe, expect, it } from 'vitest'
import { WasmBackend } from '../src/backends/wasm/index.ts'
import { at } from '../src/base/arrays.ts'
import { zeros } from '../src/index.ts'
import type { Executable } from '../src/runtime/backend.ts'
import { canonicalSteps } from './support/training-steps.ts'

type Counters = Pick<Executable['statistics'], 'kernels' | 'arenaBytes' | 'moduleBytes' | 'multiplyAdds'>

const ceilings: Record<keyof typeof canonicalSteps, Counters> = {
  'playground 2-8-8-1': { kernels: 20, arenaBytes: 2_500, moduleBytes: 24_500, multiplyAdds: 2_600 },
  'mlp 784-256-128-10': { kernels: 25, arenaBytes: 1_680_000, moduleBytes: 46_500, multiplyAdds: 67_000_000 },
  'LeNet-5': { kernels: 50, arenaBytes: 2_580_000, moduleBytes: 90_000, multiplyAdds: 45_500_000 },
  FashionSimpleNet: { kernels: 46, arenaBytes: 18_500_000, moduleBytes: 111_500, multiplyAdds: 835_000_000 },
  'residual block': { kernels: 60, arenaBytes: 3_070_000, moduleBytes: 112_000, multiplyAdds: 63_000_000 },
}

describe.each(Object.entries(canonicalSteps))('%s', { timeout: 120_000 }, (name, { make, input, target }) => {
  const { graph } = make().prepare(zeros(input), zeros(target.shape, target.dtype))
  const { statistics } = new WasmBackend({ threads: 1, fma: true, wide: false }).compile(graph)

  it.each(['kernels', 'arenaBytes', 'moduleBytes', 'multiplyAdds'] as const)('%s', (counter) => {
    expect(statistics[counter]).toBeLessThanOrEqual(ceilings[name as keyof typeof ceilings][counter])
    expect(statistics[counter]).toBeGreaterThan(0)
  })

  it('compiles to the same program again', () => {
    const again = make().prepare(zeros(input), zeros(target.shape, target.dtype)).graph
    const second = new WasmBackend({ threads: 1, fma: true, wide: false }).compile(again).statistics
    expect({ ...second, compileMs: 0 }).toEqual({ ...statistics, compileMs: 0 })
  })
})

it('a linear layer counts as the textbook does: forward and two gradients of batch · in · out each', () => {
  const { make, input, target } = canonicalSteps['mlp 784-256-128-10']
  const { statistics } = make().prepare(zeros(input), zeros(target.shape, target.dtype))
  const batch = at(input, 0)
  const products = [784 * 256, 256 * 128, 128 * 10].map((weights) => batch * weights)
  // The first layer needs no gradient of its input.
  const expected = products.reduce((sum, count, layer) => sum + (layer === 0 ? 2 : 3) * count, 0)
  expect(statistics.multiplyAdds).toBe(expected)
})
