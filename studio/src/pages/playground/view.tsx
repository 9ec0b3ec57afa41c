/** The Playground page. */
import './playground.css'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Button } from '../../parts/controls.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { PlaygroundController } from './controller.ts'
import { playgroundExports } from './exports.ts'
import { OutputPanel } from './output-panel.tsx'
import page from './page.ts'
import { PresetDialog, usePreset } from './preset-dialog.tsx'
import { presets } from './presets.ts'
import { ResultsPanel } from './results-panel.tsx'
import { Settings } from './settings.tsx'
import { Stage } from './stage.tsx'
import { Transport } from './transport.tsx'

export default function Playground({ address, setAddress }: PageProps) {
  const play = useMemo(() => new PlaygroundController(address, setAddress), [])
  const [choosing, setChoosing] = useState(false)
  useEffect(() => () => play.dispose(), [play])
  useCommands(useMemo(() => commandsOf(play), [play]))
  const preset = play.preset.value
  const { hideText } = play.setup.value
  const summary = preset ? preset.comment : page.summary
  return (
    <PageFrame
      title={preset ? preset.title : page.title}
      summary={hideText ? '' : summary}
      actions={<Button label="Experiments" icon="book" onClick={() => setChoosing(true)} />}
      exports={playgroundExports(play)}
      transport={<Transport play={play} />}
      settings={<Settings play={play} />}
      stage={
        <>
          <Stage play={play} />
          {choosing && <PresetDialog play={play} onClose={() => setChoosing(false)} />}
        </>
      }
      results={
        <>
          <OutputPanel play={play} />
          <ResultsPanel play={play} />
        </>
      }
    />
  )
}

function commandsOf(play: PlaygroundController): Command[] {
  return [
    { label: 'Train or pause', group: 'Playground', keywords: 'play stop start', run: () => play.toggle() },
    { label: 'Train one epoch', group: 'Playground', keywords: 'step', run: () => play.step(-1) },
    { label: 'Train one batch', group: 'Playground', keywords: 'step', run: () => play.step(1) },
    { label: 'Start again with fresh weights', group: 'Playground', keywords: 'reset', run: () => play.reset() },
    { label: 'New points and weights', group: 'Playground', keywords: 'regenerate seed', run: () => play.regenerate() },
    ...playgroundExports(play).map(({ label, run }) => ({
      label: `Export: ${label}`,
      group: 'Playground',
      run: () => void run(),
    })),
    ...presets.map(({ id, title, comment }) => ({
      label: title,
      group: 'Experiment',
      keywords: comment,
      run: () => usePreset(play, id),
    })),
  ]
}
