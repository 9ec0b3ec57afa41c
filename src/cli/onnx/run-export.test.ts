import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import { runWithOnnxRuntime } from '../../../test/support/onnx-runtime.ts'
import { models, rand } from '../../index.ts'
import { saveSafetensors } from '../../io/files.ts'
import { exportCommand } from '../commands/export.ts'
import { runCommandLine } from '../program.ts'
import { loadOnnx } from './files.ts'

let folder = ''
const home = process.cwd()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognitron-export-'))
  process.chdir(folder)
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

async function run(...words: string[]) {
  const { terminal, output, error } = memoryTerminal()
  const status = await runCommandLine(['export', ...words], terminal, [exportCommand])
  return { status, output: output(), error: error() }
}

describe('export', () => {
  test('a named model with weights from a file, as ONNX Runtime sees it', async () => {
    const net = models
      .modelNamed('lenet5')
      .create({ inputShape: [1, 28, 28], classes: 4 })
      .eval()
    await saveSafetensors('weights.safetensors', await net.stateDict())
    const { status, output } = await run(
      'lenet5',
      '--onnx',
      'net.onnx',
      '--weights',
      'weights.safetensors',
      '--classes',
      '4',
    )
    expect({ status, output }).toEqual({
      status: 0,
      output: [
        '  file        net.onnx',
        '  network     lenet5, weights of weights.safetensors',
        '  input       1 × 28 × 28, any number at once',
        '  operators   12 of operator set 18',
        '',
      ].join('\n'),
    })
    const x = rand([2, 1, 28, 28])
    const expected = await net.forward(x).data()
    const results = await runWithOnnxRuntime(await loadOnnx('net.onnx'), { input: x })
    expected.forEach((value, index) => void expect(results.output?.data[index]).toBeCloseTo(value, 4))
  })

  test('the file is named after the model and is not replaced unasked', async () => {
    expect(await run('mlp', '--onnx', '--batch-size', '3')).toMatchObject({ status: 0 })
    expect(statSync('mlp.onnx').size).toBeGreaterThan(900_000)
    expect((await loadOnnx('mlp.onnx')).graph.input[0]?.type?.tensorType?.shape?.dim[0]).toEqual({ dimValue: 3 })
    expect(await run('mlp', '--onnx')).toEqual({
      status: 2,
      output: '',
      error: 'cognitron: mlp.onnx exists already; name another file, or replace it with --overwrite.\n',
    })
    expect(await run('mlp', '--onnx', '--overwrite')).toMatchObject({ status: 0 })
  })

  test.each([
    [['mlp'], 'Say in which format: cognitron export MODEL --onnx [FILE].'],
    [['mlpp', '--onnx'], 'There is no model "mlpp"; known are'],
    [['lenet5', '--onnx', 'a.onnx', '--weights', 'gone.safetensors'], 'Cannot read gone.safetensors'],
  ])('%j', async (words, message) => {
    const { status, error } = await run(...words)
    expect(status).toBe(2)
    expect(error).toContain(message)
  })
})
