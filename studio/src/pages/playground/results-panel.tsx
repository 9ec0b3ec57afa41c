/** Losses, their curve, accuracy, and the confusion matrix. */
import { useSignalEffect } from '@preact/signals'
import { useState } from 'preact/hooks'
import { formatShare, formatValue } from '../../base/format.ts'
import { Button, Range, Segmented } from '../../parts/controls.tsx'
import { Curve, type CurveData, describeCurve } from '../../parts/curve.tsx'
import type { PlaygroundController } from './controller.ts'
import type { Points } from './points.ts'
import type { Frame } from './protocol.ts'

interface Props {
  readonly play: PlaygroundController
}

/** The frame at a pace at which figures can be read; pictures go faster. */
export function useSlowFrame(play: PlaygroundController): Frame | undefined {
  const [frame, setFrame] = useState(play.frame.peek())
  const [clock] = useState({ last: 0, timer: undefined as ReturnType<typeof setTimeout> | undefined })
  useSignalEffect(() => {
    const next = play.frame.value
    const now = performance.now()
    clearTimeout(clock.timer)
    const wait = next?.running ? Math.max(0, 100 - (now - clock.last)) : 0
    const set = (): void => {
      clock.last = performance.now()
      setFrame(next)
    }
    if (wait === 0) set()
    else clock.timer = setTimeout(set, wait)
  })
  return frame
}

const lossSeries = [
  { label: 'Train', dashed: true, colour: '--muted' },
  { label: 'Test', colour: '--text' },
] as const

const unit: readonly [number, number] = [0, 1]

export function ResultsPanel({ play }: Props) {
  const frame = useSlowFrame(play)
  const setup = play.setup.value
  const [shows, setShows] = useState<'loss' | 'score'>('loss')
  const scoreName = play.regression.value ? 'R²' : 'Accuracy'
  const curves = frame?.curves
  const data: CurveData = curves
    ? {
        x: curves.epochs,
        lines: shows === 'loss' ? [curves.trainLoss, curves.testLoss] : [curves.trainScore, curves.testScore],
      }
    : { x: [], lines: [[], []] }
  const what = shows === 'loss' ? 'Loss' : scoreName
  const logY = shows === 'loss' && setup.logLoss
  return (
    <section class="panel results-panel" aria-label="Results">
      <Figures play={play} frame={frame} />
      <div class="curve-head">
        <Segmented
          label="Curve"
          selected={shows}
          options={[
            { value: 'loss', label: 'Loss' },
            { value: 'score', label: scoreName },
          ]}
          onChange={setShows}
        />
        <span class="curve-scales">
          <Button
            label="log epochs"
            small
            pressed={setup.logEpochs}
            onClick={() => play.change({ logEpochs: !setup.logEpochs })}
          />
          <Button
            label="log loss"
            small
            pressed={setup.logLoss}
            disabled={shows !== 'loss'}
            onClick={() => play.change({ logLoss: !setup.logLoss })}
          />
        </span>
      </div>
      {data.x.length === 0 ? (
        <p class="curve-empty">The curve begins with the first epoch.</p>
      ) : (
        <Curve
          series={lossSeries}
          data={data}
          logX={setup.logEpochs}
          logY={logY}
          smoothing={setup.smoothing}
          height={156}
          {...(shows === 'score' && !play.regression.value ? { bounds: unit } : {})}
          label={describeCurve(what, lossSeries, data)}
        />
      )}
      <p class="caption">
        {what} by epoch{frame && frame.curvesStride > 1 ? `; every ${frame.curvesStride}th epoch is recorded` : ''}.
        Training is dashed.
      </p>
      <Range
        label="Smoothing"
        value={setup.smoothing === 0 ? 'none' : setup.smoothing.toFixed(2)}
        at={setup.smoothing}
        min={0}
        max={0.99}
        step={0.01}
        onChange={(smoothing) => play.change({ smoothing })}
      />
      {frame && frame.confusion.length > 0 && <Confusion counts={frame.confusion} />}
    </section>
  )
}

interface FiguresProps extends Props {
  readonly frame: Frame | undefined
}

/** Losses and scores of the last frame. */
export function Figures({ play, frame }: FiguresProps) {
  const scoreName = play.regression.value ? 'R²' : 'Accuracy'
  const formatScore = play.regression.value ? formatValue : formatShare
  const { train, test } = play.plan.value ?? {}
  /** Nothing is known about a part without points. */
  const figure = (part: Points | undefined, value: number | undefined, format: (value: number) => string): string =>
    value === undefined || !part || part.target.length === 0 ? '–' : format(value)
  return (
    <dl class="figures">
      <Figure label="Test loss" value={figure(test, frame?.testLoss, formatValue)} testId="test-loss" strong />
      <Figure label="Training loss" value={figure(train, frame?.trainLoss, formatValue)} testId="train-loss" />
      <Figure
        label={`Test ${scoreName.toLowerCase().replace('r²', 'R²')}`}
        value={figure(test, frame?.testScore, formatScore)}
        testId="test-score"
        strong
      />
      <Figure
        label={`Training ${scoreName.toLowerCase().replace('r²', 'R²')}`}
        value={figure(train, frame?.trainScore, formatScore)}
        testId="train-score"
      />
    </dl>
  )
}

interface FigureProps {
  readonly label: string
  readonly value: string
  readonly testId: string
  readonly strong?: boolean
}

function Figure({ label, value, testId, strong }: FigureProps) {
  return (
    <div class={strong ? 'figure strong' : 'figure'}>
      <dt>{label}</dt>
      <dd data-testid={testId}>{value}</dd>
    </div>
  )
}

function Confusion({ counts }: { counts: readonly number[] }) {
  const classes = Math.round(Math.sqrt(counts.length))
  const labels = Array.from({ length: classes }, (_, index) => index)
  return (
    <table class="confusion">
      <caption>Test points by true class (rows) and answer (columns)</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">True class</span>
          </th>
          {labels.map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {labels.map((row) => {
          const sum = labels.reduce((total, column) => total + (counts[row * classes + column] ?? 0), 0)
          return (
            <tr key={row}>
              <th scope="row">{row}</th>
              {labels.map((column) => {
                const count = counts[row * classes + column] ?? 0
                return (
                  <td
                    key={column}
                    style={{ '--share': sum > 0 ? count / sum : 0 }}
                    class={row === column ? 'right' : 'wrong'}
                  >
                    {count}
                  </td>
                )
              })}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
