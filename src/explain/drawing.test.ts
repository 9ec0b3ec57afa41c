import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { explain, nn } from '../index.ts'
import type { ScaleName } from './colour.ts'

const lightness = ([r, g, b]: explain.Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b

describe('colour scales', () => {
  test('the ends and middles that were published', () => {
    expect(explain.scaleColour('viridis', 0)).toEqual([0x44, 0x01, 0x54])
    expect(explain.scaleColour('viridis', 1)).toEqual([0xfd, 0xe7, 0x25])
    // matplotlib's viridis at 128 of 255 is #21918c.
    const middle = explain.scaleColour('viridis', 128 / 255)
    ;[0x21, 0x91, 0x8c].forEach((value, c) => {
      expect(Math.abs((middle[c] ?? 0) - value)).toBeLessThanOrEqual(4)
    })
    expect(explain.hexColour(explain.scaleColour('orange-blue', 0))).toBe('#c2560c')
    expect(explain.hexColour(explain.scaleColour('orange-blue', 1))).toBe('#0b6aa8')
    expect(lightness(explain.scaleColour('orange-blue', 0.5))).toBeGreaterThan(225)
    expect(() => explain.scaleColour('rainbow' as ScaleName, 0)).toThrow(
      'there is no colour scale "rainbow"; known are viridis',
    )
  })

  test.each(['viridis', 'cividis'] as const)('%s grows lighter all the way', (name) => {
    const steps = Array.from({ length: 64 }, (_, step) => lightness(explain.scaleColour(name, step / 63)))
    for (let step = 1; step < steps.length; step++) {
      expect(steps[step] ?? 0).toBeGreaterThanOrEqual((steps[step - 1] ?? 0) - 0.5)
    }
  })
})

describe('drawings', () => {
  test('signed maps have zero in the middle, strengths start at zero', () => {
    expect(explain.mapScale({ map: Float32Array.of(-4, 1, 0), signed: true })).toEqual({
      name: 'orange-blue',
      low: -4,
      high: 4,
    })
    expect(explain.mapScale({ map: Float32Array.of(3, 1, 0), signed: false })).toEqual({
      name: 'viridis',
      low: 0,
      high: 3,
    })
    const drawn = explain.heatMap({ map: Float32Array.of(-4, 0, 4), width: 3, height: 1, signed: true })
    expect([...drawn.pixels.subarray(0, 3)]).toEqual([0xc2, 0x56, 0x0c])
    expect([...drawn.pixels.subarray(8, 11)]).toEqual([0x0b, 0x6a, 0xa8])
  })

  test('an overlay leaves the picture where the map is 0', () => {
    const picture = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(100, 100) } as const
    const { pixels } = explain.overlay({ map: Float32Array.of(0, 5), width: 2, height: 1, signed: false }, picture, {
      opacity: 1,
    })
    expect([...pixels.subarray(0, 4)]).toEqual([152, 152, 152, 255])
    expect([...pixels.subarray(4, 8)]).toEqual([0xfd, 0xe7, 0x25, 255])
    expect(() =>
      explain.overlay({ map: Float32Array.of(0), width: 1, height: 1, signed: false }, picture, { opacity: 2 }),
    ).toThrow('an opacity is from 0 to 1, given 2')
  })

  test('planes stretch over their range, mosaics keep a gap', () => {
    const drawn = explain.drawPlanes(Float32Array.of(-1, 1), [1, 1, 2])
    expect([...drawn.pixels]).toEqual([0, 0, 0, 255, 255, 255, 255, 255])
    const tiled = explain.mosaic([drawn, drawn, drawn], { columns: 2, gap: 1, zoom: 2 })
    expect([tiled.width, tiled.height]).toEqual([9, 5])
    expect([...tiled.pixels.subarray(4 * 4, 4 * 4 + 4)]).toEqual([0, 0, 0, 0])
  })

  test('filters as one picture', async () => {
    const set = await explain.filters(new nn.Conv2d(3, 6, 5))
    expect(explain.drawPictureSet(set, { columns: 3 })).toMatchObject({ width: 17, height: 11 })
  })
})

describe('figures', () => {
  test('panels with their pictures inside, text escaped', async () => {
    const map = { map: Float32Array.of(0, 1, 2, 3), width: 2, height: 2, signed: false }
    const svg = await explain.figure(
      [{ title: 'a < b', caption: 'c & d', picture: explain.heatMap(map), scale: explain.mapScale(map) }],
      { title: 'One', panelWidth: 100 },
    )
    expect(svg).toContain('a &lt; b')
    expect(svg).toContain('c &amp; d')
    expect(svg).toContain('>3</text>')
    const [, data = ''] = /base64,([^"]+)"/.exec(svg) ?? []
    const read = PNG.sync.read(Buffer.from(data, 'base64'))
    expect([read.width, read.height, ...read.data.subarray(0, 3)]).toEqual([2, 2, 0x44, 0x01, 0x54])
  })

  test('an explanation as picture, map and overlay', async () => {
    const picture = { width: 2, height: 2, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4) } as const
    const found: explain.Attribution = {
      method: 'gradient-x-input',
      map: Float32Array.of(-1, 0, 0, 2),
      width: 2,
      height: 2,
      signed: true,
      shape: [1, 2, 2],
      unit: { layer: '', channel: 0 },
      score: 1,
    }
    const svg = await explain.attributionFigure(found, picture)
    expect(svg).toContain('Gradient × input')
    expect(svg.match(/<image /g)).toHaveLength(3)
  })

  test('scores before a final softmax', () => {
    expect(explain.scoreLayer(new nn.Sequential(new nn.Linear(2, 2), new nn.Softmax(1)))).toBe('0')
    expect(explain.scoreLayer(new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()))).toBe('')
  })
})
