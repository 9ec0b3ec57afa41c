/**
 * Layers, losses, optimizers and schedules against values that PyTorch 1.13 computed: the cases of `fixtures/pytorch` always (what
 * each ran is in its `cases.json`), those of the shared folder where it is present. Whole networks are tested with the models.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { caseName } from '../scripts/goldens/case-file.ts'
import { listCases, runCase } from '../scripts/goldens/run-case.ts'
import { goldensFolder, hasGoldens } from './support/goldens.ts'

const fixtures = listCases(fileURLToPath(new URL('fixtures/pytorch', import.meta.url)))
const shared = hasGoldens ? listCases(goldensFolder).filter((path) => !caseName(path).startsWith('network-')) : []

describe('PyTorch cases of this repository', () => {
  test.each(fixtures.map((path) => [caseName(path), path] as const))('%s', async (_, path) => {
    expect(await runCase(path)).toMatchObject({ status: 'pass' })
  })
})

describe.skipIf(!hasGoldens)('shared PyTorch cases', () => {
  test.each(shared.map((path) => [caseName(path), path] as const))('%s', async (_, path) => {
    expect(await runCase(path)).toMatchObject({ status: 'pass' })
  })
})
