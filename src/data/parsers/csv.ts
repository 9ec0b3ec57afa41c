/**
 * Delimited text: comma, semicolon, tab or spaces, with or without a header, quotes as in RFC 4180. Errors name line and column,
 * because a table of a million rows is not searched by hand. Works on text, so it runs in browsers; feeds `table.ts`.
 * Decimal commas are left out on purpose: they cannot be told from a delimiter.
 */
import { at } from '../../base/arrays.ts'
import { FormatError } from '../../base/errors.ts'

export interface CsvOptions {
  /** Default: found from the first lines. `' '` means any run of spaces. */
  readonly delimiter?: ',' | ';' | '\t' | ' '
  /** Whether the first line names the columns. Default: it does when no cell of it is a number but some later cell is. */
  readonly header?: boolean
  /** The file's name, for messages. */
  readonly name?: string
}

/** The cells of a table as text. */
export interface TextTable {
  readonly name: string
  /** From the header, else `column 1`, `column 2`, … */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The line of the file on which each row starts, from 1. */
  readonly lines: Int32Array
}

/** What stands for "no value" in a column of numbers. */
const missingCells = new Set(['', '?', 'na', 'n/a', 'nan', 'null', 'none'])

export function isMissing(cell: string): boolean {
  return missingCells.has(cell.toLowerCase())
}

/** The number a cell holds, or undefined when it holds none; hexadecimal and the like are no numbers here. */
export function cellNumber(cell: string): number | undefined {
  if (cell === '') return undefined
  const value = Number(cell)
  return Number.isNaN(value) || /[xob]/i.test(cell) ? undefined : value
}

/**
 * Parses delimited text into cells.
 *
 * @throws FormatError for an empty text, a quote that is not closed, or a row with more or fewer cells than the first.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const table = data.parseCsv('height;name\n1.8;"Li; A."\n')
 * console.log(table.columns, table.rows) // [ 'height', 'name' ] [ [ '1.8', 'Li; A.' ] ]
 * ```
 */
export function parseCsv(text: string, options: CsvOptions = {}): TextTable {
  const name = options.name ?? 'the table'
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  const delimiter = options.delimiter ?? findDelimiter(content)
  const { rows, lines } = readRows(content, delimiter, name)
  const [first] = rows
  if (!first) throw new FormatError(`${name} is empty; expected rows of values.`)
  const header = options.header ?? looksLikeHeader(rows)
  const columns = header ? first : first.map((_, index) => `column ${index + 1}`)
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index)
  if (repeated !== undefined) {
    throw new FormatError(`${name} has two columns named "${repeated}"; give every column its own name.`)
  }
  const skip = header ? 1 : 0
  return { name, columns, rows: rows.slice(skip), lines: Int32Array.from(lines.slice(skip)) }
}

function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const isNumber = (cell: string): boolean => cellNumber(cell) !== undefined
  const [first = [], ...others] = rows.slice(0, 20)
  return !first.some(isNumber) && others.some((row) => row.some(isNumber))
}

function readRows(text: string, delimiter: string, name: string): { rows: string[][]; lines: number[] } {
  const rows: string[][] = []
  const lines: number[] = []
  let line = 1
  for (let start = 0; start < text.length; ) {
    const end = lineEnd(text, start)
    const plain = text.slice(start, text.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end)
    if (plain.includes('"')) {
      const row = readQuotedRow(text, start, delimiter, `${name}, line ${line}`)
      addRow(row.cells, line, rows, lines, name)
      line += countBreaks(text, start, row.end)
      start = row.end
    } else {
      if (plain.trim() !== '') addRow(splitPlain(plain, delimiter), line, rows, lines, name)
      line += 1
      start = end + 1
    }
  }
  return { rows, lines }
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

function countBreaks(text: string, start: number, end: number): number {
  let count = 0
  for (let place = text.indexOf('\n', start); place >= 0 && place < end; place = text.indexOf('\n', place + 1))
    count += 1
  return count
}

function splitPlain(line: string, delimiter: string): string[] {
  if (delimiter === ' ') return line.trim().split(/\s+/)
  return line.split(delimiter).map((cell) => cell.trim())
}

function addRow(cells: string[], line: number, rows: string[][], lines: number[], name: string): void {
  const expected = rows[0]?.length ?? cells.length
  if (cells.length !== expected) {
    throw new FormatError(
      `${name}, line ${line} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, but the first line has ${expected}; ` +
        'every row needs the same number of cells.',
    )
  }
  rows.push(cells)
  lines.push(line)
}

/** Reads one row that holds quotes, which may go over several lines; `end` is where the next row starts. */
function readQuotedRow(
  text: string,
  start: number,
  delimiter: string,
  where: string,
): { cells: string[]; end: number } {
  const cells: string[] = []
  let place = start
  for (;;) {
    while (text[place] === ' ' && delimiter !== '\t') place++
    const cell = text[place] === '"' ? readQuoted(text, place, where) : readBare(text, place, delimiter)
    cells.push(cell.value)
    place = cell.end
    while (text[place] === ' ') place++
    if (delimiter === ' ' && place > cell.end && !isBreak(text[place])) continue
    if (text[place] === delimiter) {
      place += 1
      continue
    }
    if (text[place] === '\r') place += 1
    if (place < text.length && text[place] !== '\n') {
      throw new FormatError(
        `${where}, cell ${cells.length}: there is text after the closing quote; double a quote that belongs to the text ("").`,
      )
    }
    return { cells, end: place + 1 }
  }
}

function isBreak(letter: string | undefined): boolean {
  return letter === undefined || letter === '\n' || letter === '\r'
}

function readBare(text: string, start: number, delimiter: string): { value: string; end: number } {
  let end = start
  while (!isBreak(text[end]) && text[end] !== delimiter) end++
  return { value: text.slice(start, end).trim(), end }
}

function readQuoted(text: string, start: number, where: string): { value: string; end: number } {
  let value = ''
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) throw new FormatError(`${where}: a quote is opened and never closed.`)
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}

const delimiters = ['\t', ';', ',', ' '] as const

/** The first delimiter that cuts all of the first lines into the same number of cells, else the one that cuts the first line most. */
function findDelimiter(text: string): string {
  const sample: string[] = []
  for (let start = 0; start < text.length && sample.length < 10; ) {
    const end = lineEnd(text, start)
    const line = text.slice(start, end).trim()
    if (line !== '') sample.push(line.replace(/"[^"]*"/g, 'x'))
    start = end + 1
  }
  const counts = (delimiter: string): number[] => sample.map((line) => splitPlain(line, delimiter).length)
  const even = delimiters.find((delimiter) => {
    const [first = 1, ...others] = counts(delimiter)
    return first > 1 && others.every((count) => count === first)
  })
  if (even || sample.length === 0) return even ?? ','
  const firstCounts = delimiters.map((delimiter) => at(counts(delimiter), 0))
  const most = Math.max(...firstCounts)
  return most > 1 ? at(delimiters, firstCounts.indexOf(most)) : ','
}

/** Numbers in rows and columns, in double precision. */
export interface NumberTable {
  readonly columns: readonly string[]
  /** Row-major. */
  readonly data: Float64Array
  readonly shape: readonly [rows: number, columns: number]
}

export interface CsvNumberOptions extends CsvOptions {
  /** An empty cell, `?`, `NA` or `NaN`: an error (default), a NaN, or the row is left out. */
  readonly missing?: MissingPolicy
}

export type MissingPolicy = 'error' | 'nan' | 'drop'

/**
 * Parses a table that holds only numbers.
 *
 * @throws FormatError as `parseCsv`, and for a cell that is no number; the message names line and column.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const table = data.parseCsvNumbers('x,y\n1,2\n3,4\n')
 * console.log(table.shape, table.data) // [ 2, 2 ] Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 */
export function parseCsvNumbers(text: string, options: CsvNumberOptions = {}): NumberTable {
  const table = parseCsv(text, options)
  const columns = table.columns.map((_, index) => numericColumn(table, index, options.missing ?? 'error'))
  const kept: number[] = []
  for (let row = 0; row < table.rows.length; row++) {
    if (options.missing !== 'drop' || columns.every((values) => !Number.isNaN(values[row]))) kept.push(row)
  }
  const data = new Float64Array(kept.length * columns.length)
  kept.forEach((row, place) => {
    columns.forEach((values, column) => {
      data[place * columns.length + column] = values[row] as number
    })
  })
  return { columns: table.columns, data, shape: [kept.length, columns.length] }
}

/** One column as numbers; missing cells become NaN unless they are an error. */
export function numericColumn(table: TextTable, column: number, missing: MissingPolicy): Float64Array {
  return Float64Array.from(table.rows, (row, index) => {
    const cell = at(row, column)
    const value = cellNumber(cell)
    if (value !== undefined) return value
    const where = `${table.name}, line ${table.lines[index]}, column ${column + 1} ("${table.columns[column]}")`
    if (!isMissing(cell)) {
      throw new FormatError(`${where}: "${cell}" is not a number; correct the cell, or take the column as categories.`)
    }
    if (missing === 'error') {
      throw new FormatError(`${where}: the value is missing; fill it in, or set missing to 'drop' or 'nan'.`)
    }
    return Number.NaN
  })
}
