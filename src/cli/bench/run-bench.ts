/** `bench`: measures workloads one after the other and says what their programs consist of. */
import { spawnSync } from 'node:child_process'
import { CognitronError } from '../../base/errors.ts'
import { readyThreads, useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { formatCount, formatPercent } from '../progress/format.ts'
import { createProgress } from '../progress/index.ts'
import { styled } from '../style.ts'
import type { Terminal } from '../terminal.ts'
import { type Reading, readWorkload } from './reading.ts'
import { runProfiles } from './run-profile.ts'
import { type Workload, workloads, workloadsNamed } from './workloads.ts'

export interface BenchOptions {
  readonly threads?: number
  readonly list?: boolean
  /** How long a workload is measured. */
  readonly seconds?: number
  /** Time by kernel instead. */
  readonly profile?: boolean
  /** Every workload in a process of its own, and how much memory that took. */
  readonly memory?: boolean
  readonly json?: boolean
}

/** Measures as asked. Throws UsageError when no workload has such a name or options contradict one another. */
export async function runBench(
  names: readonly string[],
  options: BenchOptions,
  { output, closed }: Terminal,
): Promise<void> {
  const chosen = workloadsNamed(names)
  if (chosen.length === 0) {
    throw new UsageError(
      `No workload begins with ${names.join(' or ')}; there are ${workloads.map(({ name }) => name).join(', ')}.`,
    )
  }
  if (options.list) {
    for (const { name, description } of chosen) output.write(`${name.padEnd(NAME_WIDTH)}  ${description}\n`)
    return
  }
  if (options.profile) {
    if ((options.threads ?? 1) > 1 || options.memory) {
      throw new UsageError('--profile times kernels on one thread; leave out --threads and --memory.')
    }
    useThreads(1)
    return await runProfiles(chosen, output, { json: options.json, closed })
  }
  const read = await readerFor(chosen, options)
  const columns = allColumns.filter(({ shown }) => shown?.(options, chosen) ?? true)
  const progress = createProgress(output, { json: options.json })
  if (!options.json) output.write(`${styled(output, 'faint', titles(columns))}\n`)
  try {
    for (const workload of chosen) {
      if (closed.aborted) return
      progress.status(workload.name)
      const reading = await read(workload)
      if (options.json) output.write(`${JSON.stringify(reading)}\n`)
      else progress.message(row(reading, columns))
    }
  } finally {
    progress.close()
  }
}

async function readerFor(
  chosen: readonly Workload[],
  options: BenchOptions,
): Promise<(workload: Workload) => Promise<Reading>> {
  if (options.memory && chosen.length > 1) return async (workload) => readInChild(workload, options)
  useThreads(options.threads)
  const threads = await readyThreads()
  return async (workload) => {
    const reading = await readWorkload(workload, threads, options.seconds)
    // Kibibytes on every system.
    return options.memory ? { ...reading, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 } : reading
  }
}

/** Measures in a process of its own, so that its memory is that of this workload. */
function readInChild({ name }: Workload, { threads, seconds }: BenchOptions): Reading {
  const command = [...process.execArgv, process.argv[1] ?? '', 'bench', name, '--memory', '--json']
  if (threads !== undefined) command.push('--threads', String(threads))
  if (seconds !== undefined) command.push('--seconds', String(seconds))
  const { stdout, status, error } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error) throw error
  if (status !== 0) throw new CognitronError(`The process that measured ${name} ended with status ${status}.`)
  return JSON.parse(stdout) as Reading
}

interface BenchColumn {
  readonly title: string
  readonly width: number
  cell(reading: Reading): string
  /** Whether the column is there; always where it does not say. */
  shown?(options: BenchOptions, workloads: readonly Workload[]): boolean
}

const NAME_WIDTH = 29
const allColumns: readonly BenchColumn[] = [
  { title: 'ms', width: 8, cell: ({ ms }) => (ms < 1 ? ms.toFixed(4) : ms.toFixed(2)) },
  { title: 'GFLOP/s', width: 7, cell: ({ gflops }) => gflops.toFixed(1) },
  {
    title: 'of bare',
    width: 7,
    cell: ({ ofBareKernel }) => (ofBareKernel === undefined ? '' : formatPercent(ofBareKernel, 0)),
    shown: (_, chosen) => chosen.some(({ isProduct }) => isProduct),
  },
  { title: 'compile', width: 7, cell: ({ compileMs }) => `${compileMs.toFixed(0)} ms` },
  { title: 'kernels', width: 7, cell: ({ kernels }) => formatCount(kernels) },
  { title: 'module', width: 6, cell: ({ moduleBytes }) => size(moduleBytes) },
  { title: 'arena', width: 7, cell: ({ arenaBytes }) => size(arenaBytes) },
  {
    title: 'memory',
    width: 8,
    cell: ({ peakMemoryBytes = 0 }) => size(peakMemoryBytes),
    shown: ({ memory = false }) => memory,
  },
]

function titles(columns: readonly BenchColumn[]): string {
  return line(
    'workload',
    columns,
    columns.map(({ title }) => title),
  )
}

function row(reading: Reading, columns: readonly BenchColumn[]): string {
  return line(
    reading.workload,
    columns,
    columns.map(({ cell }) => cell(reading)),
  )
}

function line(name: string, columns: readonly BenchColumn[], cells: readonly string[]): string {
  return [name.padEnd(NAME_WIDTH), ...cells.map((cell, index) => cell.padStart(columns[index]?.width ?? 0))].join(' ')
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
