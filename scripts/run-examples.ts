/**
 * Runs every program in examples/ (or those whose names are given) one after the other and fails if one of them does.
 * Programs import the built package by its name, as a reader's own program would.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = new URL('../examples/', import.meta.url).pathname
const wanted = process.argv.slice(2)
const programs = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => /^\d+-.*\.ts$/.test(name))
      .filter((name) => wanted.length === 0 || wanted.includes(name.replace(/\.ts$/, '')))
      .sort()
  : []
if (wanted.length > programs.length) {
  console.error(`examples/ lacks some of: ${wanted.join(', ')}`)
  process.exit(2)
}

const failed: string[] = []
for (const name of programs) {
  console.log(`── examples/${name}`)
  const started = performance.now()
  const { status } = spawnSync(process.execPath, [join(folder, name)], { stdio: ['ignore', 'inherit', 'inherit'] })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`── ${status === 0 ? 'ok' : `failed with status ${status}`}, ${seconds} s`)
  if (status !== 0) failed.push(name)
}
console.log(
  `examples: ${programs.length - failed.length} of ${programs.length} ran${failed.length > 0 ? `, failed: ${failed.join(', ')}` : ''}`,
)
process.exit(failed.length === 0 ? 0 : 1)
