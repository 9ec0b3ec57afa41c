/** The Convolution page as a person uses it; its sums are the library's. */
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

async function open(path: string): Promise<void> {
  ;({ page, problems } = await studio.open(path, { reducedMotion: 'reduce' }))
  await page.getByTestId('sum').waitFor()
}

const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).textContent()) ?? ''

test.each(['identity', 'edgeDiagonal', 'sharpen', 'gaussianBlur', 'sobelY'])(
  '%s: the sum of the products is the library’s number',
  async (kernel) => {
    await open(`/convolution#kernel=${kernel}&picture=shapes&stride=2&row=4&column=5`)
    for (let move = 0; move < 5; move++) {
      expect(await text('sum')).toBe(await text('value'))
      await page.locator('.conv-point').press('ArrowRight')
    }
  },
)

test('the formula gives the size', async () => {
  await open('/convolution#stride=2&padding=0&dilation=2')
  expect(await text('size')).toBe('12')
  await page.getByText('Output, 12 × 12.').waitFor()
  await page.getByLabel('Padding').fill('4')
  await page.getByText('Output, 16 × 16.').waitFor()
  expect(await text('size')).toBe('16')
})

test('a number of the kernel is changed, grows to 5 × 5 and stands in the address', async () => {
  await open('/convolution#kernel=identity')
  await page.getByLabel('Row 2, column 2').fill('3')
  await page.getByLabel('Row 2, column 2').press('Enter')
  await page.waitForFunction(() => location.hash.includes('weights=0,0,0,0,3,0,0,0,0'))
  await page.getByText('5 × 5', { exact: true }).click()
  await page.getByLabel('Row 3, column 3').waitFor()
  expect(await page.getByLabel('Row 3, column 3').inputValue()).toBe('3')
  // The address follows a moment after the page.
  await page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get('weights')?.split(',').length === 25)
  await page.reload()
  await page.getByTestId('sum').waitFor()
  expect(await page.getByLabel('Row 3, column 3').inputValue()).toBe('3')
})

test('what cannot be is explained in place', async () => {
  await open('/convolution#stride=4&dilation=4&padding=0')
  await page.getByLabel('Pooling').selectOption('max')
  await page.getByLabel('Size of a block').selectOption('4')
  await page.getByText('5 × 5', { exact: true }).click()
  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toContain('There is no output')
  await page.getByLabel('Dilation').fill('1')
  await alert.waitFor({ state: 'detached' })
})
