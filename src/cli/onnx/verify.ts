/** `cognitron verify-onnx`: every case of a folder, a line for each, and the counts at the end. */
import { ChecksFailed, UsageError } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { findCases } from './cases.ts'
import { type CaseStatus, verifyCase } from './verify-case.ts'

export interface VerifyOptions {
  /** Run only cases whose name contains this. */
  readonly only?: string
}

/**
 * Runs the cases and prints their results. Throws UsageError when there are none, ChecksFailed when a result is wrong.
 */
export async function verifyFolder(folder: string, options: VerifyOptions, { output }: Terminal): Promise<void> {
  const all = await findCases(folder)
  const cases = all.filter(({ name }) => name.includes(options.only ?? ''))
  if (cases.length === 0) {
    const wanted = options.only === undefined ? '' : ` with '${options.only}' in its name`
    throw new UsageError(`${folder} holds no case${wanted}: a folder with model.onnx and test_data_set_0 in it.`)
  }
  const counts: Record<CaseStatus, number> = { pass: 0, fail: 0, unsupported: 0 }
  for (const testCase of cases) {
    const { status, detail } = await verifyCase(testCase)
    counts[status] += 1
    output.write(`${status} ${testCase.name}  ${detail}\n`)
  }
  output.write(`${counts.pass} pass, ${counts.fail} fail, ${counts.unsupported} unsupported\n`)
  if (counts.fail > 0) throw new ChecksFailed()
}
