/** Reports: what they hold, that they need nothing from elsewhere, and that their pictures are pictures. */
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

import { data, nn, type Tensor, train } from '../../index.ts'
import { lineChart, scatterChart } from './chart.ts'
import { isPicture, pictureUri } from './image.ts'

/** Takes sample i of class i mod 3 for class 1 when its first pixel is set. */
class Scripted extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.flatten(1).slice(1, 0, 3).mul(4)
  }
}

function pictures(): data.ArrayDataset {
  const inputs = new Uint8Array(6 * 16)
  const targets = new Uint8Array([0, 1, 2, 0, 1, 2])
  for (let i = 0; i < 6; i++) inputs[i * 16 + (targets[i] as number)] = 255
  // The last sample looks like class 0.
  inputs[5 * 16] = 255
  inputs[5 * 16 + 2] = 0
  const classNames = ['<zero>', 'one', 'two']
  return new data.ArrayDataset({ inputs, targets, inputShape: [1, 4, 4], normalize: { scale: 1 / 255 }, classNames })
}

const history: train.EpochRecord[] = [1, 2].map((epoch) => ({
  epoch,
  epochs: 2,
  trainLoss: 1 / epoch,
  trainAccuracy: 0.5 + epoch / 10,
  validationLoss: 1.1 / epoch,
  validationAccuracy: 0.5,
  seconds: 1,
  samplesPerSecond: 1000,
  lr: 0.1,
  best: true,
  metrics: {},
}))

describe('a report', () => {
  test('shows curves, confusion, the worst mistakes and facts, and loads nothing', async () => {
    const examination = await train.examine(new Scripted(), pictures())
    const page = train.report({
      title: 'Run & <more>',
      lead: 'Lead',
      history,
      best: { epoch: 2 },
      test: { loss: 0.25, accuracy: 5 / 6, metrics: {}, count: 6, name: 'the test set' },
      examination,
      facts: { Model: 'scripted', Seed: 1, Absent: undefined },
    })
    expect(page).toContain('<h1>Run &amp; &lt;more&gt;</h1>')
    expect(page).toContain('<dt>Test accuracy</dt><dd>83.33 %</dd>')
    expect(page).toContain(
      'aria-label="Loss over 2 epochs. training: from 1 to 0.5000; validation: from 1.1000 to 0.5500."',
    )
    expect(page).toContain('Most often confused: “two” taken for “&lt;zero&gt;” (1).')
    expect(page.match(/<td class="hit"/g)).toHaveLength(3)
    expect(page).toContain('alt="sample 5, two"')
    expect(page).toContain('<dt>Model</dt><dd>scripted</dd>')
    expect(page).not.toContain('Absent')
    expect(page).not.toMatch(/<script|<link|@import|https?:\/\/|src="(?!data:)|url\(/)
    for (const tag of ['main', 'section', 'table', 'svg', 'details', 'figure', 'dl', 'ul']) {
      const count = (pattern: RegExp): number => page.match(pattern)?.length ?? 0
      expect([tag, count(new RegExp(`<${tag}[ >]`, 'g'))]).toEqual([tag, count(new RegExp(`</${tag}>`, 'g'))])
    }
  })

  test('of numbers shows prediction against truth', async () => {
    const inputs = Float32Array.of(1, 2, 3, 4)
    const set = new data.ArrayDataset({ inputs, targets: inputs.slice(), inputShape: [1], targetShape: [1] })
    const net = new nn.Linear(1, 1)
    net.weight.write([1])
    net.bias?.write([0])
    const examination = await train.examine(net, set)
    expect(examination.kind === 'numbers' && examination.figures.r2).toBe(1)
    const page = train.report({ title: 'Numbers', history: [], examination })
    expect(page).toContain('<dt>R²</dt><dd>1</dd>')
    expect(page.match(/class="point"/g)).toHaveLength(4)
  })
})

describe('an examination', () => {
  test('finds the surest mistakes and counts every sample', async () => {
    const found = await train.examine(new Scripted(), pictures(), { mistakes: 3 })
    if (found.kind !== 'classes') throw new Error('classes expected')
    expect(found.confusion.accuracy).toBe(5 / 6)
    expect(found.mistakes).toHaveLength(1)
    const [mistake] = found.mistakes
    expect(mistake).toMatchObject({ index: 5, label: 2, predicted: 0 })
    expect(mistake?.confidence).toBeCloseTo(Math.exp(4) / (Math.exp(4) + 2), 6)
    expect(mistake?.picture).toMatch(/^data:image\/png;base64,/)
  })

  test('one score for yes or no', async () => {
    const set = new data.ArrayDataset({
      inputs: Float32Array.of(-2, 3),
      targets: new Int32Array([0, 1]),
      inputShape: [1],
    })
    const net = new nn.Linear(1, 1)
    net.weight.write([1])
    net.bias?.write([0])
    const found = await train.examine(net, set)
    expect(found.kind === 'classes' && found.confusion.rows()).toEqual([
      [1, 0],
      [0, 1],
    ])
  })
})

describe('pictures', () => {
  const decode = (uri: string): { header: DataView; pixels: number[] } => {
    const bytes = Buffer.from(uri.split(',')[1] ?? '', 'base64')
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
    const length = bytes.readUInt32BE(33)
    return {
      header: new DataView(bytes.buffer, bytes.byteOffset + 16, 13),
      pixels: [...inflateSync(bytes.subarray(41, 41 + length))],
    }
  }

  test('are PNG files that other programs read', () => {
    const { header, pixels } = decode(pictureUri([0, 0.5, 1, 0.25], [1, 2, 2]))
    expect([header.getUint32(0), header.getUint32(4), header.getUint8(8), header.getUint8(9)]).toEqual([2, 2, 8, 0])
    expect(pixels).toEqual([0, 0, 128, 0, 255, 64])
  })

  test('standardised values are stretched, bytes stay, colours interleave', () => {
    expect(decode(pictureUri([-1, 3, 1, 1], [1, 2, 2])).pixels).toEqual([0, 0, 255, 0, 128, 128])
    expect(decode(pictureUri(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2])).pixels).toEqual([0, 1, 3, 5, 2, 4, 6])
  })

  test('large ones are thinned out', () => {
    const { header } = decode(pictureUri(new Float32Array(200 * 300), [200, 300]))
    expect([header.getUint32(0), header.getUint32(4)]).toEqual([75, 50])
    expect([isPicture([3, 8, 8]), isPicture([8, 8]), isPicture([2, 8, 8]), isPicture([4])]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('charts', () => {
  test('put the values where they belong', () => {
    const chart = lineChart({
      title: 'Share',
      bounds: [0, 1],
      series: [{ name: 'a', kind: 'train', values: [0, 1] }],
      mark: 2,
    })
    // Epoch 1 stands at the left edge at the bottom, epoch 2 at the right edge at the top.
    expect(chart).toContain('d="M58.0 260.0L544.0 16.0"')
    expect(chart).toContain('<title>a, epoch 2: 1</title>')
    expect(chart).toContain('best: 2')
  })

  test('leave out what was not judged', () => {
    expect(lineChart({ title: 'None', series: [{ name: 'a', kind: 'train', values: [undefined] }] })).toBe('')
    const gap = lineChart({ title: 'Gap', series: [{ name: 'a', kind: 'train', values: [1, Number.NaN, 3] }] })
    expect(gap.match(/class="dot/g)).toHaveLength(2)
    expect(scatterChart({ title: 'One', x: [1], y: [1], xLabel: 'truth' })).toContain('1 points')
  })
})
