/**
 * Where the built application lies, and building it when it is missing or older than its sources. The published package brings it built
 * and has no sources, so nothing is built there.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CognitronError } from '../../base/errors.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
export const applicationFolder = join(root, 'studio', 'dist')

/** Whether the application must be built before it can be served. */
export function needsBuild(): boolean {
  const sources = join(root, 'studio', 'src')
  if (!existsSync(sources)) return false
  const built = modifiedMs(join(applicationFolder, 'index.html'))
  const inputs = [
    sources,
    join(root, 'src'),
    join(root, 'studio', 'index.html'),
    join(root, 'studio', 'vite.config.ts'),
  ]
  return inputs.some((path) => newestMs(path) > built)
}

/** Builds the application. Throws CognitronError with the builder's words when that fails. */
export async function buildApplication(): Promise<void> {
  const builder = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  if (!existsSync(builder))
    throw new CognitronError('the studio is not built and its builder is not installed; run npm ci.')
  const child = spawn(process.execPath, [builder, 'build', '--logLevel', 'warn'], { cwd: join(root, 'studio') })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (words += text))
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (status !== 0) throw new CognitronError(`the studio could not be built: ${words.trim()}`)
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newestMs(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false })
  if (!status?.isDirectory()) return status?.mtimeMs ?? 0
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .reduce((newest, file) => Math.max(newest, modifiedMs(join(path, file))), 0)
}
