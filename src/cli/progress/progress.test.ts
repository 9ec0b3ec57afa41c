import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import type { Output } from '../terminal.ts'
import { formatCount, formatDuration, formatLoss, formatPercent } from './format.ts'
import { createProgress, type EpochSummary, type StepUpdate } from './index.ts'

const summary: EpochSummary = {
  epoch: 3,
  epochs: 10,
  trainLoss: 0.41234,
  trainAccuracy: 0.8512,
  validationLoss: 0.5,
  validationAccuracy: 0.83,
  seconds: 75.4,
  samplesPerSecond: 5123.4,
  best: true,
}
const update: StepUpdate = { epoch: 1, epochs: 2, done: 0, total: 1000, loss: 0.5, accuracy: 0.75 }

describe('numbers as people read them', () => {
  test('losses keep four digits', () => {
    expect([0.41234, 12.3456, 123.456, 0, 1.23e-7, -0.5, Number.NaN, 2.5e7].map(formatLoss)).toEqual([
      '0.4123',
      '12.35',
      '123.5',
      '0.0000',
      '1.23e-7',
      '-0.5000',
      'NaN',
      '2.50e+7',
    ])
  })

  test('counts, shares and durations', () => {
    expect([12345.6, 3.44, 3, Number.POSITIVE_INFINITY].map(formatCount)).toEqual(['12,346', '3.4', '3', 'Infinity'])
    expect(formatPercent(0.9123)).toBe('91.2 %')
    expect([7, 754, 3723, Number.NaN].map(formatDuration)).toEqual(['0:07', '12:34', '1:02:03', '?'])
  })
})

describe('without a terminal', () => {
  test('one line an epoch, the remark and the result', () => {
    const { terminal, output } = memoryTerminal()
    const progress = createProgress(terminal.output)
    progress.step(update)
    progress.epoch(summary)
    progress.epoch({ epoch: 10, epochs: 10, trainLoss: 2, seconds: 1, samplesPerSecond: 8 })
    progress.message('stopped early')
    progress.result({ testAccuracy: 0.971, testLoss: 0.0912, epochs: 10, report: undefined, run: 'runs/a' })
    progress.close()
    expect(output().split('\n')).toEqual([
      'epoch  3/10  train loss 0.4123 accuracy 85.1 %  validation loss 0.5000 accuracy 83.0 %  1:15  5,123 images/s  best so far',
      'epoch 10/10  train loss 2.0000  0:01  8 images/s',
      'stopped early',
      'test accuracy 97.1 %, test loss 0.0912, epochs 10, run runs/a',
      '',
    ])
  })

  test('--json writes one object a line, NaN as a word', () => {
    const { terminal, output } = memoryTerminal({ isTerminal: true })
    const progress = createProgress(terminal.output, { json: true })
    progress.step(update)
    progress.epoch({ ...summary, trainLoss: Number.NaN })
    progress.message('stopped')
    progress.result({ testAccuracy: 0.971 })
    const lines = output().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: 'epoch', ...summary, trainLoss: 'NaN' },
      { type: 'message', text: 'stopped' },
      { type: 'result', testAccuracy: 0.971 },
    ])
    expect(lines.at(-1)).toBe('{"type":"result","testAccuracy":0.971}')
  })
})

describe('on a terminal', () => {
  /** What a terminal of `columns` shows after the text, row by row; knows the few sequences that the progress writes. */
  function screen(text: string, columns: number): string[] {
    const rows: string[] = ['']
    let row = 0
    for (const [token] of text.replaceAll('\x1b', '␛').matchAll(/␛\[1A|␛\[2K|\r|\n|[^␛\r\n]/gu)) {
      if (token === '␛[1A') row -= 1
      else if (token === '␛[2K') rows[row] = ''
      else if (token === '\n') rows[++row] ??= ''
      else if (token !== '\r') {
        if ((rows[row] ?? '').length === columns) rows[++row] ??= ''
        rows[row] += token
      }
    }
    return rows
  }

  function run(columns: number, unicode = true) {
    let time = 0
    const { terminal, output } = memoryTerminal({ isTerminal: true, columns, unicode })
    const progress = createProgress(terminal.output, { now: () => time })
    const step = (done: number, at: number) => {
      time = at
      progress.step({ ...update, done })
    }
    return { progress, step, screen: () => screen(output(), columns), output }
  }

  test('a bar, the scores, the speed and the time left', () => {
    const { step, screen } = run(100)
    step(100, 5000)
    step(500, 6000)
    expect(screen()).toEqual([
      'epoch 1/2  ━━━━━━━━━━━━────────────   50 %  loss 0.5000  accuracy 75.0 %  400 images/s  0:04 left',
    ])
  })

  test('is redrawn at most every 60 ms, and at the end of the epoch', () => {
    const { step, output } = run(100)
    step(100, 0)
    step(200, 30)
    expect(output().match(/epoch/g)).toHaveLength(1)
    step(300, 61)
    step(1000, 62)
    expect(output().match(/epoch/g)).toHaveLength(3)
  })

  test.each([20, 30, 40, 55, 70, 200])('fits %i columns', (columns) => {
    const { step, screen } = run(columns)
    step(100, 0)
    step(500, 1000)
    const rows = screen()
    expect(rows).toHaveLength(1)
    expect(rows[0]?.length).toBeLessThan(columns)
    expect(rows[0]).toContain('epoch 1/2')
  })

  test('speaks ASCII where nothing else is shown properly', () => {
    const { step, output } = run(60, false)
    step(500, 0)
    expect(output()).toContain('####')
    expect([...output()].filter((character) => character > '~')).toEqual([])
  })

  test('the row of an epoch takes the place of the bar, titles stand once, and closing leaves nothing behind', () => {
    const { step, progress, screen } = run(80)
    step(1000, 0)
    progress.epoch(summary)
    step(100, 100)
    progress.epoch({ ...summary, epoch: 4, best: false, validationLoss: 12.5 })
    progress.status('testing')
    progress.close()
    expect(screen()).toEqual([
      'epoch  train loss  accuracy  validation  accuracy   time  images/s',
      ' 3/10      0.4123    85.1 %      0.5000    83.0 %   1:15     5,123  best',
      ' 4/10      0.4123    85.1 %       12.50    83.0 %   1:15     5,123',
      '',
    ])
  })

  test('a table has the columns that have something to show and that fit', () => {
    const { progress, screen } = run(46)
    progress.epoch(summary)
    progress.epoch({ epoch: 4, epochs: 10, trainLoss: 2, seconds: 1, samplesPerSecond: 8 })
    expect(screen()).toEqual([
      'epoch  train loss  accuracy  validation',
      ' 3/10      0.4123    85.1 %      0.5000  best',
      ' 4/10      2.0000                      ',
      '',
    ])
    const regression = run(60)
    regression.progress.epoch({ epoch: 1, epochs: 1, trainLoss: 2, seconds: 1, samplesPerSecond: 8 })
    expect(regression.screen()[0]).toBe('epoch  train loss   time  images/s')
  })

  test('a terminal that was narrowed is cleared over all rows of the old line', () => {
    let columns = 100
    let written = ''
    const output: Output = {
      isTerminal: true,
      unicode: true,
      colour: false,
      get columns() {
        return columns
      },
      write: (text) => {
        written += text
      },
    }
    const progress = createProgress(output, { now: () => 0 })
    progress.step(update)
    const { length } = written
    columns = 30
    progress.close()
    expect(screen(written, 30).filter((row) => row !== '')).toEqual([])
    expect(length).toBeGreaterThan(30)
  })
})
