/** Delimited text and tables: the grammar of RFC 4180 by hand, and the published tables where they are at hand. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { classCounts } from '../dataset.ts'
import { parseCsv, parseCsvNumbers } from './csv.ts'
import { parseTable, tableDataset } from './table.ts'

const shared = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const published = join(shared, 'data')
if (!existsSync(published)) console.warn(`SKIPPED: the published tables, because ${published} is absent`)

describe('parseCsv', () => {
  test.each([
    ['comma', 'a,b\n1,2\n'],
    ['semicolon', 'a;b\r\n1;2'],
    ['tab', 'a\tb\n1\t2\n\n'],
    ['spaces', ' a   b\n 1 2 \n'],
    ['byte order mark and spaces around', '\ufeffa , b\n1, 2\n'],
  ])('%s', (_name, text) => {
    expect(parseCsv(text)).toMatchObject({ columns: ['a', 'b'], rows: [['1', '2']] })
  })

  test('quotes hold delimiters, quotes and line breaks', () => {
    const text = 'name,text\n"Li, A.","say ""hi""\nthen go"\nB,plain\n'
    const table = parseCsv(text, { header: true })
    expect(table.rows).toEqual([
      ['Li, A.', 'say "hi"\nthen go'],
      ['B', 'plain'],
    ])
    expect([...table.lines]).toEqual([2, 4])
  })

  test('quotes between spaces', () => {
    expect(parseCsv('"a b" 1 "c"\n"d" 2 e\n', { delimiter: ' ', header: false }).rows).toEqual([
      ['a b', '1', 'c'],
      ['d', '2', 'e'],
    ])
  })

  test.each([
    ['numbers below texts', 'a,b\n1,x\n', true],
    ['a number in the first row', 'a,1\nb,2\n', false],
    ['texts only', 'a,b\nc,d\n', false],
  ])('finds the header: %s', (_name, text, header) => {
    expect(parseCsv(text).rows).toHaveLength(header ? 1 : 2)
    expect(parseCsv(text).columns[0]).toBe(header ? 'a' : 'column 1')
  })

  test.each([
    ['', 'f.csv is empty'],
    ['1,2\n3\n', 'f.csv, line 2 has 1 cell, but the first line has 2'],
    ['1,2\n\n3,4,5\n', 'f.csv, line 3 has 3 cells, but the first line has 2'],
    ['a,b\n"x,1\n', 'f.csv, line 2: a quote is opened and never closed'],
    ['a,b\n"x"y,1\n', 'f.csv, line 2, cell 1: there is text after the closing quote'],
    ['a,a\n1,2\n', 'f.csv has two columns named "a"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseCsv(text, { name: 'f.csv' })).toThrow(message)
  })
})

describe('parseCsvNumbers', () => {
  test('numbers keep double precision', () => {
    const table = parseCsvNumbers('0.1,1e3\n-.5,+7\n')
    expect(table).toEqual({
      columns: ['column 1', 'column 2'],
      data: Float64Array.of(0.1, 1000, -0.5, 7),
      shape: [2, 2],
    })
  })

  test.each([
    ['a,b\n1,2\n3,x\n', 'f.csv, line 3, column 2 ("b"): "x" is not a number'],
    ['1,2\n3,0x10\n', 'f.csv, line 2, column 2 ("column 2"): "0x10" is not a number'],
    ['1,2\n3,\n', 'f.csv, line 2, column 2 ("column 2"): the value is missing'],
  ])('refuses %j', (text, message) => {
    expect(() => parseCsvNumbers(text, { name: 'f.csv' })).toThrow(message)
  })

  test('missing values as NaN or left out', () => {
    const text = '1,2\n3,?\nNA,5\n6,7\n'
    expect(parseCsvNumbers(text, { missing: 'nan' }).data).toEqual(Float64Array.of(1, 2, 3, NaN, NaN, 5, 6, 7))
    expect(parseCsvNumbers(text, { missing: 'drop' })).toMatchObject({
      data: Float64Array.of(1, 2, 6, 7),
      shape: [2, 2],
    })
  })
})

describe('tables', () => {
  const text = 'size,colour,price\n1,red,10\n2,blue,20\n4,red,40\n'

  test('categories become one-hot inputs', () => {
    const set = tableDataset(parseTable(text), { target: 'price' })
    expect(set.featureNames).toEqual(['size', 'colour=blue', 'colour=red'])
    expect([...set.get(0).input, ...set.get(1).input]).toEqual([1, 0, 1, 2, 1, 0])
    expect([set.targetShape, set.get(2).target]).toEqual([[1], Float32Array.of(40)])
  })

  test('a target of categories becomes class numbers', () => {
    const set = tableDataset(parseTable(text), { target: 'colour', inputs: ['size'] })
    expect([set.classNames, [...set.labels()], set.inputShape]).toEqual([['blue', 'red'], [1, 0, 1], [1]])
  })

  test('a target of numbers becomes classes when asked to, in the order of the numbers', () => {
    const set = tableDataset(parseTable('x,y\n1,10\n2,9\n3,10\n'), { target: 'y', task: 'classification' })
    expect([set.classNames, [...set.labels()]]).toEqual([
      ['9', '10'],
      [1, 0, 1],
    ])
  })

  test('numbers as categories, and missing rows left out', () => {
    const table = parseTable('zone,x\n3,1\n1,?\n3,2\n', { categorical: ['zone'], missing: 'drop' })
    expect(table.length).toBe(2)
    expect(table.columns[0]).toMatchObject({ kind: 'categorical', categories: ['1', '3'], codes: Int32Array.of(1, 1) })
  })

  test.each([
    [
      () => parseTable('a,b\n1,x\n2,3\n', { numeric: ['b'], name: 'f' }),
      'f, line 2, column 2 ("b"): "x" is not a number',
    ],
    [() => parseTable(text, { categorical: ['color'] }), 'has no column "color"; it has size, colour, price.'],
    [() => tableDataset(parseTable(text), { target: 'cost' }), 'has no column "cost"; it has size, colour, price.'],
    [() => tableDataset(parseTable(text), { target: 'colour', task: 'regression' }), 'regression cannot predict'],
  ])('refuses %#', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe.runIf(existsSync(published))('published tables', () => {
  const read = (name: string) => readFileSync(join(published, name), 'utf8')

  test.each([
    ['iris.csv', [50, 50, 50], 4],
    ['sonar.csv', [97, 111], 60],
    ['ionosphere.csv', [126, 225], 34],
  ])('%s', (name, counts, features) => {
    const table = parseTable(read(`uci-small/${name}`))
    const target = table.columns.at(-1)?.name ?? ''
    const set = tableDataset(table, { target })
    // The class counts of the UCI descriptions.
    expect([...classCounts(set)].sort((a, b) => a - b)).toEqual(counts)
    expect(set.inputShape).toEqual([features])
  })

  test('housing: 20,640 districts, 207 without bedrooms', () => {
    const text = read('california-housing/housing.csv')
    expect(() => parseTable(text, { name: 'housing.csv' })).toThrow(
      'housing.csv, line 292, column 5 ("total_bedrooms"): the value is missing',
    )
    expect(parseTable(text, { missing: 'nan' }).length).toBe(20_640)
    const set = tableDataset(parseTable(text, { missing: 'drop' }), { target: 'median_house_value' })
    expect([set.length, set.inputShape[0]]).toEqual([20_640 - 207, 8 + 5])
  })

  test('optdigits has a header', () => {
    const table = parseCsvNumbers(read('uci-small/optdigits.tra'))
    expect([table.shape, table.columns[0]]).toEqual([[3823, 65], 'Block 1'])
  })
})
