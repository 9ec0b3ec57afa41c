/** Compares what an example prints with the comment that stands beside it. */
import { inspect } from 'node:util'

const words = new Set(['true', 'false', 'null', 'undefined', 'NaN', 'Infinity', '-Infinity'])
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?(e-?\d+)?…?$/.test(text)

function tokensOf(text: string): string[] {
  return text
    .replaceAll('−', '-')
    .split(/[\s,[\]{}()'"`]+/)
    .filter((token) => token !== '')
}

/** The values that a comment promises; undefined when it says something in words. */
function promised(comment: string): string[] | undefined {
  const tokens = tokensOf(comment)
  return tokens.length > 0 && tokens.every((token) => isNumber(token) || words.has(token)) ? tokens : undefined
}

/** Whether the text agrees with a number to as many digits as that has; whole numbers stand for four digits of results. */
function agrees(printed: string, expected: string): boolean {
  if (words.has(expected)) return printed === expected
  const value = Number.parseFloat(expected)
  const digits = /\.(\d+)/.exec(expected)?.[1]?.length
  const slack =
    digits === undefined ? 1e-4 * Math.max(1, Math.abs(value)) : 10 ** -digits * (expected.endsWith('…') ? 1 : 0.51)
  return Math.abs(Number(printed) - value) <= slack
}

/** What is wrong with printed values beside a comment such as `// [1, 0.25]`; undefined when nothing is, or the comment is words. */
export function mismatch(values: readonly unknown[], comment: string): string | undefined {
  const expected = promised(comment)
  if (!expected) return undefined
  const text = values.map((value) => (typeof value === 'string' ? value : inspect(value, { depth: 9 }))).join(' ')
  const printed = tokensOf(text.replace(/\b(?:Float32|Int32|Uint8|Float64)Array\(\d+\)/g, ''))
  const right =
    printed.length === expected.length && expected.every((token, index) => agrees(printed[index] ?? '', token))
  return right ? undefined : `prints ${text}, but the comment says ${comment.trim()}`
}
