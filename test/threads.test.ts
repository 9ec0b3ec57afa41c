/**
 * Worker threads of the WebAssembly backend: the same bits on any number, before and after the workers are there; they cost nothing
 * when idle and hold no process. `threads.long.test.ts` trains for longer.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { WasmBackend } from '../src/backends/wasm/index.ts'
import { type BitRun, smallCnn, trainedBits } from './support/train-bits.ts'

/** More threads than processors meet slowly, the more so on a busy machine. */
const PATIENCE_MS = 240_000

const run: BitRun = { model: smallCnn, input: [5, 3, 16, 16], classes: 5, steps: 20 }
const shared = (threads: number): WasmBackend => new WasmBackend({ threads, sharedWork: 0, wide: false })
const single = await trainedBits(shared(1), run)

describe('weights after 20 steps', { timeout: PATIENCE_MS }, () => {
  it('are finite and have moved', () => {
    const [losses = ''] = single.split('\n')
    const values = new Float32Array(Uint8Array.from(Buffer.from(losses, 'hex')).buffer)
    expect(values.every(Number.isFinite)).toBe(true)
    expect(values.at(-1)).toBeLessThan(values[0] ?? 0)
  })

  it.each([2, 3])('have the same bits on %i threads', async (threads) => {
    const backend = shared(threads)
    await backend.whenReady()
    expect(await trainedBits(backend, run)).toBe(single)
  })

  it.each([1, 2, 3])('have the same bits on wide vectors and %i threads', async (threads) => {
    const backend = new WasmBackend({ threads, sharedWork: 0, wide: true })
    await backend.whenReady()
    expect(await trainedBits(backend, run)).toBe(single)
  })

  it('have the same bits while the workers are still on their way', async () => {
    expect(await trainedBits(shared(3), run)).toBe(single)
  })

  it('have the same bits when the workers come in the middle', async () => {
    const backend = shared(2)
    const before = async (step: number): Promise<void> => {
      if (step === 10) await backend.whenReady()
    }
    expect(await trainedBits(backend, { ...run, before })).toBe(single)
  })

  it('have the same bits when the workers sleep between steps', async () => {
    const backend = shared(2)
    await backend.whenReady()
    expect(await trainedBits(backend, { ...run, steps: 4, before: () => sleep(20).then(() => {}) })).toBe(
      await trainedBits(shared(1), { ...run, steps: 4 }),
    )
  })
})

describe('a program that used threads', { timeout: PATIENCE_MS }, () => {
  it('ends by itself, and its idle workers take no processor time', async () => {
    const program = fileURLToPath(new URL('./fixtures/threads-alone.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: PATIENCE_MS })
    const { sum, idleMs, busyMs } = JSON.parse(stdout) as { sum: number; idleMs: number; busyMs: number }
    // 256³ products of 10⁻⁴.
    expect(sum).toBeCloseTo(256 ** 3 * 1e-4, 0)
    console.info(`three threads idle for ${idleMs} ms took ${busyMs.toFixed(1)} ms of processor time`)
    expect(busyMs).toBeLessThan(0.2 * idleMs)
  })
})
