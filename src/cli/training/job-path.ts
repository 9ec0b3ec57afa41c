/** Paths on the command line, and as they stand in `run.json`, where they must mean the same from every folder. */
import { resolve } from 'node:path'

/** Whether an argument names the file of a training job rather than a data set. */
export function isJobFile(text: string): boolean {
  return /\.[cm]?[jt]s$/.test(text)
}

/** The name of a data set as it is, the path of a file from the root. */
export function absoluteData(text: string): string {
  return isJobFile(text) ? resolve(text) : text
}
