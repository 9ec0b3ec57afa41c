/** The Train images page. */
import './train.css'
import { useEffect, useMemo } from 'preact/hooks'
import { downloadText, toCsv } from '../../base/download.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button } from '../../parts/controls.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { TransportBar } from '../../parts/transport-bar.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { NetworkTab } from './builder.tsx'
import { trainCode } from './code.ts'
import { type Stage as StageState, TrainController } from './controller.ts'
import { DataTab } from './data-tab.tsx'
import { EmptyStage, useDrop } from './files.tsx'
import { InsideTab } from './inside.tsx'
import { JudgementTab } from './judgement.tsx'
import page from './page.ts'
import { NetworkPanel, ResultsPanel } from './results.tsx'
import { Settings } from './settings.tsx'
import { learningRates, speeds, type TabName } from './setup.ts'

interface Props {
  readonly lab: TrainController
}

export default function TrainImages({ address, setAddress }: PageProps) {
  const lab = useMemo(() => new TrainController(address, setAddress), [])
  useEffect(() => () => lab.dispose(), [lab])
  useCommands(useMemo(() => commandsOf(lab), [lab]))
  const { over, handlers } = useDrop(lab)
  return (
    <div class={over ? 'drop-target over' : 'drop-target'} {...handlers}>
      <PageFrame
        title={page.title}
        summary={page.summary}
        exports={[
          { label: 'Curves (CSV)', run: () => downloadText(curvesCsv(lab), 'curves.csv', 'text/csv') },
          {
            label: 'Answers on test pictures (CSV)',
            run: () => downloadText(answersCsv(lab), 'answers.csv', 'text/csv'),
          },
        ]}
        transport={<Transport lab={lab} />}
        settings={<Settings lab={lab} />}
        stage={<Stage lab={lab} />}
        results={
          <>
            <ResultsPanel lab={lab} />
            <NetworkPanel lab={lab} />
          </>
        }
      />
    </div>
  )
}

function Transport({ lab }: Props) {
  const frame = lab.frame.value
  const { speed } = lab.setup.value
  const { epochs = 0, done = 0, total = 0, phase = 'ready' } = frame ?? {}
  const within = total > 0 && done > 0 ? ` · ${Math.round((100 * done) / total)} %` : ''
  const blocked = lab.stage.value.kind !== 'ready' || lab.problem.value !== undefined || phase === 'failed'
  return (
    <TransportBar
      running={lab.running.value}
      startLabel={phase === 'finished' ? 'Train on' : 'Train'}
      onToggle={() => lab.toggle()}
      onReset={() => lab.reset()}
      resetLabel="Start again with fresh weights"
      steps={[
        { label: 'Train one epoch', icon: 'step', run: () => lab.step(-1) },
        { label: 'Train one batch', icon: 'batch', run: () => lab.step(1) },
      ]}
      blocked={blocked}
      count={{ value: `${epochs}${within}`, label: `of ${frame?.target ?? lab.setup.value.epochs} epochs` }}
      speed={{
        name: speedName(speed),
        at: speed,
        most: speeds.length - 1,
        onChange: (next) => lab.change({ speed: next }),
      }}
      status={statusOf(lab)}
    />
  )
}

function speedName(index: number): string {
  const speed = speeds[index] ?? 0
  if (speed === 0) return 'full speed'
  return speed === 1 ? 'a batch a second' : `${speed} batches/s`
}

function statusOf(lab: TrainController): string {
  const { kind } = lab.stage.value
  if (kind === 'loading') return 'preparing pictures'
  if (kind === 'empty') return 'waiting for pictures'
  if (lab.problem.value) return 'a layer does not fit'
  const words = { ready: 'ready', training: 'learning', paused: 'paused', finished: 'finished', failed: 'diverged' }
  return words[lab.phase.value]
}

const tabs: readonly { readonly name: TabName; readonly label: string }[] = [
  { name: 'network', label: 'Network' },
  { name: 'inside', label: 'Look inside' },
  { name: 'judgement', label: 'Mistakes' },
  { name: 'data', label: 'Pictures' },
  { name: 'code', label: 'Show the code' },
]

function Stage({ lab }: Props) {
  const stage = lab.stage.value
  const { tab } = lab.setup.value
  return (
    <>
      {lab.failure.value && <EngineFailure message={lab.failure.value} />}
      {lab.fileProblem.value && <FileProblem lab={lab} problem={lab.fileProblem.value} />}
      {lab.phase.value === 'failed' && <Diverged lab={lab} />}
      {stage.kind === 'loading' && <Loading stage={stage} />}
      {stage.kind === 'empty' && <EmptyStage lab={lab} />}
      {stage.kind === 'ready' && (
        <div class="panel stage">
          <Tabs label="Views of the network" tabs={tabs} selected={tab} onSelect={(next) => lab.change({ tab: next })}>
            {tab === 'network' && <NetworkTab lab={lab} />}
            {tab === 'inside' && <InsideTab lab={lab} />}
            {tab === 'judgement' && <JudgementTab lab={lab} />}
            {tab === 'data' && <DataTab lab={lab} />}
            {tab === 'code' && (
              <div class="stage-pad">
                <p class="stage-note">
                  {lab.setup.value.data === 'digits'
                    ? 'This program trains the same network on the same digits and ends with the same figures.'
                    : 'This program trains the same network on a folder of pictures.'}
                </p>
                <CodeView code={trainCode(lab.setup.value, lab.info.value)} label="The training as a program" />
              </div>
            )}
          </Tabs>
        </div>
      )}
    </>
  )
}

function Loading({ stage }: { stage: StageState & { kind: 'loading' } }) {
  return (
    <div class="panel stage train-loading" role="status">
      <p>{stage.text}</p>
      {stage.share > 0 && <progress value={stage.share} max={1} aria-label="How far it is" />}
      <div class="skeleton train-skeleton" />
    </div>
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

function FileProblem({ lab, problem }: Props & { problem: string }) {
  return (
    <div class="notice danger" role="alert">
      <p class="notice-title">These files could not be used</p>
      <p>{problem}</p>
      <div class="notice-actions">
        <Button label="All right" small onClick={() => (lab.fileProblem.value = undefined)} />
      </div>
    </div>
  )
}

function Diverged({ lab }: Props) {
  const { learningRate } = lab.setup.value
  const lower = learningRates.findLast((rate) => rate <= Math.min(0.03, learningRate / 3)) ?? learningRates[0]
  return (
    <div class="notice danger" role="alert" data-testid="diagnosis">
      <p class="notice-title">The training diverged</p>
      <p>{lab.frame.value?.message}</p>
      <div class="notice-actions">
        <Button label={`Start again with rate ${lower}`} icon="reset" onClick={() => lab.recover(lower)} />
      </div>
    </div>
  )
}

function curvesCsv(lab: TrainController): string {
  const curves = lab.frame.value?.curves
  const columns = ['epochs', 'trainLoss', 'testLoss', 'trainAccuracy', 'testAccuracy'] as const
  const rows = Array.from(curves?.epochs ?? [], (_, index) =>
    columns.map((name) => {
      const value = curves?.[name][index] ?? Number.NaN
      return Number.isNaN(value) ? '' : value
    }),
  )
  return toCsv([...columns], rows)
}

function answersCsv(lab: TrainController): string {
  const [info, judged] = [lab.info.value, lab.judgement.value]
  const name = (label: number | undefined): string => info?.classNames[label ?? 0] ?? ''
  const rows = Array.from(judged?.predicted ?? [], (predicted, index) => [
    index,
    name(info?.test.labels[index]),
    name(predicted),
    judged?.confidence[index] ?? 0,
    judged?.losses[index] ?? 0,
  ])
  return toCsv(['picture', 'class', 'answer', 'confidence', 'loss'], rows)
}

function commandsOf(lab: TrainController): Command[] {
  const group = 'Train images'
  return [
    { label: 'Train or pause', group, keywords: 'play stop start', run: () => lab.toggle() },
    { label: 'Train one epoch', group, keywords: 'step', run: () => lab.step(-1) },
    { label: 'Train one batch', group, keywords: 'step', run: () => lab.step(1) },
    { label: 'Start again with fresh weights', group, keywords: 'reset', run: () => lab.reset() },
    ...tabs.map(({ name, label }) => ({ label: `Show: ${label}`, group, run: () => lab.change({ tab: name }) })),
  ]
}
