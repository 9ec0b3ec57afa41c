/** The Optimizer race page. */
import './race.css'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { downloadCanvas, downloadText, toCsv } from '../../base/download.ts'
import { formatCounter, formatValue } from '../../base/format.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button, Range } from '../../parts/controls.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { TransportBar } from '../../parts/transport-bar.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { raceCode } from './code.ts'
import { RaceController } from './controller.ts'
import { landscapeNames, landscapes } from './landscapes.ts'
import { RaceMap } from './map.tsx'
import page from './page.ts'
import { RacerMark } from './racer-look.tsx'
import { LossPanel, StandingPanel } from './results.tsx'
import { Settings } from './settings.tsx'
import { ratesOf, speeds } from './setup.ts'
import { racerTitles } from './standing.ts'

interface Props {
  readonly lab: RaceController
}

export default function Race({ address, setAddress }: PageProps) {
  const lab = useMemo(() => new RaceController(address, setAddress), [])
  useEffect(() => () => lab.dispose(), [lab])
  useCommands(useMemo(() => commandsOf(lab), [lab]))
  const stage = useRef<HTMLDivElement>(null)
  const picture = async (): Promise<void> => {
    const canvas = stage.current?.querySelector<HTMLCanvasElement>('.race-map canvas')
    if (canvas) await downloadCanvas(canvas, 'race.png')
  }
  return (
    <PageFrame
      title={page.title}
      summary={page.summary}
      exports={[
        { label: 'Map as a picture (PNG)', run: picture },
        { label: 'Ways (CSV)', run: () => downloadText(waysCsv(lab), 'ways.csv', 'text/csv') },
      ]}
      transport={<Transport lab={lab} />}
      settings={<Settings lab={lab} />}
      stage={
        <div ref={stage} class="zone">
          <Stage lab={lab} />
        </div>
      }
      results={
        <>
          <StandingPanel lab={lab} />
          <LossPanel lab={lab} />
        </>
      }
    />
  )
}

function Transport({ lab }: Props) {
  const { speed } = lab.setup.value
  const blocked = lab.problem.value !== undefined || (lab.ways.value?.length ?? 0) === 0
  return (
    <TransportBar
      running={lab.running.value}
      startLabel={lab.ended.value ? 'Race again' : 'Race'}
      onToggle={() => lab.toggle()}
      onReset={() => lab.again()}
      resetLabel="Back to the start line"
      steps={[{ label: 'One step on', icon: 'step', run: () => lab.showStep(lab.step.value + 1) }]}
      blocked={blocked}
      count={{ value: formatCounter(lab.step.value), label: 'steps' }}
      speed={{
        name: `${speeds[speed]} steps/s`,
        at: speed,
        most: speeds.length - 1,
        onChange: (next) => lab.change({ speed: next }),
      }}
      status={statusOf(lab)}
    />
  )
}

function statusOf(lab: RaceController): string {
  if (lab.problem.value) return 'no landscape'
  if (!lab.ways.value) return 'getting ready'
  if (lab.ways.value.length === 0) return 'nobody runs'
  if (lab.running.value) return 'racing'
  return lab.ended.value ? 'finished' : 'paused'
}

const tabs = [
  { name: 'map', label: 'Map' },
  { name: 'steps', label: 'Where they are' },
  { name: 'code', label: 'Show the code' },
] as const

function Stage({ lab }: Props) {
  const { tab, steps } = lab.setup.value
  const formula = lab.formula.value
  return (
    <>
      {lab.failure.value && <EngineFailure message={lab.failure.value} />}
      {lab.allThrownOut.value && <ThrownOut lab={lab} />}
      <div class="panel stage">
        <Tabs label="Views of the race" tabs={tabs} selected={tab} onSelect={(next) => lab.change({ tab: next })}>
          {tab === 'map' && (
            <figure class="stage-pad">
              {!formula && <p class="race-empty">Mend the formula at the left to see its landscape.</p>}
              {formula && !lab.ways.value && <div class="skeleton race-map" />}
              {formula && lab.ways.value && <RaceMap lab={lab} />}
              <Range
                label="Step"
                value={`${lab.step.value} of ${steps}`}
                at={lab.step.value}
                min={0}
                max={steps}
                onChange={(step) => lab.showStep(step)}
              />
              <figcaption class="caption">
                Light is low, dark is high. The ring is the start; crosshairs are the lowest places.
              </figcaption>
            </figure>
          )}
          {tab === 'steps' && <WhereTable lab={lab} />}
          {tab === 'code' && formula && (
            <div class="stage-pad">
              <p class="stage-note">This program runs the same race and ends at the same places.</p>
              <CodeView code={raceCode(lab.setup.value, formula)} label="The race as a program" />
            </div>
          )}
        </Tabs>
      </div>
    </>
  )
}

function EngineFailure({ message }: { message: string }) {
  return (
    <div class="notice danger" role="alert">
      <p class="notice-title">The engine stopped</p>
      <p>{message}</p>
      <div class="notice-actions">
        <Button label="Load the page again" icon="reset" onClick={() => location.reload()} />
      </div>
    </div>
  )
}

function ThrownOut({ lab }: Props) {
  const rates = ratesOf(lab.setup.value)
  return (
    <div class="notice danger" role="alert" data-testid="diagnosis">
      <p class="notice-title">All were thrown out</p>
      <p>
        Each step overshot the valley by more than the one before, until the numbers ended. Steps are the rate times the
        slope, and the slope is steep here.
      </p>
      <div class="notice-actions">
        <Button
          label="A tenth of every rate"
          icon="reset"
          onClick={() => lab.change({ rates: rates.map((rate) => Number((rate / 10).toPrecision(3))) })}
        />
        <Button label="Usual rates" onClick={() => lab.change({ rates: [] })} />
      </div>
    </div>
  )
}

function WhereTable({ lab }: Props) {
  const step = lab.step.value
  const ways = lab.ways.value ?? []
  return (
    <div class="stage-pad">
      <p class="stage-note">Where everybody is after {step} steps, and how long the last step was.</p>
      <div class="table-scroll">
        <table class="data-table">
          <caption class="visually-hidden">Place, loss and last step of each racer</caption>
          <thead>
            <tr>
              <th scope="col">Racer</th>
              <th scope="col">x</th>
              <th scope="col">y</th>
              <th scope="col">Loss</th>
              <th scope="col">Last step</th>
            </tr>
          </thead>
          <tbody>
            {ways.map(({ name, x, y, loss }) => {
              const at = Math.min(step, x.length - 1)
              const last = at > 0 ? Math.hypot((x[at] ?? 0) - (x[at - 1] ?? 0), (y[at] ?? 0) - (y[at - 1] ?? 0)) : 0
              return (
                <tr key={name} data-racer={name}>
                  <td>
                    <span class="racer-name">
                      <RacerMark name={name} />
                      {racerTitles[name]}
                    </span>
                  </td>
                  <td>{(x[at] ?? Number.NaN).toFixed(4)}</td>
                  <td>{(y[at] ?? Number.NaN).toFixed(4)}</td>
                  <td>{formatValue(loss[at] ?? Number.NaN)}</td>
                  <td>{formatValue(last)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function waysCsv(lab: RaceController): string {
  const ways = lab.ways.value ?? []
  const rows = ways.flatMap(({ name, x, y, loss }) =>
    Array.from(x, (value, step) => [racerTitles[name], step, value, y[step] ?? 0, loss[step] ?? 0]),
  )
  return toCsv(['racer', 'step', 'x', 'y', 'loss'], rows)
}

function commandsOf(lab: RaceController): Command[] {
  const group = 'Optimizer race'
  return [
    { label: 'Race or pause', group, keywords: 'play stop start', run: () => lab.toggle() },
    { label: 'Back to the start line', group, keywords: 'reset', run: () => lab.again() },
    { label: 'Find the fastest rates', group, run: () => void lab.findRates() },
    ...landscapeNames.map((landscape) => ({
      label: `Landscape: ${landscapes[landscape].title}`,
      group,
      run: () => lab.change({ landscape, start: [], rates: [] }),
    })),
  ]
}
