/** Lists, ranges, grids and draws of the settings of a sweep. */
import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { oneOf, realNumber, wholeNumber } from '../options.ts'
import { choice, draws, grid, varied } from './space.ts'

const rate = choice(realNumber({ min: 0 }), 'logarithmic')
const size = choice(wholeNumber({ min: 1 }), 'power of two')
const epochs = choice(wholeNumber({ min: 1 }), 'whole')

describe('what is typed', () => {
  test('one value, several, a range', () => {
    expect(rate('1e-3')).toEqual({ kind: 'list', values: [0.001] })
    expect(rate('1e-3, 0.01,1e-2')).toEqual({ kind: 'list', values: [0.001, 0.01] })
    expect(size('8..64')).toEqual({ kind: 'range', from: 8, to: 64, draw: 'power of two' })
    expect(choice(oneOf(['adam', 'sgd']))('sgd,adam')).toEqual({ kind: 'list', values: ['sgd', 'adam'] })
  })

  test.each([
    [() => rate('1e-3,fast'), /takes a number of at least 0/],
    [() => rate('0.1..0.01'), /from the smaller value to the larger/],
    [() => rate('0..0.1'), /begins above 0/],
    [() => choice(oneOf(['adam', 'sgd']))('adam..sgd'), /not a range|one of adam, sgd/],
  ])('%o is refused', (parse, message) => {
    expect(parse).toThrow(InvalidArgumentError)
    expect(parse).toThrow(message)
  })
})

describe('what is tried', () => {
  const space = { optimizer: choice(oneOf(['adam', 'sgd']))('adam,sgd'), epochs: epochs('3'), lr: rate('0.1,0.01') }

  test('a grid has every combination, the last option changing fastest', () => {
    expect(grid(space)).toEqual([
      { optimizer: 'adam', epochs: 3, lr: 0.1 },
      { optimizer: 'adam', epochs: 3, lr: 0.01 },
      { optimizer: 'sgd', epochs: 3, lr: 0.1 },
      { optimizer: 'sgd', epochs: 3, lr: 0.01 },
    ])
    expect(varied(space)).toEqual(['optimizer', 'lr'])
    expect(grid({ ...space, batchSize: size('8..64') })).toBeUndefined()
  })

  test('draws are different, follow from the seed and end when there are no more', () => {
    expect(draws(space, 100, 1)).toHaveLength(4)
    expect(draws(space, 3, 1)).toEqual(draws(space, 3, 1))
    expect(new Set(draws(space, 4, 2).map((each) => JSON.stringify(each))).size).toBe(4)
  })

  test('ranges are drawn on their scales', () => {
    const drawn = draws({ lr: rate('1e-4..1e-1'), batchSize: size('8..64'), epochs: epochs('2..5') }, 400, 7)
    const rates = drawn.map(({ lr }) => Number(lr))
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4)
    expect(Math.max(...rates)).toBeLessThanOrEqual(0.1)
    // A third of the draws falls on each decade; 400 draws have a deviation of 2.4 %.
    expect(rates.filter((lr) => lr < 1e-3).length / 400).toBeCloseTo(1 / 3, 1)
    expect(new Set(drawn.map(({ batchSize }) => batchSize))).toEqual(new Set([8, 16, 32, 64]))
    expect(new Set(drawn.map((each) => each.epochs))).toEqual(new Set([2, 3, 4, 5]))
  })
})
