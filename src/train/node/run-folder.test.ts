/** Run folders: the files of a run, resuming after kill −9, full disks and folders that hold another run. */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { data, io, loss, manualSeed, nn, optim, train } from '../../index.ts'
import {
  freshRunFolder,
  loadRunState,
  type RunFolderOptions,
  readRun,
  runFiles,
  runFolder,
  runReport,
} from './index.ts'

let parent = ''
let folder = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'run-folder-'))
  folder = join(parent, 'run')
})
afterEach(() => rmSync(parent, { recursive: true }))

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const lines = (name: string): string[] => read(name).trimEnd().split('\n')

function options(
  net: nn.Module,
  folderOptions: RunFolderOptions = {},
  more: Partial<train.FitOptions> = {},
): train.FitOptions {
  return {
    train: data.toys.circle({ count: 40, seed: 1, target: 'class' }),
    validation: data.toys.circle({ count: 20, seed: 2, target: 'class' }),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 0.05 }),
    epochs: 3,
    batchSize: 8,
    seed: 1,
    ...more,
    callbacks: [...(more.callbacks ?? []), runFolder(folder, { run: { seed: 1 }, ...folderOptions })],
  }
}

function network(): nn.Sequential {
  manualSeed(2)
  return new nn.Sequential(new nn.Linear(2, 5), new nn.Tanh(), new nn.Linear(5, 2))
}

describe('the files of a run', () => {
  test('weights, figures, description and report', async () => {
    const net = network()
    const report = runReport({ title: 'Circle', facts: { Model: 'small' } })
    const { history, best } = await train.fit(net, options(net, { report }))
    expect(readdirSync(folder).sort()).toEqual(Object.values(runFiles).sort())
    expect(await readRun(folder)).toEqual({ seed: 1 })
    expect(lines('stats.csv')[0]).toBe('Epoch,Train Loss,Train Accuracy,Validation Loss,Validation Accuracy,Seconds')
    expect(lines('stats.csv').slice(1)).toEqual(history.map((record) => train.statsRow(record).trimEnd()))
    expect(lines('metrics.jsonl').map((line) => JSON.parse(line) as unknown)).toEqual(
      history.map((record) => ({ type: 'epoch', ...JSON.parse(JSON.stringify(record)) })),
    )
    const { tensors, metadata } = io.readSafetensors(readFileSync(join(folder, 'best.safetensors')))
    expect(metadata.epoch).toBe(String(best?.epoch))
    expect([...tensors.keys()]).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
    expect(tensors.get('0.weight')?.data).toEqual(best?.state.get('0.weight')?.data)
    expect(read('report.html')).toContain('<h1>Circle</h1>')
  })

  test('epochs in quick succession are saved together', async () => {
    const net = network()
    let clock = 0
    const saves: number[] = []
    const openFile = (path: string): Promise<FileHandle> => {
      if (path.includes(runFiles.checkpoint)) saves.push(clock)
      return open(path, 'wx')
    }
    const tick: train.Callback = {
      name: 'tick',
      onEpochEnd() {
        clock += 400
      },
    }
    await train.fit(net, options(net, { now: () => clock, openFile }, { epochs: 6, callbacks: [tick] }))
    // After 1200 ms, and once at the end.
    expect(saves).toEqual([1200, 2400, 2400])
    expect(lines('stats.csv')).toHaveLength(7)
  })

  test('a new run does not go into the folder of another unless asked to', async () => {
    const net = network()
    await train.fit(net, options(net))
    const before = read('stats.csv')
    await expect(train.fit(net, options(net))).rejects.toThrow(
      `${folder} holds a run already (last.ckpt); resume it, choose another name, or ask to overwrite it.`,
    )
    expect(read('stats.csv')).toBe(before)
    expect(await freshRunFolder(parent, 'run')).toBe(join(parent, 'run-2'))
    await train.fit(net, options(net, { overwrite: true }, { epochs: 1 }))
    expect(lines('stats.csv')).toHaveLength(2)
  })
})

describe('resuming', () => {
  test('cuts the figures back to the checkpoint and continues them', async () => {
    const net = network()
    await train.fit(net, options(net))
    // As if the run had been killed while it wrote the fourth line.
    appendFileSync(join(folder, 'stats.csv'), '4,0.1,0.9,0.')
    const again = network()
    const resume = await loadRunState(folder)
    await train.fit(again, options(again, {}, { epochs: 5, resume }))
    expect(lines('stats.csv').map((line) => line.split(',')[0])).toEqual(['Epoch', '1', '2', '3', '4', '5'])
    expect(lines('metrics.jsonl')).toHaveLength(5)
  })

  test('without a checkpoint or with a damaged one', async () => {
    await expect(loadRunState(parent)).rejects.toThrow(
      `${parent} holds no last.ckpt, so there is nothing to resume; train without resuming.`,
    )
    writeFileSync(join(parent, 'last.ckpt'), 'nonsense, but long enough')
    await expect(loadRunState(parent)).rejects.toThrow(`${join(parent, 'last.ckpt')} is not a safetensors file`)
  })

  test('kill −9 in the middle of an epoch: the same best weights to the byte', async () => {
    const whole = join(parent, 'whole')
    await program([whole])
    await program([folder], 'step 27')
    expect(lines('stats.csv').length).toBeLessThan(7)
    await program([folder, 'resume'])
    expect(readFileSync(join(folder, 'best.safetensors'))).toEqual(readFileSync(join(whole, 'best.safetensors')))
    const figures = (place: string): string[] =>
      readFileSync(join(place, 'stats.csv'), 'utf8')
        .split('\n')
        .map((line) => line.split(',').slice(0, 5).join())
    expect(figures(folder)).toEqual(figures(whole))
  })
})

/** Runs the training program; kills it without warning as soon as it prints `killAt`. */
function program(parameters: string[], killAt?: string): Promise<void> {
  const path = fileURLToPath(new URL('../../../test/fixtures/train-in-folder.ts', import.meta.url))
  const child = spawn(process.execPath, [path, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (part: Buffer) => {
    text += part
    if (killAt !== undefined && text.includes(`${killAt}\n`)) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (killAt === undefined ? code === 0 : signal === 'SIGKILL') resolve()
      else reject(new Error(`the program ended with ${signal ?? code}: ${text}`))
    })
  })
}

test('a full disk keeps the previous best weights and says so', async () => {
  const net = network()
  let full = false
  const openFile = async (path: string): Promise<FileHandle> => {
    const handle = await open(path, 'wx')
    if (!full) return handle
    const failing = { writeFile: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) }
    return new Proxy(handle, {
      get: (target, key) => {
        if (key === 'writeFile') return failing.writeFile
        const value = Reflect.get(target, key) as unknown
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }
  let best: Buffer | undefined
  const fill: train.Callback = {
    name: 'fill',
    onEpochEnd(view) {
      if (view.epoch !== 2) return
      best = readFileSync(join(folder, 'best.safetensors'))
      full = true
    },
  }
  const run = train.fit(net, options(net, { openFile, epochIntervalMs: 0 }, { callbacks: [fill] }))
  await expect(run).rejects.toThrow(
    /^Cannot write .*: the disk is full; free some space and try again\. The previous best weights are kept\.$/,
  )
  expect(readFileSync(join(folder, 'best.safetensors'))).toEqual(best)
  expect(existsSync(join(folder, 'last.ckpt'))).toBe(true)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})
