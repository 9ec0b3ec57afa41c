/** The Runs page over runs that the library's own writer makes, while it makes them. */
import { appendFile, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { train } from '../../src/index.ts'
import { formatShare, formatValue } from '../src/base/format.ts'
import { writeDamagedRun, writeGallery, writeRun } from './support/example-runs.ts'
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

let written: Promise<void> | undefined

/** Opens the page over the example runs. */
async function open(path: string): Promise<void> {
  written ??= writeGallery(studio.runs)
  await written
  ;({ page, problems } = await studio.open(path, { reducedMotion: 'reduce' }))
}

const row = (name: string) => page.locator(`tr[data-run="${name}"]`)
const names = () => page.locator('.run-name').allTextContents()
const legend = (run: string, figure: string) =>
  page.locator(`.run-legend td[data-run="${run}"][data-figure="${figure}"]`)

async function recorded(run: string): Promise<train.EpochRecord[]> {
  const text = await readFile(join(studio.runs, run, 'metrics.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as train.EpochRecord)
}

test('without runs the page says how to make one, and shows it as soon as it is there', async () => {
  ;({ page, problems } = await studio.open('/runs'))
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
  expect(await page.getByText(studio.runs).count()).toBe(1)
  written = writeGallery(studio.runs)
  await written
  await row('spiral-adam').waitFor()
})

test('figures are those of the files', async () => {
  await open('/runs#runs=spiral-sgd,spiral-adam')
  for (const name of ['spiral-sgd', 'spiral-adam']) {
    const records = await recorded(name)
    const best = records.findLast((record) => record.best)
    const last = records.at(-1)
    await row(name).waitFor()
    const cells = await row(name).locator('td').allTextContents()
    expect(cells).toContain('60')
    expect(cells).toContain(formatValue(best?.validationLoss ?? Number.NaN))
    expect(cells).toContain(formatShare(best?.validationAccuracy ?? Number.NaN))
    await legend(name, 'trainLoss').waitFor()
    expect(await legend(name, 'trainLoss').textContent()).toBe(formatValue(last?.trainLoss ?? Number.NaN))
    expect(await legend(name, 'validationAccuracy').textContent()).toBe(
      formatShare(last?.validationAccuracy ?? Number.NaN),
    )
  }
  // The place that is looked at moves in all charts at once.
  await page.getByLabel('Look at').fill('7')
  const seventh = (await recorded('spiral-sgd'))[6]
  await page.waitForFunction(
    (value) =>
      document.querySelector('.run-legend td[data-run="spiral-sgd"][data-figure="trainLoss"]')?.textContent === value,
    formatValue(seventh?.trainLoss ?? Number.NaN),
  )
  expect(await legend('spiral-sgd', 'validationAccuracy').textContent()).toBe(
    formatShare(seventh?.validationAccuracy ?? Number.NaN),
  )
})

test('a run that is being written grows on the page without loading it anew', async () => {
  await open('/runs#runs=live')
  await page.getByTestId('count').waitFor()
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }))
  const seen: string[] = []
  const { history } = await writeRun(studio.runs, {
    name: 'live',
    optimizer: 'adam',
    lr: 0.02,
    epochs: 4,
    report: false,
    async afterEpoch(epoch) {
      await page.waitForFunction(
        (count) => document.querySelector('tr[data-run=live] [data-testid=epochs]')?.textContent === String(count),
        epoch,
      )
      seen.push((await row('live').locator('.run-state').textContent()) ?? '')
      const value = formatValue((await recorded('live')).at(-1)?.trainLoss ?? Number.NaN)
      await page.waitForFunction(
        (text) => document.querySelector('.run-legend td[data-run=live][data-figure=trainLoss]')?.textContent === text,
        value,
      )
    },
  })
  expect(history).toHaveLength(4)
  expect(seen).toEqual(['learning', 'learning', 'learning', 'finished'])
  expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true)
  // Half a line is left for later; a run that is resumed begins anew.
  const path = join(studio.runs, 'live', 'metrics.jsonl')
  const text = await readFile(path, 'utf8')
  await appendFile(path, text.split('\n')[0]?.slice(0, 20) ?? '')
  await page.waitForTimeout(1500)
  expect(await row('live').getByTestId('epochs').textContent()).toBe('4')
  await writeFile(`${path}.new`, `${text.split('\n').slice(0, 2).join('\n')}\n`)
  await rename(`${path}.new`, path)
  await page.waitForFunction(
    () => document.querySelector('tr[data-run=live] [data-testid=epochs]')?.textContent === '2',
  )
  await page.getByRole('tab', { name: 'Epochs' }).click()
  await page.getByText('2 epochs.', { exact: true }).waitFor()
})

test('damaged folders are named with what is wrong, and the others are shown', async () => {
  await writeDamagedRun(studio.runs, 'broken')
  await open('/runs#runs=broken,gone')
  await page.getByText('2 runs have something wrong; one of the link is not here').click()
  const list = page.locator('.runs-problems li')
  expect((await list.allTextContents()).sort()).toEqual([
    'broken run.json is no JSON file. One line of metrics.jsonl is damaged and left out.',
    'cut-off run.json is no JSON file. One line of metrics.jsonl is damaged and left out.',
    'gone is not in the folder; it may have been renamed or deleted.',
  ])
  expect(await legend('broken', 'trainLoss').textContent()).toBe('0.500')
  expect(await row('spiral-adam').count()).toBe(1)
  await page.getByLabel('State').selectOption('problem')
  expect((await names()).sort()).toEqual(['broken', 'cut-off'])
})

test('sorting, finding, and what was chosen stand in the address', async () => {
  await open('/runs')
  await row('spiral-adam').waitFor()
  await page.getByRole('searchbox').fill('spiral mlp')
  await page.getByRole('button', { name: 'Best loss' }).click()
  const losses = await Promise.all(
    (await names()).map(async (name) => (await recorded(name)).findLast((record) => record.best)?.validationLoss ?? 0),
  )
  expect(losses.length).toBeGreaterThanOrEqual(4)
  expect(losses).toEqual([...losses].sort((a, b) => a - b))
  await page.getByRole('button', { name: 'Best loss' }).click()
  expect(await page.locator('th[aria-sort=descending]').textContent()).toContain('Best loss')
  await page.getByRole('checkbox', { name: 'Compare spiral-small' }).check()
  await page.getByRole('switch', { name: 'Logarithmic, upwards' }).click()
  await page.getByRole('radiogroup', { name: 'Horizontal axis' }).getByText('Time').click()
  await page.getByRole('tab', { name: 'Differences' }).click()
  await page.waitForFunction(() => location.hash.includes('tab=differences'))
  await page.reload()
  await row('spiral-small').waitFor()
  expect(await page.getByRole('checkbox', { name: 'Compare spiral-small' }).isChecked()).toBe(true)
  expect(await page.getByRole('switch', { name: 'Logarithmic, upwards' }).isChecked()).toBe(true)
  expect(await page.getByRole('searchbox').inputValue()).toBe('spiral mlp')
  expect(await page.getByRole('tab', { name: 'Differences' }).getAttribute('aria-selected')).toBe('true')
})

test('an address that makes no sense opens the page as it is by default', async () => {
  await open('/runs#sort=x&smoothing=9&runs=%25zz,..%2Fsecret&tab=none&x=1&charts=loss,nothing')
  await row('spiral-adam').waitFor()
  expect(await page.getByRole('tab', { name: 'Curves' }).getAttribute('aria-selected')).toBe('true')
  expect(await page.getByLabel('Smoothing').inputValue()).toBe('0.99')
})

test('differences: only the settings that differ, figures against the baseline', async () => {
  await open('/runs#runs=spiral-small,spiral-wide&tab=differences')
  await page.locator('.differences').waitFor()
  const settings = await page.locator('.differences code').allTextContents()
  expect(settings.sort()).toEqual(['model.parameters', 'settings.lr'])
  const [small, wide] = await Promise.all(
    ['spiral-small', 'spiral-wide'].map(async (name) => (await recorded(name)).findLast((record) => record.best)),
  )
  const by = (wide?.validationLoss ?? 0) - (small?.validationLoss ?? 0)
  const cell = page.locator('.differences td[data-run="spiral-wide"][data-figure="validationLoss"]')
  expect(await cell.textContent()).toBe(
    `${formatValue(wide?.validationLoss ?? 0)}−${formatValue(Math.abs(by))}, better`,
  )
  // Another baseline turns the sign round.
  await page.getByRole('button', { name: 'spiral-wide', exact: true }).click()
  await page.getByRole('button', { name: 'Baseline' }).click()
  await page.locator('.differences td[data-run="spiral-small"][data-figure="validationLoss"] .worse').waitFor()
  await page.getByRole('switch', { name: 'All settings' }).click()
  expect(await page.locator('.differences code').count()).toBeGreaterThan(10)
})

test('tags, notes and the archive are kept in this browser', async () => {
  await open('/runs')
  await row('spiral-adam').getByRole('button', { name: 'spiral-adam' }).click()
  await page.getByLabel('Tags, between commas').fill('keep, spiral ,')
  await page.getByRole('textbox', { name: 'Note' }).fill('Slow but sure.')
  await page.getByRole('textbox', { name: 'Note' }).blur()
  await row('cut-off').getByRole('button', { name: 'cut-off' }).click()
  await page.getByRole('button', { name: 'Archive' }).click()
  await row('cut-off').waitFor({ state: 'detached' })
  await page.reload()
  await row('spiral-adam').waitFor()
  expect(await row('spiral-adam').locator('.run-tag').allTextContents()).toEqual(['keep', 'spiral'])
  expect(await row('cut-off').count()).toBe(0)
  await page.getByLabel('Tag', { exact: true }).selectOption('keep')
  expect(await names()).toEqual(['spiral-adam'])
  await page.getByLabel('Tag', { exact: true }).selectOption('')
  await page.getByRole('switch', { name: 'Archived runs too' }).click()
  await row('cut-off').waitFor()
})

test('by keyboard: choose a run, compare it, read its curves', async () => {
  await open('/runs#runs=none')
  await page.getByText('Choose runs with the boxes of the table').waitFor()
  await page.getByRole('checkbox', { name: 'Compare spiral-sgd' }).focus()
  await page.keyboard.press('Space')
  await page.locator('.run-chart canvas').first().waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('spiral-sgd')
  await page.keyboard.press('Enter')
  expect(await page.locator('.run-name[aria-current]').textContent()).toBe('spiral-sgd')
  await page.getByRole('tab', { name: 'Curves' }).focus()
  await page.keyboard.press('ArrowRight')
  expect(await page.getByRole('tab', { name: 'Differences' }).getAttribute('aria-selected')).toBe('true')
  await page.keyboard.press('ArrowLeft')
  await page.getByLabel('Look at').focus()
  await page.keyboard.press('ArrowLeft')
  await page.getByText('epoch 59').first().waitFor()
})

test('the program that the page shows reads what the files say', async () => {
  await open('/runs#runs=spiral-sgd,spiral-adam&tab=code')
  const commands = (await page.locator('pre code').first().textContent()) ?? ''
  expect(commands).toContain(
    'npx cognitron train spiral --model mlp --epochs 60 --batch-size 16 --lr 0.03 --optimizer sgd',
  )
  expect(commands).toContain('npx cognitron train --resume runs/spiral-sgd')
  const code = (await page.locator('pre code').nth(1).textContent()) ?? ''
  const path = join(await mkdtemp(join(tmpdir(), 'studio-code-')), 'shown.ts')
  const reader = new URL('../../src/train/node/index.ts', import.meta.url).href
  const checked = code
    .replace("'cognitron/train/node'", `'${reader}'`)
    .replaceAll('`runs/', `\`${studio.runs}/`)
    .replaceAll('console.log(', 'said.push(')
  await writeFile(path, `export const said: unknown[] = []\n${checked}`)
  const { said } = (await import(/* @vite-ignore */ path)) as { said: unknown[] }
  expect(said[0]).toBe('spiral-sgd')
  expect(said[1]).toMatchObject({ lr: 0.03, optimizer: 'sgd' })
  expect(said[5]).toEqual((await recorded('spiral-adam')).findLast((record) => record.best))
})

test('when the server is gone the page says so and keeps what it read', async () => {
  await open('/runs')
  await row('spiral-adam').waitFor()
  await page.route('**/api/runs', (route) => route.abort('connectionrefused'))
  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toContain('does not answer')
  expect(await row('spiral-adam').count()).toBe(1)
  await page.unroute('**/api/runs')
  await alert.waitFor({ state: 'detached', timeout: 10_000 })
  // The browser itself tells of the requests that failed.
  problems = problems.filter((problem) => !problem.includes('ERR_CONNECTION_REFUSED'))
})

test.each(['light', 'dark'] as const)(
  'axe finds nothing in any view, and none is too wide, %s',
  async (colorScheme) => {
    written ??= writeGallery(studio.runs)
    await written
    const viewport = { width: 390, height: 844 }
    ;({ page, problems } = await studio.open('/runs#charts=loss,accuracy,lr&logY=true&smoothing=0.5', {
      colorScheme,
      viewport,
    }))
    await page.locator('.runs-problems summary').click()
    for (const tab of ['Curves', 'Differences', 'Epochs', 'Show the code']) {
      await page.getByRole('tab', { name: tab }).click()
      await page.waitForTimeout(200)
      expect(await violations(page), tab).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), tab).toBeLessThanOrEqual(0)
    }
  },
)
