/** Memory is flat over many steps, new tensors and dropped models; `leaks.long.test.ts` goes on for longer. */
import { describe, it } from 'vitest'
import { type Allowed, expectFlat, soak } from './support/memory-soak.ts'

const MINUTE = 60_000

describe('memory is flat', () => {
  it.each<[string, number, Allowed]>([
    ['playground', 2400, {}],
    ['fashion in small batches', 48, {}],
    ['tensors without a compiled step', 4000, {}],
    ['expressions that are never computed', 16_000, {}],
    ['eager training', 640, {}],
    ['models that are dropped', 64, {}],
    // 256 programs stay in the cache, of whatever sizes.
    ['ever new programs', 1600, {}],
    ['a compiled function with ever new numbers', 1600, {}],
  ])('%s', async (scenario, count, allowed) => expectFlat(scenario, await soak(scenario, count), allowed), 3 * MINUTE)
})
