/**
 * What the server says of runs, read with distrust: a folder may hold anything. Figures of epochs become columns by name, settings become
 * lines of text.
 */

export interface RunEntry {
  readonly name: string
  readonly updatedMs: number
  readonly epochs: number
  readonly seconds: number
  readonly last: Figures
  readonly best: Figures
  /** Null where the loss was no number. */
  readonly trend: readonly (number | null)[]
  readonly settings: ReadonlyMap<string, string>
  readonly files: readonly string[]
  readonly problem?: string
}

/** Numbers by name; those of an epoch, with NaN for what JSON writes as null. */
export type Figures = Readonly<Record<string, number>>

export interface RunList {
  readonly folder: string
  readonly nowMs: number
  readonly runs: readonly RunEntry[]
}

type Json = Readonly<Record<string, unknown>>

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

export function readRunList(value: unknown): RunList {
  const { folder, nowMs, runs } = record(value)
  return {
    folder: textOr(folder, 'runs'),
    nowMs: numberOr(nowMs, Date.now()),
    runs: Array.isArray(runs) ? runs.map(readRun).filter(({ name }) => name !== '') : [],
  }
}

function readRun(value: unknown): RunEntry {
  const { name, updatedMs, epochs, seconds, last, best, trend, run, files, problem } = record(value)
  return {
    name: textOr(name, ''),
    updatedMs: numberOr(updatedMs, 0),
    epochs: numberOr(epochs, 0),
    seconds: numberOr(seconds, 0),
    last: readFigures(last),
    best: readFigures(best ?? last),
    trend: Array.isArray(trend) ? trend.map((each) => (typeof each === 'number' ? each : null)) : [],
    settings: flatten(record(run)),
    files: Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [],
    ...(typeof problem === 'string' ? { problem } : {}),
  }
}

/** What an epoch says in numbers, its further metrics beside the others. */
export function readFigures(value: unknown): Figures {
  const { metrics, ...own } = record(value)
  const pairs = Object.entries({ ...record(metrics), ...own }).filter(
    ([, each]) => typeof each === 'number' || each === null,
  )
  return Object.fromEntries(pairs.map(([name, each]) => [name, typeof each === 'number' ? each : Number.NaN]))
}

/** `{settings: {lr: 0.1}}` → `settings.lr` = `0.1`. */
export function flatten(value: Json, path = ''): Map<string, string> {
  const lines = new Map<string, string>()
  for (const [key, each] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`
    const isGroup = typeof each === 'object' && each !== null && !Array.isArray(each)
    if (isGroup) for (const [inner, text] of flatten(each as Json, name)) lines.set(inner, text)
    else lines.set(name, typeof each === 'string' ? each : (JSON.stringify(each) ?? ''))
  }
  return lines
}

/** Names that only number the epochs. */
const notFigures = new Set(['epoch', 'epochs'])

/** A figure with what it is called without `train` and `validation`: both parts are drawn in one chart. */
export interface Figure {
  readonly name: string
  readonly family: string
  readonly part: 'train' | 'validation' | ''
}

export function figureNamed(name: string): Figure {
  for (const part of ['train', 'validation'] as const) {
    const rest = name.slice(part.length)
    if (name.startsWith(part) && /^[A-Z]/.test(rest)) {
      return { name, family: rest.charAt(0).toLowerCase() + rest.slice(1), part }
    }
  }
  return { name, family: name, part: '' }
}

const titles: Readonly<Record<string, string>> = {
  lr: 'Learning rate',
  seconds: 'Seconds an epoch',
  samplesPerSecond: 'Samples a second',
}

/** `topFive` → `Top five`. */
export function familyTitle(family: string): string {
  const words = family.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return titles[family] ?? words.charAt(0).toUpperCase() + words.slice(1)
}

const known = ['loss', 'accuracy']
const late = ['lr', 'seconds', 'samplesPerSecond']

/** The families that runs have figures of: loss and accuracy first, the pace last. */
export function familiesOf(runs: readonly RunEntry[]): string[] {
  const found = new Set(
    runs.flatMap(({ last, best }) =>
      [...Object.keys(last), ...Object.keys(best)].map((name) => figureNamed(name).family),
    ),
  )
  const place = (family: string): number =>
    known.includes(family) ? known.indexOf(family) : late.includes(family) ? 20 + late.indexOf(family) : 10
  return [...found]
    .filter((family) => !notFigures.has(family))
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b))
}

export const defaultFamilies: readonly string[] = known

/** Whether large values are good; such figures are shares. */
export function isShare(family: string): boolean {
  return /accuracy|precision|recall|f1|auc|iou|dice/i.test(family)
}

/** The figures of a run epoch by epoch, in columns that grow. */
export class RunSeries {
  readonly epochs: number[] = []
  /** Seconds from the beginning to the end of each epoch. */
  readonly elapsed: number[] = []
  readonly columns = new Map<string, number[]>()
  /** What the server called the file, and where to read on. */
  file = ''
  next = 0
  /** The state of the run when it was read. */
  updatedMs = -1

  append(value: unknown): void {
    const figures = readFigures(value)
    const row = this.epochs.length
    this.epochs.push(figures.epoch ?? row + 1)
    this.elapsed.push((this.elapsed.at(-1) ?? 0) + numberOr(figures.seconds, 0))
    for (const [name, figure] of Object.entries(figures)) {
      if (notFigures.has(name)) continue
      const column = this.columns.get(name) ?? Array<number>(row).fill(Number.NaN)
      this.columns.set(name, column)
      column.push(figure)
    }
    for (const column of this.columns.values()) if (column.length === row) column.push(Number.NaN)
  }

  /** The figure at the last epoch not after `x` on an axis; undefined before the first. */
  valueAt(name: string, axis: 'epochs' | 'elapsed', x: number | undefined): number | undefined {
    const places = this[axis]
    const after = x === undefined ? -1 : places.findIndex((place) => place > x)
    const index = after < 0 ? places.length - 1 : after - 1
    return this.columns.get(name)?.[index]
  }
}

export type RunState = 'learning' | 'finished' | 'stopped' | 'diverged' | 'waiting'

/** A run that was written to so recently is taken to be learning. Training saves at least every 30 s. */
const FRESH_MS = 45_000

export function stateOf(run: RunEntry, nowMs: number): RunState {
  if (Number.isNaN(run.last.trainLoss)) return 'diverged'
  const planned = run.last.epochs
  if (run.files.includes('report.html') || (planned !== undefined && run.epochs >= planned)) return 'finished'
  if (nowMs - run.updatedMs < FRESH_MS) return 'learning'
  return run.epochs === 0 ? 'waiting' : 'stopped'
}

export const stateWords: Readonly<Record<RunState, string>> = {
  learning: 'learning',
  finished: 'finished',
  stopped: 'stopped early',
  diverged: 'diverged',
  waiting: 'no epoch yet',
}

/** The settings of a run that tell it from others. */
export function modelOf({ settings }: RunEntry): string {
  return settings.get('model.name') ?? settings.get('settings.model') ?? settings.get('model') ?? ''
}

export function dataOf({ settings }: RunEntry): string {
  const path = settings.get('data.name') ?? settings.get('settings.data') ?? settings.get('data') ?? ''
  return path.split('/').at(-1) ?? path
}

/** The loss and accuracy that a run is known for: those of its best epoch, judged where it was judged best. */
export function headline({ best }: RunEntry): { loss: number | undefined; accuracy: number | undefined } {
  return { loss: best.validationLoss ?? best.trainLoss, accuracy: best.validationAccuracy ?? best.trainAccuracy }
}

/** The names of settings in which runs differ. */
export function differingSettings(runs: readonly RunEntry[]): string[] {
  const names = new Set(runs.flatMap(({ settings }) => [...settings.keys()]))
  return [...names].filter((name) => new Set(runs.map(({ settings }) => settings.get(name))).size > 1)
}

/** How long a run that learns has still to go, as far as its last epoch tells. */
export function secondsLeft({ last, epochs }: RunEntry): number | undefined {
  const { epochs: planned, seconds } = last
  return planned === undefined || seconds === undefined ? undefined : Math.max(0, planned - epochs) * seconds
}
