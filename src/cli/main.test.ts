/** The program as the shell starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { speaksUtf8 } from './terminal.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function run(...args: string[]) {
  const child = start(...args)
  const [output, error, [status]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ])
  return { output, error, status }
}

test('--version goes to the output, status 0', async () => {
  expect(await run('--version')).toEqual({ output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), error: '', status: 0 })
})

test('an unknown option: one sentence on the error stream, status 2', async () => {
  expect(await run('--versoin')).toEqual({
    output: '',
    error: "cognitron: unknown option '--versoin'; did you mean --version?\n",
    status: 2,
  })
})

test('a reader that goes away is no error', async () => {
  const child = start('--help')
  child.stdout?.destroy()
  const [error, [status]] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'exit')])
  expect({ error, status }).toEqual({ error: '', status: 0 })
})

test('the locale says whether characters outside ASCII are shown', () => {
  expect(speaksUtf8({ LANG: 'de_DE.UTF-8' }, 'linux')).toBe(true)
  expect(speaksUtf8({ LC_ALL: 'C', LANG: 'en_US.utf8' }, 'linux')).toBe(false)
  expect(speaksUtf8({}, 'linux')).toBe(false)
  expect(speaksUtf8({}, 'win32')).toBe(true)
})
