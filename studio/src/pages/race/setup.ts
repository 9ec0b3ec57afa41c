/** The state of the page and its address. */
import { choice, entry, list, number, oneOfNumbers, type Schema, text, whole } from '../../base/address.ts'
import { type LandscapeName, landscapeNames, landscapes, type Place } from './landscapes.ts'

export const racerNames = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam', 'adamw'] as const
export type RacerName = (typeof racerNames)[number]

export const tabNames = ['map', 'steps', 'code'] as const

export const rateChoices = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] as const
export const stepCounts = [50, 100, 200, 500, 1000] as const
/** Steps a second. */
export const speeds = [2, 10, 40, 120, 400] as const

/** How much is kept from step to step, in the order of the racers: μ, μ, α, ρ, β₁, β₁; the others keep nothing that can be set. */
export const usualMemories: readonly number[] = [0, 0.9, 0.9, 0, 0.99, 0.9, 0.9, 0.9]

export interface RaceSetup {
  readonly landscape: LandscapeName
  readonly formula: string
  /** Empty: the start of the landscape. */
  readonly start: readonly number[]
  readonly racers: readonly RacerName[]
  /** In the order of all racers; empty: those of the landscape. */
  readonly rates: readonly number[]
  readonly memories: readonly number[]
  readonly steps: number
  /** The step that is shown; 0 runs from the beginning. */
  readonly step: number
  readonly speed: number
  readonly tab: (typeof tabNames)[number]
}

/** As many numbers as there are racers, or none. */
const perRacer = (limits: { min: number; max: number }) => {
  const inner = list(number(limits), { most: racerNames.length })
  return {
    parse: (value: string) => {
      const found = inner.parse(value)
      return found?.length === racerNames.length ? found : undefined
    },
    format: inner.format,
  }
}

const pair = {
  parse: (value: string) => {
    const found = list(number({ min: -100, max: 100 }), { most: 2 }).parse(value)
    return found?.length === 2 ? found : undefined
  },
  format: (values: readonly number[]) => values.join(),
}

export const schema: Schema<RaceSetup> = {
  landscape: entry('landscape', 'valley', choice(landscapeNames)),
  formula: entry('formula', '', text(160)),
  start: entry('start', [], pair),
  racers: entry('racers', racerNames, list(choice(racerNames), { most: racerNames.length })),
  rates: entry('rates', [], perRacer({ min: 1e-6, max: 100 })),
  memories: entry('memories', usualMemories, perRacer({ min: 0, max: 0.9999 })),
  steps: entry('steps', 500, oneOfNumbers(stepCounts)),
  step: entry('step', 0, whole({ min: 0, max: 1000 })),
  speed: entry('speed', 3, whole({ min: 0, max: speeds.length - 1 })),
  tab: entry('tab', 'map', choice(tabNames)),
}

export function ratesOf({ rates, landscape }: RaceSetup): readonly number[] {
  return rates.length > 0 ? rates : landscapes[landscape].rates
}

export function startOf({ start, landscape }: RaceSetup): Place {
  const [x, y] = start
  return x === undefined || y === undefined ? landscapes[landscape].start : [x, y]
}

/** Those that take part, in the order of all. */
export function racersOf({ racers }: RaceSetup): readonly RacerName[] {
  return racerNames.filter((name) => racers.includes(name))
}
