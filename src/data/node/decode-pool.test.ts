/** Decoding on worker threads: the same pictures in the same order, broken ones named, no thread left behind. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ArgumentError, FormatError } from '../../base/errors.ts'
import { DataLoader } from '../loader.ts'
import { decodePool } from './decode-pool.ts'
import { openClassFolder } from './image-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'cognitron-decode-'))
const module = pathToFileURL(join(folder, 'decoder.mjs'))

/** A picture is its side and then its grey pixels; the worker's thread number shows that another thread was at work. */
const decoder = `
import { threadId } from 'node:worker_threads'
export const decode = (bytes, name) => {
  const [side, ...pixels] = bytes
  if (pixels.length !== side * side) throw new Error(name + ' is cut short')
  return { width: side, height: side, channels: 1, pixels: Uint8Array.from(pixels) }
}
export const thread = () => ({ width: 1, height: 1, channels: 1, pixels: Uint8Array.of(threadId) })
`

beforeAll(() => {
  writeFileSync(module, decoder)
  for (const [index, kind] of ['dark', 'light', 'dark', 'light', 'light'].entries()) {
    mkdirSync(join(folder, 'pictures', kind), { recursive: true })
    const grey = (kind === 'dark' ? 10 : 200) + index
    writeFileSync(join(folder, 'pictures', kind, `${index}.png`), Uint8Array.of(2, grey, grey, grey, grey))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a loader gets from the pool what it gets without, in the same order', async () => {
  const pool = decodePool(module, { workers: 2 })
  const size = { channels: 1, height: 2, width: 2 } as const
  const set = await openClassFolder(join(folder, 'pictures'), pool.decode, { size })
  const seen: [number, number][] = []
  for await (const batch of new DataLoader(set, { batchSize: 2, prefetch: 3 }).stream()) {
    for (let slot = 0; slot < batch.size; slot++) {
      seen.push([Math.round((batch.inputs[slot * 4] as number) * 255), batch.targets[slot] as number])
    }
  }
  // Sorted by path: dark/0, dark/2, light/1, light/3, light/4.
  expect(seen).toEqual([
    [10, 0],
    [12, 0],
    [201, 1],
    [203, 1],
    [204, 1],
  ])
  await pool.close()
})

test('work is done on other threads', async () => {
  const pool = decodePool(module, { name: 'thread', workers: 2 })
  const rasters = await Promise.all(Array.from({ length: 4 }, () => pool.decode(Uint8Array.of(1), 'any')))
  const threads = new Set(rasters.map(({ pixels }) => pixels[0]))
  expect(threads.size).toBe(2)
  expect(threads).not.toContain(0)
  await pool.close()
})

test('what cannot be decoded is named, and the pool goes on', async () => {
  const pool = decodePool(module)
  await expect(pool.decode(Uint8Array.of(2, 1), 'torn.png')).rejects.toThrow(new FormatError('torn.png is cut short'))
  expect((await pool.decode(Uint8Array.of(1, 7), 'whole.png')).pixels).toEqual(Uint8Array.of(7))
  await pool.close()
  await expect(pool.decode(Uint8Array.of(1, 7), 'late.png')).rejects.toThrow(/late\.png cannot be decoded.*closed/)
})

test('a module without the function, and no workers', async () => {
  const pool = decodePool(module, { name: 'read' })
  await expect(pool.decode(Uint8Array.of(1, 7), 'a.png')).rejects.toThrow(/exports no function "read"/)
  await pool.close()
  expect(() => decodePool(module, { workers: 0 })).toThrow(ArgumentError)
})
