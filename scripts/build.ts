/**
 * Compiles src/ to dist/ afresh and puts the command beside those of the dependencies, where `npx cognitron` finds it at once; npm runs
 * this after every install.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs'

process.chdir(new URL('..', import.meta.url).pathname)
rmSync('dist', { recursive: true, force: true })
const compiler = spawnSync('tsc', ['-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (compiler.error) throw compiler.error
if (compiler.status !== 0) process.exit(compiler.status ?? 1)
chmodSync('dist/cli/main.js', 0o755)
if (existsSync('node_modules/.bin') && process.platform !== 'win32') {
  rmSync('node_modules/.bin/cognitron', { force: true })
  symlinkSync('../../dist/cli/main.js', 'node_modules/.bin/cognitron')
}
