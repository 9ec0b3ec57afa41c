/** What holds for every page: no errors, nothing leaves the machine, accessible in both themes and three widths, usable by keyboard. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applicationFolder } from '../../src/cli/studio/build.ts'
import { type Studio, startStudio } from './support/studio.ts'
import { violations } from './support/violations.ts'

const themes = ['light', 'dark'] as const

let studio: Studio
/** Found by listing the folders, so that a new page is tested without a word here. */
const pages = await readdir(new URL('../src/pages/', import.meta.url))

beforeAll(async () => {
  studio = await startStudio()
})
afterAll(() => studio.close())

describe.each(pages)('%s', (name) => {
  test.each(themes)('loads without a problem and axe finds none, %s', async (colorScheme) => {
    const { page, problems } = await studio.open(`/${name}`, { colorScheme })
    await page.waitForTimeout(800)
    expect(await violations(page)).toEqual([])
    expect(problems).toEqual([])
    await page.context().close()
  })

  test.each([390, 1024, 1600])('fits a window of %d pixels', async (width) => {
    const { page, problems } = await studio.open(`/${name}`, { viewport: { width, height: 900 } })
    await page.waitForTimeout(300)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    expect(problems).toEqual([])
    await page.context().close()
  })
})

test('memory can be shared and the page is isolated', async () => {
  const { page } = await studio.open('/')
  expect(await page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([true, 'function'])
  await page.context().close()
})

test('keyboard: skip link, palette, theme, tabs and training without a mouse', async () => {
  const { page, problems } = await studio.open('/playground', { reducedMotion: 'reduce' })
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Skip to the page')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find a page or an action' }).waitFor()
  await page.keyboard.type('theme dark')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('train one epoch')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('[data-testid=epoch]')?.textContent === '000,001')
  await page.getByRole('tab', { name: 'Network' }).focus()
  await page.keyboard.press('ArrowRight')
  expect(await page.getByRole('tab', { name: 'Weights' }).getAttribute('aria-selected')).toBe('true')
  await page.getByRole('button', { name: 'Train', exact: true }).focus()
  await page.keyboard.press('Space')
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid=epoch]')?.textContent?.replace(',', '')) > 3,
  )
  await page.keyboard.press('Space')
  await page.getByTestId('rate').getByText('paused').waitFor()
  expect(problems).toEqual([])
  await page.context().close()
})

test('the theme is kept', async () => {
  const { page } = await studio.open('/', { colorScheme: 'light' })
  await page.getByRole('button', { name: 'Theme: dark' }).click()
  await page.reload()
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await page.context().close()
})

test('an unknown page says so and the way on is there', async () => {
  const { page } = await studio.open('/nowhere')
  expect(await page.getByRole('alert').textContent()).toContain('There is no such page')
  await page.getByRole('link', { name: 'Playground' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await page.goBack()
  await page.getByRole('alert').waitFor()
  await page.context().close()
})

test('narrow windows: the pages and the settings open as sheets', async () => {
  const { page } = await studio.open('/playground', { viewport: { width: 390, height: 844 } })
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('Optimizer').selectOption('adam')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Pages' }).click()
  await page.getByRole('link', { name: 'Playground' }).click()
  await page.context().close()
})

test('the first load is at most 250 KB', async () => {
  const { page } = await studio.open('/')
  await page.waitForTimeout(1500)
  const names = await page.evaluate(() =>
    performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname),
  )
  const sizes = await Promise.all(
    ['/index.html', ...new Set(names)].map(async (name) => {
      const bytes = await readFile(join(applicationFolder, name)).catch(() => new Uint8Array())
      return [name, name.endsWith('woff2') ? bytes.length : gzipSync(bytes).length] as const
    }),
  )
  // Not every browser lists the worker; then the largest of all pages stands for it.
  const workers = (await readdir(join(applicationFolder, 'assets'))).filter((name) => /^worker-.*\.js$/.test(name))
  const workerSizes = await Promise.all(
    workers.map(async (name) => gzipSync(await readFile(join(applicationFolder, 'assets', name))).length),
  )
  const isListed = names.some((name) => workers.some((worker) => name.endsWith(worker)))
  const total = sizes.reduce((sum, [, size]) => sum + size, isListed ? 0 : Math.max(...workerSizes))
  console.log(`first load: ${Math.round(total / 1000)} KB`, Object.fromEntries(sizes))
  expect(total).toBeLessThan(250_000)
  await page.context().close()
})
