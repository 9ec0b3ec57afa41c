/**
 * Measures this library and its peers in turns, A B A B, each workload in a process of its own, and says how many times as long the
 * peers take. Usage: npm run bench:compare -- [--rounds N] [--threads 1,2] [--jax-js FOLDER] [--output FILE] [WORKLOAD …]
 * PyTorch's side is bench/torch_bench.py in $COGNITRON_SHARED or ../shared, run by $PYTHON, python3 or /usr/bin/python3,
 * whichever can import torch; jax-js's is bench/jaxjs_bench.mjs there, run in a folder where @jax-js/jax is installed.
 * A comparison of all workloads is written to BENCHMARKS.md; one of some of them only where --output says.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArguments } from './bench-compare/arguments.ts'
import { compareAll } from './bench-compare/compare.ts'
import { describeMachine } from './bench-compare/machine.ts'
import { findPeers } from './bench-compare/peers.ts'
import { renderSection, replaceSection, terminalTable } from './bench-compare/render.ts'

const root = new URL('..', import.meta.url).pathname

try {
  const options = parseArguments(process.argv.slice(2))
  const { ours, peers } = findPeers(root, options.jaxJs)
  const machine = describeMachine()
  const load = loadavg()[0] ?? 0
  if (load > machine.cores / 4) {
    console.error(
      `the machine is busy (load ${load.toFixed(1)} on ${machine.cores} cores): the figures will be worth little.`,
    )
  }
  const comparisons = compareAll(ours, peers, options, (line) => console.error(line))
  const versions = [ours, ...peers].map((side) => side.version)
  console.log(terminalTable(comparisons))
  const file = options.output ?? (options.workloads.length === 0 ? `${root}BENCHMARKS.md` : undefined)
  if (file === undefined) console.error('only some workloads were compared, so BENCHMARKS.md stays as it is.')
  else {
    const section = renderSection({ machine, versions, comparisons, rounds: options.rounds, load })
    writeFileSync(file, replaceSection(existsSync(file) ? readFileSync(file, 'utf8') : undefined, section))
    console.error(`written to ${file}`)
  }
} catch (error) {
  if (!(error instanceof Error) || !('usage' in error)) throw error
  console.error(error.message)
  process.exitCode = 2
}
