/** Finds the reference files of a folder and runs each with the runner of its kind. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type CaseResult, caseName } from './case-file.ts'
import { run as runLayer } from './layers.ts'
import { run as runLoss } from './losses.ts'
import { run as runNetwork } from './networks.ts'
import { run as runOptimizer } from './optimizers.ts'
import { run as runSchedule } from './schedules.ts'

const runners: Readonly<Record<string, (path: string) => Promise<CaseResult>>> = {
  layer: runLayer,
  loss: runLoss,
  optimizer: runOptimizer,
  schedule: runSchedule,
  network: runNetwork,
}

const kinds = Object.keys(runners).join('|')
const casePattern = new RegExp(`^(${kinds})-.*\\.(?:safetensors|json)$`)

/** The reference files in `folder` in a fixed order; those whose name contains `part`, if given. */
export function listCases(folder: string, part = ''): string[] {
  return readdirSync(folder)
    .filter((file) => casePattern.test(file) && file.includes(part))
    .sort()
    .map((file) => join(folder, file))
}

/** Runs one reference file; an error counts as a failure. */
export async function runCase(path: string): Promise<CaseResult> {
  const name = caseName(path)
  const run = runners[name.slice(0, name.indexOf('-'))]
  if (!run) return { name, status: 'unsupported', detail: 'a kind of case that is not known' }
  try {
    return await run(path)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { name, status: 'fail', detail: detail.replaceAll('\n', ' ') }
  }
}
