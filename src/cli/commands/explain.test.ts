/** `explain` and `filters` as the shell starts them, on a network that learned where a bar is. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jsonLines, type Outcome, runProgram } from '../../../test/support/command-line.ts'
import { writeBarArchive } from '../../../test/support/idx-files.ts'

/** Starting a process takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const folder = mkdtempSync(join(tmpdir(), 'cognitron-explain-'))
const inFolder = (line: string): Promise<Outcome> => runProgram(line.split(' '), folder)
const picture = (name: string): PNG => PNG.sync.read(readFileSync(join(folder, name)))

beforeAll(async () => {
  const drawn = new PNG({ width: 28, height: 28 })
  for (let pixel = 0; pixel < 28 * 28; pixel++) {
    const value = Math.abs((pixel % 28) - 12) < 2 ? 230 : 10
    drawn.data.set([value, value, value, 255], pixel * 4)
  }
  mkdirSync(join(folder, 'pictures'))
  writeFileSync(join(folder, 'pictures/bar.png'), PNG.sync.write(drawn))
  writeBarArchive(join(folder, 'digits'))
  const run = await inFolder('train mnist --data-dir digits --model lenet5 --epochs 2 --batch-size 16 --name bars')
  expect(run.error).toBe('')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('explain', () => {
  test('one method: a small picture is shown twelve times as large, the summary says class, score and place', async () => {
    const { output, error, status } = await inFolder(
      'explain bars pictures/bar.png --method occlusion --class 3 --check',
    )
    expect([error, status]).toEqual(['', 0])
    for (const word of ['picture', 'class', 'score', 'Occlusion', 'strongest', 'check', 'bar.occlusion.png']) {
      expect(output).toContain(word)
    }
    expect(output).toContain('blue speaks for it, orange against it')
    const { width, height } = picture('bar.occlusion.png')
    expect([width, height]).toEqual([336, 336])
  })

  test('all methods beside the picture, as PNG and as SVG', async () => {
    const png = await inFolder('explain bars pictures/bar.png --method all --out all.png --json')
    const [result] = jsonLines(png.output)
    const maps = result?.maps as { method: string; unit: { channel: number } }[]
    expect(maps).toHaveLength(8)
    expect(new Set(maps.map(({ unit }) => unit.channel)).size).toBe(1)
    // Nine tiles of 336 with gaps of 4.
    expect(picture('all.png').width).toBe(3 * 336 + 2 * 4)
    const svg = await inFolder('explain bars pictures/bar.png --method all --out all.svg')
    expect([svg.error, svg.status]).toEqual(['', 0])
    const text = readFileSync(join(folder, 'all.svg'), 'utf8')
    expect(text).toContain('Integrated gradients')
    expect(text.match(/<image /g)?.length).toBeGreaterThanOrEqual(9)
  })

  test('a unit of a layer', async () => {
    const { output, status } = await inFolder('explain bars pictures/bar.png --method saliency --unit 3:4:2,5 --json')
    expect(status).toBe(0)
    expect(jsonLines(output)[0]).toMatchObject({ maps: [{ unit: { layer: '3', channel: 4, place: [2, 5] } }] })
  })
})

describe('filters', () => {
  test('of the first convolution, feature maps, and the patches that excite them', async () => {
    const first = await inFolder('filters bars --out first.png --json')
    expect(jsonLines(first.output)[0]).toMatchObject({ what: 'filters', layer: '0', count: 6, tile: [5, 5] })
    const maps = await inFolder('filters bars --image pictures/bar.png --out maps.svg')
    expect([maps.error, maps.status]).toEqual(['', 0])
    expect(readFileSync(join(folder, 'maps.svg'), 'utf8')).toContain('feature maps')
    const top = await inFolder('filters bars --top pictures --most 2 --out top.png --json')
    expect(jsonLines(top.output).at(-1)).toMatchObject({
      what: 'top patches',
      channels: [{ channel: 0 }, { channel: 1 }],
    })
  })
})

describe('what cannot work', () => {
  test.each([
    ['explain bars pictures/bar.png --class 12', /the class 12 does not exist; the model has 10 classes \(0 to 9\)/],
    ['explain bars pictures/bar.png --layer nope', /has no layer "nope"; known are 0, 1, /],
    ['explain bars pictures/bar.png --unit 3:99', /the channel 99 of the layer "3" does not exist; it has 16/],
    ['explain bars pictures/bar.png --unit nope', /--unit takes LAYER:CHANNEL or LAYER:CHANNEL:ROW,COLUMN, given nope/],
    ['explain bars pictures/bar.png --method gradcam', /Did you mean grad-cam\?/],
    ['explain bars pictures/bar.png --out map.gif', /pictures are written as \.png or \.svg/],
    ['explain bars digits', /digits/],
    ['explain bars gone.png', /Cannot read gone\.png/],
    ['filters bars --layer nope', /has no layer "nope"; known are 0, 1, /],
    ['filters bars --image pictures/bar.png --top pictures', /leave one out/],
  ] as const)('%s', async (line, pattern) => {
    const { error, status } = await inFolder(line)
    expect(error).toMatch(pattern)
    expect(error).toMatch(/^cognitron: .*[.?]\n$/)
    expect(status).toBe(2)
  })
})
