/**
 * The state of a page as text in the address: what differs from the defaults stands after `#` as `key=value&…`. Reading never fails: a
 * value that makes no sense is taken as the default or as the nearest that does.
 */

/** How one value is written and read. */
export interface Codec<T> {
  /** Undefined when the text stands for nothing. */
  parse(text: string): T | undefined
  format(value: T): string
}

/** One value of a page's state. */
export interface Entry<T> {
  readonly key: string
  readonly fallback: T
  readonly codec: Codec<T>
}

export type Schema<State> = { readonly [Key in keyof State]: Entry<State[Key]> }

export function entry<T>(key: string, fallback: NoInfer<T>, codec: Codec<T>): Entry<T> {
  return { key, fallback, codec }
}

/** One of a few words. `aliases` are read but not written. */
export function choice<const Word extends string>(
  words: readonly Word[],
  aliases: Readonly<Record<string, Word>> = {},
): Codec<Word> {
  return {
    parse: (text) => words.find((word) => word === text) ?? aliases[text],
    format: (value) => value,
  }
}

/** A number within limits; others are clamped. */
export function number({ min, max }: { min: number; max: number }): Codec<number> {
  return {
    parse(text) {
      const value = readNumber(text)
      return value === undefined ? undefined : Math.min(max, Math.max(min, value))
    },
    format: String,
  }
}

/** A whole number within limits; others are rounded and clamped. */
export function whole(limits: { min: number; max: number }): Codec<number> {
  const { parse, format } = number(limits)
  return {
    parse(text) {
      const value = parse(text)
      return value === undefined ? undefined : Math.round(value)
    },
    format,
  }
}

/** One of a few numbers; others become the nearest. */
export function oneOfNumbers(values: readonly number[]): Codec<number> {
  return {
    parse(text) {
      const value = readNumber(text)
      return value === undefined ? undefined : nearestNumber(values, value)
    },
    format: String,
  }
}

export const flag: Codec<boolean> = {
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  format: String,
}

/** Any short text. */
export function text(mostLetters: number): Codec<string> {
  return { parse: (value) => value.slice(0, mostLetters), format: (value) => value }
}

/** Several values between commas; those that make no sense are left out. */
export function list<T>(item: Codec<T>, { most }: { most: number }): Codec<readonly T[]> {
  return {
    parse(value) {
      if (value === '') return []
      const items = value.split(',').flatMap((each) => {
        const found = item.parse(each)
        return found === undefined ? [] : [found]
      })
      return items.slice(0, most)
    },
    format: (values) => values.map(item.format).join(),
  }
}

/** The state that an address stands for. */
export function readState<State>(schema: Schema<State>, address: string): State {
  const values = new URLSearchParams(address.replace(/^#/, ''))
  return mapSchema(schema, ({ key, fallback, codec }) => {
    const found = values.get(key)
    return found === null ? fallback : (codec.parse(found) ?? fallback)
  })
}

/** The address of a state, without `#`; empty when all is as by default. */
export function writeState<State>(schema: Schema<State>, state: State): string {
  const values = new URLSearchParams()
  for (const name of keysOf(schema)) {
    const { key, fallback, codec } = schema[name]
    const written = codec.format(state[name])
    if (written !== codec.format(fallback)) values.set(key, written)
  }
  // Commas are allowed here and far easier to read.
  return values.toString().replaceAll('%2C', ',')
}

export function defaultState<State>(schema: Schema<State>): State {
  return mapSchema(schema, ({ fallback }) => fallback)
}

function mapSchema<State>(schema: Schema<State>, value: <T>(entry: Entry<T>) => T): State {
  return Object.fromEntries(keysOf(schema).map((name) => [name, value(schema[name])])) as State
}

function keysOf<State>(schema: Schema<State>): (keyof State & string)[] {
  return Object.keys(schema) as (keyof State & string)[]
}

function readNumber(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** The nearest by ratio where all are positive, else by difference. */
export function nearestNumber(values: readonly number[], wanted: number): number {
  const scale = (value: number): number => (value > 0 ? Math.log(value) : -1e3)
  const useRatio = wanted > 0 && values.every((value) => value >= 0)
  const distance = (value: number): number =>
    useRatio ? Math.abs(scale(value) - scale(wanted)) : Math.abs(value - wanted)
  return values.reduce((best, value) => (distance(value) < distance(best) ? value : best))
}
