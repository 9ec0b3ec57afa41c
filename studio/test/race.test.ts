/** The Optimizer race as a person uses it; where the racers are is what the formulas of the optimizers say. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

async function open(path: string, options: Parameters<Studio['open']>[1] = { reducedMotion: 'reduce' }): Promise<void> {
  ;({ page, problems } = await studio.open(path, options))
}

const words = async (): Promise<string> => (await page.getByTestId('words').textContent()) ?? ''

/** x and y of a racer as the table has them. */
async function place(name: string): Promise<[number, number]> {
  const cells = await page.locator(`tr[data-racer=${name}] td`).allTextContents()
  return [Number(cells[1]), Number(cells[2])]
}

const hash = (): Promise<string> => page.evaluate(() => location.hash)

describe('numbers', () => {
  test('three steps in the bowl x² + 2y² are those of the formulas', async () => {
    await open('/race#landscape=bowl&start=3,-2&rates=0.1,0.1,0.1,0.1,0.1,1,0.1,0.1&step=1&steps=50&tab=steps')
    await page.locator('tr[data-racer=adamw]').waitFor()
    // The gradient at the start is (6, −8).
    expect(await place('sgd')).toEqual([2.4, -1.2])
    expect(await place('momentum')).toEqual([2.4, -1.2])
    // Nesterov: w − lr (g + μ g).
    expect(await place('nesterov')).toEqual([1.86, -0.48])
    // Divided by its own size, every gradient is a step of the rate; RMSprop's running square is a hundredth.
    expect(await place('adagrad')).toEqual([2.9, -1.9])
    expect(await place('rmsprop')).toEqual([2, -1])
    expect(await place('adam')).toEqual([2.9, -1.9])
    // AdamW first takes a thousandth of the weight away: 0.1 · 0.01.
    expect(await place('adamw')).toEqual([2.897, -1.898])
    // Adadelta: √(10⁻⁶) / √(0.1 g² + 10⁻⁶) · g.
    const delta = (g: number): number => (Math.sqrt(1e-6) / Math.sqrt(0.1 * g * g + 1e-6)) * g
    const [x, y] = await place('adadelta')
    expect(x).toBeCloseTo(3 - delta(6), 4)
    expect(y).toBeCloseTo(-2 + delta(8), 4)

    await page.getByRole('button', { name: 'One step on' }).click()
    // SGD: w (1 − 0.2) and w (1 − 0.4); momentum: v = 0.9 · (6, −8) + (4.8, −4.8).
    expect(await place('sgd')).toEqual([1.92, -0.72])
    expect(await place('momentum')).toEqual([1.38, 0])
    await page.getByRole('button', { name: 'One step on' }).click()
    expect(await place('sgd')).toEqual([1.536, -0.432])
  })

  test('who wins is said, and the code that the page shows ends at the same places', async () => {
    await open('/race#landscape=himmelblau&racers=sgd,nesterov,adam&steps=100')
    await page.getByText('finished', { exact: true }).waitFor()
    expect(await words()).toMatch(
      /^SGD wins: it came 99 % of the way down in \d+ steps\. (Adam|Nesterov) follows after \d+\.$/,
    )
    const arrivals = await page.locator('.standing tbody tr td:last-child').allTextContents()
    const steps = arrivals.map((text) => Number.parseInt(text, 10))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    await page.getByRole('tab', { name: 'Where they are' }).click()
    const ends = { SGD: await place('sgd'), Nesterov: await place('nesterov'), Adam: await place('adam') }
    await page.getByRole('tab', { name: 'Show the code' }).click()
    const code = (await page.locator('pre code').textContent()) ?? ''
    const path = join(await mkdtemp(join(tmpdir(), 'studio-code-')), 'shown.ts')
    const library = new URL('../../src/index.ts', import.meta.url).href
    const kept = code.replace("'cognitron'", `'${library}'`).replace('console.log(name, x, y)', 'ends[name] = [x, y]')
    await writeFile(path, `export const ends: Record<string, unknown> = {}\n${kept}`)
    const shown = (await import(/* @vite-ignore */ path)) as { ends: Record<string, [number, number]> }
    for (const [name, [x, y]] of Object.entries(ends)) {
      expect(shown.ends[name]?.[0]).toBeCloseTo(x, 3)
      expect(shown.ends[name]?.[1]).toBeCloseTo(y, 3)
    }
  })

  test('rates are changed, the fastest are found, and all are thrown out when they are too large', async () => {
    await open('/race#landscape=valley&racers=sgd&steps=200')
    await page.getByText('finished', { exact: true }).waitFor()
    expect(await words()).toMatch(/99 % of the way/)
    await page.getByLabel('Rate of SGD').selectOption('0.3')
    // 1 − 0.3 · 10 = −2: twice as far in every step.
    await page.getByTestId('diagnosis').waitFor()
    expect(await words()).toBe('All were thrown out: their steps grew without bound.')
    await page.getByRole('button', { name: 'A tenth of every rate' }).click()
    await page.getByTestId('diagnosis').waitFor({ state: 'detached' })
    expect(await page.getByLabel('Rate of SGD').inputValue()).toBe('0.03')
    await page.getByRole('button', { name: 'Find the fastest rates' }).click()
    // 0.1 is the largest of the list below 2 / 10, where the valley throws it out.
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('[aria-label="Rate of SGD"]')?.value === '0.1',
    )
    expect(await words()).toMatch(/^SGD wins: it came 99 % of the way down in \d+ steps\.$/)
  })
})

describe('use', () => {
  test('runs as the page opens, live', async () => {
    await open('/race', {})
    await page.waitForFunction(
      () => Number(document.querySelector('[data-testid=epoch]')?.textContent?.replace(',', '')) > 20,
    )
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('paused', { exact: true }).waitFor()
    const rested = await page.getByTestId('epoch').textContent()
    await page.waitForTimeout(200)
    expect(await page.getByTestId('epoch').textContent()).toBe(rested)
  })

  test('state goes into the address and comes back; nonsense is clamped', async () => {
    await open('/race')
    await page.getByLabel('Landscape', { exact: true }).selectOption('beale')
    await page.getByLabel('Steps', { exact: true }).selectOption('100')
    await page.getByRole('checkbox', { name: 'Adagrad' }).uncheck()
    await page.getByLabel('μ of Momentum').fill('0.5')
    await page.getByLabel('μ of Momentum').press('Enter')
    await page.getByLabel('Start x').fill('-2.5')
    await page.getByLabel('Start x').press('Enter')
    await page.waitForFunction(() => location.hash.includes('start=-2.5') && location.hash.includes('memories=0,0.5'))
    const written = await hash()
    expect(Object.fromEntries(new URLSearchParams(written.slice(1)))).toEqual({
      landscape: 'beale',
      start: '-2.5,1.6',
      racers: 'sgd,momentum,nesterov,rmsprop,adadelta,adam,adamw',
      memories: '0,0.5,0.9,0,0.99,0.9,0.9,0.9',
      steps: '100',
    })
    await page.reload()
    await page.getByText('finished', { exact: true }).waitFor()
    expect(await page.locator('.standing tbody tr').count()).toBe(7)
    expect(await page.getByLabel('Start x').inputValue()).toBe('-2.5')
    expect(await hash()).toBe(written)
    await page.context().close()

    await open(
      '/race#landscape=moon&start=9999,x&racers=evil,sgd&rates=1,2&memories=7&steps=-5&step=1e9&speed=99&tab=no',
    )
    await page.getByText('finished', { exact: true }).waitFor()
    expect(await page.getByLabel('Landscape', { exact: true }).inputValue()).toBe('valley')
    expect(await page.locator('.standing tbody tr').count()).toBe(1)
    expect(await page.getByTestId('epoch').textContent()).toBe('000,050')
  })

  test('an own formula; a mistake is explained in place', async () => {
    await open('/race#landscape=own')
    const box = page.getByLabel('Loss as a formula in x and y')
    await box.fill('x^2 + (y - 1')
    await page.getByRole('alert').getByText('A closing bracket is missing.').waitFor()
    await page.getByText('Mend the formula at the left to see its landscape.').waitFor()
    expect(await page.getByRole('button', { name: 'Race again' }).isDisabled()).toBe(true)
    await box.fill('log(x)')
    await page.getByRole('alert').getByText('The formula has no value at the start').waitFor()
    await box.fill('(x - 1)^2 + (y + 2)^2')
    await page.getByText(/99 % of the way down in \d+ steps/).waitFor()
    await page.waitForFunction(() => location.hash.includes('formula='))
    await page.getByRole('tab', { name: 'Where they are' }).click()
    const [x, y] = await place('sgd')
    expect([Math.round(x), Math.round(y)]).toEqual([1, -2])
  })

  test('a press on the map and the arrow keys move the start; the slider shows any step', async () => {
    await open('/race#landscape=bowl')
    const map = page.locator('.race-map:not(.skeleton)')
    await map.waitFor()
    const box = await map.boundingBox()
    if (!box) throw new Error('no map')
    await map.click({ position: { x: box.width * 0.75, y: box.height * 0.25 } })
    await page.waitForFunction(() => location.hash.includes('start='))
    const [x, y] = [
      Number(await page.getByLabel('Start x').inputValue()),
      Number(await page.getByLabel('Start y').inputValue()),
    ]
    expect(x).toBeCloseTo(2, 1)
    expect(y).toBeCloseTo(2, 1)
    await map.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Shift+ArrowDown')
    await page.waitForFunction(
      (expected) => location.hash.includes(expected),
      `start=${(x - 0.08).toFixed(2).replace(/\.?0+$/, '')}`,
    )
    await page.getByLabel('Step', { exact: true }).fill('7')
    expect(await page.getByTestId('epoch').textContent()).toBe('000,007')
    await page.waitForFunction(() => location.hash.includes('step=7'))
  })

  test('by keyboard alone', async () => {
    await open('/race')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('landscape saddle')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.hash.includes('landscape=saddle'))
    await page.getByRole('checkbox', { name: 'SGD' }).focus()
    await page.keyboard.press('Space')
    await page.waitForFunction(() => location.hash.includes('racers=momentum'))
    await page.getByRole('tab', { name: 'Map' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('table', { name: 'Place, loss and last step of each racer' }).waitFor()
    await page.getByRole('button', { name: 'Race again' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('racing', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('paused', { exact: true }).waitFor()
  })

  test('nobody runs, the ways are taken away as a table, and axe finds nothing', async () => {
    await open('/race#racers=sgd&steps=50')
    await page.getByText('finished', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    const waiting = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'Ways (CSV)' }).click()
    const lines = (await readFile(await (await waiting).path(), 'utf8')).trim().split('\n')
    expect(lines[0]).toBe('racer,step,x,y,loss')
    expect(lines).toHaveLength(52)
    for (const name of ['Map', 'Where they are', 'Show the code']) {
      await page.getByRole('tab', { name }).click()
      expect(await violations(page), name).toEqual([])
    }
    await page.getByRole('checkbox', { name: 'SGD' }).uncheck()
    await page.getByTestId('rate').getByText('nobody runs').waitFor()
    expect(await words()).toBe('Nobody runs. Choose at least one racer.')
    expect(await violations(page)).toEqual([])
  })
})
