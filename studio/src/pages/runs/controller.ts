/** The state of the Runs page: asks the local server for the list and for the epochs that were added, as long as somebody looks. */
import { batch, computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { markOf, marks } from './marks.ts'
import {
  dataOf,
  defaultFamilies,
  familiesOf,
  headline,
  modelOf,
  type RunEntry,
  type RunList,
  RunSeries,
  type RunState,
  readRunList,
  stateOf,
} from './records.ts'
import { MOST_COMPARED, type RunsSetup, type SortKey, schema } from './setup.ts'

const POLL_MS = 1000
/** How many runs are laid over each other before anybody chooses. */
const AT_FIRST = 3

export class RunsController {
  readonly setup
  readonly list = signal<RunList>()
  readonly failure = signal<string>()
  /** Replaced whenever epochs arrived. */
  readonly series = signal<ReadonlyMap<string, RunSeries>>(new Map())
  /** The place on the horizontal axis that is looked at; none: the end of each run. */
  readonly cursor = signal<number>()
  readonly #setAddress: (address: string) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #alive = true
  #reading: Promise<void> | undefined

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<RunsSetup>(readState(schema, address))
    this.#setAddress = setAddress
    document.addEventListener('visibilitychange', this.#look)
    void this.#poll()
  }

  dispose(): void {
    this.#alive = false
    clearTimeout(this.#timer)
    document.removeEventListener('visibilitychange', this.#look)
  }

  readonly runs = computed(() => this.list.value?.runs ?? [])
  readonly byName = computed(() => new Map(this.runs.value.map((run) => [run.name, run])))

  /** The rows of the table: found, filtered, sorted. */
  readonly rows = computed(() => {
    const { query, state, tag, archived, sort, descending } = this.setup.value
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    const found = this.runs.value.filter((run) => {
      const mark = marks.value.runs[run.name]
      if (mark?.archived && !archived) return false
      if (tag !== '' && !mark?.tags.includes(tag)) return false
      if (state === 'problem' ? run.problem === undefined : state !== 'all' && filterName(this.stateOf(run)) !== state)
        return false
      const text = [run.name, modelOf(run), dataOf(run), mark?.note, ...(mark?.tags ?? [])].join(' ').toLowerCase()
      return words.every((word) => text.includes(word))
    })
    const sign = descending ? -1 : 1
    return found.sort((a, b) => compare(sortValue(a, sort), sortValue(b, sort), sign) || a.name.localeCompare(b.name))
  })

  /** The runs that are laid over each other, as far as they are there. */
  readonly compared = computed<readonly RunEntry[]>(() => {
    const { compared } = this.setup.value
    if (compared !== 'newest') return compared.flatMap((name) => this.byName.value.get(name) ?? [])
    const worthwhile = this.runs.value.filter(({ name, epochs }) => epochs > 0 && !markOf(name).archived)
    const sound = worthwhile.filter(({ problem }) => problem === undefined)
    return [...(sound.length > 0 ? sound : worthwhile)].sort((a, b) => b.updatedMs - a.updatedMs).slice(0, AT_FIRST)
  })

  /** Names that the address asks for and that are not there. */
  readonly missing = computed(() => {
    const { compared } = this.setup.value
    if (compared === 'newest' || !this.list.value) return []
    return compared.filter((name) => !this.byName.value.has(name))
  })

  readonly shown = computed(
    () => this.byName.value.get(this.setup.value.shown) ?? this.compared.value[0] ?? this.rows.value[0],
  )

  readonly baseline = computed(() => {
    const runs = this.compared.value
    return runs.find(({ name }) => name === marks.value.baseline) ?? runs[0]
  })

  readonly families = computed(() => familiesOf(this.compared.value))

  readonly charts = computed(() => {
    const { charts } = this.setup.value
    const wanted = charts.length > 0 ? charts : defaultFamilies
    const found = this.families.value.filter((family) => wanted.includes(family))
    return found.length > 0 ? found : this.families.value.slice(0, 1)
  })

  stateOf(run: RunEntry): RunState {
    return stateOf(run, this.list.value?.nowMs ?? 0)
  }

  change(changes: Partial<RunsSetup>): void {
    this.setup.value = { ...this.setup.value, ...changes }
    this.#setAddress(writeState(schema, this.setup.value))
    if (changes.compared !== undefined || changes.follow) void this.refresh()
  }

  /** Sorts by a column; once more turns the order round. */
  sortBy(sort: SortKey): void {
    const now = this.setup.value
    const descending = now.sort === sort ? !now.descending : sort !== 'name' && sort !== 'loss'
    this.change({ sort, descending })
  }

  toggleCompared(name: string): void {
    const now = this.compared.value.map((run) => run.name)
    const next = now.includes(name) ? now.filter((each) => each !== name) : [...now, name]
    this.change({ compared: next.slice(-MOST_COMPARED), shown: next.includes(name) ? name : this.setup.value.shown })
  }

  toggleChart(family: string): void {
    const now = this.charts.value
    const next = now.includes(family) ? now.filter((each) => each !== family) : [...now, family]
    if (next.length > 0) this.change({ charts: next })
  }

  /** Asks the server now; asks that come while one is under way share its answer and one after it. */
  async refresh(): Promise<void> {
    await this.#reading
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  readonly #look = (): void => {
    if (!document.hidden) void this.refresh()
  }

  async #poll(): Promise<void> {
    const first = this.list.peek() === undefined
    if (first || (this.setup.peek().follow && !document.hidden)) await this.refresh()
    const wait = this.failure.peek() === undefined ? POLL_MS : 3 * POLL_MS
    if (this.#alive) this.#timer = setTimeout(() => void this.#poll(), wait)
  }

  async #read(): Promise<void> {
    try {
      const list = withKnown(readRunList(await ask('/api/runs')), this.byName.peek())
      if (!this.#alive) return
      batch(() => {
        this.list.value = list
        this.failure.value = undefined
      })
      await this.#readSeries()
    } catch (error) {
      if (this.#alive) this.failure.value = error instanceof Error ? error.message : String(error)
    }
  }

  /** Reads on in the runs that are compared and have changed. */
  async #readSeries(): Promise<void> {
    const next = new Map<string, RunSeries>()
    let changed = this.series.peek().size !== this.compared.peek().length
    for (const run of this.compared.peek()) {
      const before = this.series.peek().get(run.name)
      const isKnown = before?.updatedMs === run.updatedMs
      changed ||= !isKnown
      next.set(run.name, isKnown ? before : await readOn(run, before))
    }
    if (changed && this.#alive) this.series.value = next
  }
}

/** The list with entries that are the same as before in their old place, so that what shows them stays as it is. */
function withKnown(list: RunList, known: ReadonlyMap<string, RunEntry>): RunList {
  const runs = list.runs.map((run) => {
    const before = known.get(run.name)
    const isSame = before?.updatedMs === run.updatedMs && before.problem === run.problem && before.epochs === run.epochs
    return isSame && before.files.join() === run.files.join() ? before : run
  })
  return { ...list, runs }
}

function filterName(state: RunState): string {
  return state === 'diverged' || state === 'waiting' ? 'stopped' : state
}

/** The series with what was added since; a new one when the file was written anew. */
async function readOn(run: RunEntry, before: RunSeries | undefined): Promise<RunSeries> {
  let series = before ?? new RunSeries()
  for (;;) {
    const place = series.file === '' ? '' : `?from=${series.next}&file=${encodeURIComponent(series.file)}`
    const answer = (await ask(`/api/runs/${encodeURIComponent(run.name)}/figures${place}`)) as {
      epochs: readonly unknown[]
      from: number
      next: number
      file: string
    }
    if (answer.from !== series.next || (series.file !== '' && answer.file !== series.file)) series = new RunSeries()
    for (const epoch of answer.epochs) series.append(epoch)
    const more = answer.next > series.next && answer.epochs.length > 0
    series.next = answer.next
    series.file = answer.file
    if (!more) break
  }
  series.updatedMs = run.updatedMs
  return series
}

async function ask(address: string): Promise<unknown> {
  const response = await fetch(address, { cache: 'no-store' }).catch(() => undefined)
  if (!response) throw new Error('The studio’s server does not answer. Start it again with: npx cognitron studio')
  if (!response.ok) throw new Error(`The studio’s server says: ${(await response.text()).trim()}`)
  try {
    return await response.json()
  } catch {
    throw new Error('What answers here is not the studio’s server. Start it with: npx cognitron studio')
  }
}

function sortValue(run: RunEntry, key: SortKey): number | string {
  const { loss, accuracy } = headline(run)
  const values: Readonly<Record<SortKey, number | string | undefined>> = {
    changed: run.updatedMs,
    name: run.name.toLowerCase(),
    epochs: run.epochs,
    loss,
    accuracy,
    time: run.seconds,
  }
  return values[key] ?? Number.NaN
}

/** Order of numbers and names; what is missing stands last either way. */
function compare(a: number | string, b: number | string, sign: number): number {
  if (typeof a === 'string' || typeof b === 'string')
    return sign * String(a).localeCompare(String(b), 'en', { numeric: true })
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return sign * (a - b)
}
