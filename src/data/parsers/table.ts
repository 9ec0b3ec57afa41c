/**
 * Tables with named columns of numbers and of categories, and how they become a data set: numbers as they are, categories as
 * one-hot inputs or class numbers. Fed by delimited text; scaling is left to `scalers.ts`.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError, FormatError } from '../../base/errors.ts'
import { ArrayDataset } from '../array-dataset.ts'
import {
  type CsvOptions,
  cellNumber,
  isMissing,
  type MissingPolicy,
  numericColumn,
  parseCsv,
  type TextTable,
} from './csv.ts'

export interface NumericColumn {
  readonly name: string
  readonly kind: 'numeric'
  readonly values: Float64Array
}

export interface CategoricalColumn {
  readonly name: string
  readonly kind: 'categorical'
  /** The different texts, sorted; numbers by size. */
  readonly categories: readonly string[]
  /** The place of each row's text in `categories`. */
  readonly codes: Int32Array
}

export type Column = NumericColumn | CategoricalColumn

export interface Table {
  readonly name: string
  /** Number of rows. */
  readonly length: number
  readonly columns: readonly Column[]
}

export interface TableOptions extends CsvOptions {
  /** Columns to take as categories although they hold numbers. */
  readonly categorical?: readonly string[]
  /** Columns that must hold numbers; a text in them is an error that names its line. */
  readonly numeric?: readonly string[]
  /** What to do with a missing number; default `error`. */
  readonly missing?: MissingPolicy
}

/**
 * Parses delimited text into typed columns: a column is numeric when every cell that is not missing is a number.
 *
 * @throws FormatError as `parseCsv`; for text in a numeric column, or a missing number, with line and column.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const table = data.parseTable('size,kind\n1.5,cat\n2.5,dog\n')
 * console.log(table.columns.map((column) => column.kind)) // [ 'numeric', 'categorical' ]
 * ```
 */
export function parseTable(text: string, options: TableOptions = {}): Table {
  const source = parseCsv(text, options)
  const columnIndex = (name: string): number => {
    const index = source.columns.indexOf(name)
    if (index < 0) throw unknownColumn(name, source)
    return index
  }
  const categorical = new Set((options.categorical ?? []).map(columnIndex))
  const numeric = new Set((options.numeric ?? []).map(columnIndex))
  const columns = source.columns.map((_, index) => {
    const isNumeric = numeric.has(index) || (!categorical.has(index) && holdsNumbers(source, index))
    return isNumeric ? readNumbers(source, index, options.missing ?? 'error') : readCategories(source, index)
  })
  const table: Table = { name: source.name, length: source.rows.length, columns }
  return options.missing === 'drop' ? dropMissing(table) : table
}

function unknownColumn(name: string, table: { name: string; columns: readonly (string | Column)[] }): ArgumentError {
  const known = table.columns.map((column) => (typeof column === 'string' ? column : column.name))
  return new ArgumentError(`${table.name} has no column "${name}"; it has ${known.join(', ')}.`)
}

function holdsNumbers(table: TextTable, column: number): boolean {
  let numbers = 0
  for (const row of table.rows) {
    const cell = at(row, column)
    if (cellNumber(cell) !== undefined) numbers += 1
    else if (!isMissing(cell)) return false
  }
  return numbers > 0
}

function readNumbers(table: TextTable, column: number, missing: MissingPolicy): NumericColumn {
  return { name: at(table.columns, column), kind: 'numeric', values: numericColumn(table, column, missing) }
}

function readCategories(table: TextTable, column: number): CategoricalColumn {
  return categorise(
    at(table.columns, column),
    table.rows.map((row) => at(row, column)),
  )
}

function categorise(name: string, cells: readonly string[]): CategoricalColumn {
  const categories = [...new Set(cells)].sort(compareCategories)
  const codes = new Map(categories.map((category, code) => [category, code]))
  return { name, kind: 'categorical', categories, codes: Int32Array.from(cells, (cell) => codes.get(cell) ?? 0) }
}

/** Numbers by size, before texts by code unit. */
function compareCategories(a: string, b: string): number {
  const [x, y] = [cellNumber(a), cellNumber(b)]
  if (x !== undefined && y !== undefined && x !== y) return x - y
  if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1
  return a < b ? -1 : Number(a > b)
}

function dropMissing(table: Table): Table {
  const kept = Int32Array.from(
    Array.from({ length: table.length }, (_, row) => row).filter((row) =>
      table.columns.every((column) => column.kind === 'categorical' || !Number.isNaN(column.values[row])),
    ),
  )
  return takeRows(table, kept)
}

/**
 * The given rows of a table, in that order.
 *
 * @example
 * import { data } from 'cognitron'
 * const table = data.parseTable('a,b\n1,x\n2,y\n3,x\n', { numeric: ['a'], categorical: ['b'] })
 * console.log(data.takeRows(table, Int32Array.of(2, 0)).length) // 2
 */
export function takeRows(table: Table, rows: Int32Array): Table {
  const columns = table.columns.map(
    (column): Column =>
      column.kind === 'numeric'
        ? { ...column, values: Float64Array.from(rows, (row) => at(column.values, row)) }
        : { ...column, codes: Int32Array.from(rows, (row) => at(column.codes, row)) },
  )
  return { ...table, length: rows.length, columns }
}

export interface TableDatasetOptions {
  /** The column to predict. */
  readonly target: string
  /** The columns to predict from; default all others. */
  readonly inputs?: readonly string[]
  /** Default: classification for a column of categories, regression for a column of numbers. */
  readonly task?: 'classification' | 'regression'
  readonly name?: string
}

/**
 * A data set from a table: inputs `[features]` float32, categories as one 0/1 feature each (`colour=red`); the target a class
 * number or, for regression, one float32.
 *
 * @throws ArgumentError for an unknown column or regression on categories, FormatError for a table without rows.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const table = data.parseTable('size,kind,price\n1.5,cat,3\n2.5,dog,4\n')
 * const set = data.tableDataset(table, { target: 'price' })
 * console.log(set.featureNames) // [ 'size', 'kind=cat', 'kind=dog' ]
 * ```
 */
export function tableDataset(table: Table, options: TableDatasetOptions): ArrayDataset {
  if (table.length === 0) throw new FormatError(`${table.name} has no rows.`)
  const column = (name: string): Column => {
    const found = table.columns.find((candidate) => candidate.name === name)
    if (!found) throw unknownColumn(name, table)
    return found
  }
  const target = column(options.target)
  const names = options.inputs ?? table.columns.map(({ name }) => name).filter((name) => name !== options.target)
  const features = names.flatMap((name) => featuresOf(column(name)))
  const inputs = new Float32Array(table.length * features.length)
  features.forEach(({ value }, place) => {
    for (let row = 0; row < table.length; row++) inputs[row * features.length + place] = value(row)
  })
  return new ArrayDataset({
    inputs,
    inputShape: [features.length],
    featureNames: features.map(({ name }) => name),
    name: options.name ?? table.name,
    ...targetsOf(target, options.task, table),
  })
}

interface Feature {
  readonly name: string
  value(row: number): number
}

function featuresOf(column: Column): Feature[] {
  if (column.kind === 'numeric') return [{ name: column.name, value: (row) => at(column.values, row) }]
  return column.categories.map((category, code) => ({
    name: `${column.name}=${category}`,
    value: (row) => (column.codes[row] === code ? 1 : 0),
  }))
}

type Targets = Pick<ConstructorParameters<typeof ArrayDataset>[0], 'targets' | 'targetShape' | 'classNames'>

function targetsOf(column: Column, task: TableDatasetOptions['task'], table: Table): Targets {
  if (column.kind === 'numeric' && task !== 'classification') {
    return { targets: Float32Array.from(column.values), targetShape: [1] }
  }
  if (task === 'regression') {
    throw new ArgumentError(
      `Column "${column.name}" of ${table.name} holds categories, which regression cannot predict; choose a column of numbers.`,
    )
  }
  const { categories, codes } =
    column.kind === 'categorical' ? column : categorise(column.name, Array.from(column.values, String))
  return { targets: codes, classNames: categories }
}
