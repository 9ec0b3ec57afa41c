/** `transfer` as the shell starts it: bars that stand or lie, taught to a small network that knew something else. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jsonLines, type Outcome, runProgram } from '../../../test/support/command-line.ts'
import { writeBarArchive } from '../../../test/support/idx-files.ts'

/** Starting a process takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const folder = mkdtempSync(join(tmpdir(), 'cognitron-transfer-'))
const inFolder = (line: string): Promise<Outcome> => runProgram(line.split(' '), folder)

/** A grey picture of 28 × 28 with one bar. */
function barPicture(standing: boolean, index: number): Buffer {
  const picture = new PNG({ width: 28, height: 28, colorType: 0 })
  for (let pixel = 0; pixel < 28 * 28; pixel++) {
    const [column, row] = [pixel % 28, Math.floor(pixel / 28)]
    const along = standing ? column : row
    const value = along >= 6 + (index % 12) && along < 10 + (index % 12) ? 200 + (index % 40) : 20
    picture.data.set([value, value, value, 255], pixel * 4)
  }
  return PNG.sync.write(picture, { colorType: 0 })
}

/** The first half of a JPEG file. */
function tornJpeg(): Buffer {
  const pixels = Buffer.from(Array.from({ length: 28 * 28 * 4 }, (_, index) => (index * 37) % 251))
  const { data } = jpeg.encode({ width: 28, height: 28, data: pixels }, 90)
  return data.subarray(0, data.length >> 1)
}

function writePictures(name: string, count: number): void {
  for (const kind of ['lying', 'standing']) {
    mkdirSync(join(folder, name, kind), { recursive: true })
    for (let index = 0; index < count; index++) {
      writeFileSync(join(folder, name, kind, `${index}.png`), barPicture(kind === 'standing', index))
    }
  }
}

beforeAll(async () => {
  process.env.COGNITRON_CACHE = join(folder, 'cache')
  writePictures('bars', 30)
  writePictures('few', 2)
  writePictures('spoiled', 4)
  writeFileSync(join(folder, 'spoiled/standing/9.png'), 'not a picture')
  writePictures('torn', 8)
  writeFileSync(join(folder, 'torn/lying/half.jpg'), tornJpeg())
  writeFileSync(join(folder, 'torn/standing/half.jpg'), tornJpeg())
  writeBarArchive(join(folder, 'digits'))
  const trained = await inFolder(
    'train mnist --data-dir digits --model lenet5 --epochs 2 --batch-size 16 --name digits',
  )
  expect(trained.error).toBe('')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('from a run of train', () => {
  let run: Outcome
  let before: Buffer
  beforeAll(async () => {
    before = readFileSync(join(folder, 'runs/digits/best.safetensors'))
    run = await inFolder('transfer bars --from digits --features kept --name bars --json')
  })

  test('the test part is recognised; the run has a network, a report and its history', () => {
    expect(run.error).toBe('')
    expect(run.status).toBe(0)
    const lines = jsonLines(run.output)
    expect(lines[0]).toMatchObject({ type: 'start', data: { classNames: ['lying', 'standing'] }, samples: 60 })
    expect(lines.at(-1)).toMatchObject({ type: 'result', model: join('runs', 'bars', 'model.onnx') })
    expect(lines.at(-1)?.testAccuracy).toBeGreaterThanOrEqual(0.9)
    for (const file of ['model.onnx', 'model.json', 'report.html', 'stats.csv', 'run.json', 'best.safetensors']) {
      expect(existsSync(join(folder, 'runs/bars', file)), file).toBe(true)
    }
    expect(readFileSync(join(folder, 'runs/bars/report.html'), 'utf8')).toContain('standing')
    expect(readFileSync(join(folder, 'runs/digits/best.safetensors'))).toEqual(before)
  })

  test('features are kept: the same again, to the bit, from one file', async () => {
    const kept = readdirSync(join(folder, 'kept'))
    expect(kept).toHaveLength(1)
    const again = await inFolder('transfer bars --from digits --features kept --name again --json')
    expect(jsonLines(again.output).at(-1)?.testLoss).toBe(jsonLines(run.output).at(-1)?.testLoss)
    const weights = (name: string): Buffer => readFileSync(join(folder, 'runs', name, 'best.safetensors'))
    expect(weights('again')).toEqual(weights('bars'))
    expect(readdirSync(join(folder, 'kept'))).toEqual(kept)
  })

  test('the result is used as any network: predict, explain, filters', async () => {
    const predicted = await inFolder('predict bars bars/standing/3.png --json')
    expect(jsonLines(predicted.output)[0]).toMatchObject({ classes: [{ class: 'standing' }, { class: 'lying' }] })
    const explained = await inFolder('explain bars bars/lying/3.png --class lying --out map.png')
    expect([explained.error, explained.status]).toEqual(['', 0])
    const filters = await inFolder('filters runs/bars/model.onnx --out filters.png')
    expect([filters.error, filters.status]).toEqual(['', 0])
  })

  test('and is a start for the next: layers that are named learn too', async () => {
    const next = await inFolder('transfer bars --from runs/bars/model.onnx --levels none --epochs 2 --name next --json')
    expect(next.error).toBe('')
    const further = await inFolder(
      'transfer bars --from digits --unfreeze 3 --fine-tune 1 --levels none --epochs 2 --name further --json',
    )
    expect(further.error).toBe('')
    expect(existsSync(join(folder, 'runs/further/fine-tuned/report.html'))).toBe(true)
  })
})

describe('torn pictures in a folder', () => {
  const command = 'transfer torn --from digits --levels none --epochs 1'

  test('stop the work by name', async () => {
    const { error, status } = await inFolder(`${command} --name torn`)
    expect(error).toMatch(/^cognitron: .*torn\/\w+\/half\.jpg.*\.\n$/)
    expect(status).toBe(2)
  })

  test('or are counted, named and left out', async () => {
    const { output, error, status } = await inFolder(`${command} --name whole --skip-broken`)
    expect([error, status]).toEqual(['', 0])
    expect(output).toMatch(
      /2 of 18 pictures cannot be read and are left out: .*lying\/half\.jpg.*; .*standing\/half\.jpg/,
    )
    const listed = await inFolder(`${command} --name listed --skip-broken --json`)
    expect(jsonLines(listed.output)[0]).toMatchObject({
      samples: 16,
      broken: [{ path: 'lying/half.jpg' }, { path: 'standing/half.jpg' }],
    })
  })
})

describe('what cannot work is refused in one sentence, before long work', () => {
  test.each([
    ['transfer gone --from digits', /Cannot read the folder gone: there is no such file or folder/],
    [
      'transfer bars/lying --from digits',
      /no picture \(\.png, \.jpg\) in a folder; expected one folder for each class/,
    ],
    ['transfer few --from digits', /few\/lying has 2 pictures; each class needs at least 3/],
    ['transfer spoiled --from digits', /spoiled\/standing\/9\.png: this is no picture in a known format/],
    ['transfer bars --from digitz', /There is no run in digitz .* Did you mean runs\/digits\?/],
    ['transfer bars --from spoiled/standing/9.png', /9\.png is no file of weights; .*\.safetensors and \.onnx files/],
    ['transfer bars --from gone.onnx', /Cannot read gone\.onnx/],
    ['transfer bars --from digits --levels nope', /Sequential has no layer "nope"; known are 0, 1, /],
    ['transfer bars --from digits --unfreeze 3', /--unfreeze names layers that --fine-tune EPOCHS trains; give both/],
    ['transfer bars --from digits --unfreeze nope --fine-tune 1', /has no layer "nope"; known are 0, 1, /],
    ['transfer bars --from digits --name digits', /runs\/digits holds a run already; choose another name/],
    ['transfer bars --from digits --validation 0.5 --test 0.5', /leave nothing to learn from/],
    ['explain digits spoiled/standing/9.png', /this is no picture in a known format/],
  ] as const)('%s', async (line, pattern) => {
    const { error, status } = await inFolder(line)
    expect(error).toMatch(pattern)
    expect(error).toMatch(/^cognitron: .*[.?]\n$/)
    expect(status).toBe(2)
  })

  test('eval and export say what a run of transfer has already', async () => {
    await inFolder('transfer bars --from digits --epochs 1 --name short')
    for (const line of ['eval short', 'export short --onnx', 'summary short']) {
      const { error, status } = await inFolder(line)
      expect(error).toMatch(/takes runs of train; this one was made by transfer, .*model\.onnx/)
      expect(status).toBe(2)
    }
  })
})
