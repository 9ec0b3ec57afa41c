/** Two set-ups side by side: what each answers, its figures, and their losses over each other. */
import { useMemo } from 'preact/hooks'
import { Button, Segmented } from '../../parts/controls.tsx'
import { IdentityMarker } from '../../parts/identity.tsx'
import { type ChartLine, LineChart } from '../../parts/line-chart.tsx'
import type { PlaygroundController } from './controller.ts'
import { OutputPanel } from './output-panel.tsx'
import { differences, type PlaygroundPair, type Side, sides } from './pair.ts'
import type { Frame } from './protocol.ts'
import { Figures, useSlowFrame } from './results-panel.tsx'
import type { Setup } from './setup.ts'

interface Props {
  readonly pair: PlaygroundPair
}

/** What is only looked at makes no difference. */
const looks = new Set(['speed', 'showTestData', 'discretize', 'logEpochs', 'logLoss', 'smoothing', 'hideText'])

export function SplitView({ pair }: Props) {
  const b = pair.b.value
  if (!b) return null
  const found = differences(pair.a.setup.value, b.setup.value).filter(({ key }) => !looks.has(key))
  return (
    <section class="panel stage" aria-label="A and B">
      <div class="stage-pad">
        <div class="table-bar split-bar">
          <Segmented
            label="Settings and network of"
            selected={pair.side.value}
            options={sides.map((side) => ({ value: side, label: side }))}
            onChange={(side) => {
              pair.side.value = side
            }}
          />
          <p class="stage-note" data-testid="differences">
            {found.length === 0
              ? 'Both are the same; change a setting of B.'
              : found.map(({ key, a, b: other }) => `${key}: ${a || '–'} against ${other || '–'}`).join(' · ')}
          </p>
          <span class="transport-buttons">
            <Button label="Keep A" small onClick={() => pair.keep('A')} />
            <Button label="Keep B" small onClick={() => pair.keep('B')} />
          </span>
        </div>
        <div class="split-sides">
          <SideView name="A" play={pair.a} />
          <SideView name="B" play={b} />
        </div>
        <SplitCurve a={pair.a} b={b} />
      </div>
    </section>
  )
}

function SideView({ name, play }: { name: Side; play: PlaygroundController }) {
  const frame = useSlowFrame(play)
  return (
    <section class="split-side" aria-label={name} data-side={name}>
      <h2 class="panel-title split-title">
        <IdentityMarker place={sides.indexOf(name)} />
        {name}
        <span>{play.diagnosis.value ? 'diverged' : `epoch ${frame?.epoch.toLocaleString('en') ?? 0}`}</span>
      </h2>
      <OutputPanel play={play} of={name} />
      <Figures play={play} frame={frame} />
    </section>
  )
}

function SplitCurve({ a, b }: { a: PlaygroundController; b: PlaygroundController }) {
  const frames = [useSlowFrame(a), useSlowFrame(b)]
  const [first, second] = frames.map((frame) => frame?.curves)
  const lines = useMemo(() => frames.flatMap((frame, place) => linesOf(frame, place)), [first, second])
  const { logEpochs, logLoss, smoothing } = a.setup.value
  const changeBoth = (changes: Partial<Setup>): void => {
    a.change(changes)
    b.change(changes)
  }
  if (lines.length === 0) return null
  return (
    <figure>
      <LineChart
        lines={lines}
        logX={logEpochs}
        logY={logLoss}
        smoothing={smoothing}
        height={190}
        label="Losses of A and B by epoch; the last values stand above."
      />
      <figcaption class="table-bar">
        <span class="caption">Loss by epoch: on test points solid, in training dashed.</span>
        <span class="curve-scales">
          <Button label="log epochs" small pressed={logEpochs} onClick={() => changeBoth({ logEpochs: !logEpochs })} />
          <Button label="log loss" small pressed={logLoss} onClick={() => changeBoth({ logLoss: !logLoss })} />
        </span>
      </figcaption>
    </figure>
  )
}

function linesOf(frame: Frame | undefined, place: number): ChartLine[] {
  const curves = frame?.curves
  if (!curves || curves.epochs.length === 0) return []
  const x = Array.from(curves.epochs)
  return [
    { key: `${place} train`, place, dashed: true, x, y: Array.from(curves.trainLoss) },
    { key: `${place} test`, place, dashed: false, x, y: Array.from(curves.testLoss) },
  ]
}
