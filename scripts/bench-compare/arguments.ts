/** What `npm run bench:compare` was asked to do. */
import { parseArgs } from 'node:util'
import { workloads, workloadsNamed } from '../../src/cli/bench/workloads.ts'

export interface CompareOptions {
  /** How often each side is measured. */
  readonly rounds: number
  readonly threads: readonly number[]
  /** Names of workloads; empty for all. */
  readonly workloads: readonly string[]
  /** Where @jax-js/jax is installed; without it jax-js is left out. */
  readonly jaxJs?: string | undefined
  readonly output?: string | undefined
}

/** Something that was given cannot work; the message says what would. */
export class CompareError extends Error {
  readonly usage = true
}

/** Reads the command line. Throws CompareError where it makes no sense. */
export function parseArguments(args: readonly string[]): CompareOptions {
  const { values, positionals } = parse(args)
  const chosen = positionals.flatMap((name) => {
    const found = workloadsNamed([name])
    if (found.length > 0) return found
    throw new CompareError(
      `no workload begins with ${name}; there are ${workloads.map((each) => each.name).join(', ')}.`,
    )
  })
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    threads: values.threads.split(',').map((text) => wholeNumber('--threads', text)),
    workloads: [...new Set(chosen.map(({ name }) => name))],
    jaxJs: values['jax-js'],
    output: values.output,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        threads: { type: 'string', default: '1,2' },
        'jax-js': { type: 'string' },
        output: { type: 'string' },
      },
    })
  } catch (error) {
    throw new CompareError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new CompareError(`${option} takes whole numbers of at least 1, given ${text || 'nothing'}.`)
}
