/** Text in columns. */
import { at } from '../base/arrays.ts'
import { styled } from './style.ts'
import type { Output } from './terminal.ts'

export interface Column {
  readonly title: string
  /** Numbers stand at the right. Default 'left'. */
  readonly align?: 'left' | 'right'
}

/** Rows under titles; columns are as wide as their widest cell and two spaces apart. */
export function table(output: Output, columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...rows.map((row) => at(row, index).length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = at(widths, index)
        return at(columns, index).align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [styled(output, 'faint', line(columns.map(({ title }) => title))), ...rows.map(line)]
}

/** A horizontal rule of a width. */
export function rule(output: Output, width: number): string {
  return styled(output, 'faint', (output.unicode ? '─' : '-').repeat(width))
}

/** Names and values, one pair a line; a pair without a name goes on under the one before. */
export function pairs(output: Output, entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries.map(([name, value]) => `  ${styled(output, 'faint', name.padEnd(width))}   ${value}`).join('\n')
}

/** `1 × 28 × 28`. */
export function showShape(output: Output, shape: readonly number[]): string {
  return shape.length === 0 ? '1' : shape.join(output.unicode ? ' × ' : ' x ')
}
