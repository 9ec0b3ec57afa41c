/** The Explain page. */
import './explain.css'
import { useEffect, useMemo } from 'preact/hooks'
import { downloadCanvas, downloadText, toCsv } from '../../base/download.ts'
import { Button } from '../../parts/controls.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { ExplainController } from './controller.ts'
import { Gallery } from './gallery.tsx'
import { MapTab } from './map-tab.tsx'
import { CheckTab, CodeTab, MethodsTab } from './other-tabs.tsx'
import page from './page.ts'
import { Facts, Predictions } from './results.tsx'
import { Settings } from './settings.tsx'
import { methods } from './setup.ts'
import { DIGITS } from './sources.ts'
import { methodWords } from './words.ts'

interface Props {
  readonly lab: ExplainController
}

const tabs = [
  { name: 'map', label: 'Picture and map' },
  { name: 'methods', label: 'All methods' },
  { name: 'check', label: 'Sanity check' },
  { name: 'code', label: 'Show the code' },
] as const

export default function Explain({ address, setAddress }: PageProps) {
  const lab = useMemo(() => new ExplainController(address, setAddress), [])
  useEffect(() => () => lab.dispose(), [lab])
  useCommands(useMemo(() => commandsOf(lab), [lab]))
  return (
    <PageFrame
      title={page.title}
      summary={page.summary}
      exports={[
        { label: 'Map over the picture (PNG)', run: exportOverlay },
        { label: 'Map (CSV)', run: () => downloadText(mapCsv(lab), 'map.csv', 'text/csv') },
        { label: 'Weights (safetensors)', run: () => lab.saveWeights() },
      ]}
      settings={<Settings lab={lab} />}
      stage={<Stage lab={lab} />}
      results={
        <>
          <Predictions lab={lab} />
          <Facts lab={lab} />
        </>
      }
    />
  )
}

function Stage({ lab }: Props) {
  const { tab } = lab.setup.value
  const failure = lab.failure.value
  const problem = lab.problem.value
  if (failure !== undefined) return <NoNetwork lab={lab} text={failure} />
  if (!lab.info.value) return <Opening lab={lab} />
  return (
    <>
      {problem !== undefined && (
        <div class="notice danger" role="alert">
          <p class="notice-title">There is no map</p>
          <p>{problem}</p>
        </div>
      )}
      <div class="panel stage">
        <Tabs label="Views" tabs={tabs} selected={tab} onSelect={(next) => lab.change({ tab: next })}>
          {tab === 'map' && <MapTab lab={lab} />}
          {tab === 'methods' && <MethodsTab lab={lab} />}
          {tab === 'check' && <CheckTab lab={lab} />}
          {tab === 'code' && <CodeTab lab={lab} />}
        </Tabs>
      </div>
      <Gallery lab={lab} />
    </>
  )
}

/** A network is being read, or learns its digits. */
function Opening({ lab }: Props) {
  const progress = lab.progress.value
  const share = progress ? progress.done / progress.total : 0
  return (
    <div class="panel stage" aria-busy="true">
      <div class="stage-pad explain-opening">
        <p>
          {progress
            ? `A small network learns drawn digits: ${Math.round(100 * progress.accuracy)} % right so far.`
            : 'The network is being opened.'}
        </p>
        <progress max={1} value={share} aria-label="Training" />
        <div class="explain-maps">
          <div class="skeleton pixels-skeleton" />
          <div class="skeleton pixels-skeleton" />
          <div class="skeleton pixels-skeleton" />
        </div>
      </div>
    </div>
  )
}

function NoNetwork({ lab, text }: Props & { text: string }) {
  return (
    <div class="notice danger" role="alert">
      <p class="notice-title">The network cannot be opened</p>
      <p>{text}</p>
      <div class="notice-actions">
        <Button label="Use the drawn digits" small onClick={() => lab.choose(DIGITS)} />
      </div>
    </div>
  )
}

async function exportOverlay(): Promise<void> {
  const canvas = document.querySelector<HTMLCanvasElement>('[data-export=overlay] canvas')
  if (canvas) await downloadCanvas(canvas, 'explanation.png')
}

function mapCsv(lab: ExplainController): string {
  const answer = lab.answer.value
  if (!answer) return ''
  const { map, width, height } = answer
  const rows = Array.from({ length: height }, (_, row) => Array.from(map.subarray(row * width, (row + 1) * width)))
  return toCsv(
    Array.from({ length: width }, (_, column) => String(column)),
    rows,
  )
}

function commandsOf(lab: ExplainController): Command[] {
  return [
    ...methods.map((method) => ({
      label: `Method: ${methodWords[method].title}`,
      group: 'Explain',
      keywords: methodWords[method].shows,
      run: () => lab.change({ method }),
    })),
    ...tabs.map(({ name, label }) => ({
      label: `Explain: ${label}`,
      group: 'Explain',
      run: () => lab.change({ tab: name }),
    })),
  ]
}
