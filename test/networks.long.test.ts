/** All of torchvision's networks in the shared references: keys, shapes, parameter counts and outputs for rebuilt weights. */
import { describe, expect, test } from 'vitest'
import { caseName } from '../scripts/goldens/case-file.ts'
import { listCases, runCase } from '../scripts/goldens/run-case.ts'
import { goldensFolder, hasGoldens } from './support/goldens.ts'

const cases = hasGoldens ? listCases(goldensFolder, 'network-') : []

describe.skipIf(!hasGoldens)('torchvision networks', () => {
  test('there are thirteen', () => {
    expect(cases).toHaveLength(13)
  })

  test.each(cases.map((path) => [caseName(path), path] as const))('%s', async (_, path) => {
    expect(await runCase(path)).toMatchObject({ status: 'pass' })
  })
})
