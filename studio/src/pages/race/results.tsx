/** Who wins, in words and figures, and the losses as curves. */
import { useMemo } from 'preact/hooks'
import { formatValue } from '../../base/format.ts'
import { Curve, type CurveData, describeCurve } from '../../parts/curve.tsx'
import type { RaceController } from './controller.ts'
import { RacerMark } from './racer-look.tsx'
import { racerNames } from './setup.ts'
import { racerTitles } from './standing.ts'

interface Props {
  readonly lab: RaceController
}

export function StandingPanel({ lab }: Props) {
  const standings = lab.standings.value
  return (
    <section class="panel results-panel" aria-label="Standing">
      <p class="race-words" data-testid="words">
        {lab.words.value}
      </p>
      {standings.length > 0 && (
        <table class="data-table standing">
          <caption class="visually-hidden">
            The racers in order, with their loss and the step at which they were down
          </caption>
          <thead>
            <tr>
              <th scope="col">Racer</th>
              <th scope="col">Loss</th>
              <th scope="col">Down in</th>
            </tr>
          </thead>
          <tbody>
            {standings.map(({ name, loss, arrived, thrownOut }, index) => (
              <tr key={name}>
                <td>
                  <span class="racer-name">
                    <span class="place">{index + 1}</span>
                    <RacerMark name={name} />
                    {racerTitles[name]}
                  </span>
                </td>
                <td>{thrownOut ? 'thrown out' : formatValue(loss)}</td>
                <td>{arrived === undefined ? '–' : `${arrived} steps`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

export function LossPanel({ lab }: Props) {
  const ways = lab.ways.value
  const lowest = lab.lowest.value
  const shown = lab.slowStep.value
  const series = useMemo(
    () =>
      (ways ?? []).map(({ name }) => ({
        label: racerTitles[name],
        colour: `--racer-${racerNames.indexOf(name) % 5}`,
        dashed: racerNames.indexOf(name) >= 5,
      })),
    [ways],
  )
  const data = useMemo((): CurveData => {
    const x = Array.from({ length: shown + 1 }, (_, index) => index)
    return { x, lines: (ways ?? []).map(({ loss }) => x.map((step) => (loss[step] ?? Number.NaN) - lowest)) }
  }, [ways, lowest, shown])
  return (
    <section class="panel results-panel" aria-label="Losses">
      <h2 class="panel-title">Height above the lowest place</h2>
      {series.length === 0 || shown < 2 ? (
        <p class="race-empty">The curves begin with the first steps.</p>
      ) : (
        <Curve
          series={series}
          data={data}
          logX={false}
          logY
          smoothing={0}
          height={210}
          label={describeCurve('Loss above the lowest', series, data).replace('epochs', 'steps')}
        />
      )}
      <p class="caption">Loss by step, on a logarithmic scale.</p>
    </section>
  )
}
