/** Thousands of random graphs; the quick suite tries the first few hundred. */
import { describe, expect, it } from 'vitest'
import { range } from '../src/base/arrays.ts'
import { checkCompiledGradients, checkGradientRules, checkGraphs, fuzzBackends } from './fuzz/checks.ts'

const backends = await fuzzBackends()

describe('random graphs', () => {
  it.each(range(12).map((part) => 1000 + part * 500))('from seed %i on', (first) => checkGraphs(backends, first, 500))

  it('gradients', () => {
    expect(checkCompiledGradients(backends.single, 1000, 3000)).toBeGreaterThan(2000)
    expect(checkGradientRules(1000, 1500)).toBeGreaterThan(1100)
  })
})
