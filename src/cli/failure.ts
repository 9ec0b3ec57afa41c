/**
 * How a command fails: one sentence on the error stream and a status. 2 means that what was given cannot work (a mistyped
 * option, a missing or damaged file, shapes that do not fit); 1 means a fault of the program itself. No stack unless `--debug`.
 */
import { CognitronError } from '../base/errors.ts'
import { systemReason } from '../base/file-errors.ts'
import type { Output } from './terminal.ts'

/** What was typed does not make sense; the message says what would. */
export class UsageError extends CognitronError {
  override name = 'UsageError'
}

/** The user stopped the command, which has said so and saved what there was. */
export class Interruption extends Error {
  override name = 'Interruption'
}

/** The command did its work and has said what it found wrong; it ends with status 1. */
export class ChecksFailed extends Error {
  override name = 'ChecksFailed'
}

export const status = { done: 0, fault: 1, badInput: 2, interrupted: 130 } as const

export interface Failure {
  readonly message: string
  readonly status: number
}

/** The sentence and the status for anything that was thrown. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CognitronError) return { message: oneLine(error.message), status: status.badInput }
  const system = describeSystemError(error)
  if (system !== undefined) return { message: system, status: status.badInput }
  const text = error instanceof Error ? error.message : String(error)
  const known = text.startsWith('internal error: ') ? text : `internal error: ${text}`
  return {
    message: `${oneLine(known).replace(/\.$/, '')}. This is a fault of cognitron; --debug shows where.`,
    status: status.fault,
  }
}

/** Writes the failure of a command and returns the status to leave with. */
export function reportFailure(error: unknown, output: Output, debug: boolean): number {
  const failure = describeFailure(error)
  output.write(`cognitron: ${failure.message}\n`)
  if (debug) output.write(`${stackOf(error)}\n`)
  return failure.status
}

/** Errors of the system that reached the command as they were, such as those of a folder it could not list. */
function describeSystemError(error: unknown): string | undefined {
  const reason = systemReason(error)
  if (reason === undefined) return undefined
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : ''
  return `${path}${reason}.`
}

/** The stack of an error and of the errors that caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
