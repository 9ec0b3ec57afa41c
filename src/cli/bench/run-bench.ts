/** `bench`: measures workloads one after the other and says what their programs consist of. */
import { readyThreads, useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { formatCount } from '../progress/format.ts'
import { createProgress } from '../progress/index.ts'
import { styled } from '../style.ts'
import type { Terminal } from '../terminal.ts'
import { measure } from './measure.ts'
import { type Workload, workloads, workloadsNamed } from './workloads.ts'

export interface BenchOptions {
  readonly threads?: number
  readonly list?: boolean
  readonly json?: boolean
}

interface Reading {
  readonly workload: string
  /** The best mean time of one run. */
  readonly ms: number
  readonly peer: 'cognitron'
  readonly threads: number
  /** Billions of multiply-adds of contractions a second, times two. */
  readonly gflops: number
  /** From the call of the function to a program that can run. */
  readonly compileMs: number
  readonly kernels: number
  readonly arenaBytes: number
  readonly moduleBytes: number
}

/** Measures as asked. Throws UsageError when no workload has such a name. */
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
  useThreads(options.threads)
  const threads = await readyThreads()
  const progress = createProgress(output, { json: options.json })
  if (!options.json) output.write(`${styled(output, 'faint', titles())}\n`)
  try {
    for (const workload of chosen) {
      if (closed.aborted) return
      progress.status(workload.name)
      const reading = await read(workload, threads)
      if (options.json) output.write(`${JSON.stringify(reading)}\n`)
      else progress.message(row(reading))
    }
  } finally {
    progress.close()
  }
}

async function read(workload: Workload, threads: number): Promise<Reading> {
  const { run, program } = workload.prepare()
  const { statistics, traceMs } = program
  const ms = await measure(run)
  return {
    workload: workload.name,
    ms: Number(ms.toFixed(4)),
    peer: 'cognitron',
    threads,
    gflops: Number(((2 * statistics.multiplyAdds) / ms / 1e6).toFixed(2)),
    compileMs: Number((traceMs + statistics.compileMs).toFixed(1)),
    kernels: statistics.kernels,
    arenaBytes: statistics.arenaBytes,
    moduleBytes: statistics.moduleBytes,
  }
}

const NAME_WIDTH = 29
const columns = [
  { title: 'ms', width: 8, cell: ({ ms }: Reading) => (ms < 1 ? ms.toFixed(4) : ms.toFixed(2)) },
  { title: 'GFLOP/s', width: 7, cell: ({ gflops }: Reading) => gflops.toFixed(1) },
  { title: 'compile', width: 7, cell: ({ compileMs }: Reading) => `${compileMs.toFixed(0)} ms` },
  { title: 'kernels', width: 7, cell: ({ kernels }: Reading) => formatCount(kernels) },
  { title: 'module', width: 6, cell: ({ moduleBytes }: Reading) => size(moduleBytes) },
  { title: 'arena', width: 7, cell: ({ arenaBytes }: Reading) => size(arenaBytes) },
]

function titles(): string {
  return line(
    'workload',
    columns.map(({ title }) => title),
  )
}

function row(reading: Reading): string {
  return line(
    reading.workload,
    columns.map(({ cell }) => cell(reading)),
  )
}

function line(name: string, cells: readonly string[]): string {
  return [name.padEnd(NAME_WIDTH), ...cells.map((cell, index) => cell.padStart(columns[index]?.width ?? 0))].join(' ')
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
