/** Measures the sides in turns and keeps, for every workload, the readings of each round. */
import { spawnSync } from 'node:child_process'
import { quantile } from '../../src/cli/bench/statistics.ts'
import { workloads } from '../../src/cli/bench/workloads.ts'
import { CompareError, type CompareOptions } from './arguments.ts'
import type { Side } from './peers.ts'

/** What one process said about one workload. */
export interface SideReading {
  readonly ms: number
  readonly peakMemoryBytes?: number
  readonly ofBareKernel?: number
}

/** One round: both sides, one directly after the other. */
export interface Round {
  readonly ours: SideReading
  readonly peer: SideReading
}

export interface Comparison {
  readonly workload: string
  readonly threads: number
  readonly peer: string
  readonly rounds: readonly Round[]
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** All workloads, thread counts and peers; a peer that has no such workload is left out of it. */
export function compareAll(
  ours: Side,
  peers: readonly Side[],
  options: CompareOptions,
  log: (line: string) => void,
): Comparison[] {
  const names = options.workloads.length > 0 ? options.workloads : workloads.map(({ name }) => name)
  const comparisons: Comparison[] = []
  for (const threads of options.threads) {
    for (const workload of names) {
      const rounds = new Map<Side, Round[]>(peers.filter((peer) => peer.canUse(threads)).map((peer) => [peer, []]))
      for (let round = 1; round <= options.rounds && rounds.size > 0; round++) {
        for (const [peer, readings] of rounds) {
          const own = measureIn(ours, workload, threads)
          const other = measureIn(peer, workload, threads)
          if (own === undefined) throw new CompareError(`${ours.name} measured nothing for ${workload}.`)
          if (other === undefined) {
            rounds.delete(peer)
            continue
          }
          readings.push({ ours: own, peer: other })
          log(
            `${workload}, ${threads} thread(s), round ${round}: ${ours.name} ${own.ms} ms, ${peer.name} ${other.ms} ms, ratio ${(other.ms / own.ms).toFixed(2)}`,
          )
        }
      }
      for (const [peer, readings] of rounds) {
        comparisons.push({ workload, threads, peer: peer.name, rounds: readings })
      }
    }
  }
  return comparisons
}

/** Measures in a new process; undefined where the side does not know the workload. */
function measureIn(side: Side, workload: string, threads: number): SideReading | undefined {
  const { command, folder } = side.command(workload, threads)
  const [program = '', ...args] = command
  const { stdout, stderr, status, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new CompareError(`${side.name} failed on ${workload}:\n${stderr.trim()}`)
  return readLines(stdout)
}

/** The fields of all lines of JSON together; undefined where none has a time. */
export function readLines(text: string): SideReading | undefined {
  const fields: Partial<SideReading> = Object.assign(
    {},
    ...text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line)),
  )
  return fields.ms === undefined ? undefined : { ...fields, ms: fields.ms }
}

/** How many times as long the peer takes; the ratio is formed within each round. */
export function ratio({ rounds }: Comparison): Spread {
  return spread(rounds.map(({ ours, peer }) => peer.ms / ours.ms))
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), least: quantile(values, 0), most: quantile(values, 1) }
}
