/** Parsers of option values for commander; each refuses what makes no sense with one sentence. */
import { InvalidArgumentError, Option } from 'commander'
import { nearest } from '../base/nearest.ts'

interface Limits {
  readonly min?: number
  readonly max?: number
}

/** `--epochs 5`: a whole number within limits. */
export function wholeNumber(limits: Limits = {}): (text: string) => number {
  return (text) => {
    const value = Number(text)
    const plain = /^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(value)
    if (!plain || !within(value, limits)) throw new InvalidArgumentError(`It takes a whole number${describe(limits)}.`)
    return value
  }
}

/** `--lr 1e-3`: a finite number within limits. */
export function realNumber(limits: Limits = {}): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value) || !within(value, limits)) {
      throw new InvalidArgumentError(`It takes a number${describe(limits)}.`)
    }
    return value
  }
}

/** `--optimizer adam`: one of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    const meant = nearest(text, words)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    throw new InvalidArgumentError(`It takes one of ${words.join(', ')}.${hint}`)
  }
}

/** `--input 3x32x32`: sizes of at least 1, joined by x or ×. */
export function shape(): (text: string) => number[] {
  return (text) => {
    const sizes = text.split(/[x×,]/).map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : 0))
    if (sizes.every((size) => size >= 1 && size <= 2 ** 24)) return sizes
    throw new InvalidArgumentError('It takes whole numbers of at least 1 joined by x, such as 3x32x32.')
  }
}

function within(value: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Limits): boolean {
  return value >= min && value <= max
}

function describe({ min, max }: Limits): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

/** Options that several commands have. */
export const threadsOption = (): Option =>
  new Option('--threads <number>', 'processor threads (default: all)').argParser(wholeNumber({ min: 1, max: 256 }))
export const jsonOption = (): Option => new Option('--json', 'write JSON lines instead of text')
export const dataDirOption = (): Option =>
  new Option('--data-dir <folder>', 'folder with the files of the data set (default: download to the cache)')
export const modelOption = (text: string): Option => new Option('--model <name>', text)
