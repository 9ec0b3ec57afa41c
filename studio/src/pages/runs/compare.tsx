/** The chosen runs over each other: curves with one shared place that is looked at, and what they say there. */
import { useMemo } from 'preact/hooks'
import { formatSeconds } from '../../base/duration.ts'
import { formatShare, formatValue } from '../../base/format.ts'
import { Range } from '../../parts/controls.tsx'
import { IdentityMarker } from '../../parts/identity.tsx'
import { type ChartLine, LineChart } from '../../parts/line-chart.tsx'
import type { RunsController } from './controller.ts'
import { familyTitle, figureNamed, isShare, type RunEntry, type RunSeries } from './records.ts'

interface Props {
  readonly lab: RunsController
}

export function Curves({ lab }: Props) {
  const charts = lab.charts.value
  if (lab.compared.value.length === 0) return <NothingChosen />
  return (
    <div class="stage-pad">
      <div class="run-charts">
        {charts.map((family) => (
          <FamilyChart key={family} lab={lab} family={family} />
        ))}
      </div>
      <Look lab={lab} />
    </div>
  )
}

export function NothingChosen() {
  return <p class="runs-hint">Choose runs with the boxes of the table, and their curves are laid over each other.</p>
}

/** The figures of a family that a run has, training first. */
export function partsOf(series: RunSeries | undefined, family: string, training: boolean): string[] {
  const names = [...(series?.columns.keys() ?? [])].filter((name) => figureNamed(name).family === family)
  const wanted = names.filter((name) => training || figureNamed(name).part !== 'train')
  return wanted.length > 0 ? wanted : names
}

export function formatFigure(family: string): (value: number) => string {
  if (isShare(family)) return formatShare
  return family === 'seconds' ? formatSeconds : formatValue
}

function FamilyChart({ lab, family }: Props & { family: string }) {
  const { axis, training, logX, logY, smoothing } = lab.setup.value
  const compared = lab.compared.value
  const all = lab.series.value
  const lines = useMemo(
    () => compared.flatMap((run, place) => linesOf(run, place, all.get(run.name), { family, axis, training })),
    [compared, all, family, axis, training],
  )
  const title = familyTitle(family)
  return (
    <section class="run-chart" aria-label={title}>
      <h2 class="panel-title">{title}</h2>
      {lines.length === 0 ? (
        <div class="skeleton run-chart-empty" />
      ) : (
        <LineChart
          lines={lines}
          logX={logX}
          logY={logY && !isShare(family)}
          smoothing={smoothing}
          height={210}
          cursor={lab.cursor.value}
          onCursor={(x) => {
            lab.cursor.value = x
          }}
          label={`${title} of ${compared.length} runs; the values stand below.`}
        />
      )}
      <Legend lab={lab} family={family} title={title} />
    </section>
  )
}

/** What the lines say at the place that is looked at. */
function Legend({ lab, family, title }: Props & { family: string; title: string }) {
  const { axis, training } = lab.setup.value
  const cursor = lab.cursor.value
  const all = lab.series.value
  const compared = lab.compared.value
  const format = formatFigure(family)
  const names = [...new Set(compared.flatMap(({ name }) => partsOf(all.get(name), family, training)))]
  return (
    <table class="run-legend">
      <caption class="visually-hidden">
        {title} at {placeWords(axis, cursor)}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">Run</span>
          </th>
          {names.map((name) => (
            <th key={name} scope="col">
              {partWords[figureNamed(name).part]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {compared.map((run, place) => (
          <tr key={run.name}>
            <th scope="row">
              <span>
                <IdentityMarker place={place} />
                {run.name}
              </span>
            </th>
            {names.map((name) => {
              const value = all.get(run.name)?.valueAt(name, axis, cursor)
              return (
                <td
                  key={name}
                  class={figureNamed(name).part === 'train' ? 'pale' : ''}
                  data-figure={name}
                  data-run={run.name}
                >
                  {value === undefined ? '–' : format(value)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const partWords = { train: 'training', validation: 'validation', '': 'value' } as const

function placeWords(axis: 'epochs' | 'elapsed', cursor: number | undefined): string {
  if (cursor === undefined) return 'the end of each run'
  return axis === 'epochs' ? `epoch ${cursor}` : formatSeconds(cursor)
}

interface Wanted {
  readonly family: string
  readonly axis: 'epochs' | 'elapsed'
  readonly training: boolean
}

function linesOf(
  run: RunEntry,
  place: number,
  series: RunSeries | undefined,
  { family, axis, training }: Wanted,
): ChartLine[] {
  if (!series || series.epochs.length === 0) return []
  const names = partsOf(series, family, training)
  const judged = names.some((name) => figureNamed(name).part === 'validation')
  return names.map((name) => ({
    key: `${run.name} ${name}`,
    place,
    dashed: judged && figureNamed(name).part === 'train',
    x: series[axis],
    y: series.columns.get(name) ?? [],
  }))
}

/** Moves the place that is looked at, for those without a pointer. */
function Look({ lab }: Props) {
  const { axis, training, smoothing } = lab.setup.value
  const last = Math.max(1, ...[...lab.series.value.values()].map((series) => series[axis].at(-1) ?? 0))
  const cursor = lab.cursor.value
  return (
    <div class="run-look">
      <Range
        label="Look at"
        value={placeWords(axis, cursor)}
        at={cursor ?? last}
        min={0}
        max={last}
        step={axis === 'epochs' ? 1 : last / 100}
        onChange={(x) => {
          lab.cursor.value = x >= last ? undefined : x
        }}
      />
      <p class="caption">
        By {axis === 'epochs' ? 'epoch' : 'time in seconds'}.
        {training ? ' Validation is solid, training dashed and pale.' : ''}
        {smoothing > 0 ? ' Smoothed; what was measured lies pale below, and the numbers are those measured.' : ''}
      </p>
    </div>
  )
}
