/** Comparisons as a table for the terminal and as a section of BENCHMARKS.md, one section for each kind of machine. */
import { median } from '../../src/cli/bench/statistics.ts'
import { type Comparison, ratio, type Spread, spread } from './compare.ts'
import type { Machine } from './machine.ts'

export interface Sitting {
  readonly machine: Machine
  readonly versions: readonly string[]
  readonly comparisons: readonly Comparison[]
  readonly rounds: number
  /** Processes that wanted to run in the minute before. */
  readonly load: number
}

const preamble = `# Benchmarks

\`npm run bench:compare\` measures this library and its peers on the same machine in one sitting and writes this file; the workloads are those of
\`cognitron bench --list\`. All compute in float32 on random data, and a training step is the whole of it: forward, loss, backward, optimizer update and
the loss read back as a number.

How to read it: the sides take turns, each measurement in a process of its own (best of three means). A ratio is formed within a round, between two processes that ran
directly one after the other, and says how many times as long the peer takes; it stands here as its median over the rounds with the least and the most in brackets. Times of a shared machine vary
from minute to minute, so a time alone says little, and ratios whose brackets overlap do not differ. Memory is the most that the whole process had.
`

/** The rows of all comparisons in columns. */
export function terminalTable(comparisons: readonly Comparison[]): string {
  const rows = [['workload', 'threads', 'peer', 'ours ms', 'peer ms', 'ratio', 'spread'], ...comparisons.map(cells)]
  const widths = rows.reduce<number[]>((most, row) => row.map((text, i) => Math.max(text.length, most[i] ?? 0)), [])
  return rows
    .map((row) =>
      row.map((text, i) => (i === 0 || i === 2 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}

function cells(comparison: Comparison): string[] {
  const { workload, threads, peer, rounds } = comparison
  const times = ratio(comparison)
  return [
    workload,
    String(threads),
    peer,
    showMs(median(rounds.map((round) => round.ours.ms))),
    showMs(median(rounds.map((round) => round.peer.ms))),
    digits(times.median),
    `${digits(times.least)}–${digits(times.most)}`,
  ]
}

/** The section of one machine in Markdown. */
export function renderSection({ machine, versions, comparisons, rounds, load }: Sitting): string {
  const peers = [...new Set(comparisons.map(({ peer }) => peer))]
  const gigabytes = Math.round(machine.memoryBytes / 2 ** 30)
  const busy = load > machine.cores / 4 ? ' **The machine was busy: these figures are worth little.**' : ''
  return [
    heading(machine),
    '',
    `${machine.date}; ${gigabytes} GiB of memory; ${machine.system}. ${rounds === 1 ? 'One round.' : `${rounds} rounds.`} Load before the first: ${load.toFixed(1)}.${busy}`,
    '',
    ...versions.map((version) => `- ${version}`),
    '',
    ...peers.flatMap((peer) => [...peerTable(peer, comparisons), '']),
    ...bareTable(comparisons),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function heading({ model, cores }: Machine): string {
  return `## ${model}, ${cores} ${cores === 1 ? 'core' : 'cores'}`
}

function peerTable(peer: string, comparisons: readonly Comparison[]): string[] {
  const rows = comparisons.filter((each) => each.peer === peer)
  return [
    `| workload | threads | cognitron ms | ${peer} ms | ${peer} / cognitron | cognitron MB | ${peer} MB |`,
    '|---|--:|--:|--:|--:|--:|--:|',
    ...rows.map((comparison) => {
      const [workload, threads, , ours, theirs] = cells(comparison)
      const memory = (['ours', 'peer'] as const).map((side) =>
        showMegabytes(comparison.rounds.map((round) => round[side].peakMemoryBytes)),
      )
      return `| ${[workload, threads, ours, theirs, showSpread(ratio(comparison)), ...memory].join(' | ')} |`
    }),
  ]
}

/** Products of matrices against a bare register tile. */
function bareTable(comparisons: readonly Comparison[]): string[] {
  const rows = new Map<string, number[]>()
  for (const { workload, threads, rounds } of comparisons) {
    const shares = rounds.map(({ ours }) => ours.ofBareKernel).filter((share) => share !== undefined)
    const key = `${workload} | ${threads}`
    if (shares.length > 0) rows.set(key, [...(rows.get(key) ?? []), ...shares])
  }
  if (rows.size === 0) return []
  return [
    'Products against a bare register tile that works from first-level cache on every thread, measured by turns in the same process:',
    '',
    '| workload | threads | share of the bare tile |',
    '|---|--:|--:|',
    ...[...rows].map(([key, shares]) => {
      const { median: middle, least, most } = spread(shares.map((share) => 100 * share))
      return `| ${key} | ${middle.toFixed(0)} % (${least.toFixed(0)}–${most.toFixed(0)}) |`
    }),
  ]
}

/** The document with the section in place of the one for the same machine, or at the end; a new document where there was none. */
export function replaceSection(document: string | undefined, section: string): string {
  const title = section.slice(0, section.indexOf('\n'))
  const [first = '', ...others] = (document ?? preamble).split(/^(?=## )/m)
  const place = others.findIndex((each) => each.startsWith(`${title}\n`))
  const sections = place < 0 ? [...others, section] : others.with(place, section)
  return [first, ...sections].map((each) => `${each.trimEnd()}\n`).join('\n')
}

function showSpread({ median: middle, least, most }: Spread): string {
  return `**${digits(middle)}** (${digits(least)}–${digits(most)})`
}

/** Three digits that count. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function showMs(ms: number): string {
  return ms < 1 ? ms.toFixed(4) : ms.toFixed(2)
}

function showMegabytes(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? '–' : (Math.max(...known) / 1e6).toFixed(0)
}
