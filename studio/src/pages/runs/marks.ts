/** What a person adds to runs: tags, notes, a baseline, the archive. Kept in this browser; the folders stay as they are. */
import { signal } from '@preact/signals'

export interface Mark {
  readonly tags: readonly string[]
  readonly note: string
  readonly archived: boolean
}

interface Marks {
  readonly baseline: string
  readonly runs: Readonly<Record<string, Mark>>
}

const KEY = 'studio-run-marks'
const none: Mark = { tags: [], note: '', archived: false }

function stored(): Marks {
  try {
    const { baseline, runs } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Marks, unknown>>
    const entries = Object.entries((runs ?? {}) as Record<string, Partial<Mark> | null>)
    return {
      baseline: typeof baseline === 'string' ? baseline : '',
      runs: Object.fromEntries(entries.map(([name, mark]) => [name, readMark(mark ?? {})])),
    }
  } catch {
    return { baseline: '', runs: {} }
  }
}

function readMark({ tags, note, archived }: Partial<Mark>): Mark {
  return {
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    note: typeof note === 'string' ? note : '',
    archived: archived === true,
  }
}

export const marks = signal<Marks>(stored())

function keep(next: Marks): void {
  marks.value = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Without storage they last as long as the page.
  }
}

export function markOf(name: string): Mark {
  return marks.value.runs[name] ?? none
}

export function setMark(name: string, change: Partial<Mark>): void {
  keep({ ...marks.value, runs: { ...marks.value.runs, [name]: { ...markOf(name), ...change } } })
}

export function setBaseline(name: string): void {
  keep({ ...marks.value, baseline: name })
}

/** All tags in use, in order. */
export function allTags(): string[] {
  return [...new Set(Object.values(marks.value.runs).flatMap(({ tags }) => tags))].sort()
}
