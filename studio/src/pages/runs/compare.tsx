/** The chosen runs over each other: curves with one shared place that is looked at, and what they say there. */
import { useMemo } from 'preact/hooks'
import { formatSeconds } from '../../base/duration.ts'
import { formatShare, formatValue } from '../../base/format.ts'
import { Range } from '../../parts/controls.tsx'
import type { RunsController } from './controller.ts'
import { RunMarker } from './identity.tsx'
import { familyTitle, figureNamed, isShare, type RunEntry, type RunSeries } from './records.ts'
import { RunChart, type RunLine } from './run-chart.tsx'

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
  const cursor = lab.cursor.value
  const format = formatFigure(family)
  const title = familyTitle(family)
  return (
    <section class="run-chart" aria-label={title}>
      <h3 class="panel-title">{title}</h3>
      {lines.length === 0 ? (
        <div class="skeleton run-chart-empty" />
      ) : (
        <RunChart
          lines={lines}
          logX={logX}
          logY={logY && !isShare(family)}
          smoothing={smoothing}
          height={210}
          cursor={cursor}
          onCursor={(x) => {
            lab.cursor.value = x
          }}
          label={`${title} of ${compared.length} runs; the values stand below.`}
        />
      )}
      <table class="run-legend">
        <caption class="visually-hidden">
          {title}{' '}
          {cursor === undefined
            ? 'at the end of each run'
            : `at ${axis === 'epochs' ? `epoch ${cursor}` : formatSeconds(cursor)}`}
        </caption>
        <tbody>
          {compared.map((run, place) => (
            <tr key={run.name}>
              <th scope="row">
                <RunMarker place={place} />
                <span>{run.name}</span>
              </th>
              {partsOf(all.get(run.name), family, training).map((name) => {
                const value = all.get(run.name)?.valueAt(name, axis, cursor)
                const { part } = figureNamed(name)
                return (
                  <td key={name} class={part === 'train' ? 'pale' : ''} data-figure={name}>
                    <span class="visually-hidden">
                      {part === 'train' ? 'training ' : part === '' ? '' : `${part} `}
                    </span>
                    {value === undefined ? '–' : format(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
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
): RunLine[] {
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
  const words =
    cursor === undefined ? 'the end of each run' : axis === 'epochs' ? `epoch ${cursor}` : formatSeconds(cursor)
  return (
    <div class="run-look">
      <Range
        label="Look at"
        value={words}
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
