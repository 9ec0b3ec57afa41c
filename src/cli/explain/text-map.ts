/** A map in characters, for terminals: the darker a place, the more it matters. */
import { resizePlanes } from '../../data/image/resize.ts'
import type { explain } from '../../index.ts'
import type { Output } from '../terminal.ts'

const ROWS = 10

/** A few lines of characters; what speaks against a class is left blank. */
export function textMap(output: Output, { map, width, height }: explain.Attribution): string[] {
  // Characters are about twice as high as wide.
  const rows = Math.min(ROWS, height)
  const columns = Math.max(1, Math.min(output.columns - 4, Math.round((2 * rows * width) / height)))
  const positive = map.map((value) => Math.max(0, value))
  const coarse = resizePlanes(positive, [1, height, width], [rows, columns])
  const most = coarse.reduce((largest, value) => Math.max(largest, value), 0)
  const shades = output.unicode ? ' ·░▒▓█' : ' .:+#@'
  const character = (value: number): string =>
    shades.charAt(Math.min(shades.length - 1, Math.round((value / (most || 1)) * (shades.length - 1))))
  return Array.from({ length: rows }, (_, row) =>
    Array.from(coarse.subarray(row * columns, (row + 1) * columns), character)
      .join('')
      .trimEnd(),
  )
}
