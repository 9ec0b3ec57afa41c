/** Runs `fixtures/memory-soak.ts` in a process of its own and judges whether its memory is flat. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { at } from '../../src/base/arrays.ts'
import type { MemorySample } from '../fixtures/memory-soak.ts'

const program = fileURLToPath(new URL('../fixtures/memory-soak.ts', import.meta.url))

export async function soak(scenario: string, count: number): Promise<MemorySample[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, scenario, String(count)])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MemorySample)
}

const KIB = 2 ** 10
const MIB = 2 ** 20

export interface Allowed {
  /** Growth of JavaScript heap and external memory together; what the engine learns about the code takes some. Default 512. */
  readonly heapKib?: number
  /** Growth of resident memory. Default 24. */
  readonly rssMib?: number
  /** Differences in linear memory. Default 0. */
  readonly wasmKib?: number
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Compares the second quarter of the samples with the last and prints the difference. */
export function expectFlat(scenario: string, samples: readonly MemorySample[], allowed: Allowed = {}): void {
  const { heapKib = 512, rssMib = 24, wasmKib = 0 } = allowed
  const quarter = Math.floor(samples.length / 4)
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)]
  const growth = (field: 'heap' | 'external' | 'rss'): number => {
    return mean(late.map((each) => each[field])) - mean(early.map((each) => each[field]))
  }
  const heap = (growth('heap') + growth('external')) / KIB
  const resident = growth('rss') / MIB
  const wasm = [...early, ...late].map((each) => each.wasm)
  const last = at(samples, samples.length - 1)
  console.info(
    `${scenario}, ${last.done} turns: linear memory ${Math.min(...wasm)} to ${Math.max(...wasm)} bytes; heap and external ` +
      `${((last.heap + last.external) / MIB).toFixed(1)} MiB, grown by ${heap.toFixed(0)} KiB in the second half; resident ` +
      `${(last.rss / MIB).toFixed(0)} MiB, grown by ${resident.toFixed(1)} MiB`,
  )
  expect((Math.max(...wasm) - Math.min(...wasm)) / KIB, 'KiB of linear memory').toBeLessThanOrEqual(wasmKib)
  expect(heap, 'growth of heap and external memory in KiB').toBeLessThan(heapKib)
  expect(resident, 'growth of resident memory in MiB').toBeLessThan(rssMib)
}
