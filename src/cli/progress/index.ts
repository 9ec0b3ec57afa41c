/** Chooses how a run reports: a line that redraws itself on a terminal, one line an epoch elsewhere, JSON lines for programs. */
import type { Output } from '../terminal.ts'
import { JsonProgress } from './json-progress.ts'
import { LineProgress } from './line-progress.ts'
import type { Progress } from './progress.ts'
import { TerminalProgress } from './terminal-progress.ts'

export type { EpochSummary, Progress, ResultFields, StepUpdate } from './progress.ts'

export interface ProgressOptions {
  /** JSON lines instead of text. */
  readonly json?: boolean | undefined
  /** What the samples are called; `images` unless told. */
  readonly unit?: string | undefined
  /** Milliseconds from any origin, for the speed. */
  readonly now?: (() => number) | undefined
}

/** The kind of progress that suits the output. */
export function createProgress(output: Output, options: ProgressOptions = {}): Progress {
  const { json = false, unit = 'images', now = () => performance.now() } = options
  if (json) return new JsonProgress(output)
  return output.isTerminal ? new TerminalProgress(output, unit, now) : new LineProgress(output, unit)
}
