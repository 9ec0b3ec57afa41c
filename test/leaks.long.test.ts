/** Memory over many thousand steps. */
import { describe, it } from 'vitest'
import { type Allowed, expectFlat, soak } from './support/memory-soak.ts'

describe('memory is flat', () => {
  it.each<[string, number, Allowed]>([
    ['playground', 20_000, {}],
    ['fashion', 320, {}],
    ['tensors without a compiled step', 100_000, {}],
    ['expressions that are never computed', 200_000, {}],
    ['eager training', 2_000, {}],
    ['models that are dropped', 400, {}],
    // The engine frees code in large pieces: its resident memory settles after some thousand programs.
    ['ever new programs', 24_000, {}],
    ['a compiled function with ever new numbers', 16_000, {}],
    // Their tables are of many sizes, of which the last 256 stay.
    ['compiled functions that are dropped', 6_400, { wasmKib: 700, heapKib: 1500 }],
  ])('%s', async (scenario, count, allowed) => expectFlat(scenario, await soak(scenario, count), allowed))
})
