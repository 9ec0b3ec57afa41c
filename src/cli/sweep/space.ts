/** The settings that a sweep tries: a list of values or a range for each option, and how combinations are chosen from them. */
import { InvalidArgumentError } from 'commander'
import { at } from '../../base/arrays.ts'
import { RandomSequence } from '../../random/threefry.ts'

/** The values of one option. */
export type Choice<Value> =
  | { readonly kind: 'list'; readonly values: readonly Value[] }
  | { readonly kind: 'range'; readonly from: number; readonly to: number; readonly draw: RangeDraw }

/** How a number is drawn from a range: evenly on a logarithmic scale, a power of two, or a whole number. */
export type RangeDraw = 'logarithmic' | 'power of two' | 'whole'

/** Options by name with their values. */
export type Space = Readonly<Record<string, Choice<string | number>>>

/** One value for each option. */
export type Combination = Readonly<Record<string, string | number>>

/**
 * The parser of an option that takes one value, several with commas between, or, where `draw` says how, a range `from..to`.
 * Each value goes through `parse`, which throws InvalidArgumentError for what makes no sense.
 */
export function choice<Value extends string | number>(
  parse: (text: string) => Value,
  draw?: RangeDraw,
): (text: string) => Choice<Value> {
  return (text) => {
    const ends = text.split('..')
    if (ends.length !== 2)
      return { kind: 'list', values: [...new Set(text.split(',').map((part) => parse(part.trim())))] }
    const [from, to] = [Number(parse(at(ends, 0).trim())), Number(parse(at(ends, 1).trim()))]
    if (draw === undefined) throw new InvalidArgumentError('It takes values with commas between, not a range.')
    if (!(from < to))
      throw new InvalidArgumentError('A range goes from the smaller value to the larger, such as 1e-4..1e-1.')
    if (draw === 'logarithmic' && from <= 0) {
      throw new InvalidArgumentError('A range of this option is drawn on a logarithmic scale, so it begins above 0.')
    }
    return { kind: 'range', from, to, draw }
  }
}

/** The options of which more than one value is tried. */
export function varied(space: Space): string[] {
  return Object.keys(space).filter((name) => {
    const values = space[name]
    return values?.kind === 'range' || (values?.values.length ?? 0) > 1
  })
}

/** Every combination of the listed values, the last option changing fastest; undefined when an option is a range. */
export function grid(space: Space): Combination[] | undefined {
  let combinations: Combination[] = [{}]
  for (const [name, values] of Object.entries(space)) {
    if (values.kind === 'range') return undefined
    combinations = combinations.flatMap((combination) =>
      values.values.map((value) => ({ ...combination, [name]: value })),
    )
  }
  return combinations
}

/** `count` different combinations drawn from a seed; fewer when there are no more. */
export function draws(space: Space, count: number, seed: number): Combination[] {
  const random = new RandomSequence(seed, { stream: 0x73776570 })
  const found = new Map<string, Combination>()
  // Repetitions are drawn anew; where hardly any are left, a bound ends the search.
  for (let attempt = 0; attempt < 100 * count && found.size < count; attempt++) {
    const combination = Object.fromEntries(
      Object.entries(space).map(([name, values]) => [name, drawFrom(values, random)] as const),
    )
    found.set(JSON.stringify(combination), combination)
  }
  return [...found.values()]
}

function drawFrom(values: Choice<string | number>, random: RandomSequence): string | number {
  if (values.kind === 'list') return at(values.values, random.integer(values.values.length))
  const { from, to, draw } = values
  if (draw === 'whole') return from + random.integer(to - from + 1)
  if (draw === 'power of two') {
    const [low, high] = [Math.ceil(Math.log2(from)), Math.floor(Math.log2(to))]
    // A range without a power of two inside has its ends to choose from.
    return low > high ? (random.uniform() < 0.5 ? from : to) : 2 ** (low + random.integer(high - low + 1))
  }
  return Number((from * (to / from) ** random.uniform()).toPrecision(3))
}
