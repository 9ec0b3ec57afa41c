import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import { sharedData } from '../../../test/support/shared-data.ts'
import { makeOnnxFile } from '../../io/onnx/index.ts'
import { verifyOnnxCommand } from '../commands/verify-onnx.ts'
import { runCommandLine } from '../program.ts'
import { encodeOnnx } from './files.ts'

async function verify(folder: string, ...options: string[]) {
  const { terminal, output, error } = memoryTerminal()
  const status = await runCommandLine(['verify-onnx', folder, ...options], terminal, [verifyOnnxCommand])
  return { status, lines: output().trimEnd().split('\n'), error: error() }
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognitron-onnx-'))
  writeCase('right', 'Relu', [0, 2])
  writeCase('wrong', 'Neg', [1, 2])
  writeCase('strange', 'Cubist', [1, 2])
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A float32 tensor as a file of a test case. */
function tensorBytes(values: readonly number[]): Uint8Array {
  const writer = new BinaryWriter().tag(1, 0).int64(values.length).tag(2, 0).int32(1)
  writer.tag(9, 2).bytes(new Uint8Array(Float32Array.from(values).buffer))
  return writer.finish()
}

function writeCase(name: string, operator: string, expected: number[]): void {
  const data = join(folder, name, 'test_data_set_0')
  mkdirSync(data, { recursive: true })
  const nodes = [{ operator, inputs: ['x'], outputs: ['y'] }]
  writeFileSync(
    join(folder, name, 'model.onnx'),
    encodeOnnx(makeOnnxFile({ nodes, inputs: { x: [2] }, outputs: { y: [2] } })),
  )
  writeFileSync(join(data, 'input_0.pb'), tensorBytes([-1, 2]))
  writeFileSync(join(data, 'output_0.pb'), tensorBytes(expected))
}

describe('the command', () => {
  test('a line for each case, the counts at the end, status 1 when one is wrong', async () => {
    expect(await verify(folder)).toEqual({
      status: 1,
      lines: [
        'pass right  largest deviation 0.0',
        "unsupported strange  operator Cubist (node 'Cubist_0') is not supported.",
        "fail wrong  output 'y': element 1 is -2, expected 2",
        '1 pass, 1 fail, 1 unsupported',
      ],
      error: '',
    })
  })

  test('some cases, one case, and none', async () => {
    expect(await verify(folder, '--only', 'right')).toMatchObject({ status: 0 })
    expect(await verify(join(folder, 'right'))).toMatchObject({ status: 0 })
    expect(await verify(folder, '--only', 'nothing')).toMatchObject({
      status: 2,
      error: `cognitron: ${folder} holds no case with 'nothing' in its name: a folder with model.onnx and test_data_set_0 in it.\n`,
    })
    expect(await verify(`${folder}-gone`)).toMatchObject({
      status: 2,
      error: `cognitron: Cannot read ${folder}-gone: there is no such file or folder; check the path.\n`,
    })
  })
})

const suites = sharedData('data/onnx-backend-tests')

describe.skipIf(!suites)("ONNX's own tests", () => {
  test.each([
    ['node', 473],
    ['pytorch-converted', 69],
    ['pytorch-operator', 29],
  ])('%s', { timeout: 120_000 }, async (suite, passing) => {
    const { status, lines } = await verify(`${suites}/${suite}`)
    expect(lines.filter((line) => line.startsWith('fail'))).toEqual([])
    const operators = lines.flatMap((line) => /^unsupported \S+ {2}(.+)$/.exec(line)?.[1] ?? [])
    const left = operators.filter((reason) => !/Adam|Adagrad|Momentum|SplitToSequence|at random|sequence/.test(reason))
    expect(left).toEqual([])
    expect(lines.filter((line) => line.startsWith('pass')).length).toBe(passing)
    expect(status).toBe(0)
  })
})
