/** Two set-ups side by side in the Playground: each comes to the numbers that it comes to alone. */

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Studio, startStudio } from './support/studio.ts'
import { violations } from './support/violations.ts'

let studio: Studio
let page: Page
let problems: string[]

beforeAll(async () => {
  studio = await startStudio()
})
afterAll(() => studio.close())
afterEach(async () => {
  expect(problems).toEqual([])
  await page.context().close()
})

async function open(path: string, options: Parameters<Studio['open']>[1] = {}): Promise<void> {
  ;({ page, problems } = await studio.open(path, options))
}

const ended = (side: string) =>
  page.waitForFunction(
    (name) => document.querySelector(`[data-side=${name}] .split-title`)?.textContent?.endsWith('epoch 60'),
    side,
  )
const testLoss = (side: string) => page.locator(`[data-side=${side}] [data-testid=test-loss]`).textContent()

async function alone(address: string): Promise<string | null> {
  await open(`/playground#${address}`)
  await page.getByText('stopped at its').waitFor()
  const loss = await page.getByTestId('test-loss').textContent()
  expect(problems).toEqual([])
  await page.context().close()
  return loss
}

test('A and B train at once, each to its own numbers', async () => {
  const a = 'stopEpochs=60&speed=7'
  const b = 'learningRate=0.1&networkShape=8&stopEpochs=60&speed=7'
  const [onlyA, onlyB] = [await alone(a), await alone(b)]
  await open(`/playground#${a}&b=${encodeURIComponent(b)}`)
  await ended('A')
  await ended('B')
  expect(await testLoss('A')).toBe(onlyA)
  expect(await testLoss('B')).toBe(onlyB)
  expect(onlyA).not.toBe(onlyB)
  const words = await page.getByTestId('differences').textContent()
  expect(words).toContain('learningRate: 0.03 against 0.1')
  expect(words).toContain('networkShape: 4,2 against 8')
})

test('a copy beside the set-up, changed, in the address, kept', async () => {
  await open('/playground', { reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'A | B' }).click()
  await page.getByText('Both are the same; change a setting of B.').waitFor()
  await page.getByLabel('Optimizer').selectOption('adam')
  await page.getByText('optimizer: sgd against adam').waitFor()
  // A step is one of both.
  await page.getByRole('button', { name: 'Train one epoch' }).click()
  for (const side of ['A', 'B'])
    await page.locator(`[data-side=${side}] .split-title`).getByText('epoch 1', { exact: true }).waitFor()
  await page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get('b') === 'optimizer=adam')
  await page.reload()
  await page.getByText('optimizer: sgd against adam').waitFor()
  // The settings are those of the side that is chosen.
  await page.getByRole('radio', { name: 'B', exact: true }).check({ force: true })
  expect(await page.getByLabel('Optimizer').inputValue()).toBe('adam')
  await page.getByRole('radio', { name: 'A', exact: true }).check({ force: true })
  expect(await page.getByLabel('Optimizer').inputValue()).toBe('sgd')
  await page.getByRole('button', { name: 'Keep B' }).click()
  await page.locator('[data-side]').first().waitFor({ state: 'detached' })
  expect(await page.getByLabel('Optimizer').inputValue()).toBe('adam')
  await page.waitForFunction(() => location.hash === '#optimizer=adam')
})

test('both stop at once, and neither blocks the other', async () => {
  await open('/playground#speed=8&b=speed%3D8')
  const epoch = async (side: string): Promise<number> =>
    Number(((await page.locator(`[data-side=${side}] .split-title`).textContent()) ?? '').replace(/\D/g, ''))
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.split-title')].every((title) => Number(title.textContent?.replace(/\D/g, '')) > 50),
  )
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.waitForTimeout(400)
  const before = [await epoch('A'), await epoch('B')]
  await page.waitForTimeout(400)
  expect([await epoch('A'), await epoch('B')]).toEqual(before)
})

test.each(['light', 'dark'] as const)('axe finds nothing, and it fits a narrow window, %s', async (colorScheme) => {
  await open('/playground#b=noise%3D50', { colorScheme, viewport: { width: 390, height: 844 } })
  await page.locator('[data-side=B] canvas').first().waitFor()
  await page.waitForTimeout(500)
  expect(await violations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
})
