/** Compiles src/ to dist/ afresh, bundles it for Node and makes the command executable; npm runs it after every install. */
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { bundleForNode } from './node-bundle.ts'

process.chdir(new URL('..', import.meta.url).pathname)
rmSync('dist', { recursive: true, force: true })
const compiler = spawnSync('tsc', ['-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (compiler.error) throw compiler.error
if (compiler.status !== 0) process.exit(compiler.status ?? 1)
chmodSync('dist/cli/main.js', 0o755)
await bundleForNode('dist/node')
