/** `sweep` and `doctor` as the shell starts them, on data small enough for seconds. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines, runProgram } from '../../../test/support/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'cognitron-sweep-'))
const inFolder = (line: string) => runProgram(line.split(' '), folder)

const job = (test: string) => `
import { data, models } from 'cognitron'
export default {
  model: () => models.mlp([2, 16, 2], { activation: 'tanh' }),
  train: data.toys.gauss({ count: 200, seed: 1, target: 'class' }),
  test: ${test},
  epochs: 4,
  batchSize: 16,
}
`

beforeAll(() => {
  writeFileSync(join(folder, 'job.ts'), job("data.toys.gauss({ count: 100, seed: 2, target: 'class' })"))
  writeFileSync(join(folder, 'leaky.ts'), job("data.toys.gauss({ count: 200, seed: 1, target: 'class' })"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sweep', () => {
  test('a grid: every run in its folder, a table in order, the way to the best again', async () => {
    const { output, error, status } = await inFolder(
      'sweep job.ts --lr 1e-6,0.03 --batch-size 8,32 --seed 3 --name grid',
    )
    expect([error, status]).toEqual(['', 0])
    expect(output).toMatch(/^4 runs, every combination of batch size, lr\n/)
    const [titles, ...rows] = readFileSync(join(folder, 'runs/grid.csv'), 'utf8').trim().split('\n')
    expect(titles).toBe('Run,batch size,lr,Outcome,Accuracy,Loss,Epochs,Seconds')
    expect(rows).toHaveLength(4)
    const rates = rows.map((row) => Number(row.split(',')[2]))
    // Four epochs with steps of a millionth cannot beat real ones on two clouds of points.
    expect(rates).toEqual([0.03, 0.03, 1e-6, 1e-6])
    for (const number of [1, 2, 3, 4]) expect(existsSync(join(folder, `runs/grid-0${number}/report.html`))).toBe(true)
    expect(output).toMatch(/again: npx cognitron train job\.ts --batch-size (8|32) --lr 0\.03 --seed 3\n$/)
  })

  test('draws as JSON; a run whose loss is no longer finite does not end the sweep', async () => {
    const { output, status } = await inFolder(
      'sweep job.ts --random 2 --optimizer sgd --lr 1e38,0.1 --name drawn --json',
    )
    expect(status).toBe(0)
    const lines = jsonLines(output)
    expect(lines.map(({ type }) => type)).toEqual(['start', 'run', 'run', 'result'])
    expect(new Set(lines.slice(1, 3).map(({ outcome }) => outcome))).toEqual(new Set(['failed', 'done']))
    expect(lines.at(-1)).toMatchObject({ outcome: 'done', settings: { lr: 0.1 }, runs: 2, table: 'runs/drawn.csv' })
  })

  test.each([
    ['sweep job.ts', /needs an option with several values/],
    ['sweep job.ts --lr 1e-4..1e-1', /say how many combinations to draw, such as --random 8/],
    ['sweep job.ts --lr 1e-3,1e-2 --name grid', /There is a sweep "grid" already/],
    ['sweep job.ts --lr 1e-3,quick', /--lr.*takes a number/],
  ])('%s is refused', async (line, message) => {
    const { error, status } = await inFolder(line)
    expect(error).toMatch(message)
    expect(error).toMatch(/^cognitron: .*\n$/)
    expect(status).toBe(2)
  })
})

describe('doctor', () => {
  test('a healthy network: one line a check, status 0', async () => {
    const { output, error, status } = await inFolder('doctor job.ts --lr 0.02')
    expect([error, status]).toEqual(['', 0])
    expect(output).toMatch(/^job network \(82 parameters\) on gauss \(200 to train, 100 to test\)\n/)
    expect(output).toContain('chance among 2 classes gives −ln(1/2) = 0.6931')
    expect(output).toMatch(/ok +gradients: The gradients of 4 parameters agree with differences/)
    expect(output).toMatch(/learning rate: The loss falls fastest at /)
    expect(output).toMatch(/\n(All 11 checks are as they should be|0 problems and \d warnings? in 11 checks)\.\n$/)
  })

  test('a test set that was trained on: a problem, status 1', async () => {
    const { output, status } = await inFolder('doctor leaky.ts --json')
    const lines = jsonLines(output)
    expect(lines.find(({ check }) => check === 'test samples in the training set')).toMatchObject({
      status: 'problem',
      figures: { duplicates: 200, share: 1 },
    })
    expect(lines.at(-1)).toMatchObject({ type: 'result', checks: 11 })
    expect(status).toBe(1)
  })
})
