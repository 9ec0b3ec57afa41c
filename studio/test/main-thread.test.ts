/**
 * How long the page is ever busy while the Playground trains. The processor time of each task of the main thread is taken from the
 * browser's own trace, so that other programs on the machine have no say in it.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Studio, startStudio } from './support/studio.ts'

let studio: Studio

beforeAll(async () => {
  studio = await startStudio()
})
afterAll(() => studio.close())

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Microseconds that the thread itself worked. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

interface Task {
  readonly atMs: number
  readonly cpuMs: number
  readonly wallMs: number
}

/** The longest tasks of the main thread while `work` is done. */
async function longestTasks(page: Page, work: () => Promise<void>): Promise<Task[]> {
  await studio.browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  await work()
  const { traceEvents } = JSON.parse((await studio.browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const mains = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents.filter(
    ({ ph, name, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && mains.has(`${pid} ${tid}`),
  )
  expect(tasks.length).toBeGreaterThan(100)
  const start = Math.min(...tasks.map(({ ts }) => ts))
  return tasks
    .map(({ ts, dur = 0, tdur = 0 }) => ({ atMs: (ts - start) / 1000, cpuMs: tdur / 1000, wallMs: dur / 1000 }))
    .sort((a, b) => b.cpuMs - a.cpuMs)
    .slice(0, 5)
}

function report(what: string, tasks: readonly Task[]): void {
  const words = tasks.map(
    ({ atMs, cpuMs, wallMs }) => `${cpuMs.toFixed(1)} ms (${wallMs.toFixed(0)} by the clock) at ${atMs.toFixed(0)}`,
  )
  console.log(`${what}, longest tasks: ${words.join(', ')}`)
}

test.each([
  '',
  '#speed=8',
  '#networkShape=8,8,8,8,8,8&dataset=spiral&classes=5&speed=8&sinX=true&sinY=true&xSquared=true',
])('training with %s never blocks the page for 50 ms', async (address) => {
  const { page, problems } = await studio.open(`/playground${address}`)
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid=epoch]')?.textContent?.replaceAll(',', '')) > 5,
  )
  const tasks = await longestTasks(page, async () => {
    await page.waitForTimeout(6000)
  })
  report(`playground${address}`, tasks)
  expect(tasks[0]?.cpuMs).toBeLessThan(50)
  expect(problems).toEqual([])
  await page.context().close()
})

test('nor does it while settings are changed as it trains', async () => {
  const { page, problems } = await studio.open('/playground#speed=8')
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid=epoch]')?.textContent?.replaceAll(',', '')) > 5,
  )
  const tasks = await longestTasks(page, async () => {
    for (let turn = 0; turn < 2; turn++) {
      await page.getByLabel('Learning rate').selectOption('0.1')
      await page.getByRole('button', { name: 'Add a hidden layer' }).click()
      await page.getByRole('tab', { name: 'Weights' }).click()
      await page.getByRole('tab', { name: 'Show the code' }).click()
      await page.getByRole('tab', { name: 'Network' }).click()
      await page.getByRole('radio', { name: 'Spiral' }).check({ force: true })
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Find a page or an action' }).fill('theme')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Theme: dark' }).click()
      await page.getByRole('button', { name: 'Theme: light' }).click()
      await page.getByRole('radio', { name: 'Circle' }).check({ force: true })
      await page.waitForTimeout(500)
    }
  })
  report('playground, settings changed', tasks)
  expect(tasks[0]?.cpuMs).toBeLessThan(50)
  expect(problems).toEqual([])
  await page.context().close()
})
