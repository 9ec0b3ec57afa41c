/** Runs the program as the shell does, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Outcome {
  readonly output: string
  readonly error: string
  /** The exit status, or the name of the signal that ended the process. */
  readonly status: number | string
}

/** Starts `cognitron args…`; its output and errors can be read. */
export function startProgram(args: readonly string[], folder: string = process.cwd()): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
}

/** What a started program wrote and how it ended. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [output, error, [status, signal]] = await Promise.all([
    child.stdout && !child.stdout.destroyed ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ])
  return { output, error, status: status ?? signal }
}

/** Runs `cognitron args…` to its end. */
export function runProgram(args: readonly string[], folder?: string): Promise<Outcome> {
  return outcomeOf(startProgram(args, folder))
}

/** The JSON lines of an output. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
