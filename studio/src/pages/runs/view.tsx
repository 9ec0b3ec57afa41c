/** The Runs page. */
import './runs.css'
import { useEffect, useMemo } from 'preact/hooks'
import { downloadCanvas, downloadText, toCsv } from '../../base/download.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button } from '../../parts/controls.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { runCommands, runProgram } from './code.ts'
import { Curves, NothingChosen } from './compare.tsx'
import { RunsController } from './controller.ts'
import { Details } from './details.tsx'
import { Differences } from './differences.tsx'
import { EpochTable, epochRows } from './epoch-table.tsx'
import page from './page.ts'
import { RunTable } from './run-table.tsx'
import { Settings } from './settings.tsx'

interface Props {
  readonly lab: RunsController
}

const tabs = [
  { name: 'curves', label: 'Curves' },
  { name: 'differences', label: 'Differences' },
  { name: 'epochs', label: 'Epochs' },
  { name: 'code', label: 'Show the code' },
] as const

export default function Runs({ address, setAddress }: PageProps) {
  const lab = useMemo(() => new RunsController(address, setAddress), [])
  useEffect(() => () => lab.dispose(), [lab])
  useCommands(useMemo(() => commandsOf(lab), [lab]))
  return (
    <PageFrame
      title={page.title}
      summary={page.summary}
      actions={<Button label="Read again" icon="reset" onClick={() => void lab.refresh()} />}
      exports={[
        { label: 'Compared epochs (CSV)', run: () => exportEpochs(lab) },
        { label: 'First chart (PNG)', run: exportChart },
      ]}
      settings={<Settings lab={lab} />}
      stage={<Stage lab={lab} />}
      results={<Details lab={lab} />}
    />
  )
}

function Stage({ lab }: Props) {
  const list = lab.list.value
  const failure = lab.failure.value
  return (
    <>
      {failure !== undefined && (
        <div class="notice danger" role="alert">
          <p class="notice-title">The runs cannot be read</p>
          <p>{failure}</p>
          {list && <p>What was read before stays here.</p>}
          <div class="notice-actions">
            <Button label="Try again" icon="reset" small onClick={() => void lab.refresh()} />
          </div>
        </div>
      )}
      {!list && failure === undefined && <div class="skeleton runs-skeleton" aria-busy="true" />}
      {list && list.runs.length === 0 && <NoRuns folder={list.folder} />}
      {list && list.runs.length > 0 && (
        <>
          <Problems lab={lab} />
          <div class="panel stage">
            <div class="stage-pad">
              <div class="table-bar">
                <p class="stage-note" data-testid="count">
                  {countWords(lab.rows.value.length, list.runs.length)}
                </p>
                <p class="caption runs-folder" title={list.folder}>
                  <bdi dir="ltr">{list.folder}</bdi>
                </p>
              </div>
              {lab.rows.value.length > 0 ? (
                <RunTable lab={lab} />
              ) : (
                <p class="runs-hint">No run is like that; change what is looked for.</p>
              )}
            </div>
          </div>
          <Compared lab={lab} />
        </>
      )}
    </>
  )
}

function countWords(shown: number, all: number): string {
  const runs = all === 1 ? '1 run' : `${all} runs`
  return shown === all ? runs : `${shown} of ${runs}`
}

/** Nothing is wrong; it only has not begun. */
function NoRuns({ folder }: { folder: string }) {
  return (
    <div class="panel stage">
      <div class="stage-pad runs-empty">
        <h2>No runs yet</h2>
        <p>
          Whatever is trained from the command line appears here while it learns, and so does what the page Train images
          saves. This folder is looked at: <code>{folder}</code>
        </p>
        <CodeView
          code={'npx cognitron train synthetic-digits --epochs 3'}
          label="A command that trains a network on drawn digits"
        />
        <p class="caption">Runs elsewhere? Start the studio with --runs FOLDER.</p>
      </div>
    </div>
  )
}

/** Folders with something wrong by name, with what can be done. */
function Problems({ lab }: Props) {
  const wrong = lab.runs.value.filter(({ problem }) => problem !== undefined)
  const missing = lab.missing.value
  if (wrong.length === 0 && missing.length === 0) return null
  return (
    <details class="notice runs-problems">
      <summary>
        {[
          ...(wrong.length > 0
            ? [`${wrong.length === 1 ? 'One run has' : `${wrong.length} runs have`} something wrong`]
            : []),
          ...(missing.length > 0
            ? [
                `${missing.length === 1 ? 'one' : missing.length} of the link ${missing.length === 1 ? 'is' : 'are'} not here`,
              ]
            : []),
        ].join('; ')}
      </summary>
      <ul>
        {wrong.map(({ name, problem }) => (
          <li key={name}>
            <b>{name}</b> {problem}
          </li>
        ))}
        {missing.map((name) => (
          <li key={name}>
            <b>{name}</b> is not in the folder; it may have been renamed or deleted.
          </li>
        ))}
      </ul>
      <p class="caption">
        Everything that can be read is shown. A run that was cut off goes on with{' '}
        <code>npx cognitron train --resume</code>.
      </p>
    </details>
  )
}

function Compared({ lab }: Props) {
  const { tab } = lab.setup.value
  const runs = lab.compared.value
  return (
    <div class="panel stage">
      <Tabs label="Comparison" tabs={tabs} selected={tab} onSelect={(next) => lab.change({ tab: next })}>
        {tab === 'curves' && <Curves lab={lab} />}
        {tab === 'differences' && <Differences lab={lab} />}
        {tab === 'epochs' && <EpochTable lab={lab} />}
        {tab === 'code' &&
          (runs.length === 0 ? (
            <NothingChosen />
          ) : (
            <div class="stage-pad">
              <p class="stage-note">How these runs are made again, go on and are judged.</p>
              <CodeView code={runCommands(runs)} label="The runs as commands" />
              <p class="stage-note">What they reached, read by a program.</p>
              <CodeView code={runProgram(runs)} label="Reading runs by a program" />
            </div>
          ))}
      </Tabs>
    </div>
  )
}

function exportEpochs(lab: RunsController): void {
  const { header, rows } = epochRows(lab)
  downloadText(toCsv(header, rows), 'runs.csv', 'text/csv')
}

async function exportChart(): Promise<void> {
  const canvas = document.querySelector<HTMLCanvasElement>('.run-chart canvas')
  if (canvas) await downloadCanvas(canvas, 'runs.png')
}

function commandsOf(lab: RunsController): Command[] {
  return [
    { label: 'Read the runs again', group: 'Runs', keywords: 'refresh reload', run: () => void lab.refresh() },
    { label: 'Compare the newest runs', group: 'Runs', run: () => lab.change({ compared: 'newest' }) },
    { label: 'Compare no run', group: 'Runs', keywords: 'clear', run: () => lab.change({ compared: [] }) },
    ...tabs.map(({ name, label }) => ({
      label: `Runs: ${label}`,
      group: 'Runs',
      run: () => lab.change({ tab: name }),
    })),
    { label: 'Compared epochs as CSV', group: 'Runs', keywords: 'export download', run: () => exportEpochs(lab) },
  ]
}
