/** The folder of reference data: COGNITRON_SHARED, or `../shared` beside the repository. Says loudly when a part of it is absent. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const shared = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))

/** The path of a part of the reference data, or undefined with a warning when it is not there. */
export function sharedData(part: string): string | undefined {
  const path = `${shared}/${part}`
  if (existsSync(path)) return path
  console.warn(`SKIPPED: there is no ${path}; set COGNITRON_SHARED to the folder that has it.`)
  return undefined
}
