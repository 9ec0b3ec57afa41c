/** The state of the Runs page and its address. */
import { type Codec, choice, entry, flag, list, number, type Schema, text } from '../../base/address.ts'

export const sortKeys = ['changed', 'name', 'epochs', 'loss', 'accuracy', 'time'] as const
export type SortKey = (typeof sortKeys)[number]

export const stateFilters = ['all', 'learning', 'finished', 'stopped', 'problem'] as const
export type StateFilter = (typeof stateFilters)[number]

export const runTabs = ['curves', 'differences', 'epochs', 'code'] as const
export type RunTab = (typeof runTabs)[number]

export const MOST_COMPARED = 8

export interface RunsSetup {
  readonly query: string
  readonly state: StateFilter
  readonly tag: string
  readonly archived: boolean
  readonly sort: SortKey
  readonly descending: boolean
  /** The runs laid over each other; 'newest' chooses by itself. */
  readonly compared: readonly string[] | 'newest'
  /** The run whose details are shown; '' for the first compared. */
  readonly shown: string
  readonly tab: RunTab
  /** Families of figures with a chart; none: loss and accuracy. */
  readonly charts: readonly string[]
  readonly axis: 'epochs' | 'elapsed'
  readonly training: boolean
  readonly logX: boolean
  readonly logY: boolean
  readonly smoothing: number
  /** Settings that are the same everywhere too. */
  readonly allSettings: boolean
  readonly follow: boolean
}

/** Names stand between commas, so their own are written otherwise. */
const nameCodec: Codec<string> = {
  parse(value) {
    try {
      return decodeURIComponent(value).slice(0, 120) || undefined
    } catch {
      return undefined
    }
  },
  format: (name) => name.replaceAll('%', '%25').replaceAll(',', '%2C'),
}

const names = list(nameCodec, { most: MOST_COMPARED })

const comparedCodec: Codec<RunsSetup['compared']> = {
  parse: (value) => (value === 'newest' ? 'newest' : value === 'none' ? [] : names.parse(value)),
  format: (value) => (value === 'newest' ? value : value.length === 0 ? 'none' : names.format(value)),
}

export const schema: Schema<RunsSetup> = {
  query: entry('find', '', text(120)),
  state: entry('state', 'all', choice(stateFilters)),
  tag: entry('tag', '', text(60)),
  archived: entry('archived', false, flag),
  sort: entry('sort', 'changed', choice(sortKeys)),
  descending: entry('down', true, flag),
  compared: entry('runs', 'newest', comparedCodec),
  shown: entry('run', '', text(120)),
  tab: entry('tab', 'curves', choice(runTabs)),
  charts: entry('charts', [], list(text(40), { most: 12 })),
  axis: entry('x', 'epochs', choice(['epochs', 'elapsed'])),
  training: entry('training', true, flag),
  logX: entry('logX', false, flag),
  logY: entry('logY', false, flag),
  smoothing: entry('smoothing', 0, number({ min: 0, max: 0.99 })),
  allSettings: entry('allSettings', false, flag),
  follow: entry('follow', true, flag),
}
