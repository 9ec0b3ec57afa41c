/** `train`, `eval`, `predict`, `summary` and `bench` as the shell starts them, on data small enough for seconds. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jsonLines, outcomeOf, runProgram, startProgram } from '../../../test/support/command-line.ts'
import { barPictures, writeBarArchive } from '../../../test/support/idx-files.ts'
import { decodeState } from '../../train/state.ts'

/** Starting a process takes seconds on a busy machine, and most tests start several. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const folder = mkdtempSync(join(tmpdir(), 'cognitron-train-'))
const bars = join(folder, 'bars')

/** Blobs of two classes; SLOW waits that many milliseconds at every sample. */
const job = `
import { data, models } from 'cognitron'
const wait = (ms) => ms > 0 && Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const blobs = (count, seed, slow) => {
  const set = data.toys.gauss({ count, seed, target: 'class' })
  const get = (index) => { wait(slow); return set.get(index) }
  return { ...set, name: 'blobs', length: count, inputShape: [2], targetShape: [], inputDType: 'float32', targetDType: 'int32',
    classNames: ['red', 'blue'], labels: () => set.labels(), get }
}
export default ({ seed }) => ({
  model: () => models.mlp([2, 6, 2], { activation: 'tanh', dropout: 0.1 }),
  train: blobs(200, 1, Number(process.env.SLOW ?? 0)),
  test: blobs(100, 2, 0),
  epochs: 3,
  batchSize: 8,
})
`

const inFolder = (...words: string[]) => runProgram(words, folder)
const hash = (run: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, run, 'best.safetensors')))
    .digest('hex')

beforeAll(() => {
  writeBarArchive(bars)
  writeFileSync(join(folder, 'job.ts'), job)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a data set by name', () => {
  let run: Awaited<ReturnType<typeof runProgram>>
  beforeAll(async () => {
    run = await inFolder(
      ...'train mnist --data-dir bars --model mlp --epochs 6 --batch-size 16 --seed 1 --name bars --json'.split(' '),
    )
  })

  test('JSON lines: the start, one an epoch, the result last', () => {
    expect(run.error).toBe('')
    expect(run.status).toBe(0)
    const lines = jsonLines(run.output)
    expect(lines.map(({ type }) => type)).toEqual(['start', ...Array(6).fill('epoch'), 'result'])
    // Ten bars in ten places can be told apart without a mistake.
    expect(lines.at(-1)).toMatchObject({ testAccuracy: 1, run: 'runs/bars', epochs: 6 })
  })

  test('the run folder has its six files', () => {
    expect(readdirSync(join(folder, 'runs/bars')).sort()).toEqual([
      'best.safetensors',
      'last.ckpt',
      'metrics.jsonl',
      'report.html',
      'run.json',
      'stats.csv',
    ])
    const [titles, ...rows] = readFileSync(join(folder, 'runs/bars/stats.csv'), 'utf8').trim().split('\n')
    expect(titles).toBe('Epoch,Train Loss,Train Accuracy,Validation Loss,Validation Accuracy,Seconds')
    expect(rows).toHaveLength(6)
    const { settings, model, data } = JSON.parse(readFileSync(join(folder, 'runs/bars/run.json'), 'utf8'))
    expect(settings).toMatchObject({
      data: 'mnist',
      model: 'mlp',
      epochs: 6,
      batchSize: 16,
      seed: 1,
      optimizer: 'adam',
    })
    expect(model).toEqual({ name: 'mlp', parameters: 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10 })
    expect(data).toMatchObject({ inputShape: [1, 28, 28], samples: { train: 108, validation: 12, test: 40 } })
  })

  test('eval judges it, by name, by folder and by its weights', async () => {
    const [byName, byFolder, byWeights] = await Promise.all([
      inFolder('eval', 'bars', '--json'),
      inFolder('eval', 'runs/bars'),
      inFolder('eval', 'runs/bars/best.safetensors', '--json'),
    ])
    expect(jsonLines(byName.output).at(-1)).toMatchObject({ type: 'result', testAccuracy: 1, samples: 40 })
    expect(byFolder.output).toContain('accuracy   100.00 %')
    expect(jsonLines(byWeights.output).at(-1)).toMatchObject({ testAccuracy: 1 })
  })

  test('predict names the class of a picture, and says when light and dark are swapped', async () => {
    const picture = (name: string, invert: boolean) => {
      const png = new PNG({ width: 56, height: 56 })
      const { images } = barPictures(4)
      for (let pixel = 0; pixel < 56 * 56; pixel++) {
        const [row, column] = [Math.floor(pixel / 56), pixel % 56]
        const value = images[3 * 784 + (row >> 1) * 28 + (column >> 1)] ?? 0
        png.data.fill(invert ? 255 - value : value, 4 * pixel, 4 * pixel + 3)
        png.data[4 * pixel + 3] = 255
      }
      writeFileSync(join(folder, name), PNG.sync.write(png))
    }
    picture('three.png', false)
    picture('ink.png', true)
    const [plain, json, turned] = await Promise.all([
      inFolder('predict', 'bars', 'three.png'),
      inFolder('predict', 'bars', 'three.png', 'ink.png', '--top', '1', '--json'),
      inFolder('predict', 'runs/bars', 'ink.png', '--invert', '--top', '1'),
    ])
    expect(plain.output.split('\n').slice(0, 2)).toEqual(['three.png', expect.stringMatching(/^ {2}3 +\d\d\.\d %/)])
    const [first, second, last] = jsonLines(json.output)
    expect(first).toMatchObject({ type: 'prediction', image: 'three.png', classes: [{ class: '3' }] })
    expect(second?.hint).toBe(
      'ink.png has a light background, the training pictures have a dark one; try with --invert.',
    )
    expect(last).toEqual({ type: 'result', images: 2 })
    expect(turned.output).toMatch(/^ink\.png\n {2}3 /)
    expect(turned.output).not.toContain('background')
  })

  test('summary shows the network of the run', async () => {
    const { output } = await inFolder('summary', 'bars', '--json')
    expect(jsonLines(output).at(-1)).toMatchObject({ model: 'mlp', parameters: 235_146, multiplyAdds: 235_146 - 394 })
  })

  test('a run is not replaced unasked', async () => {
    const { status, error } = await inFolder('train', 'mnist', '--data-dir', 'bars', '--name', 'bars')
    expect(status).toBe(2)
    expect(error).toBe(
      'cognitron: runs/bars holds a run already; go on with it (--resume), choose another name (--name), or replace it (--overwrite).\n',
    )
  })
})

describe('the same bits', () => {
  const train = (name: string, ...more: string[]) =>
    inFolder('train', 'job.ts', '--name', name, '--save-every', '0', ...more)
  let whole: string

  beforeAll(async () => {
    const [first, again, other] = await Promise.all([
      train('one'),
      train('two', '--threads', '1'),
      train('three', '--seed', '7'),
    ])
    expect([first.error, again.error, other.error]).toEqual(['', '', ''])
    whole = hash('runs/one')
  })

  test('the same seed twice, another one otherwise', () => {
    expect(hash('runs/two')).toBe(whole)
    expect(hash('runs/three')).not.toBe(whole)
  })

  /** Starts a slow run and waits until it has saved in the middle of its second epoch. */
  async function startSlowly(name: string) {
    process.env.SLOW = '1'
    const child = startProgram(['train', 'job.ts', '--name', name, '--save-every', '0.02'], folder)
    delete process.env.SLOW
    const ended = outcomeOf(child)
    const path = join(folder, 'runs', name, 'last.ckpt')
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (!existsSync(path)) continue
      const { epoch, batch } = decodeState(readFileSync(path)).progress
      if (epoch === 1 && batch > 0) return { child, ended }
    }
  }

  test('kill -9 in an epoch, then --resume', async () => {
    const { child, ended } = await startSlowly('killed')
    child.kill('SIGKILL')
    expect((await ended).status).toBe('SIGKILL')
    expect(existsSync(join(folder, 'runs/killed/report.html'))).toBe(false)
    const resumed = await inFolder('train', '--resume', 'runs/killed')
    expect({ status: resumed.status, error: resumed.error }).toEqual({ status: 0, error: '' })
    expect(resumed.output).toContain('going on in epoch 2, after ')
    expect(hash('runs/killed')).toBe(whole)
    const epochs = readFileSync(join(folder, 'runs/killed/stats.csv'), 'utf8').match(/^\d+(?=,)/gm)
    expect(epochs).toEqual(['1', '2', '3'])
  })

  test('killed before the first checkpoint: --resume starts anew', async () => {
    const run = join(folder, 'runs/early')
    await inFolder('train', 'job.ts', '--name', 'early')
    for (const name of ['last.ckpt', 'report.html']) rmSync(join(run, name))
    const resumed = await inFolder('train', 'job.ts', '--name', 'early', '--resume')
    expect({ status: resumed.status, error: resumed.error }).toEqual({ status: 0, error: '' })
    expect(hash('runs/early')).toBe(whole)
  })

  test('Ctrl-C finishes the step, saves and prints the command that goes on', async () => {
    const { child, ended } = await startSlowly('stopped')
    child.kill('SIGINT')
    // npm passes the same Ctrl-C on once more.
    child.kill('SIGINT')
    const { status, output, error } = await ended
    expect({ status, error }).toEqual({ status: 130, error: '' })
    expect(output).toMatch(/interrupted in epoch 2 after \d+ steps; everything is saved in runs\/stopped/)
    const command = /go on with: npx cognitron (.*)\n$/.exec(output)?.[1] ?? ''
    expect(command).toBe('train --resume runs/stopped')
    expect(await inFolder(...command.split(' '), '--json')).toMatchObject({ status: 0, error: '' })
    expect(hash('runs/stopped')).toBe(whole)
  })

  test('the learning rate falls by half a cosine over all steps, or as asked', async () => {
    const { output } = await inFolder(...'train job.ts --name cosine --schedule cosine --json'.split(' '))
    const rates = jsonLines(output).flatMap(({ lr }) => (typeof lr === 'number' ? [lr] : []))
    // 180 samples in batches of 8 are 23 steps an epoch; the last step of epoch e is number 23 e of 69, counted from 1.
    const expected = [22, 45, 68].map((step) => (0.001 * (1 + Math.cos((Math.PI * step) / 69))) / 2)
    for (const [index, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[index] ?? 0, 9)
    expect(rates).toHaveLength(3)
  })

  test('a finished run goes on with more epochs', async () => {
    const { status, output } = await inFolder('train', '--resume', 'two', '--epochs', '4', '--json')
    expect(status).toBe(0)
    const lines = jsonLines(output)
    expect(lines.map(({ type, epoch }) => [type, epoch])).toEqual([
      ['start', undefined],
      ['epoch', 4],
      ['result', undefined],
    ])
  })
})

describe('bench', () => {
  test('one JSON line for each workload whose name begins so', async () => {
    const { output, status } = await inFolder('bench', 'play', '--json', '--threads', '1')
    expect(status).toBe(0)
    const [line, ...others] = jsonLines(output)
    expect(others).toEqual([])
    expect(line).toMatchObject({ workload: 'playground-2-8-8-1-b10-train', peer: 'cognitron', threads: 1 })
    expect(line?.ms).toBeGreaterThan(0)
  })

  test('lists what there is', async () => {
    expect((await inFolder('bench', '--list')).output).toContain('fashion-b64-train              FashionSimpleNet')
    expect(await inFolder('bench', 'nothing')).toMatchObject({
      status: 2,
      error: expect.stringContaining('No workload begins with nothing; there are gemm-256,'),
    })
  })
})
