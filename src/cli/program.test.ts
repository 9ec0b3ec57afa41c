import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import { expect, test } from 'vitest'
import { memoryTerminal } from '../../test/support/memory-terminal.ts'
import { ShapeError } from '../base/errors.ts'
import type { CommandFile } from './command.ts'
import { oneOf, realNumber, wholeNumber } from './options.ts'
import { runCommandLine } from './program.ts'

const train: CommandFile = {
  register(program, { terminal }) {
    program
      .command('train <dataset>')
      .description('Trains a network.')
      .option('--epochs <number>', 'how often to see all images', wholeNumber({ min: 1 }))
      .option('--lr <rate>', 'step size', realNumber({ min: 0, max: 10 }))
      .addOption(new Option('--optimizer <name>', 'how to step').argParser(oneOf(['sgd', 'adam', 'adamw'])))
      .action((dataset: string, options: Record<string, unknown>) => {
        terminal.output.write(`${dataset} ${JSON.stringify(options)}\n`)
      })
  },
}

const failing = (error: unknown): CommandFile => ({
  register(program) {
    program.command('fail').action(() => {
      throw error
    })
  },
})

async function run(line: string, commands: readonly CommandFile[] = [train]) {
  const { terminal, output, error } = memoryTerminal()
  const status = await runCommandLine(line === '' ? [] : line.split(' '), terminal, commands)
  return { status, output: output(), error: error() }
}

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await run('--version')).toEqual({ status: 0, output: `${version}\n`, error: '' })
})

test('--help, and no word at all, list the commands', async () => {
  const help = await run('--help')
  expect(help.status).toBe(0)
  expect(help.output).toContain('train [options] <dataset>')
  expect(help.output).toContain('cognitron COMMAND --help')
  expect(await run('')).toEqual(help)
  expect((await run('train --help')).output).toContain('how often to see all images')
})

test('a command gets its parsed arguments', async () => {
  const { status, output } = await run('train mnist --epochs 3 --lr 1e-3 --optimizer adam')
  expect({ status, output }).toEqual({ status: 0, output: 'mnist {"epochs":3,"lr":0.001,"optimizer":"adam"}\n' })
})

test.each([
  ['tarin mnist', "cognitron: unknown command 'tarin'; did you mean train?"],
  ['train mnist --epoch 3', "cognitron: unknown option '--epoch'; did you mean --epochs?"],
  ['train', "cognitron: missing required argument 'dataset'; see --help."],
])('%s: one sentence with the nearest name, status 2', async (line, message) => {
  const { status, error, output } = await run(line)
  expect({ status, error, output }).toEqual({
    status: 2,
    error: `${message}\n`,
    output: '',
  })
})

test.each([
  ['--epochs -1', 'It takes a whole number of at least 1.'],
  ['--epochs 1.5', 'It takes a whole number of at least 1.'],
  ['--epochs ten', 'It takes a whole number of at least 1.'],
  ['--lr 11', 'It takes a number from 0 to 10.'],
  ['--lr NaN', 'It takes a number from 0 to 10.'],
  ['--optimizer adm', 'It takes one of sgd, adam, adamw. Did you mean adam?'],
])('train mnist %s is refused', async (options, reason) => {
  const { status, error } = await run(`train mnist ${options}`)
  expect(status).toBe(2)
  expect(error).toContain(reason)
  expect(error.trimEnd()).not.toContain('\n')
})

test('an error of the caller: its sentence, status 2, no stack', async () => {
  const error = new ShapeError('layer fc1 takes [batch, 4],\n  given [10, 5].')
  expect(await run('fail', [failing(error)])).toEqual({
    status: 2,
    output: '',
    error: 'cognitron: layer fc1 takes [batch, 4], given [10, 5].\n',
  })
})

test('a missing file and a full disk are said in words', async () => {
  const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: 'cat.png' })
  expect(await run('fail', [failing(missing)])).toEqual({
    status: 2,
    output: '',
    error: 'cognitron: cat.png: there is no such file or folder; check the path.\n',
  })
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
  expect((await run('fail', [failing(full)])).error).toBe(
    'cognitron: the disk is full; free some space and try again.\n',
  )
})

test('a fault of the program: status 1, the stack and its causes only with --debug', async () => {
  const fault = new TypeError('x is undefined', { cause: new RangeError('beneath') })
  const plain = await run('fail', [failing(fault)])
  expect(plain.status).toBe(1)
  expect(plain.error).toBe(
    'cognitron: internal error: x is undefined. This is a fault of cognitron; --debug shows where.\n',
  )
  const wordy = await run('fail --debug', [failing(fault)])
  expect(wordy.error).toContain('program.test.ts')
  expect(wordy.error).toContain('caused by: RangeError: beneath')
})
