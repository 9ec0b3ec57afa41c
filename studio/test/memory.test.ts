/** Memory stays flat over as many epochs as an hour at the speed of the screen has. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Studio, startStudio } from './support/studio.ts'

let studio: Studio

beforeAll(async () => {
  studio = await startStudio()
})
afterAll(() => studio.close())

const EPOCHS = 20_000

test('the Playground holds on to nothing while it trains', async () => {
  const { page, problems } = await studio.open('/playground#speed=8')
  const session = await page.context().newCDPSession(page)
  const heapBytes = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage')
    return (await session.send('Runtime.getHeapUsage')).usedSize
  }
  const epochs = async (least: number): Promise<void> => {
    await page.waitForFunction(
      (count) => Number(document.querySelector('[data-testid=epoch]')?.textContent?.replaceAll(',', '')) >= count,
      least,
      { timeout: 100_000 },
    )
  }
  // By then the curve has reached its full length and every program is compiled.
  await epochs(5000)
  const before = await heapBytes()
  await epochs(5000 + EPOCHS)
  const after = await heapBytes()
  console.log(
    `heap of the page: ${(before / 2 ** 20).toFixed(1)} MiB, ${EPOCHS} epochs later ${(after / 2 ** 20).toFixed(1)} MiB`,
  )
  expect(after - before).toBeLessThan(4 * 2 ** 20)
  expect(problems).toEqual([])
}, 150_000)
