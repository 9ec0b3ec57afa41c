/** The Explain page as a person uses it; its maps are those of the library called directly. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeRun } from '../../src/cli/training/run-description.ts'
import {
  data,
  explain,
  io,
  loss,
  manualSeed,
  models,
  nn,
  optim,
  softmax,
  type Tensor,
  tensor,
  train,
} from '../../src/index.ts'
import { loadSafetensors } from '../../src/io/node/index.ts'
import { runFolder } from '../../src/train/node/index.ts'
import { formatShare, formatValue } from '../src/base/format.ts'
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

async function open(path: string): Promise<void> {
  ;({ page, problems } = await studio.open(path, { reducedMotion: 'reduce' }))
}

const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).textContent()) ?? ''

/** What the menu Export gives. */
async function exported(label: string): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: label }).click(),
  ])
  return download.path()
}

async function exportedMap(): Promise<number[]> {
  const csv = await readFile(await exported('Map (CSV)'), 'utf8')
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(',').map(Number))
}

/** Waits until the page shows the map of a method for a class. */
async function shown(method: string, target: number): Promise<void> {
  await page.waitForFunction(
    ([title, name]) =>
      document.querySelector('.explain-words b')?.textContent === title &&
      document.querySelector('[data-testid=target]')?.textContent === name &&
      !document.querySelector('.explain-maps.busy'),
    [method, String(target)],
  )
}

interface Trained {
  readonly net: nn.Layer
  readonly folder: string
}

/** Trains as the command line does and keeps the run among those of the studio. */
async function trainRun(name: string): Promise<Trained> {
  manualSeed(5)
  const net = models.modelNamed('lenet5').create({ inputShape: [1, 28, 28], classes: 10 })
  const settings = {
    data: 'synthetic-digits',
    model: 'lenet5',
    epochs: 2,
    batchSize: 50,
    patience: 0,
    validation: 0,
    seed: 4,
  }
  const run = describeRun(
    settings,
    { name: 'lenet5', parameters: 61_706 },
    {
      name: 'synthetic-digits',
      inputShape: [1, 28, 28],
      classes: 10,
      classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
      normalization: { scale: 1 / 255 },
      samples: { train: 1500, validation: 0, test: 0 },
    },
  )
  const folder = join(studio.runs, name)
  await train.fit(net, {
    train: data.syntheticDigits('train', { count: 1500, seed: 4 }),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 0.003 }),
    epochs: settings.epochs,
    batchSize: settings.batchSize,
    seed: settings.seed,
    callbacks: [runFolder(folder, { run: { ...run } })],
  })
  net.loadStateDict((await loadSafetensors(join(folder, 'best.safetensors'))).tensors)
  net.eval()
  return { net, folder }
}

const digit = (index: number, seed: number): Tensor =>
  tensor(data.syntheticDigits('test', { count: 60, seed }).get(index).input, { shape: [1, 28, 28] })

test('a run: six methods, two classes, each number the library’s', async () => {
  const { net } = await trainRun('digits-lenet5')
  const image = digit(7, 4)
  const probabilities = await softmax(net.forward(image.unsqueeze(0)), 1).data()
  const likeliest = probabilities.indexOf(Math.max(...(probabilities as Float32Array)))
  const other = (likeliest + 3) % 10
  const makers = {
    'Grad-CAM': (target: number) => explain.gradCam(net, image, { target }),
    Occlusion: (target: number) => explain.occlusion(net, image, { target, patch: 6, stride: 3 }),
    Gradient: (target: number) => explain.saliency(net, image, { target }),
    'Gradient × input': (target: number) => explain.gradientTimesInput(net, image, { target }),
    SmoothGrad: (target: number) => explain.smoothGrad(net, image, { target, samples: 9, noise: 0.1 }),
    'Integrated gradients': (target: number) => explain.integratedGradients(net, image, { target, steps: 40 }),
  }
  await open('/explain#network=run:digits-lenet5&picture=7&patch=6&stride=3&samples=9&noise=10&steps=40')
  for (const [title, make] of Object.entries(makers)) {
    await page.getByLabel('Method', { exact: true }).selectOption(title)
    for (const target of [likeliest, other]) {
      await page.getByLabel('What speaks for').selectOption(String(target))
      await shown(title, target)
      const expected = await make(target)
      expect(await text('score')).toBe(formatValue(expected.score))
      const { row, column } = explain.strongestPlace(expected)
      expect(await text('strongest')).toBe(`row ${row}, column ${column}`)
      const found = await exportedMap()
      const scale = Math.max(...expected.map.map(Math.abs))
      const difference = Math.max(...expected.map.map((value, place) => Math.abs(value - (found[place] ?? Number.NaN))))
      expect(difference / scale, `${title} ${target}`).toBeLessThan(1e-5)
      if (expected.completeness) {
        expect(await text('sum')).toBe(formatValue(expected.completeness.sum))
        expect(await text('expected')).toBe(formatValue(expected.completeness.expected))
        expect(expected.completeness.error).toBeLessThan(0.05 * Math.abs(expected.completeness.expected))
      }
    }
  }
  const share = page.locator(`.prediction[data-class="${likeliest}"] .prediction-share`)
  expect(await share.textContent()).toBe(formatShare(probabilities[likeliest] as number))
}, 120_000)

test('the small network learns on the spot, and the code that the page shows gives its numbers', async () => {
  await open('/explain#method=gradient-x-input&picture=5')
  await page.getByTestId('score').waitFor()
  const score = await text('score')
  const strongest = await text('strongest')
  await page.getByRole('tab', { name: 'Show the code' }).click()
  const code = (await page.locator('pre code').first().textContent()) ?? ''
  const path = join(await mkdtemp(join(tmpdir(), 'studio-code-')), 'shown.ts')
  const library = new URL('../../src/index.ts', import.meta.url).href
  const checked = code.replace("'cognitron'", `'${library}'`).replaceAll('console.log(', 'said.push(')
  await writeFile(path, `export const said: unknown[] = []\n${checked}`)
  const { said } = (await import(/* @vite-ignore */ path)) as {
    said: [number, number, { row: number; column: number }]
  }
  expect(formatValue(said[1])).toBe(score)
  expect(`row ${said[2].row}, column ${said[2].column}`).toBe(strongest)
})

test('the sanity check is the library’s, and the network is the same afterwards', async () => {
  await open('/explain#tab=check&method=gradient-x-input&picture=2')
  await page.getByTestId('verdict').waitFor()
  const score = await text('score')
  const weights = io.readSafetensors(new Uint8Array(await readFile(await exported('Weights (safetensors)')))).tensors
  const net = new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(784, 10),
  )
  net.loadStateDict(weights)
  net.eval()
  const image = tensor(data.syntheticDigits('test', { count: 500, seed: 1 }).get(2).input, { shape: [1, 28, 28] })
  const target = Number(await text('target'))
  const { stages, passed, original } = await explain.randomizationTest(net, image, (model, x) =>
    explain.gradientTimesInput(model, x, { target }),
  )
  expect(formatValue(original.score)).toBe(score)
  expect(
    await page.locator('[data-stage]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-stage'))),
  ).toEqual(stages.map(({ layer }) => layer))
  const words = (value = Number.NaN): string => value.toFixed(2).replace('-', '−')
  expect(await text('verdict')).toContain(passed ? 'passes' : 'does not pass')
  expect(await text('verdict')).toContain(`correlate ${words(stages.at(-1)?.absoluteCorrelation)} with`)
  expect(await text('verdict')).toContain(`with their signs it is ${words(stages.at(-1)?.correlation)}.`)
  await page.getByText('Conv2d 8 → 16').waitFor()
})

test('all methods side by side lead to each of them', async () => {
  await open('/explain#tab=methods')
  await page.waitForFunction(() => document.querySelectorAll('.method-card canvas').length === 7)
  await page.getByRole('button', { name: 'Occlusion' }).click()
  expect(await page.getByRole('tab', { name: 'Picture and map' }).getAttribute('aria-selected')).toBe('true')
  await page.waitForFunction(() => location.hash.includes('method=occlusion'))
})

test('by keyboard: another picture, another class, another method; all of it stands in the address', async () => {
  await open('/explain')
  await page.getByTestId('score').waitFor()
  await page.getByRole('button', { name: /^Picture 4: / }).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => location.hash.includes('picture=4'))
  await page.locator('.prediction').nth(2).focus()
  await page.keyboard.press('Space')
  await page.waitForFunction(() => location.hash.includes('class='))
  await page.keyboard.press('Control+k')
  await page.keyboard.type('method smoothgrad')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => location.hash.includes('method=smooth-grad'))
  const chosen = Number(await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('class')))
  await shown('SmoothGrad', chosen)
  await page.reload()
  await page.getByTestId('score').waitFor()
  expect(await text('target')).toBe(String(chosen))
  expect(await page.getByRole('button', { name: /^Picture 4: / }).getAttribute('aria-pressed')).toBe('true')
  expect(await page.getByLabel('Copies').inputValue()).toBe('25')
})

test('what is not there is said, and the way on is there', async () => {
  await open('/explain#network=saved:gone&picture=9999&class=77&layer=nowhere')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toContain('No network called “gone” is kept in this browser')
  await page.getByRole('button', { name: 'Use the drawn digits' }).click()
  await page.getByTestId('score').waitFor()
  await page.getByLabel('Method', { exact: true }).selectOption('Grad-CAM')
  await page.getByTestId('layer').waitFor()
  await page.getByLabel('Layer').selectOption({ label: 'Conv2d 1 → 8, 28 × 28' })
  await page.waitForFunction(() => document.querySelector('[data-testid=layer]')?.textContent === '0, 28 × 28')
})

test('a layer that does not exist is explained in place', async () => {
  await open('/explain#method=grad-cam&layer=nowhere')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toMatch(/has no layer "nowhere"; known are 0, 1, 2/)
  await page.getByLabel('Layer').selectOption('3')
  await alert.waitFor({ state: 'detached' })
})

test('a file of weights is recognised, a picture of one’s own is explained', async () => {
  const { folder, net } = await trainRun('again')
  await open('/explain')
  await page.getByTestId('score').waitFor()
  await page.getByLabel('A safetensors file').setInputFiles(join(folder, 'best.safetensors'))
  await page.getByText('lenet5, trained on an unknown set').waitFor()
  await page.getByTestId('score').waitFor()
  // A white square on black, drawn by the page itself as a file.
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(56, 56)
    const context = canvas.getContext('2d')
    if (!context) return []
    context.fillRect(0, 0, 56, 56)
    context.fillStyle = 'white'
    context.fillRect(14, 14, 28, 28)
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
  })
  await page
    .getByLabel('A picture', { exact: true })
    .setInputFiles({ name: 'square.png', mimeType: 'image/png', buffer: Buffer.from(bytes) })
  await page.waitForFunction(() => location.hash.includes('picture=-1'))
  const values = data.toInput(
    {
      width: 56,
      height: 56,
      channels: 1,
      pixels: Uint8Array.from({ length: 56 * 56 }, (_, at) => (inSquare(at) ? 255 : 0)),
    },
    { channels: 1, height: 28, width: 28 },
  )
  const image = tensor(
    values.map((value) => Math.round(255 * value) / 255),
    { shape: [1, 28, 28] },
  )
  const expected = await explain.integratedGradients(net, image)
  await page.waitForFunction(
    (score) => document.querySelector('[data-testid=score]')?.textContent === score,
    formatValue(expected.score),
  )
  await page.getByLabel('A safetensors file').setInputFiles({
    name: 'other.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(
      io.writeSafetensors(new Map([['a', { data: new Float32Array(1), shape: [1], dtype: 'float32' as const }]])),
    ),
  })
  await page.getByText('other.safetensors holds weights of none of').waitFor()
})

function inSquare(at: number): boolean {
  const [row, column] = [Math.floor(at / 56), at % 56]
  return row >= 14 && row < 42 && column >= 14 && column < 42
}

test('what the page Train images keeps is found among the runs and explained', async () => {
  await open('/train#count=1000&epochs=1&layers=conv4x5s2,relu,max2,flatten')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByTestId('kept').waitFor()
  const name = (await page.getByTestId('kept').locator('b').textContent()) ?? ''
  await page.getByRole('button', { name: 'Compare under Runs' }).click()
  await page.locator(`tr[data-run="${name}"]`).getByRole('button', { name }).click()
  await page.getByRole('link', { name: 'Look inside' }).click()
  await page.getByText('own layers, trained on synthetic-digits').waitFor()
  await page.getByTestId('score').waitFor()
  expect(await page.locator('.explain-gallery li').count()).toBe(60)
  const { tensors } = io.readSafetensors(new Uint8Array(await readFile(join(studio.runs, name, 'best.safetensors'))))
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 5, { stride: 2, padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(196, 10),
  )
  net.loadStateDict(tensors)
  net.eval()
  const seed = Number(
    (JSON.parse(await readFile(join(studio.runs, name, 'run.json'), 'utf8')) as { settings: { seed: number } }).settings
      .seed,
  )
  const expected = await explain.integratedGradients(net, digit(0, seed))
  expect(await text('score')).toBe(formatValue(expected.score))
  expect(await text('sum')).toBe(formatValue(expected.completeness?.sum ?? Number.NaN))
})

test('while the small network learns, the page says how far it is and can be left', async () => {
  await open('/explain')
  await page.getByRole('progressbar', { name: 'Training' }).waitFor()
  await page.getByRole('link', { name: 'Runs' }).click()
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  await page.goBack()
  await page.getByTestId('score').waitFor()
})

test.each(['light', 'dark'] as const)(
  'axe finds nothing in any view, and none is too wide, %s',
  async (colorScheme) => {
    const viewport = { width: 390, height: 844 }
    ;({ page, problems } = await studio.open('/explain#method=grad-cam', { colorScheme, viewport }))
    await page.getByTestId('score').waitFor()
    for (const tab of ['Picture and map', 'All methods', 'Sanity check', 'Show the code']) {
      await page.getByRole('tab', { name: tab }).click()
      await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .skeleton'))
      expect(await violations(page), tab).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), tab).toBeLessThanOrEqual(0)
    }
  },
)
