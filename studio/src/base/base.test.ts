/** Addresses, colours, formats and curves. */
import { expect, test } from 'vitest'
import {
  choice,
  defaultState,
  entry,
  flag,
  list,
  number,
  oneOfNumbers,
  readState,
  type Schema,
  whole,
  writeState,
} from './address.ts'
import { classColours, mix, parseHex, rampPixel, signedColour, signedEnds, signedRamp } from './colour.ts'
import { toCsv } from './download.ts'
import { formatCount, formatCounter, formatShare, formatValue } from './format.ts'

interface State {
  readonly kind: 'a' | 'b'
  readonly count: number
  readonly share: number
  readonly rate: number
  readonly on: boolean
  readonly sizes: readonly number[]
}

const schema: Schema<State> = {
  kind: entry('kind', 'a', choice(['a', 'b'], { B: 'b' })),
  count: entry('count', 3, whole({ min: 1, max: 9 })),
  share: entry('share', 0.5, number({ min: 0, max: 1 })),
  rate: entry('rate', 0.03, oneOfNumbers([0, 0.01, 0.03, 1])),
  on: entry('on', false, flag),
  sizes: entry('sizes', [4, 2], list(whole({ min: 1, max: 8 }), { most: 3 })),
}

test('what is as by default is not written; everything comes back', () => {
  const state: State = { kind: 'b', count: 7, share: 0.25, rate: 1, on: true, sizes: [] }
  expect(writeState(schema, defaultState(schema))).toBe('')
  expect(writeState(schema, state)).toBe('kind=b&count=7&share=0.25&rate=1&on=true&sizes=')
  expect(readState(schema, `#${writeState(schema, state)}`)).toEqual(state)
})

test('values that make no sense become the default or the nearest that does', () => {
  const read = readState(schema, 'kind=z&count=1e9&share=-4&rate=0.02&on=maybe&sizes=3,x,99,1,1')
  expect(read).toEqual({ kind: 'a', count: 9, share: 0, rate: 0.03, on: false, sizes: [3, 8, 1] })
  expect(readState(schema, 'kind=B&count=&share=NaN&rate=Infinity&%%%')).toEqual({ ...defaultState(schema), kind: 'b' })
})

/** WCAG's contrast of two colours. */
function contrast(a: string, b: string): number {
  const light = (colour: string): number => {
    const [red, green, blue] = parseHex(colour).map((c) => {
      const share = c / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [high, low] = [Math.max(light(a), light(b)), Math.min(light(a), light(b))]
  return (high + 0.05) / (low + 0.05)
}

test('colours of data stand out 3 : 1 from the surface of their theme', () => {
  const surfaces = { light: '#ffffff', dark: '#171d26' } as const
  for (const scheme of ['light', 'dark'] as const) {
    const { negative, positive } = signedEnds[scheme]
    for (const colour of [negative, positive, ...classColours[scheme]]) {
      expect(contrast(colour, surfaces[scheme])).toBeGreaterThanOrEqual(3)
    }
  }
})

test('mixing in OKLab: the ends are exact, the middle of black and white is its middle grey', () => {
  expect(mix([10, 200, 30], [250, 0, 90], 0)).toEqual([10, 200, 30])
  expect(mix([10, 200, 30], [250, 0, 90], 1)).toEqual([250, 0, 90])
  // L = 0.5 is the linear value 0.125, which is 99 of 255.
  expect(mix([0, 0, 0], [255, 255, 255], 0.5)).toEqual([99, 99, 99])
})

test('signed ramps: orange, neutral, blue; NaN shows nothing', () => {
  const ramp = signedRamp('light')
  const bytes = (pixel: number): number[] => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]
  expect(bytes(rampPixel(ramp, -5, -1, 1))).toEqual(parseHex('#c2560c'))
  expect(bytes(rampPixel(ramp, 5, -1, 1))).toEqual(parseHex('#0b6aa8'))
  expect(rampPixel(ramp, Number.NaN, -1, 1)).toBe(0)
  expect(signedColour('light', 0)).toBe('rgb(232 234 235)')
})

test('numbers for people', () => {
  expect([0, 0.01234, -2.5, 12.345, 123.45, 1e-5, -1e7, Number.NaN, Number.POSITIVE_INFINITY].map(formatValue)).toEqual(
    ['0.000', '0.012', '−2.500', '12.35', '123.5', '1.0e−5', '−1.0e+7', 'NaN', '∞'],
  )
  expect([0, 1234, 1234567].map(formatCounter)).toEqual(['000,000', '001,234', '1,234,567'])
  expect(formatShare(0.9342)).toBe('93.4 %')
  expect([2.5, 1234.5].map(formatCount)).toEqual(['2.5', '1,235'])
})

test('tables are quoted where they must be', () => {
  expect(toCsv(['a', 'b "c"'], [[1, 'x,y']])).toBe('a,"b ""c"""\n1,"x,y"\n')
})
