/** The Perceptron as a person uses it. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Studio, startStudio } from './support/studio.ts'

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

test.each(['and', 'or', 'nand', 'nor'])('%s settles', async (gate) => {
  await open(`/perceptron#gate=${gate}&speed=5`)
  await page.getByText('settled: all four are right').waitFor()
  expect(await page.locator('.truth-table td.wrong').count()).toBe(0)
})

test('exclusive or never settles until there is a hidden layer', async () => {
  await open('/perceptron#gate=xor&speed=5')
  await page.getByTestId('hopeless').waitFor()
  await page.getByRole('button', { name: 'Add a hidden layer' }).click()
  await page.getByText('solved by two layers').waitFor()
  expect(await page.locator('.truth-table td.right').count()).toBe(4)
})

test('from here to the Playground and back', async () => {
  await open('/perceptron#gate=xnor&speed=5')
  await page.getByRole('button', { name: 'Train one in the Playground' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  expect(await page.getByRole('radio', { name: 'XOR' }).isChecked()).toBe(true)
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Perceptron' }).waitFor()
})

test('one step with its arithmetic, by keyboard', async () => {
  await open('/perceptron', { reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'Show one example' }).focus()
  await page.keyboard.press('Enter')
  const text = (await page.getByTestId('arithmetic').textContent()) ?? ''
  expect(text).toMatch(/Sum = w0 \+ w1x1 \+ w2x2/)
  expect(text).toMatch(/the target is −1/)
  expect(await page.getByTestId('epoch').textContent()).toBe('000,001')
})

test('an own truth table stands in the address', async () => {
  await open('/perceptron', { reducedMotion: 'reduce' })
  await page.locator('.truth-table button').first().click()
  await page.waitForFunction(() => location.hash.includes('gate='))
  expect(await page.evaluate(() => location.hash)).toBe('#gate=xnor')
  await page.locator('.truth-table button').nth(1).click()
  await page.waitForFunction(() => location.hash === '#gate=1101')
  await page.reload()
  await page.waitForSelector('.truth-table')
  expect(await page.locator('.truth-table button').allTextContents()).toEqual(['+1', '+1', '−1', '+1'])
})

test('the code that the page shows settles as well', async () => {
  await open('/perceptron', { reducedMotion: 'reduce' })
  await page.getByRole('tab', { name: 'Show the code' }).click()
  const code = (await page.locator('pre code').textContent()) ?? ''
  const path = join(await mkdtemp(join(tmpdir(), 'studio-code-')), 'shown.ts')
  const library = new URL('../../src/index.ts', import.meta.url).href
  const checked = code.replace("'cognitron'", `'${library}'`).replaceAll('console.log(', 'said.push(')
  await writeFile(path, `export const said: unknown[] = []\n${checked}`)
  const { said } = (await import(/* @vite-ignore */ path)) as { said: unknown[] }
  expect(said.at(-3)).toMatch(/: 0 mistakes$/)
})
