/** What `bench` says about one workload: its time and what its program consists of. */
import { bareKernel, widePays } from '../../backends/wasm/index.ts'
import { measure, rateRatio } from './measure.ts'
import type { Workload } from './workloads.ts'

export interface Reading {
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
  /** For products: the speed as a share of a bare register tile on every thread, measured by turns. */
  readonly ofBareKernel?: number
  /** The most memory that the process had, where it ran nothing else. */
  readonly peakMemoryBytes?: number
}

/** Prepares and measures a workload on the backend in force, which computes on `threads` threads, for about `seconds`. */
export async function readWorkload(workload: Workload, threads: number, seconds = 3): Promise<Reading> {
  const { run, program } = workload.prepare()
  const { statistics, traceMs } = program
  const ms = await measure(run, { budgetMs: 1000 * seconds })
  const flops = 2 * statistics.multiplyAdds
  return {
    workload: workload.name,
    ms: rounded(ms, 4),
    peer: 'cognitron',
    threads,
    gflops: rounded(flops / ms / 1e6, 2),
    compileMs: rounded(traceMs + statistics.compileMs, 1),
    kernels: statistics.kernels,
    arenaBytes: statistics.arenaBytes,
    moduleBytes: statistics.moduleBytes,
    ...(workload.isProduct && { ofBareKernel: rounded(await shareOfBareKernel(run, flops, threads), 3) }),
  }
}

async function shareOfBareKernel(run: () => unknown, flops: number, threads: number): Promise<number> {
  const bare = bareKernel({ wide: widePays() })
  return await rateRatio({ work: flops, run }, { work: threads * bare.flops, run: bare.run })
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
