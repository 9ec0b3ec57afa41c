/**
 * Pictures of every page and its further views in both themes and three widths, for looking at, and the two pictures of the README.
 * `npm run screenshots [folder] [page]`; the default folder is `studio/screenshots/`, which is not kept.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { writeGallery } from '../test/support/example-runs.ts'
import { startStudio } from '../test/support/studio.ts'
import { furtherViews, pictures, type View } from './pictures.ts'
import { smallPng } from './small-png.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const [folder = join(root, 'studio', 'screenshots'), only] = process.argv.slice(2)
const widths = [390, 1024, 1600]
const themes = ['light', 'dark'] as const

const studio = await startStudio()
await writeGallery(studio.runs)
await mkdir(folder, { recursive: true })
const names = await readdir(new URL('../src/pages/', import.meta.url))

/** Waits until the page has what it works out first, and a little longer. */
async function settle(page: Page, ms: number): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'), undefined, { timeout: 60_000 })
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  await page.waitForTimeout(ms)
}

async function shoot(name: string, view: View, colorScheme: 'light' | 'dark', width: number): Promise<void> {
  const address = view.address === '' ? `/${name}` : `/${name}#${view.address}`
  const { page, problems } = await studio.open(address, { viewport: { width, height: 1000 }, colorScheme })
  await settle(page, view.waitMs)
  const path = join(folder, `${[name, view.name, colorScheme, width].filter((part) => part !== '').join('-')}.png`)
  await page.screenshot({ path, fullPage: width === 390 })
  process.stdout.write(`${path}${problems.length > 0 ? `  ${problems.join('; ')}` : ''}\n`)
  await page.context().close()
}

const opening: View = { name: '', address: '', waitMs: 2500 }

for (const name of names.filter((each) => only === undefined || each === only)) {
  for (const view of [opening, ...(furtherViews[name] ?? [])]) {
    for (const colorScheme of themes) for (const width of widths) await shoot(name, view, colorScheme, width)
  }
}

if (only === undefined) {
  for (const { name, address, colorScheme, waitMs } of pictures) {
    const { page } = await studio.open(address, { viewport: { width: 1400, height: 860 }, colorScheme })
    await settle(page, waitMs)
    const path = join(root, 'docs', 'pictures', `${name}.png`)
    await mkdir(join(root, 'docs', 'pictures'), { recursive: true })
    await writeFile(path, smallPng(await page.screenshot()))
    process.stdout.write(`${path}\n`)
    await page.context().close()
  }
}
await studio.close()
