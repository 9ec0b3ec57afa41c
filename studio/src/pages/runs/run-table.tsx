/** The list of runs: key figures, the course of the loss, and which are laid over each other. */
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { formatAgo, formatSeconds } from '../../base/duration.ts'
import { formatShare, formatValue } from '../../base/format.ts'
import { IdentityMarker } from '../../parts/identity.tsx'
import type { RunsController } from './controller.ts'
import { marks } from './marks.ts'
import { dataOf, headline, modelOf, type RunEntry, type RunState, secondsLeft, stateWords } from './records.ts'
import type { SortKey } from './setup.ts'

interface Props {
  readonly lab: RunsController
}

export function RunTable({ lab }: Props) {
  const rows = lab.rows.value
  return (
    <div class="table-scroll runs-scroll">
      <table class="data-table runs-table">
        <caption class="visually-hidden">Runs; the headings sort, the boxes choose what is compared</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Compare</span>
            </th>
            <Heading lab={lab} name="name" label="Run" />
            <Heading lab={lab} name="epochs" label="Epochs" />
            <th scope="col" class="runs-trend-column">
              Loss so far
            </th>
            <Heading lab={lab} name="loss" label="Best loss" />
            <Heading lab={lab} name="accuracy" label="Accuracy" />
            <Heading lab={lab} name="time" label="Time" column="runs-time-column" />
            <Heading lab={lab} name="changed" label="Changed" column="runs-changed-column" />
          </tr>
        </thead>
        <tbody>
          {rows.map((run) => (
            <Row key={run.name} lab={lab} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Heading({ lab, name, label, column }: Props & { name: SortKey; label: string; column?: string }) {
  const { sort, descending } = lab.setup.value
  const on = sort === name
  return (
    <th scope="col" class={column} aria-sort={on ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class={on ? 'sort-button on' : 'sort-button'} onClick={() => lab.sortBy(name)}>
        {label}
        <span aria-hidden="true">{on ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  )
}

/** A row is drawn anew only when something in it changed: there may be hundreds, and the list is read every second. */
function Row({ lab, run }: Props & { run: RunEntry }) {
  const place = lab.compared.value.findIndex(({ name }) => name === run.name)
  const state = lab.stateOf(run)
  const shown = lab.shown.value?.name === run.name
  const changed = run.updatedMs > 0 ? formatAgo((lab.list.value?.nowMs ?? 0) - run.updatedMs) : '–'
  const { runs, baseline } = marks.value
  return useMemo(
    () => <Cells {...{ lab, run, place, state, shown, changed }} />,
    [run, place, state, shown, changed, runs[run.name], baseline],
  )
}

interface CellsProps extends Props {
  readonly run: RunEntry
  readonly place: number
  readonly state: RunState
  readonly shown: boolean
  readonly changed: string
}

function Cells({ lab, run, place, state, shown, changed }: CellsProps) {
  const { loss, accuracy } = headline(run)
  const planned = run.last.epochs
  return (
    <tr class={shown ? 'shown' : ''} data-run={run.name}>
      <td>
        <label class="run-check">
          <input
            type="checkbox"
            checked={place >= 0}
            aria-label={`Compare ${run.name}`}
            onChange={() => lab.toggleCompared(run.name)}
          />
          {place >= 0 ? <IdentityMarker place={place} /> : <span class="identity-marker" />}
        </label>
      </td>
      <th scope="row">
        <button
          type="button"
          class="run-name"
          {...(shown ? { 'aria-current': 'true' as const } : {})}
          onClick={() => lab.change({ shown: run.name })}
        >
          {run.name}
        </button>
        <span class="run-about">
          <span class={`run-state ${state}`}>{stateWords[state]}</span>
          {[modelOf(run), dataOf(run)].filter(Boolean).join(' on ')}
        </span>
        <Marks lab={lab} run={run} />
        {run.problem !== undefined && <span class="run-problem">{run.problem}</span>}
      </th>
      <td>
        <span data-testid="epochs">{run.epochs}</span>
        {planned !== undefined && planned > run.epochs && <span class="run-of"> of {planned}</span>}
        {state === 'learning' && <TimeLeft run={run} />}
      </td>
      <td class="runs-trend-column">
        <Sparkline trend={run.trend} />
      </td>
      <Cell value={loss} format={formatValue} />
      <Cell value={accuracy} format={formatShare} />
      <Cell value={run.seconds > 0 ? run.seconds : undefined} format={formatSeconds} column="runs-time-column" />
      <td class="runs-changed-column">{changed}</td>
    </tr>
  )
}

interface CellProps {
  readonly value: number | undefined
  readonly format: (value: number) => string
  readonly column?: string
}

function Cell({ value, format, column }: CellProps) {
  return <td class={column}>{value === undefined ? <Missing /> : format(value)}</td>
}

function Missing(): ComponentChildren {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">none</span>
    </>
  )
}

function TimeLeft({ run }: { run: RunEntry }) {
  const left = secondsLeft(run)
  return left === undefined || left <= 0 ? null : <span class="run-left">{formatSeconds(left)} left</span>
}

function Marks({ run }: Props & { run: RunEntry }) {
  const { baseline, runs } = marks.value
  const mark = runs[run.name]
  const tags = [
    ...(baseline === run.name ? ['baseline'] : []),
    ...(mark?.archived ? ['archived'] : []),
    ...(mark?.tags ?? []),
  ]
  if (tags.length === 0) return null
  return (
    <span class="run-tags">
      {tags.map((tag) => (
        <span key={tag} class="run-tag">
          {tag}
        </span>
      ))}
    </span>
  )
}

const WIDTH = 88
const HEIGHT = 24

/** The course of a loss in a few pixels; gaps where it was no number. */
function Sparkline({ trend }: { trend: readonly (number | null)[] }) {
  const numbers = trend.filter((value) => value !== null)
  if (numbers.length < 2) return <Missing />
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const x = (index: number): number => 2 + (index / (trend.length - 1)) * (WIDTH - 4)
  const y = (value: number): number => 2 + (1 - (value - low) / (high - low || 1)) * (HEIGHT - 4)
  let pen = 'M'
  const path = trend
    .map((value, index) => {
      if (value === null) {
        pen = 'M'
        return ''
      }
      const move = `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
      pen = 'L'
      return move
    })
    .join('')
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`from ${formatValue(numbers[0] ?? 0)} to ${formatValue(numbers.at(-1) ?? 0)}`}
    >
      <path d={path} />
    </svg>
  )
}
