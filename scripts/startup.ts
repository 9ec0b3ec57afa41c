/**
 * Measures how long a fresh Node process takes from importing the built library to the first result of a small net's training step.
 * Usage: npm run startup [-- ROUNDS]. Processor time says more than elapsed time where other programs run as well.
 */
import { execFileSync } from 'node:child_process'
import { quantile } from '../src/cli/bench/statistics.ts'

interface Span {
  readonly elapsedMs: number
  readonly cpuMs: number
}

interface Reading {
  readonly import: Span
  readonly firstStep: Span
}

const rounds = Number(process.argv[2] ?? 15)
if (!(Number.isInteger(rounds) && rounds >= 1)) {
  console.error(`the number of rounds is a whole number of at least 1, given ${process.argv[2]}.`)
  process.exit(2)
}
const program = new URL('./startup/first-step.ts', import.meta.url).pathname
const readings = Array.from(
  { length: rounds },
  () => JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as Reading,
)

const show = (title: string, pick: (reading: Reading) => Span): void => {
  const cells = (['elapsedMs', 'cpuMs'] as const).map((field) => {
    const values = readings.map((reading) => pick(reading)[field])
    return [0, 0.5].map((fraction) => quantile(values, fraction).toFixed(1).padStart(7)).join(' ')
  })
  console.log(`${title.padEnd(12)} ${cells.join('   ')}`)
}
console.log(`${rounds} processes    elapsed ms       processor ms\n               least  median    least  median`)
show('import', (reading) => reading.import)
show('first step', (reading) => reading.firstStep)
show('together', (reading) => ({
  elapsedMs: reading.import.elapsedMs + reading.firstStep.elapsedMs,
  cpuMs: reading.import.cpuMs + reading.firstStep.cpuMs,
}))
