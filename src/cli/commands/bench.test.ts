/** The shape of what `bench` says; never how fast it was. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

async function bench(...args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'bench', ...args])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('--profile: every kernel once, shares that add up', async () => {
  const [profile] = await bench('--profile', 'playground', '--json')
  const kernels = profile?.kernels as { name: string; share: number; ms: number }[]
  expect(profile?.workload).toBe('playground-2-8-8-1-b10-train')
  expect(new Set(kernels.map(({ name }) => name)).size).toBe(kernels.length)
  expect(kernels.map(({ ms }) => ms)).toEqual(kernels.map(({ ms }) => ms).sort((a, b) => b - a))
  expect(kernels.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
})

test('--memory: workloads one after the other, each with the memory of its own process', async () => {
  const readings = await bench('--memory', '--threads', '1', '--seconds', '0.1', 'gemm-256', 'play', '--json')
  expect(readings).toEqual([
    expect.objectContaining({ workload: 'gemm-256', threads: 1, ofBareKernel: expect.any(Number) }),
    expect.objectContaining({ workload: 'playground-2-8-8-1-b10-train', threads: 1, peer: 'cognitron' }),
  ])
  for (const { peakMemoryBytes } of readings) {
    expect(peakMemoryBytes).toBeGreaterThan(20e6)
    expect(peakMemoryBytes).toBeLessThan(500e6)
  }
})

test('--profile with threads is refused in one sentence', async () => {
  await expect(bench('--profile', 'playground', '--threads', '2')).rejects.toMatchObject({
    code: 2,
    stderr: 'cognitron: --profile times kernels on one thread; leave out --threads and --memory.\n',
  })
})
