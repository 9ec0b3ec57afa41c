/** The parts of the comparison with other libraries that measure nothing. */
import { describe, expect, test } from 'vitest'
import { parseArguments } from '../scripts/bench-compare/arguments.ts'
import { type Comparison, ratio, readLines } from '../scripts/bench-compare/compare.ts'
import { renderSection, replaceSection, terminalTable } from '../scripts/bench-compare/render.ts'

const comparison = (workload: string, pairs: readonly (readonly [number, number])[]): Comparison => ({
  workload,
  threads: 2,
  peer: 'PyTorch',
  rounds: pairs.map(([ours, peer]) => ({
    ours: { ms: ours, peakMemoryBytes: 100e6, ...(workload.startsWith('gemm') && { ofBareKernel: 0.9 }) },
    peer: { ms: peer, peakMemoryBytes: 200e6 },
  })),
})

test('the ratio is formed within rounds, not between medians', () => {
  // Ratios 2, 4 and 3; the medians of the times alone, 2 and 4, would say 2.
  const slowing: Comparison = comparison('a', [
    [1, 2],
    [1, 4],
    [4, 12],
  ])
  expect(ratio(slowing)).toEqual({ median: 3, least: 2, most: 4 })
})

test('lines of a process: readings and memory, whatever else it prints', () => {
  const text = 'warning\n{"workload":"a","ms":3,"peer":"x"}\n{"peakMemoryBytes":7}\n'
  expect(readLines(text)).toMatchObject({ ms: 3, peakMemoryBytes: 7 })
  expect(readLines('{"peakMemoryBytes":7}\n')).toBeUndefined()
})

describe('the command line', () => {
  test('names are beginnings of workloads, threads a list', () => {
    expect(parseArguments(['--rounds', '3', '--threads', '1,2', 'gemm-2', 'fashion-b1', 'gemm'])).toMatchObject({
      rounds: 3,
      threads: [1, 2],
      workloads: ['gemm-256', 'fashion-b1-infer', 'gemm-1024'],
    })
    expect(parseArguments([])).toMatchObject({ rounds: 5, threads: [1, 2], workloads: [] })
  })

  test.each([
    [['--rounds', '0'], '--rounds takes whole numbers of at least 1, given 0.'],
    [['--threads', '1,'], '--threads takes whole numbers of at least 1, given nothing.'],
    [['convnet'], /^no workload begins with convnet; there are gemm-256, /],
    [['--round', '3'], /Unknown option '--round'/],
  ])('%j is refused', (args, message) => {
    expect(() => parseArguments(args)).toThrow(message)
  })
})

describe('the record', () => {
  const machine = { model: 'Fast CPU', cores: 2, memoryBytes: 8 * 2 ** 30, system: 'Linux 6.1', date: '2030-01-02' }
  const sitting = {
    machine,
    versions: ['cognitron 1.0', 'PyTorch 9'],
    comparisons: [
      comparison('gemm-256', [[2, 1]]),
      comparison('net', [
        [0.01, 1.5],
        [0.01, 1],
        [0.01, 2],
      ]),
    ],
    rounds: 3,
    load: 0.1,
  }

  test('a section with machine, versions and tables', () => {
    expect(renderSection(sitting)).toBe(`## Fast CPU, 2 cores

2030-01-02; 8 GiB of memory; Linux 6.1. 3 rounds. Load before the first: 0.1.

- cognitron 1.0
- PyTorch 9

| workload | threads | cognitron ms | PyTorch ms | PyTorch / cognitron | cognitron MB | PyTorch MB |
|---|--:|--:|--:|--:|--:|--:|
| gemm-256 | 2 | 2.00 | 1.00 | **0.500** (0.500–0.500) | 100 | 200 |
| net | 2 | 0.0100 | 1.50 | **150** (100–200) | 100 | 200 |

Products against a bare register tile that works from first-level cache on every thread, measured by turns in the same process:

| workload | threads | share of the bare tile |
|---|--:|--:|
| gemm-256 | 2 | 90 % (90–90) |
`)
  })

  test('a busy machine is not passed over in silence', () => {
    expect(renderSection({ ...sitting, load: 3 })).toContain(
      '**The machine was busy: these figures are worth little.**',
    )
  })

  test('a section replaces that of the same machine and leaves the others', () => {
    const first = replaceSection(undefined, renderSection(sitting))
    expect(first).toMatch(/^# Benchmarks\n\n[\s\S]*\n\n## Fast CPU, 2 cores\n/)
    const other = replaceSection(first, renderSection({ ...sitting, machine: { ...machine, cores: 16 } }))
    const again = replaceSection(other, renderSection({ ...sitting, machine: { ...machine, date: '2031-01-01' } }))
    expect(again.match(/^## .*/gm)).toEqual(['## Fast CPU, 2 cores', '## Fast CPU, 16 cores'])
    expect(again.match(/^20\d\d-01-0\d/gm)).toEqual(['2031-01-01', '2030-01-02'])
    expect(replaceSection(again, renderSection({ ...sitting, machine: { ...machine, date: '2031-01-01' } }))).toBe(
      again,
    )
  })

  test('a table for the terminal', () => {
    expect(terminalTable(sitting.comparisons).split('\n')).toEqual([
      'workload  threads  peer     ours ms  peer ms  ratio       spread',
      'gemm-256        2  PyTorch     2.00     1.00  0.500  0.500–0.500',
      'net             2  PyTorch   0.0100     1.50    150      100–200',
    ])
  })
})
