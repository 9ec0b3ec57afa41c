/** `bench --profile`: where the time of a workload goes, kernel by kernel, against what the machine can do at most. */
import { measurePeaks, type Peaks } from '../../backends/wasm/index.ts'
import type { KernelProfile } from '../../runtime/backend.ts'
import { formatPercent } from '../progress/format.ts'
import { styled } from '../style.ts'
import { type Column, table } from '../table.ts'
import type { Output } from '../terminal.ts'
import type { Workload } from './workloads.ts'

/** What one kernel takes and how far it is from the limits of the machine, on one thread. */
export interface KernelReading extends KernelProfile {
  /** Of the time of all kernels together. */
  readonly share: number
  readonly gflops: number
  /** The arithmetic as a share of the peak; a faster algorithm than the textbook's may pass 1. */
  readonly ofPeakGflops: number
  readonly gigabytesPerSecond: number
  /** The traffic as a share of the peak; buffers that fit into caches may pass 1. */
  readonly ofPeakGigabytesPerSecond: number
}

export interface WorkloadProfile {
  readonly workload: string
  readonly threads: 1
  readonly peaks: Peaks
  /** Of all kernels together. */
  readonly total: KernelReading
  /** Slowest first. */
  readonly kernels: readonly KernelReading[]
}

/** Profiles workloads one after the other. */
export async function runProfiles(
  workloads: readonly Workload[],
  output: Output,
  { json = false, closed }: { readonly json?: boolean | undefined; readonly closed: AbortSignal },
): Promise<void> {
  for (const [index, workload] of workloads.entries()) {
    if (closed.aborted) return
    const kernels = await workload.prepare().profile()
    const profile = summarise(workload.name, kernels, measurePeaks())
    if (json) output.write(`${JSON.stringify(profile)}\n`)
    else output.write(`${index > 0 ? '\n' : ''}${profileLines(profile, output).join('\n')}\n`)
  }
}

/** Rates, shares and the sum of what was measured. */
export function summarise(workload: string, kernels: readonly KernelProfile[], peaks: Peaks): WorkloadProfile {
  const sum = (field: 'ms' | 'multiplyAdds' | 'bytes') => kernels.reduce((all, kernel) => all + kernel[field], 0)
  const totalMs = sum('ms')
  const read = (kernel: KernelProfile): KernelReading => {
    const gflops = rate(2 * kernel.multiplyAdds, kernel.ms)
    const gigabytesPerSecond = rate(kernel.bytes, kernel.ms)
    return {
      ...kernel,
      share: totalMs > 0 ? kernel.ms / totalMs : 0,
      gflops,
      ofPeakGflops: gflops / peaks.gflops,
      gigabytesPerSecond,
      ofPeakGigabytesPerSecond: gigabytesPerSecond / peaks.gigabytesPerSecond,
    }
  }
  const description = kernels.length === 1 ? '1 kernel' : `${kernels.length} kernels`
  return {
    workload,
    threads: 1,
    peaks,
    total: read({ name: 'total', description, ms: totalMs, multiplyAdds: sum('multiplyAdds'), bytes: sum('bytes') }),
    kernels: kernels.map(read).sort((a, b) => b.ms - a.ms),
  }
}

/** Billions a second. */
function rate(count: number, ms: number): number {
  return ms > 0 ? count / ms / 1e6 : 0
}

const columns: readonly Column[] = [
  { title: 'kernel' },
  { title: 'what it does' },
  { title: 'ms', align: 'right' },
  { title: 'share', align: 'right' },
  { title: 'GFLOP/s', align: 'right' },
  { title: 'of peak', align: 'right' },
  { title: 'GB/s', align: 'right' },
  { title: 'of peak', align: 'right' },
]
const DESCRIPTION = 1
const GAP = 2

/** The profile as a person reads it; on a terminal, descriptions are cut so that lines fit. */
export function profileLines({ workload, peaks, total, kernels }: WorkloadProfile, output: Output): string[] {
  const rows = [...kernels, total].map(cells)
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const others = widths.reduce((sum, width, index) => (index === DESCRIPTION ? sum : sum + width + GAP), 0)
  const width = output.isTerminal ? output.columns : Number.POSITIVE_INFINITY
  const room = Math.max(columns[DESCRIPTION]?.title.length ?? 0, width - others)
  const fitted = rows.map((row) => row.map((text, index) => (index === DESCRIPTION ? cut(text, room, output) : text)))
  const [titles = '', ...lines] = table(output, columns, fitted)
  return [
    `${workload} on one thread`,
    `the most this machine does: ${peaks.gflops.toFixed(1)} GFLOP/s, ${peaks.gigabytesPerSecond.toFixed(1)} GB/s`,
    '',
    titles,
    ...lines.slice(0, -1),
    styled(output, 'strong', lines.at(-1) ?? ''),
  ]
}

function cells(kernel: KernelReading): string[] {
  const arithmetic = kernel.multiplyAdds > 0
  return [
    kernel.name,
    kernel.description,
    kernel.ms.toFixed(kernel.ms < 1 ? 4 : 3),
    formatPercent(kernel.share),
    arithmetic ? kernel.gflops.toFixed(1) : '',
    arithmetic ? formatPercent(kernel.ofPeakGflops, 0) : '',
    kernel.gigabytesPerSecond.toFixed(1),
    formatPercent(kernel.ofPeakGigabytesPerSecond, 0),
  ]
}

function cut(text: string, width: number, output: Output): string {
  if (text.length <= width) return text
  const mark = output.unicode ? '…' : '...'
  return `${text.slice(0, width - mark.length).trimEnd()}${mark}`
}
